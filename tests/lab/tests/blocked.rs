//! Networks that let UDP through not at all, not any more, or again; and networks that only a proxy leads out of.

use std::{path::Path, time::Instant};

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{
    Host, Process, World,
    capture::Capture,
    command::tail,
    eventually, in_world,
    network::Dropped,
    parts::{PATIENCE, change, gateway_config},
    traces::Traces,
    world::{PORTAL, PORTAL_NAME, log_of},
};
use flexnet_protocol::{
    FaultCode,
    snapshot::{Carrier, Session, State},
};

/// What only travels inside WireGuard: the portal's network and the members' addresses in it.
const INSIDE: &str = "(net 10.210.0.0/24 or net 10.200.0.0/16)";
/// The proxy of the lab, on the member's router.
const PROXY: &str = "http://192.168.178.1:8888";
/// The same as people write it. The portal's name service does not know it.
const PROXY_BY_NAME: &str = "http://proxy.praxis.example:8888";
/// It leads to the gateway alone.
const PROXY_SETTINGS: &str =
    "Port 8888\nListen 192.168.178.1\nTimeout 60\nAllow 192.168.178.0/24\nConnectPort 443\nLogLevel Error\n";

#[test]
fn without_udp_the_tunnel_goes_by_443_and_back_when_udp_does() -> Result<()> {
    in_world("without_udp_the_tunnel_goes_by_443_and_back_when_udp_does", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.sperre", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let capture = Capture::on_router(world)?;
        world.router_drops(&[Dropped::Udp])?;
        world.sign_in(&mut member)?;
        let first = expect_carrier(world, Carrier::Https)?;
        expect_portal(world)?;

        world.router_drops(&[])?;
        expect_carrier(world, Carrier::Udp)?;
        expect_portal(world)?;

        // Under way: no member sees more of it than a pause.
        world.router_drops(&[Dropped::Udp])?;
        expect_portal(world)?;
        let last = expect_carrier(world, Carrier::Https)?;
        ensure!(first.started == last.started, "another session: {first:?}, {last:?}");

        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        world.wait_for_state("signed_out")?;
        Traces::take(world)?.expect_same(&before)?;
        let escaped = capture.matching(INSIDE)?;
        ensure!(escaped.is_empty(), "the router saw packets of the portal:\n{escaped}");
        Ok(())
    })
}

#[test]
fn a_proxy_that_alone_leads_out_carries_sign_in_and_tunnel() -> Result<()> {
    in_world("a_proxy_that_alone_leads_out_carries_sign_in_and_tunnel", |world| {
        world.found()?;
        change(Path::new(&gateway_config()), "portal_only_routes", "exclusive")?;
        let _gateway = world.gateway()?;
        let _portal = world.portal()?;
        world.router_drops(&[Dropped::All])?;
        let running = proxy(world, "")?;
        std::fs::write("/etc/environment", format!("https_proxy=\"{PROXY_BY_NAME}\"\n"))?;
        let _service = world.service()?;
        let mut member = world.member("m.proxy", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        ensure!(other_program_gets_out(world)?, "the proxy leads nobody anywhere");
        world.sign_in(&mut member)?;
        let first = expect_carrier(world, Carrier::HttpsByProxy)?;
        expect_portal(world)?;
        ensure!(!other_program_gets_out(world)?, "another program reaches the internet by the proxy under exclusive");

        // Away and back: its name can be asked for in the tunnel only, and that needs the proxy.
        drop(running);
        world.wait_for_state("reconnecting")?;
        let _running = proxy(world, "")?;
        expect_portal(world)?;
        let last = expect_carrier(world, Carrier::HttpsByProxy)?;
        ensure!(first.started == last.started, "another session: {first:?}, {last:?}");
        ensure!(!other_program_gets_out(world)?, "another program reaches the internet by the proxy under exclusive");

        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        world.wait_for_state("signed_out")?;
        ensure!(other_program_gets_out(world)?, "the proxy is still closed");
        Traces::take(world)?.expect_same(&before)
    })
}

/// Whether curl reaches a server of the internet by the proxy, as root and thus as the user of the service.
fn other_program_gets_out(world: &World) -> Result<bool> {
    let line = ["curl", "-sSk", "--max-time", "2", "-x", PROXY, "https://203.0.113.10/v1/info"];
    Ok(world.quietly(Host::Client, &line, "")?.ok())
}

#[test]
fn a_proxy_that_is_dead_refuses_or_wants_a_password_is_told() -> Result<()> {
    in_world("a_proxy_that_is_dead_refuses_or_wants_a_password_is_told", |world| {
        world.found()?;
        let _gateway = world.gateway()?;
        world.router_drops(&[Dropped::All])?;
        std::fs::write("/etc/environment", format!("https_proxy={PROXY}\n"))?;
        let _service = world.service()?;
        let mut member = world.member("m.proxy", &["--kind", "hotp"])?;
        std::fs::write("/run/lab/filter", "^nothing$\n")?;
        let filter = "Filter \"/run/lab/filter\"\nFilterDefaultDeny Yes\n";
        for (settings, fault) in [
            (None, FaultCode::ProxyFails),
            (Some(filter), FaultCode::ProxyFails),
            (Some("BasicAuth praxis geheim\n"), FaultCode::ProxyWantsPassword),
        ] {
            let running = settings.map(|settings| proxy(world, settings)).transpose()?;
            let tan = member.press()?;
            world.connect(&member.username, &member.password, &tan)?.expect_fault(fault)?;
            world.cli(&["disconnect"], "")?;
            drop(running);
        }
        Ok(())
    })
}

/// Runs Debian's tinyproxy on the member's router.
fn proxy(world: &World, settings: &str) -> Result<Process> {
    std::fs::write("/run/lab/tinyproxy.conf", format!("{PROXY_SETTINGS}{settings}"))?;
    // The member's PC and the router are two machines, and this one asks its own name service whatever becomes of the other's.
    std::fs::write("/run/lab/router-resolv.conf", "nameserver 192.168.178.1\n")?;
    let run =
        "mount --bind /run/lab/router-resolv.conf /etc/resolv.conf && exec tinyproxy -d -c /run/lab/tinyproxy.conf";
    let mut process = world.start(Host::Router, "tinyproxy", &["unshare", "--mount", "sh", "-c", run])?;
    world.wait_for_port(&mut process, Host::Router, "192.168.178.1", "8888")?;
    Ok(process)
}

fn expect_portal(world: &World) -> Result<()> {
    let began = Instant::now();
    for host in [PORTAL, PORTAL_NAME] {
        eventually("the portal", PATIENCE, || {
            let line = ["curl", "-sS", "--max-time", "2", &format!("http://{host}/")];
            let page = world.quietly(Host::Client, &line, "")?;
            ensure!(page.stdout.contains("<title>"), "{}{}", page.stdout, page.stderr);
            Ok(())
        })?;
    }
    println!("the portal answered after {} ms", began.elapsed().as_millis());
    Ok(())
}

fn expect_carrier(world: &World, wanted: Carrier) -> Result<Session> {
    let began = Instant::now();
    let session = eventually("the tunnel's way", 2 * PATIENCE, || {
        // Something must be asked for: an idle tunnel is left alone.
        world.quietly(Host::Client, &["curl", "-sS", "--max-time", "1", &format!("http://{PORTAL}/")], "")?;
        let State::Connected { session } = world.snapshot()?.state else { anyhow::bail!("not connected") };
        ensure!(session.carrier == wanted, "{:?} instead of {wanted:?}", session.carrier);
        Ok(session)
    })
    .with_context(|| tail(&std::fs::read_to_string(log_of("service")).unwrap_or_default()))?;
    println!("{wanted:?} after {} ms", began.elapsed().as_millis());
    Ok(session)
}
