//! The console's routes over both databases, without a network between: who may what, what a sign-in does, what an act leaves behind, what no page tells.

mod certificates;
#[expect(clippy::duplicate_mod, reason = "the same tests over either database")]
mod on_postgres;
mod on_sqlite;
mod pages;

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
    reports,
    seal::sha256,
    sessions,
    staff::{self, Role},
    tests::{Store, postgres},
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

impl Desk {
    async fn on(store: Store) -> Self {
        let fresh = match store {
            Store::Sqlite => None,
            Store::Postgres => Some(postgres::postgres().await),
        };
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

    /// A report that is kept; its number.
    async fn report(&self, installation: u8, code: &str) -> String {
        self.keep(&reports::samples::sealed(installation, code)).await
    }

    async fn keep(&self, envelope: &[u8]) -> String {
        let (gateway, report) = (&self.gateway, reports::open(envelope).unwrap());
        let room = reports::Room { reports: 200, bytes: 100_000_000 };
        let now = gateway.clock.now();
        match reports::keep(&gateway.database, &gateway.keys, room, &report, now).await.unwrap() {
            reports::Keeping::Kept(kept) => kept.number,
            other @ (reports::Keeping::Full | reports::Keeping::OtherKey) => panic!("{other:?}"),
        }
    }

    /// What comes back for a file that somebody uploads.
    async fn upload(&self, cookie: &str, file: &str) -> Page {
        let body = format!(
            "--x\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\n\r\n--x\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"bericht.html\"\r\ncontent-type: text/html\r\n\r\n{file}\r\n--x--\r\n"
        );
        let request = Request::builder()
            .method("POST")
            .uri("/report")
            .header("host", HOST)
            .header("cookie", cookie)
            .header("origin", format!("https://{HOST}"))
            .header("content-type", "multipart/form-data; boundary=x");
        self.send(request.body(Body::from(body)).unwrap()).await
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

/// The TAN of a token's n-th press, counted from 0.
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
