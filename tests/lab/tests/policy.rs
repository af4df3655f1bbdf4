//! Who may reach what: a member's PC while connected, and a member inside the KV's network who wants more than the portal.
//!
//! ```text
//!  client ───────────┐
//!  kvflex0 10.200.x.x│   router                gateway                        portal
//!                    ├── NAT ─── 203.0.113.0 ──┤ kvgw0  ── nftables ── snk ────┤ 10.210.0.10:80   yes
//!  neighbour ────────┘   203.0.113.1:8080      │ another member?   no          │ 10.210.0.53:53   yes
//!  wg0 (wireguard-go, allowed-ips 0.0.0.0/0)   │ the gateway's own ports?  no  │ 10.210.0.10:8080 no
//!                                                the internet?   no              10.210.0.53:8080 no
//! ```

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{
    Host, World,
    capture::Capture,
    enter::WORLD_BIN,
    eventually,
    fake::Failing,
    in_world,
    parts::{PATIENCE, change, gateway_config},
    traces::Traces,
    world::PORTAL,
};
use flexnet_protocol::{
    FaultCode,
    gateway::Grant,
    snapshot::{Session, State},
};

/// A server of the internet.
const ELSEWHERE: &str = "203.0.113.1:8080";
/// What another program took away is back by then.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn portal_only_routes_leaves_the_rest_of_the_pc_alone() -> Result<()> {
    in_world("portal_only_routes_leaves_the_rest_of_the_pc_alone", |world| {
        let _running = world.everything()?;
        let _server = world.failing(Host::Router, ELSEWHERE, Failing::PlainText, None)?;
        let mut member = world.member("m.rest", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        world.sign_in(&mut member)?;
        expect_reached(world, Host::Client, ELSEWHERE)?;
        ping(world, "203.0.113.1", true)?;
        let asked = world.on(Host::Client, &["getent", "ahostsv4", "flexnet.example"])?.expect_ok("a name outside")?;
        ensure!(asked.contains("203.0.113.10"), "{asked}");
        let (now, then) = (Traces::take(world)?, before.of("/etc/resolv.conf"));
        ensure!(now.of("/etc/resolv.conf") == then, "every name of this PC goes elsewhere now");
        // The portal's packets go by the tunnel or not at all, even when another route leads them away.
        let away = ["ip", "route", "replace", "10.210.0.0/24", "via", "192.168.178.1"];
        world.on(Host::Client, &away)?.expect_ok("another route in its place")?;
        let torn = world.on(Host::Client, &["ip", "route", "get", PORTAL])?.expect_ok("route get")?;
        ensure!(torn.contains("eth0"), "the route still stands: {torn}");
        expect_closed(world, Host::Client, &format!("{PORTAL}:80"))?;
        let filter = world.on(Host::Client, &["nft", "list", "ruleset"])?.expect_ok("nft")?;
        ensure!(filter.contains("10.210.0.0/24"), "no rule of ours holds the portal's packets back:\n{filter}");
        // It is another program's and not taken away, but told.
        eventually("the fault", PATIENCE, || {
            let state = world.snapshot()?.state;
            ensure!(told(&state) == Some(FaultCode::NetworkSettings), "{state:?}");
            Ok(())
        })?;
        let theirs = world.on(Host::Client, &["ip", "route", "show", "10.210.0.0/24"])?.expect_ok("route show")?;
        ensure!(theirs.contains("192.168.178.1"), "{theirs}");
        world.on(Host::Client, &["ip", "route", "del", "10.210.0.0/24", "via", "192.168.178.1"])?.expect_ok("away")?;
        expect_page(world, "another program's route is gone")?;
        eventually("no fault", PATIENCE, || {
            let state = world.snapshot()?.state;
            ensure!(told(&state).is_none() && matches!(state, State::Connected { .. }), "{state:?}");
            Ok(())
        })?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        Traces::take(world)?.expect_same(&before)
    })
}

#[test]
fn exclusive_blocks_the_rest_while_connected_and_nothing_afterwards() -> Result<()> {
    in_world("exclusive_blocks_the_rest_while_connected_and_nothing_afterwards", |world| {
        world.found()?;
        change(Path::new(&gateway_config()), "portal_only_routes", "exclusive")?;
        let (_gateway, _portal, mut service) = (world.gateway()?, world.portal()?, world.service()?);
        let _server = world.failing(Host::Router, ELSEWHERE, Failing::PlainText, None)?;
        let _inward = world.failing(Host::Client, "0.0.0.0:2222", Failing::PlainText, None)?;
        let mut member = world.member("m.allein", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        for kill in [false, true] {
            world.sign_in(&mut member)?;
            world.fetch(&format!("http://{PORTAL}/"))?.expect_ok("the portal's page")?;
            world.fetch("http://portal.snk.example/")?.expect_ok("the portal's page by name")?;
            expect_closed(world, Host::Client, ELSEWHERE)?;
            expect_closed(world, Host::Client, "203.0.113.10:80")?;
            // Open to the service alone.
            expect_closed(world, Host::Client, "203.0.113.10:443")?;
            ping(world, "192.168.178.1", false)?;
            expect_closed(world, Host::Router, "192.168.178.20:2222")?;
            if kill {
                service.kill()?;
                service = world.service()?;
            } else {
                world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
            }
            Traces::take(world)?.expect_same(&before)?;
            expect_reached(world, Host::Client, ELSEWHERE)?;
            expect_reached(world, Host::Client, "203.0.113.10:443")?;
            expect_reached(world, Host::Router, "192.168.178.20:2222")?;
            ping(world, "192.168.178.1", true)?;
        }
        Ok(())
    })
}

/// Without neighbour discovery a line that has IPv6 alone would fall silent as soon as its neighbours are forgotten.
#[test]
fn exclusive_on_a_line_with_ipv6_alone() -> Result<()> {
    in_world("exclusive_on_a_line_with_ipv6_alone", |world| {
        world.found_wide()?;
        change(Path::new(&gateway_config()), "portal_only_routes", "exclusive")?;
        let (_gateway, _portal, _service) = (world.gateway()?, world.portal()?, world.service()?);
        let mut member = world.member("m.sechs", &["--kind", "hotp"])?;
        world.on(Host::Client, &["ip", "-4", "addr", "flush", "dev", "eth0"])?.expect_ok("no IPv4")?;
        let before = Traces::take(world)?;
        ping(world, "2001:db8:178::1", true)?;
        world.sign_in(&mut member)?;
        for _ in 0..2 {
            world.fetch(&format!("http://{PORTAL}/"))?.expect_ok("the portal's page")?;
            ping(world, "2001:db8:178::1", false)?;
            world
                .on(Host::Client, &["ip", "-6", "neigh", "flush", "dev", "eth0"])?
                .expect_ok("forgotten neighbours")?;
        }
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        ping(world, "2001:db8:178::1", true)?;
        Traces::take(world)?.expect_same(&before)
    })
}

/// A network manager or a hook takes away what it does not know. While a session lives it comes back, and with its end it goes.
#[test]
fn addresses_and_routes_that_another_program_takes_away_come_back() -> Result<()> {
    in_world("addresses_and_routes_that_another_program_takes_away_come_back", |world| {
        world.found_wide()?;
        let (_gateway, _portal, service) = (world.gateway_wide()?, world.portal()?, world.service()?);
        let mut member = world.member("m.geraeumt", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        world.sign_in(&mut member)?;
        expect_page(world, "the first day")?;
        let shown = || -> Result<String> {
            let mut shown = String::new();
            for what in [["-4", "addr"], ["-6", "addr"], ["-4", "route"], ["-6", "route"]] {
                let line = ["ip", what[0], "-o", what[1], "show", "dev", "kvflex0"];
                let told = world.quietly(Host::Client, &line, "")?.expect_ok("ip")?;
                // The kernel has routes of its own, and an address that it makes up for each link.
                let ours = told.lines().filter(|line| !line.contains("proto kernel") && !line.contains("fe80"));
                shown.extend(ours.map(|line| format!("{}\n", line.trim())));
            }
            Ok(shown)
        };
        let stood = shown()?;
        let started = session(world)?.started;
        for taken in [
            &["ip", "route", "flush", "dev", "kvflex0"][..],
            &["ip", "-6", "route", "flush", "dev", "kvflex0"],
            &["ip", "addr", "flush", "dev", "kvflex0"],
            &["ip", "link", "set", "kvflex0", "down"],
        ] {
            world.on(Host::Client, taken)?.expect_ok("another program")?;
            expect_page(world, &taken.join(" "))?;
            eventually("all of it", PATIENCE, || {
                ensure!(shown()? == stood, "{}instead of\n{stood}", shown()?);
                Ok(())
            })?;
        }
        ensure!(service.log().contains("put back"), "the log says nothing of it");
        ensure!(session(world)?.started == started, "another session");
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        Traces::take(world)?.expect_same(&before)
    })
}

/// Other programs flush what is not theirs. While a session lives ours comes back, and with its end it goes.
#[test]
fn a_filter_that_another_program_takes_away_comes_back() -> Result<()> {
    in_world("a_filter_that_another_program_takes_away_comes_back", |world| {
        world.found()?;
        change(Path::new(&gateway_config()), "portal_only_routes", "exclusive")?;
        let (_gateway, _portal, service) = (world.gateway()?, world.portal()?, world.service()?);
        let _server = world.failing(Host::Router, ELSEWHERE, Failing::PlainText, None)?;
        let mut member = world.member("m.spuelt", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        world.sign_in(&mut member)?;
        let ruleset = || world.quietly(Host::Client, &["nft", "list", "ruleset"], "")?.expect_ok("nft");
        let stood = ruleset()?;
        for flush in [
            &["nft", "flush", "ruleset"][..],
            &["nft", "delete", "table", "inet", "kv_flexnet"],
            &["nft", "flush", "chain", "inet", "kv_flexnet", "input"],
            &["nft", "insert", "rule", "inet", "kv_flexnet", "postrouting", "accept"],
        ] {
            world.on(Host::Client, flush)?.expect_ok("another program")?;
            eventually("our filter", PATIENCE, || {
                ensure!(ruleset()? == stood, "{}", ruleset()?);
                Ok(())
            })?;
        }
        expect_closed(world, Host::Client, ELSEWHERE)?;
        ensure!(service.log().contains("put back"), "the log says nothing of it");
        // What others have is theirs.
        world.on(Host::Client, &["nft", "add", "table", "inet", "theirs"])?.expect_ok("another program")?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        world.on(Host::Client, &["nft", "delete", "table", "inet", "theirs"])?.expect_ok("still there")?;
        Traces::take(world)?.expect_same(&before)
    })
}

/// Whatever marks packets and routes them elsewhere, those for the portal do not leave beside the tunnel.
#[test]
fn routes_of_other_tables_lead_no_packet_around_the_tunnel() -> Result<()> {
    in_world("routes_of_other_tables_lead_no_packet_around_the_tunnel", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.umweg", &["--kind", "hotp"])?;
        world.sign_in(&mut member)?;
        let capture = Capture::on_router(world)?;
        let portal = "dst net 10.210.0.0/24 and not src host 10.210.0.1 and not src net 10.200.0.0/16";
        let marks = "add table inet marks; add chain inet marks out { type route hook output priority 100; }; \
                     add rule inet marks out ip daddr 10.210.0.0/24 meta mark set 7";
        for line in [
            &["ip", "route", "add", "default", "via", "192.168.178.1", "table", "7"][..],
            &["ip", "rule", "add", "fwmark", "7", "table", "7", "priority", "10"],
            &["nft", marks],
        ] {
            world.on(Host::Client, line)?.expect_ok("another program's routes")?;
        }
        expect_closed(world, Host::Client, &format!("{PORTAL}:80"))?;
        ping(world, PORTAL, false)?;
        // The capture is not deaf.
        ping(world, "203.0.113.1", true)?;
        eventually("a ping, in the capture", PATIENCE, || {
            ensure!(capture.matching("icmp")?.contains("203.0.113.1"), "not yet");
            Ok(())
        })?;
        let left = capture.matching(&format!("src net 192.168.178.0/24 and {portal}"))?;
        ensure!(left.is_empty(), "packets for the portal left beside the tunnel:\n{left}");
        Ok(())
    })
}

#[test]
fn a_filter_that_cannot_be_set_ends_the_attempt() -> Result<()> {
    in_world("a_filter_that_cannot_be_set_ends_the_attempt", |world| {
        let _running = world.everything()?;
        let refuses =
            "#!/bin/sh\ncase \"$*\" in *-f*) echo 'no more memory' >&2; exit 1;; esac\nexec /usr/sbin/nft \"$@\"\n";
        fs::write(format!("{WORLD_BIN}/nft"), refuses)?;
        world.on(Host::Client, &["chmod", "755", &format!("{WORLD_BIN}/nft")])?.expect_ok("chmod")?;
        let mut member = world.member("m.sperre", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let tan = member.press()?;
        world.connect(&member.username, &member.password, &tan)?.expect_fault(FaultCode::NetworkSettings)?;
        eventually("nothing left", PATIENCE, || Traces::take(world)?.expect_same(&before))
    })
}

#[test]
fn a_member_inside_reaches_the_portal_and_nothing_else() -> Result<()> {
    in_world("a_member_inside_reaches_the_portal_and_nothing_else", |world| {
        let _running = world.everything()?;
        world.neighbour()?;
        let mut servers = Vec::new();
        for (host, address) in [
            (Host::Client, "0.0.0.0:2222"),
            (Host::Gateway, "0.0.0.0:2222"),
            (Host::Portal, "10.210.0.10:8080"),
            (Host::Portal, "10.210.0.53:8080"),
            (Host::Router, ELSEWHERE),
        ] {
            servers.push(world.failing(host, address, Failing::PlainText, None)?);
        }
        let mut victim = world.member("m.opfer", &["--kind", "hotp"])?;
        world.sign_in(&mut victim)?;
        let inside = address_of(world, Host::Client, "kvflex0")?;

        // A member with a client of his own, that routes everything into the tunnel.
        let mut greedy = world.member("m.gierig", &["--kind", "hotp"])?;
        let _tunnel = greedy_tunnel(world, &mut greedy)?;
        let own = address_of(world, Host::Neighbour, "wg0")?;
        expect_reached(world, Host::Neighbour, &format!("{PORTAL}:80"))?;
        expect_reached(world, Host::Neighbour, "10.210.0.53:53")?;
        let gateway_inside = address_of(world, Host::Gateway, "kvgw0")?;
        for forbidden in [
            format!("{inside}:2222"),
            format!("{gateway_inside}:2222"),
            "10.210.0.1:2222".into(),
            "203.0.113.10:2222".into(),
            format!("{PORTAL}:8080"),
            "10.210.0.53:8080".into(),
            ELSEWHERE.into(),
        ] {
            expect_closed(world, Host::Neighbour, &forbidden)?;
        }
        let other = ["ping", "-c", "1", "-W", "1", inside.as_str()];
        ensure!(!world.on(Host::Neighbour, &other)?.ok(), "one member reaches another");
        // Nor does anybody begin from the portal's side, nor from outside through the gateway.
        for target in [format!("{inside}:2222"), format!("{own}:2222")] {
            expect_closed(world, Host::Portal, &target)?;
        }
        world.on(Host::Router, &["ip", "route", "add", "10.210.0.0/24", "via", "203.0.113.10"])?.expect_ok("route")?;
        expect_closed(world, Host::Router, &format!("{PORTAL}:80"))?;
        // An address that is not the member's own is dropped by WireGuard itself.
        world.on(Host::Neighbour, &["ip", "addr", "add", "10.200.255.254/32", "dev", "wg0"])?.expect_ok("address")?;
        let lie = ["curl", "-sS", "--max-time", "2", "--interface", "10.200.255.254", "http://10.210.0.10/"];
        ensure!(!world.on(Host::Neighbour, &lie)?.ok(), "a borrowed address works");
        drop(servers);
        Ok(())
    })
}

/// Debian's wireguard-go on the neighbour, with the grant of an ordinary sign-in and routes for everything.
fn greedy_tunnel(world: &World, member: &mut flexnet_lab::Member) -> Result<flexnet_lab::Process> {
    let private = world.on(Host::Neighbour, &["wg", "genkey"])?.expect_ok("genkey")?;
    let public = world.on_with(Host::Neighbour, &["wg", "pubkey"], &private)?.expect_ok("pubkey")?;
    let grant: Grant = world.sign_in_elsewhere(member, public.trim())?;
    fs::write("/run/lab/private", private)?;
    fs::write("/run/lab/preshared", format!("{}\n", grant.tunnel.preshared_key.to_base64()))?;
    let process = world.start(Host::Neighbour, "wireguard-go", &["wireguard-go", "-f", "wg0"])?;
    eventually("wireguard-go", PATIENCE, || {
        world.quietly(Host::Neighbour, &["wg", "show", "wg0"], "")?.expect_ok("wg show").map(drop)
    })?;
    let key = grant.tunnel.gateway_public_key.to_base64();
    let mut line = vec!["wg", "set", "wg0", "private-key", "/run/lab/private", "peer", &key];
    line.extend(["preshared-key", "/run/lab/preshared", "endpoint", "203.0.113.10:51820"]);
    line.extend(["allowed-ips", "0.0.0.0/0"]);
    world.on(Host::Neighbour, &line)?.expect_ok("wg set")?;
    let address = grant.tunnel.addresses.first().context("no address")?.addr().to_string();
    for line in [
        format!("ip addr add {address}/32 dev wg0"),
        "ip link set wg0 up mtu 1420".into(),
        "ip route add 203.0.113.10 via 192.168.179.1".into(),
        "ip route replace default dev wg0".into(),
        "ip route add 203.0.113.10 dev wg0 table 7".into(),
        "ip rule add ipproto tcp dport 2222 table 7".into(),
    ] {
        world.on(Host::Neighbour, &line.split(' ').collect::<Vec<_>>())?.expect_ok(&line)?;
    }
    Ok(process)
}

fn address_of(world: &World, host: Host, device: &str) -> Result<String> {
    let shown = world.on(host, &["ip", "-4", "-o", "addr", "show", "dev", device])?.expect_ok("an address")?;
    let address = shown.split_whitespace().skip_while(|word| *word != "inet").nth(1);
    let address = address.with_context(|| format!("no address on {device}: {shown}"))?;
    Ok(address.split('/').next().unwrap_or(address).to_owned())
}

fn open(world: &World, from: Host, address: &str) -> Result<bool> {
    let (ip, port) = address.split_once(':').context("address:port")?;
    let line = format!("exec 3<>/dev/tcp/{ip}/{port}");
    Ok(world.on(from, &["timeout", "2", "bash", "-c", &line])?.ok())
}

fn expect_reached(world: &World, from: Host, address: &str) -> Result<()> {
    ensure!(open(world, from, address)?, "{from:?} does not reach {address}");
    Ok(())
}

fn expect_closed(world: &World, from: Host, address: &str) -> Result<()> {
    ensure!(!open(world, from, address)?, "{from:?} reaches {address}");
    Ok(())
}

fn ping(world: &World, address: &str, answers: bool) -> Result<()> {
    let answered = world.on(Host::Client, &["ping", "-c", "1", "-W", "1", address])?.ok();
    ensure!(answered == answers, "ping {address}: {answered}");
    Ok(())
}

/// A program of the member's reaches the portal within seconds.
fn expect_page(world: &World, after: &str) -> Result<()> {
    let began = Instant::now();
    eventually(after, SOON, || {
        let line = ["curl", "-sS", "--max-time", "1", &format!("http://{PORTAL}/")];
        let page = world.quietly(Host::Client, &line, "")?;
        ensure!(page.stdout.contains("<title>"), "{}{}", page.stdout, page.stderr);
        Ok(())
    })?;
    println!("{after}: the portal answers after {} ms", began.elapsed().as_millis());
    Ok(())
}

fn session(world: &World) -> Result<Session> {
    let State::Connected { session } = world.snapshot()?.state else { anyhow::bail!("not connected") };
    Ok(session)
}

/// What a session that lives is said to suffer from.
fn told(state: &State) -> Option<FaultCode> {
    match state {
        State::Connected { session } | State::Reconnecting { session, .. } => {
            session.portal_fault.as_ref().map(|fault| fault.code)
        }
        State::SignedOut { .. }
        | State::SigningIn { .. }
        | State::Confirming { .. }
        | State::Connecting { .. }
        | State::Ending
        | State::Locked { .. }
        | State::Failed { .. } => None,
    }
}
