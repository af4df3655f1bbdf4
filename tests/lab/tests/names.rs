//! The portal's names while connected, with systemd-resolved and without; every other name as before; nothing afterwards.
//!
//! ```text
//!  client                                     router                          portal
//! ┌──────────────────────────────────────┐  ┌───────────────────────────┐   ┌───────────────────────────┐
//! │ /etc/resolv.conf → router            ├──┤ 192.168.178.1: *.example  ├───┤ 10.210.0.53: *.snk.example│
//! │ or → systemd-resolved → router       │  │ knows no portal           │   │ through the tunnel only   │
//! └──────────────────────────────────────┘  └───────────────────────────┘   └───────────────────────────┘
//! ```

use anyhow::{Result, ensure};
use flexnet_lab::{
    Host, Member, World, in_world,
    parts::change_profile,
    traces::Traces,
    world::{LAB, PORTAL, PORTAL_NAME},
};
use flexnet_protocol::FaultCode;

#[test]
fn without_systemd_resolved_the_hosts_file_carries_the_portal() -> Result<()> {
    in_world("without_systemd_resolved_the_hosts_file_carries_the_portal", |world| {
        // Without a line end, as an editor left it.
        std::fs::write("/etc/hosts", "127.0.0.1 localhost\n# Praxis\n192.168.178.9\tdrucker")?;
        let mut service = world.everything()?;
        let mut member = world.member("m.hosts", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        world.sign_in(&mut member)?;
        expect_names(world)?;
        let hosts = std::fs::read_to_string("/etc/hosts")?;
        ensure!(hosts.contains("drucker") && hosts.contains(PORTAL_NAME), "{hosts}");
        expect_name(world, "drucker", "192.168.178.9")?;
        // Whoever edits the file meanwhile keeps the edit.
        std::fs::write("/etc/hosts", format!("{hosts}192.168.178.8 neu\n"))?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        let hosts = std::fs::read_to_string("/etc/hosts")?;
        ensure!(hosts.contains("neu") && !hosts.contains(PORTAL_NAME), "{hosts}");
        std::fs::write("/etc/hosts", before.of("/etc/hosts"))?;

        world.sign_in(&mut member)?;
        service.service.kill()?;
        service.service = world.service()?;
        Traces::take(world)?.expect_same(&before)
    })
}

#[test]
fn with_systemd_resolved_only_the_portals_names_go_by_the_tunnel() -> Result<()> {
    in_world("with_systemd_resolved_only_the_portals_names_go_by_the_tunnel", |world| {
        let _resolved = world.resolved()?;
        let mut running = world.everything()?;
        let mut member = world.member("m.resolved", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        ensure!(before.of("resolvectl status").contains("192.168.178.1"), "the picture does not see systemd-resolved");
        world.sign_in(&mut member)?;
        expect_names(world)?;
        let during = Traces::take(world)?;
        let status = during.of("resolvectl status");
        ensure!(status.contains("10.210.0.53") && status.contains("~snk.example"), "{status}");
        ensure!(during.of("/etc/hosts") == before.of("/etc/hosts"), "the hosts file was changed though it need not be");
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        Traces::take(world)?.expect_same(&before)?;

        world.sign_in(&mut member)?;
        running.service.kill()?;
        world.cli(&["repair"], "")?.expect_ok("repair")?;
        Traces::take(world)?.expect_same(&before)
    })
}

#[test]
fn a_name_that_the_portals_network_does_not_know_is_told() -> Result<()> {
    in_world("a_name_that_the_portals_network_does_not_know_is_told", |world| {
        world.found()?;
        change_profile(PORTAL_NAME, "umgezogen.snk.example")?;
        let (_gateway, _portal, _service) = (world.gateway()?, world.portal()?, world.service()?);
        let mut member = world.member("m.umzug", &["--kind", "hotp"])?;
        sign_in_and_hear(world, &mut member, FaultCode::PortalNoName)
    })
}

/// The tunnel stands, so the state may be connected; what is wrong with the portal is told either way.
fn sign_in_and_hear(world: &World, member: &mut Member, fault: FaultCode) -> Result<()> {
    let tan = member.press()?;
    let answer = world.connect(&member.username, &member.password, &tan)?;
    ensure!(answer.stdout.contains(&fault.to_string()), "{fault:?} is not told: {}{}", answer.stdout, answer.stderr);
    Ok(())
}

fn expect_names(world: &World) -> Result<()> {
    expect_name(world, PORTAL_NAME, PORTAL)?;
    expect_name(world, "flexnet.example", "203.0.113.10")?;
    let page = world.fetch(&format!("http://{PORTAL_NAME}/"))?.expect_ok("the page by name")?;
    ensure!(page.contains("<title>"), "{page}");
    let outside = std::fs::read_to_string(format!("{LAB}/dns-router.log"))?;
    ensure!(!outside.contains("snk.example"), "the outside name service was asked for the portal:\n{outside}");
    Ok(())
}

fn expect_name(world: &World, name: &str, address: &str) -> Result<()> {
    let found = world.on(Host::Client, &["getent", "ahostsv4", name])?.expect_ok(name)?;
    ensure!(found.contains(address), "{name} is not {address}: {found}");
    Ok(())
}
