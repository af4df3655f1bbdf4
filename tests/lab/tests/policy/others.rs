//! What another program takes away or leads elsewhere while a session lives: it comes back, and no packet for the portal leaves beside the tunnel.

use std::path::Path;

use anyhow::{Result, ensure};
use flexnet_lab::{
    Host, World,
    capture::Capture,
    eventually,
    fake::Failing,
    in_world,
    parts::{PATIENCE, change, gateway_config},
    traces::Traces,
    world::PORTAL,
};
use flexnet_protocol::snapshot::{Session, State};

use crate::{ELSEWHERE, expect_closed, expect_page, ping};

/// A network manager or a hook takes away what it does not know. While a session lives it comes back, and with its end it goes.
#[test]
fn addresses_and_routes_that_another_program_takes_away_come_back() -> Result<()> {
    in_world("others::addresses_and_routes_that_another_program_takes_away_come_back", |world| {
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
    in_world("others::a_filter_that_another_program_takes_away_comes_back", |world| {
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
    in_world("others::routes_of_other_tables_lead_no_packet_around_the_tunnel", |world| {
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

fn session(world: &World) -> Result<Session> {
    let State::Connected { session } = world.snapshot()?.state else { anyhow::bail!("not connected") };
    Ok(session)
}
