//! The console's routes over both databases, without a network between: who may what, what a sign-in does, what an act leaves behind, what no page tells.

mod certificates;

use std::net::{IpAddr, Ipv4Addr};

use axum::{body::Body, http::Request};
use flexnet_protocol::{Key, Secret};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use zeroize::Zeroizing;

use super::{
    access::{Access, ROUTES},
    *,
};
use crate::{
    accounts, audit,
    config::{Config, Place},
    counted, gateway, guard, init,
    network::{Network, fake::Tunnel},
    passwords,
    provision::{Provisioned, import},
    seal::sha256,
    sessions,
    staff::{self, Role},
    tests::postgres,
    tokens::{self, Hash, Kind, NewToken, Owner},
};

const PASSWORD: &str = "Konsole-Muster-2026";
const SEED: &[u8; 20] = b"staff-seed-0123456--";
const MEMBERS_SEED: &[u8; 20] = b"member-seed-012345--";
const HOST: &str = "flexnet.example:9443";

/// A gateway with its console, staff of every role and two members.
struct Desk {
    gateway: Arc<Gateway>,
    router: Router,
    _dir: tempfile::TempDir,
    _fresh: Option<postgres::Fresh>,
}

struct Page {
    status: u16,
    headers: axum::http::HeaderMap,
    text: String,
}

impl Page {
    fn location(&self) -> &str {
        self.headers.get("location").map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie that it sets, as a browser sends it back.
    fn cookie(&self) -> Option<String> {
        let set = self.headers.get("set-cookie")?.to_str().unwrap();
        Some(set.split(';').next().unwrap().to_owned())
    }
}

async fn on_sqlite() -> Desk {
    Desk::new(None).await
}

async fn on_postgres() -> Desk {
    Desk::new(Some(postgres::postgres().await)).await
}

impl Desk {
    async fn new(fresh: Option<postgres::Fresh>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("gateway");
        init::run(&init::tests::options(&folder, "127.0.0.1:0")).await.unwrap();
        let mut config = Config::load(&folder.join("gateway.toml")).unwrap();
        if let Some(Place::Url(file)) = fresh.as_ref().map(|fresh| fresh.place.clone()) {
            config.database = Place::Url(file);
        }
        let key = gateway::wireguard_key(&config.files.wireguard).unwrap().public_key();
        let network = async |leases| Ok(Network::over(Tunnel::default(), leases).await);
        let gateway = Gateway::start(config, key, network).await.unwrap();
        let router = router(Arc::new(Console::new(Arc::clone(&gateway))));
        let desk = Self { gateway, router, _dir: dir, _fresh: fresh };
        desk.fill().await;
        desk
    }

    async fn fill(&self) {
        let (keys, now) = (&self.gateway.keys, self.gateway.clock.now());
        let hash = passwords::hash(&Secret::new(PASSWORD)).unwrap();
        let mut write = self.gateway.database.write().await.unwrap();
        for role in Role::ALL {
            let name = staff::add(&mut write, &name(role), "Bea Muster", &hash, role, now).await.unwrap();
            let person = staff::named(&mut write, &name).await.unwrap();
            let token = token(&format!("S-{name}"), SEED);
            tokens::add(&mut write, keys, Some(Owner::Staff(person.id)), &token, now).await.unwrap();
        }
        for (name, greeting) in [("m.muster", "Dr. Martina Muster"), ("e.beispiel", "Dr. Erik Özdemir")] {
            accounts::add(&mut write, name, greeting, &hash, now).await.unwrap();
            let account = accounts::named(&mut write, name).await.unwrap();
            let token = token(&format!("T-{name}"), MEMBERS_SEED);
            tokens::add(&mut write, keys, Some(Owner::Account(account.id)), &token, now).await.unwrap();
        }
        tokens::add(&mut write, keys, None, &token("STOCK-1", MEMBERS_SEED), now).await.unwrap();
        write.commit().await.unwrap();
    }

    async fn ask(&self, method: &str, path: &str, cookie: &str, form: &str) -> Page {
        let request = Request::builder().method(method).uri(path).header("host", HOST).header("cookie", cookie);
        let request = match method {
            "GET" => request,
            _ => request
                .header("origin", format!("https://{HOST}"))
                .header("content-type", "application/x-www-form-urlencoded"),
        };
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    async fn send(&self, mut request: Request<Body>) -> Page {
        request.extensions_mut().insert(crate::api::From(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 77))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Page { status: parts.status.as_u16(), headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// A session of a role, without the way in.
    async fn session(&self, role: Role) -> String {
        let mut write = self.gateway.database.write().await.unwrap();
        let person = staff::named(&mut write, &name(role)).await.unwrap();
        let now = self.gateway.clock.now();
        let cookie = staff::begin_session(&mut write, person.id, "192.0.2.0/24", now).await.unwrap();
        write.commit().await.unwrap();
        format!("__Host-desk={}", cookie.expose())
    }

    async fn sign_in(&self, username: &str, password: &str, tan: &str) -> Page {
        self.ask("POST", "/sign-in", "", &format!("username={username}&password={password}&tan={tan}")).await
    }

    async fn member(&self, username: &str) -> i64 {
        let mut write = self.gateway.database.write().await.unwrap();
        accounts::named(&mut write, username).await.unwrap().id
    }

    async fn lock(&self, username: &str) {
        let key = self.gateway.keys.guard(username);
        let mut write = self.gateway.database.write().await.unwrap();
        for _ in 0..5 {
            let seq = guard::reserve(&mut write, &key).await.unwrap().unwrap();
            guard::fail(&mut write, &key, seq).await.unwrap();
        }
        write.commit().await.unwrap();
    }

    async fn is_locked(&self, username: &str) -> bool {
        let mut write = self.gateway.database.write().await.unwrap();
        let standing = guard::standing(&mut write, &self.gateway.keys.guard(username)).await.unwrap();
        standing.is_some_and(|standing| standing.locked)
    }

    /// A live session of a member, as a sign-in leaves it; its bearer token and preshared key.
    async fn tunnel(&self, username: &str, number: u8) -> (Secret, Key) {
        let mut write = self.gateway.database.write().await.unwrap();
        let account = accounts::named(&mut write, username).await.unwrap();
        let beginning = sessions::Beginning {
            gateway: &self.gateway.config.id,
            account: &account,
            public_key: &Key::new([number; 32]),
            preshared_key: None,
            addresses: vec![format!("10.200.0.{number}").parse().unwrap()],
            network: "203.0.113.0/24",
            failures_before: 0,
            now: self.gateway.clock.now(),
            policy: self.gateway.config.policy,
        };
        let begun = sessions::begin(&mut write, &self.gateway.keys, beginning).await.unwrap();
        write.commit().await.unwrap();
        (begun.token, begun.preshared_key)
    }

    /// Rows of the audit with this event, the oldest first.
    async fn audited(&self, event: &str) -> Vec<audit::Row> {
        let rows = audit::last(self.gateway.database.read(), None, 10_000).await.unwrap();
        rows.into_iter().filter(|row| row.event == event).collect()
    }
}

fn name(role: Role) -> String {
    format!("b.{}", role.name())
}

fn token(serial: &str, seed: &[u8]) -> NewToken {
    NewToken {
        serial: serial.into(),
        kind: Kind::Hotp,
        hash: Hash::Sha1,
        digits: 6,
        period: 30,
        seed: Zeroizing::new(seed.to_vec()),
    }
}

/// The TAN of a token's so manieth press.
fn tan(seed: &[u8], press: u32) -> String {
    let seed = data_encoding::BASE32_NOPAD.encode(seed);
    let output =
        std::process::Command::new("oathtool").args(["--hotp", "-b", "-c", &press.to_string(), &seed]).output();
    String::from_utf8(output.expect("oathtool is installed by ./dev setup").stdout).unwrap().trim().to_owned()
}

fn wrong_tan(seed: &[u8]) -> &'static str {
    let shown: Vec<_> = (0..40).map(|press| tan(seed, press)).collect();
    ["000000", "111111", "222222"].into_iter().find(|tan| !shown.iter().any(|shown| shown == tan)).unwrap()
}

/// Writes each test once and runs it over both databases.
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($desk:ident) $body:block)*) => {
        mod sqlite {
            use super::*;
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread")] async fn $name() { let $desk = on_sqlite().await; $body })*
        }
        mod postgresql {
            use super::*;
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread")] async fn $name() { let $desk = on_postgres().await; $body })*
        }
    };
}

on_both! {
    async fn every_route_is_open_to_its_roles_and_to_nobody_else(desk) {
        let member = desk.member("m.muster").await;
        desk.lock("m.muster").await;
        for (method, path, access) in ROUTES {
            let path = path.replace("{id}", &member.to_string());
            for role in [None, Some(Role::Desk), Some(Role::TokenOfficer), Some(Role::Auditor)] {
                let cookie = match role {
                    Some(role) => desk.session(role).await,
                    None => String::new(),
                };
                let page = desk.ask(method, &path, &cookie, "").await;
                let case = format!("{method} {path} as {role:?}: {} {}", page.status, page.location());
                match (access, role) {
                    (Access::Roles(_), None) => assert_eq!((page.status, page.location()), (303, "/sign-in"), "{case}"),
                    (Access::Roles(roles), Some(role)) if !roles.contains(&role) => {
                        assert_eq!(page.status, 403, "{case}");
                        assert!(page.text.contains("Dafür ist Ihre Rolle nicht zuständig"), "{case}");
                    }
                    (Access::Roles(_) | Access::Everybody, _) => {
                        assert!(![403, 404, 405, 500, 501, 503].contains(&page.status), "{case}");
                        assert!(path == "/sign-out" || page.location() != "/sign-in", "{case}");
                    }
                }
            }
        }
        assert!(desk.is_locked("m.muster").await, "an empty form unlocks nobody");
        for (method, path) in [("GET", "/members"), ("GET", "/admin"), ("PUT", "/"), ("DELETE", "/members/1"), ("POST", "/audit")] {
            let page = desk.ask(method, path, &desk.session(Role::Desk).await, "").await;
            assert!([404, 405].contains(&page.status), "{method} {path}: {}", page.status);
        }
    }

    async fn a_right_entry_opens_once_and_its_session_ends_in_time(desk) {
        let first = tan(SEED, 0);
        let page = desk.sign_in(" B.Desk ", PASSWORD, &first).await;
        assert_eq!((page.status, page.location()), (303, "/"), "{}", page.text);
        let set = page.headers["set-cookie"].to_str().unwrap();
        assert!(set.ends_with("; Secure; HttpOnly; SameSite=Strict; Path=/"), "{set}");
        let cookie = page.cookie().unwrap();
        assert_eq!(desk.ask("GET", "/", &cookie, "").await.status, 200);
        assert_eq!(desk.sign_in("b.desk", PASSWORD, &first).await.status, 403, "a TAN opens once");

        let clock = &desk.gateway.clock;
        for _ in 0..10 {
            clock.shift(staff::IDLE - 60);
            assert_eq!(desk.ask("GET", "/", &cookie, "").await.status, 200, "used");
        }
        clock.shift(staff::IDLE + 1);
        assert_eq!(desk.ask("GET", "/", &cookie, "").await.location(), "/sign-in", "not used");

        let cookie = desk.sign_in("b.desk", PASSWORD, &tan(SEED, 1)).await.cookie().unwrap();
        for _ in 0..(staff::ABSOLUTE / (staff::IDLE - 60)) {
            clock.shift(staff::IDLE - 60);
            assert_eq!(desk.ask("GET", "/", &cookie, "").await.status, 200);
        }
        clock.shift(staff::IDLE - 60);
        assert_eq!(desk.ask("GET", "/", &cookie, "").await.location(), "/sign-in", "eight hours are over");
    }

    async fn one_session_each_and_none_of_who_is_switched_off(desk) {
        let older = desk.sign_in("b.desk", PASSWORD, &tan(SEED, 0)).await.cookie().unwrap();
        let newer = desk.sign_in("b.desk", PASSWORD, &tan(SEED, 1)).await.cookie().unwrap();
        assert_eq!(desk.ask("GET", "/", &older, "").await.location(), "/sign-in");
        assert_eq!(desk.ask("GET", "/", &newer, "").await.status, 200);
        let mut write = desk.gateway.database.write().await.unwrap();
        let person = staff::named(&mut write, "b.desk").await.unwrap();
        staff::set_active(&mut write, person.id, false).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(desk.ask("GET", "/", &newer, "").await.location(), "/sign-in");
        assert_eq!(desk.sign_in("b.desk", PASSWORD, &tan(SEED, 2)).await.status, 403);
    }

    async fn five_wrong_entries_lock_whoever_it_is(desk) {
        let wrong = wrong_tan(SEED);
        let mut texts = Vec::new();
        for name in ["b.desk", "k.einer"] {
            let mut pages = Vec::new();
            for _ in 0..6 {
                let page = desk.sign_in(name, PASSWORD, wrong).await;
                assert_eq!(page.status, 403);
                pages.push(page.text.replace(name, "NAME"));
            }
            texts.push(pages);
        }
        assert_eq!(texts[0], texts[1], "who is there does not show");
        assert!(texts[0][3].contains("Noch 1 Versuch") && texts[0][4].contains("gesperrt"), "{:?}", texts[0]);
        assert!(desk.sign_in("b.desk", PASSWORD, &tan(SEED, 0)).await.text.contains("gesperrt"), "right, and locked");
        assert!(!desk.is_locked("b.desk").await, "the name of a member is another one");
        let attempts = desk.audited("staff_attempt").await;
        assert_eq!((attempts.len(), desk.audited("staff_lock").await.len()), (10, 2), "five each, and no sixth");
        assert!(attempts.iter().all(|row| row.network.as_deref() == Some("192.0.2.0/24")));
        assert!(attempts.iter().all(|row| row.subject.as_deref() != Some("k.einer")), "people type passwords there");
    }

    async fn many_at_once_get_five_tries_and_one_session(desk) {
        let (gateway, wrong) = (&desk.gateway, wrong_tan(SEED));
        let burst = async |tan: &str| {
            futures_util::future::join_all((0..40).map(|_| desk.sign_in("b.desk", PASSWORD, tan))).await
        };
        let right = tan(SEED, 0);
        let opened = burst(&right).await.iter().filter(|page| page.status == 303).count();
        assert!(opened <= 1, "{opened} sessions with one TAN");
        let evaluated = async || desk.audited("staff_attempt").await.len();
        assert!(evaluated().await <= 5 + 5 * opened, "between two successes");
        let mut write = gateway.database.write().await.unwrap();
        guard::unlock(&mut write, &gateway.keys.guard(&staff::guard_name("b.desk"))).await.unwrap();
        write.commit().await.unwrap();
        let before = evaluated().await;
        burst(wrong).await;
        assert_eq!(evaluated().await - before, 5);
    }

    async fn what_has_no_shape_is_not_counted(desk) {
        for (name, password, tan) in [("b.desk", PASSWORD, "12345"), ("b.desk", PASSWORD, "12345a"), ("b.desk", "", "123456"), ("", "x", "123456"), ("b.desk%00", "x", "123456"), ("b%1Bdesk", "x", "123456")] {
            assert_eq!(desk.sign_in(name, password, tan).await.status, 400, "{name} {tan}");
        }
        assert!(desk.audited("staff_attempt").await.is_empty());
        assert_eq!(desk.sign_in("b.desk", PASSWORD, tan(SEED, 0).split_at(3).0).await.status, 400);
    }

    async fn an_attempt_over_which_the_gateway_dies_is_in_the_audit(desk) {
        let gateway = &desk.gateway;
        let (key, now) = (gateway.keys.guard(&staff::guard_name("b.desk")), gateway.clock.now());
        let mut write = gateway.database.write().await.unwrap();
        let counted = counted::count(&mut write, &gateway.config.id, key, now).await.unwrap().unwrap();
        write.commit().await.unwrap();
        let which = crate::attempts::Abandoned::Of(&gateway.config.id);
        crate::attempts::close_abandoned(&gateway.database, &gateway.keys, &gateway.config.id, which, now).await.unwrap();
        let rows = desk.audited("staff_attempt").await;
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].subject.as_deref(), rows[0].detail.as_str()), (Some("b.desk"), "abandoned"));
        let mut write = gateway.database.write().await.unwrap();
        assert!(counted.close(&mut write).await.is_err(), "what comes late is no success any more");
    }

    async fn unlocking_takes_a_reason_and_the_tick(desk) {
        let (id, cookie) = (desk.member("m.muster").await, desk.session(Role::Desk).await);
        let path = format!("/members/{id}/unlock");
        desk.lock("m.muster").await;
        for form in ["", "reason=Ticket", "verified=yes", "reason=+&verified=yes", &format!("reason={}&verified=yes", "x".repeat(201))] {
            let page = desk.ask("POST", &path, &cookie, form).await;
            assert_eq!(page.location(), format!("/members/{id}?note=reason-missing"), "{form}");
            assert!(desk.is_locked("m.muster").await);
        }
        let page = desk.ask("POST", &path, &cookie, "reason=Ticket+4711&verified=yes").await;
        assert_eq!(page.location(), format!("/members/{id}?note=unlocked"));
        assert!(!desk.is_locked("m.muster").await);
        let rows = desk.audited("unlock").await;
        let row = &rows[0];
        assert_eq!((row.subject.as_deref(), row.actor.as_str()), (Some("m.muster"), "b.desk"));
        assert_eq!((row.network.as_deref(), row.detail.as_str()), (Some("192.0.2.0/24"), "caller verified"));
        assert_eq!(row.note.as_deref(), Some("Ticket 4711"));
        let shown = desk.ask("GET", page.location(), &cookie, "").await.text;
        assert!(shown.contains("Der Zugang ist entsperrt.") && shown.contains("Anrufer geprüft") && shown.contains("Ticket 4711"));
    }

    async fn acts_touch_the_member_of_the_page_and_no_other(desk) {
        let (muster, beispiel) = (desk.member("m.muster").await, desk.member("e.beispiel").await);
        let cookie = desk.session(Role::Desk).await;
        desk.tunnel("m.muster", 7).await;
        let now = desk.gateway.clock.now();
        let live = async || sessions::live(desk.gateway.database.read(), now).await.unwrap();
        let session = live().await[0].session_id.clone();

        let foreign = format!("/members/{beispiel}");
        let page = desk.ask("POST", &format!("{foreign}/end-session"), &cookie, &format!("session={session}")).await;
        assert_eq!(page.location(), format!("{foreign}?note=no-session"));
        let page = desk.ask("POST", &format!("{foreign}/token-lost"), &cookie, "serial=T-m.muster").await;
        assert_eq!(page.location(), format!("{foreign}?note=no-token"));
        let page = desk.ask("POST", &format!("{foreign}/token-lost"), &cookie, "serial=S-b.desk").await;
        assert_eq!(page.location(), format!("{foreign}?note=no-token"), "nor a token of the staff");
        assert_eq!(live().await.len(), 1);

        let own = format!("/members/{muster}");
        let page = desk.ask("POST", &format!("{own}/end-session"), &cookie, &format!("session={session}")).await;
        assert_eq!(page.location(), format!("{own}?note=session-ended"));
        assert!(live().await.is_empty());
        assert_eq!(desk.audited("session_ended").await[0].actor, "b.desk");

        desk.tunnel("m.muster", 8).await;
        let page = desk.ask("POST", &format!("{own}/token-lost"), &cookie, "serial=T-m.muster").await;
        assert_eq!(page.location(), format!("{own}?note=token-lost"));
        assert!(live().await.is_empty(), "a lost token ends the session");

        let page = desk.ask("POST", &format!("{own}/assign-token"), &cookie, "serial=STOCK-1").await;
        assert_eq!(page.location(), format!("{own}?note=token-assigned"));
        let page = desk.ask("POST", &format!("{foreign}/assign-token"), &cookie, "serial=STOCK-1").await;
        assert_eq!(page.location(), format!("{foreign}?note=not-in-stock"), "once");
        let page = desk.ask("POST", &format!("{foreign}/assign-token"), &cookie, "serial=T-m.muster").await;
        assert_eq!(page.location(), format!("{foreign}?note=not-in-stock"), "what is lost stays lost");
    }

    async fn a_resynchronisation_is_counted_before_anything_is_compared(desk) {
        let (id, cookie) = (desk.member("m.muster").await, desk.session(Role::Desk).await);
        let path = format!("/members/{id}/resync-token");
        let wrong = wrong_tan(MEMBERS_SEED);
        assert!(desk.ask("POST", &path, &cookie, "first=12&second=34").await.location().ends_with("tan-shape"));
        let form = format!("first={}&second={}", tan(MEMBERS_SEED, 60), tan(MEMBERS_SEED, 61));
        assert!(desk.ask("POST", &path, &cookie, &form).await.location().ends_with("in-step"));
        assert!(desk.ask("POST", &path, &cookie, &form).await.location().ends_with("not-in-step"), "spent");
        for _ in 0..3 {
            desk.ask("POST", &path, &cookie, &format!("first={wrong}&second={wrong}")).await;
        }
        assert!(!desk.is_locked("m.muster").await, "four: the right one is taken back");
        desk.ask("POST", &path, &cookie, &format!("first={wrong}&second={wrong}")).await;
        assert!(desk.is_locked("m.muster").await);
        let form = format!("first={}&second={}", tan(MEMBERS_SEED, 70), tan(MEMBERS_SEED, 71));
        assert!(desk.ask("POST", &path, &cookie, &form).await.location().ends_with("resync-locked"));
        assert_eq!(desk.audited("token_resynchronised").await[0].actor, "b.desk");
    }

    async fn a_delivery_is_let_in_by_another_person_than_brought_it(desk) {
        let gateway = &desk.gateway;
        let bring = async |by: &str, serial: &str| {
            let hand = sign_in::hand(gateway, by, "192.0.2.0/24");
            let token = Provisioned {
                serial: serial.into(),
                kind: Kind::Hotp,
                hash: Hash::Sha1,
                digits: 6,
                period: 30,
                seed: Zeroizing::new(MEMBERS_SEED.to_vec()),
                counter: 0,
                drift: 0,
            };
            let mut write = gateway.database.write().await.unwrap();
            let import = import::bring(&mut write, hand, serial.as_bytes(), &[token]).await.unwrap();
            write.commit().await.unwrap();
            import.id
        };
        let cookie = desk.session(Role::TokenOfficer).await;
        let own = bring("b.token_officer", "NEW-1").await;
        let shown = desk.ask("GET", "/tokens", &cookie, "").await.text;
        assert!(shown.contains("NEW-1") && shown.contains("Sie haben diese Lieferung gebracht") && !shown.contains("/accept"));
        for what in ["accept", "refuse"] {
            let page = desk.ask("POST", &format!("/imports/{own}/{what}"), &cookie, "").await;
            assert_eq!(page.location(), "/tokens?note=own-import", "{what}");
        }
        let others = bring("a.admin", "NEW-2").await;
        assert_eq!(desk.ask("POST", &format!("/imports/{others}/accept"), &cookie, "").await.location(), "/tokens?note=accepted");
        assert_eq!(desk.ask("POST", &format!("/imports/{others}/accept"), &cookie, "").await.location(), "/tokens?note=no-import");
        let refused = bring("a.admin", "NEW-3").await;
        assert_eq!(desk.ask("POST", &format!("/imports/{refused}/refuse"), &cookie, "").await.location(), "/tokens?note=refused");
        let stock = crate::members::stock(gateway.database.read(), 10).await.unwrap().0;
        assert_eq!(stock, ["NEW-2", "STOCK-1"]);
        let row = &desk.audited("tokens_accepted").await[0];
        assert_eq!((row.actor.as_str(), row.network.as_deref()), ("b.token_officer", Some("192.0.2.0/24")));
    }

    async fn members_are_found_by_name_address_and_lock(desk) {
        let cookie = desk.session(Role::Auditor).await;
        desk.tunnel("e.beispiel", 9).await;
        desk.lock("m.muster").await;
        let found = async |query: &str| {
            let text = desk.ask("GET", &format!("/?{query}"), &cookie, "").await.text;
            (text.contains("Dr. Martina Muster"), text.contains("Dr. Erik Özdemir"))
        };
        assert_eq!(found("q=dr.").await, (true, true));
        assert_eq!(found("q=MUST").await, (true, false));
        assert_eq!(found("q=%C3%B6zde").await, (false, true), "an umlaut is a letter");
        assert_eq!(found("q=10.200.0.9").await, (false, true));
        assert_eq!(found("state=locked").await, (true, false));
        assert_eq!(found("q=d").await, (false, false), "too little");
    }

    async fn no_page_tells_a_secret(desk) {
        let (bearer, preshared) = desk.tunnel("m.muster", 7).await;
        desk.lock("m.muster").await;
        desk.sign_in("b.desk", PASSWORD, &tan(SEED, 0)).await;
        let mut secrets: Vec<String> = vec![PASSWORD.into(), "argon2".into(), bearer.expose().into(), preshared.to_base64()];
        for bytes in [&SEED[..], MEMBERS_SEED, preshared.bytes(), &sha256(&[bearer.expose().as_bytes()])] {
            let encodings = [data_encoding::HEXLOWER.encode(bytes), data_encoding::BASE64.encode(bytes)];
            secrets.extend(encodings.into_iter().chain([data_encoding::BASE32_NOPAD.encode(bytes)]));
        }
        secrets.extend([&SEED[..], MEMBERS_SEED].map(|seed| String::from_utf8(seed.to_vec()).unwrap()));
        let spent = tan(SEED, 0);
        let id = desk.member("m.muster").await;
        for role in Role::ALL {
            let cookie = desk.session(role).await;
            let paths = ["/", "/?q=dr.", "/?state=locked", "/report", "/tokens", "/audit", "/audit/verify"];
            for path in paths.map(String::from).into_iter().chain([format!("/members/{id}")]) {
                let page = desk.ask("GET", &path, &cookie, "").await;
                for secret in secrets.iter().chain([&spent, &cookie]) {
                    assert!(!page.text.contains(secret.as_str()), "{path} as {role:?} tells {secret}");
                }
            }
        }
        let page = desk.sign_in("b.desk", "Falsch-Muster-2026", "987654").await;
        assert!(!page.text.contains("Falsch-Muster-2026") && !page.text.contains("987654"), "what was typed stays away");
    }

    async fn the_auditor_filters_and_verifies(desk) {
        let cookie = desk.session(Role::Auditor).await;
        let desks = desk.session(Role::Desk).await;
        let id = desk.member("m.muster").await;
        for form in ["reason=eins&verified=yes", "reason=zwei&verified=yes"] {
            desk.ask("POST", &format!("/members/{id}/unlock"), &desks, form).await;
        }
        let rows = async |query: &str| desk.ask("GET", &format!("/audit?{query}"), &cookie, "").await.text.matches("Zugang entsperrt<").count();
        // One is the filter's own option.
        assert_eq!(rows("").await - 1, 2);
        assert_eq!(rows("event=unlock&subject=M.Muster&actor=b.desk").await - 1, 2);
        assert_eq!(rows("event=lock").await - 1, 0);
        assert_eq!(rows("from=2020-01-01&to=2020-01-31").await - 1, 0);
        let newest = desk.audited("unlock").await[1].number;
        assert_eq!(rows(&format!("before={newest}")).await - 1, 1);
        assert!(desk.ask("GET", "/audit/verify", &cookie, "").await.text.contains("Die Kette ist unversehrt."));
        let mut write = desk.gateway.database.write().await.unwrap();
        sqlx::query("UPDATE audit SET actor = 'x' WHERE number = $1").bind(newest).execute(&mut *write).await.unwrap();
        write.commit().await.unwrap();
        let broken = desk.ask("GET", "/audit/verify", &cookie, "").await.text;
        assert!(broken.contains(&format!("Zeile {newest} wurde geändert.")), "{broken}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_load_nothing_run_nothing_and_are_kept_by_nobody() {
    let desk = on_sqlite().await;
    let page = desk.ask("GET", "/sign-in", "", "").await;
    let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").starts_with("default-src 'none'; style-src 'self';"));
    assert_eq!((header("cache-control"), header("x-content-type-options")), ("no-store".into(), "nosniff".into()));
    for word in ["<script", " style=", "javascript:", "http://", "https://", " onclick"] {
        assert!(!page.text.contains(word), "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_framework_refuses_is_refused_in_the_readers_language() {
    let desk = on_sqlite().await;
    let cookie = desk.session(Role::Desk).await;
    for (method, path, form) in
        [("GET", "/members/abc", ""), ("POST", "/sign-in", "username=x"), ("POST", "/members/1/token-lost", "")]
    {
        let page = desk.ask(method, path, &cookie, form).await;
        assert!((400..500).contains(&page.status), "{path}: {}", page.status);
        assert!(page.text.contains("<h1>Das geht so nicht</h1>"), "{path}: {}", page.text);
    }
    let english = desk.ask("GET", "/nothing", &format!("{cookie}; __Host-lang=en"), "").await;
    assert_eq!(english.status, 404);
    assert!(english.text.contains("There is no such page"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_leads_back_to_our_own_pages_only() {
    let desk = on_sqlite().await;
    for (back, leads) in [
        ("%2Faudit%3Fevent%3Dlock", "/audit?event=lock"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
    ] {
        let page = desk.ask("POST", "/language", "", &format!("to=en&back={back}")).await;
        assert_eq!((page.status, page.location()), (303, leads), "{back}");
        assert!(page.cookie().unwrap().ends_with("=en"));
    }
}

#[test]
fn every_event_and_role_has_its_words() {
    for texts in [Texts::desk(Language::German), Texts::desk(Language::English)] {
        let events = audit::Event::ALL.iter().map(|event| format!("console-event-{}", event.name().replace('_', "-")));
        let roles = Role::ALL.iter().map(|role| format!("console-role-{}", role.name()));
        for key in events.chain(roles) {
            assert!(texts.find(&key, &[]).is_some(), "{key}");
        }
    }
}

#[test]
fn the_attack_surface_names_every_route() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/attack-surface.md");
    let surface = std::fs::read_to_string(page).unwrap();
    let missing: Vec<_> = ROUTES
        .iter()
        .map(|(method, path, _)| format!("| {method} {path} |"))
        .filter(|line| !surface.contains(line))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
