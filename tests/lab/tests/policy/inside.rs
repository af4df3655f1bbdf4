//! A member inside the KV's network who wants more than the portal.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{Host, Member, Process, World, eventually, fake::Failing, in_world, parts::PATIENCE, world::PORTAL};
use flexnet_protocol::gateway::Grant;

use crate::{ELSEWHERE, expect_closed, expect_reached};

#[test]
fn a_member_inside_reaches_the_portal_and_nothing_else() -> Result<()> {
    in_world("inside::a_member_inside_reaches_the_portal_and_nothing_else", |world| {
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
fn greedy_tunnel(world: &World, member: &mut Member) -> Result<Process> {
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
