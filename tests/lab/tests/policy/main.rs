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

mod inside;
mod others;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{
    Host, World,
    enter::WORLD_BIN,
    eventually,
    fake::Failing,
    in_world,
    parts::{PATIENCE, change, gateway_config},
    traces::Traces,
    world::PORTAL,
};
use flexnet_protocol::{FaultCode, snapshot::State};

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
