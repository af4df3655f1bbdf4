//! The member's network changes under a session, or the gateway's does: the same session goes on, without a TAN and without a leak.

use std::time::Instant;

use anyhow::{Result, ensure};
use flexnet_lab::{
    Host, World, eventually, in_world,
    network::{BOTH, Dropped, Family, Uplink},
    parts::{PATIENCE, Running},
    traces::Traces,
    wire::Wire,
    world::PORTAL,
};
use flexnet_protocol::{
    gateway::TrafficPolicy,
    snapshot::{Carrier, Session, State},
};

#[test]
fn every_change_of_the_network_is_survived_by_the_same_session() -> Result<()> {
    in_world("every_change_of_the_network_is_survived_by_the_same_session", |world| {
        let _running = wide(world)?;
        let mut member = world.member("m.wandert", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let wires = [Wire::listen(world, Uplink::Cable)?, Wire::listen(world, Uplink::Wifi)?];
        world.sign_in(&mut member)?;
        let first = connected(world, "the first day")?;
        type Step = (&'static str, fn(&World) -> Result<()>);
        let steps: [Step; 9] = [
            ("another address", |world| world.address_changes(Uplink::Cable, 20, 21, &BOTH)),
            ("cable to Wi-Fi", |world| world.uplink_moves(Uplink::Wifi, 20, &BOTH)),
            ("the cable is pulled", |world| world.link_falls(Uplink::Cable)),
            ("back on the cable", |world| {
                world.link_returns(Uplink::Cable, 20, &BOTH)?;
                world.uplink_moves(Uplink::Cable, 20, &BOTH)?;
                world.link_falls(Uplink::Wifi)
            }),
            ("IPv6 only", |world| world.family_goes(Uplink::Cable, Family::V4)),
            ("IPv4 again", |world| world.family_returns(Uplink::Cable, 20, Family::V4)),
            ("IPv4 only", |world| world.family_goes(Uplink::Cable, Family::V6)),
            ("another port", |world| world.nat_rebinds(40_000)),
            ("nothing for a while", |world| {
                world.link_falls(Uplink::Cable)?;
                silence(world)?;
                world.link_returns(Uplink::Cable, 20, &BOTH)
            }),
        ];
        for (what, step) in steps {
            step(world)?;
            let session = connected(world, what)?;
            ensure!(session.started == first.started, "{what}: another session");
        }
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        world.wait_for_state("signed_out")?;
        world.heal()?;
        Traces::take(world)?.expect_same(&before)?;
        for wire in wires {
            let leaks = wire.judge(TrafficPolicy::PortalOnlyRoutes)?;
            ensure!(leaks.is_empty(), "{leaks:?}");
        }
        Ok(())
    })
}

#[test]
fn of_two_endpoints_the_dead_one_is_left() -> Result<()> {
    in_world("of_two_endpoints_the_dead_one_is_left", |world| {
        let _running = wide(world)?;
        let mut member = world.member("m.zwei", &["--kind", "hotp"])?;
        world.sign_in(&mut member)?;
        let first = connected(world, "the first day")?;
        for family in ["ipv4", "ipv6", "ipv4"] {
            world.router_drops(&[])?;
            let dead = format!(
                "add rule inet lab forward meta nfproto {family} udp dport 51820 drop; \
                 add rule inet lab forward meta nfproto {family} udp sport 51820 drop"
            );
            world.on(Host::Router, &["nft", &dead])?.expect_ok("a dead endpoint")?;
            let session = connected(world, &format!("UDP over {family} is dead"))?;
            ensure!(session.started == first.started, "another session");
            ensure!(session.carrier == Carrier::Udp, "{:?} while UDP passes", session.carrier);
        }
        for dead in [1, 0, 1] {
            world.router_drops(&[Dropped::Address(dead)])?;
            let session = connected(world, &format!("address {dead} is dead"))?;
            ensure!(session.started == first.started, "another session");
        }
        Ok(())
    })
}

#[test]
fn a_black_hole_for_large_packets_is_found_and_lived_with() -> Result<()> {
    in_world("a_black_hole_for_large_packets_is_found_and_lived_with", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.schmal", &["--kind", "hotp"])?;
        world.line_narrows(1400)?;
        world.router_drops(&[Dropped::TooBig])?;
        world.sign_in(&mut member)?;
        expect_size(world, 1340)?;
        // A body of many full packets, which the portal reads to its end before it says no.
        let post = format!(
            "head -c 300000 /dev/zero | curl -sS --max-time 10 -o /dev/null -w '%{{http_code}}' --data-binary @- http://{PORTAL}/"
        );
        eventually("a large upload", PATIENCE, || {
            let sent = world.quietly(Host::Client, &["sh", "-c", &post], "")?;
            ensure!(sent.ok() && sent.stdout != "000", "{}{}", sent.stdout, sent.stderr);
            Ok(())
        })?;
        // Another network, as wide as the first day's.
        world.line_narrows(1500)?;
        world.address_changes(Uplink::Cable, 20, 21, &[Family::V4])?;
        expect_size(world, 1420)
    })
}

/// Everything runs, in both families, on both addresses, with a second uplink.
fn wide(world: &World) -> Result<Running> {
    world.found_wide()?;
    world.wifi()?;
    Ok(Running { gateway: world.gateway_wide()?, portal: world.portal()?, service: world.service()? })
}

/// The portal answers again through the tunnel, and the window says so.
fn connected(world: &World, what: &str) -> Result<Session> {
    let began = Instant::now();
    let session = eventually(what, PATIENCE, || {
        let page =
            world.quietly(Host::Client, &["curl", "-sS", "--max-time", "1", &format!("http://{PORTAL}/")], "")?;
        ensure!(page.stdout.contains("<title>"), "{}{}", page.stdout, page.stderr);
        println!("{what}: the portal answers after {} ms", began.elapsed().as_millis());
        let State::Connected { session } = world.snapshot()?.state else { anyhow::bail!("not connected") };
        Ok(session)
    })?;
    println!("{what}: connected by {:?} after {} ms", session.carrier, began.elapsed().as_millis());
    Ok(session)
}

/// Waits until the window has noticed that nothing passes.
fn silence(world: &World) -> Result<()> {
    eventually("the loss", PATIENCE, || {
        let state = world.snapshot()?.state;
        ensure!(matches!(state, State::Reconnecting { .. }), "{state:?}");
        Ok(())
    })
}

fn expect_size(world: &World, wanted: u16) -> Result<()> {
    let began = Instant::now();
    eventually("the device's size", PATIENCE, || {
        let shown = world.quietly(Host::Client, &["ip", "-o", "link", "show", "kvflex0"], "")?;
        ensure!(shown.stdout.contains(&format!("mtu {wanted} ")), "{}{}", shown.stdout, shown.stderr);
        Ok(())
    })?;
    println!("size {wanted} after {} ms", began.elapsed().as_millis());
    Ok(())
}
