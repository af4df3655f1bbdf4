//! The whole way: a TAN, the tunnel, the portal's page, and nothing of it outside WireGuard. Picture: ../src/world.rs.

use std::path::Path;

use anyhow::{Result, ensure};
use flexnet_lab::{
    Host, Member, World,
    capture::Capture,
    command::Finished,
    eventually, in_world,
    parts::{PATIENCE, change, gateway_config},
    traces::Traces,
    world::{LAB, PORTAL, PORTAL_NAME},
};
use flexnet_protocol::{FaultCode, gateway::EndReason, snapshot::State};

/// What belongs inside WireGuard: the portal's network and the members' addresses in it.
const INSIDE: &str = "(net 10.210.0.0/24 or net 10.200.0.0/16)";

#[test]
fn a_tan_opens_the_way_and_nothing_of_it_is_seen_on_the_router() -> Result<()> {
    in_world("a_tan_opens_the_way_and_nothing_of_it_is_seen_on_the_router", |world| {
        let running = world.everything()?;
        let mut member = world.member("m.muster", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let capture = Capture::on_router(world)?;

        world.sign_in(&mut member)?;
        let by_name = world.fetch(&format!("http://{PORTAL_NAME}/"))?.expect_ok("the page by name")?;
        let by_address = world.fetch(&format!("http://{PORTAL}/"))?.expect_ok("the page by address")?;
        for page in [&by_name, &by_address] {
            ensure!(page.contains("<title>") && page.contains("password"), "no sign-in of the portal: {page}");
        }
        let State::Connected { session } = world.snapshot()?.state else { anyhow::bail!("not connected") };
        ensure!(session.display_name == "Dr. Martina Muster", "{session:?}");
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        world.wait_for_state("signed_out")?;

        Traces::take(world)?.expect_same(&before)?;
        expect_no_peer(world)?;
        let escaped = capture.matching(INSIDE)?;
        ensure!(escaped.is_empty(), "the router saw packets of the portal:\n{escaped}");
        ensure!(!capture.matching("udp port 51820")?.is_empty(), "the router saw no WireGuard: it looked elsewhere");
        ensure!(!capture.matching("tcp port 443")?.is_empty(), "the router saw no sign-in: it looked elsewhere");
        // The control: without a session such a packet is one of the internet, and the router sees it.
        let refused = world.on(Host::Client, &["curl", "-sS", "--max-time", "1", &format!("http://{PORTAL}/")])?;
        ensure!(!refused.ok(), "the portal answers without a session");
        ensure!(!capture.matching(INSIDE)?.is_empty(), "the router cannot see what it must not see");

        let bytes = capture.finish()?;
        let label = b"\x06portal\x03snk\x07example";
        for text in [&label[..], b"portal.snk.example", b"<title>", member.password.as_bytes()] {
            let seen = bytes.windows(text.len()).any(|window| window == text);
            ensure!(!seen, "the router could read {:?}", String::from_utf8_lossy(text));
        }
        let asked_outside = std::fs::read_to_string(format!("{LAB}/dns-router.log"))?;
        ensure!(!asked_outside.contains("snk.example"), "the outside name service was asked:\n{asked_outside}");
        drop(running);
        Ok(())
    })
}

#[test]
fn the_clocks_tan_opens_once() -> Result<()> {
    in_world("the_clocks_tan_opens_once", |world| {
        let _running = world.everything()?;
        let member = world.member("t.uhr", &["--kind", "totp"])?;
        let tan = member.now()?;
        let opened = world.connect(&member.username, &member.password, &tan)?;
        ensure!(opened.ok(), "{}{}", opened.stdout, opened.stderr);
        world.wait_for_state("connected")?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        // Our own client does not even send it; another program is refused by the gateway.
        let again = world.connect(&member.username, &member.password, &tan)?;
        again.expect_fault(FaultCode::TanUsed)?;
        ensure!(again.code == Some(3), "a wrong entry ends with 3, not {:?}", again.code);
        let elsewhere = world.guess(&member.username, &member.password, &tan)?;
        ensure!(elsewhere.problem()?.fault == FaultCode::Refused, "{elsewhere:?}");
        Ok(())
    })
}

#[test]
fn an_entry_without_its_shape_is_not_sent() -> Result<()> {
    in_world("an_entry_without_its_shape_is_not_sent", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.form", &["--kind", "hotp"])?;
        for tan in ["", "12345", "123456789", "12a456", "１２３４５６"] {
            let answer = world.connect(&member.username, &member.password, tan)?;
            answer.expect_fault(FaultCode::EntryShape)?;
        }
        // Blanks are how people read digits; they are no mistake.
        let tan = member.press()?;
        let spaced = format!(" {} {} ", &tan[..3], &tan[3..]);
        let answer = world.connect(&member.username, &member.password, &spaced)?;
        ensure!(answer.ok(), "{}{}", answer.stdout, answer.stderr);
        let State::Connected { session } = world.snapshot()?.state else { anyhow::bail!("not connected") };
        ensure!(session.failures_before == 0, "an entry that was not sent was counted");
        Ok(())
    })
}

#[test]
fn every_end_of_a_session_is_told_and_leaves_nothing() -> Result<()> {
    in_world("every_end_of_a_session_is_told_and_leaves_nothing", |world| {
        let mut running = world.everything()?;
        let mut member = world.member("m.ende", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;

        world.sign_in(&mut member)?;
        let tan = member.press()?;
        let newer = world.guess(&member.username, &member.password, &tan)?;
        newer.grant()?;
        expect_end(world, EndReason::NewerSignIn, &before)?;

        world.sign_in(&mut member)?;
        world.admin(&["sessions", "end", &member.username])?.expect_ok("admin sessions end")?;
        expect_end(world, EndReason::Desk, &before)?;

        world.sign_in(&mut member)?;
        world.admin(&["token", "lost", &member.serial])?.expect_ok("admin token lost")?;
        expect_end(world, EndReason::TokenLost, &before)?;
        let tan = member.press()?;
        let refused = world.connect(&member.username, &member.password, &tan)?;
        refused.expect_fault(FaultCode::Refused)?;

        let mut other = world.member("m.dienst", &["--kind", "hotp"])?;
        world.sign_in(&mut other)?;
        running.service.stop()?;
        Traces::take(world)?.expect_same(&before)?;
        expect_no_peer(world)
    })
}

#[test]
fn a_silent_tunnel_comes_back_without_a_tan() -> Result<()> {
    in_world("a_silent_tunnel_comes_back_without_a_tan", |world| {
        let mut running = world.everything()?;
        let mut member = world.member("m.stille", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let capture = Capture::on_router(world)?;
        world.sign_in(&mut member)?;

        // The worst end of a gateway; everything that asks for the portal meanwhile must wait, not go around the tunnel.
        running.gateway.kill()?;
        let url = format!("http://{PORTAL}/");
        eventually("the loss", PATIENCE, || {
            world.quietly(Host::Client, &["curl", "-sS", "--max-time", "1", &url], "")?;
            let state = world.snapshot()?.state;
            ensure!(matches!(state, State::Reconnecting { .. }), "{state:?}");
            Ok(())
        })?;
        let escaped = capture.matching(INSIDE)?;
        ensure!(escaped.is_empty(), "packets went around the silent tunnel:\n{escaped}");

        running.gateway = world.gateway()?;
        world.wait_for_state("connected")?;
        world.fetch(&url)?.expect_ok("the page after the loss")?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        Traces::take(world)?.expect_same(&before)
    })
}

#[test]
fn a_connection_that_outlives_its_session_leaks_nothing() -> Result<()> {
    in_world("a_connection_that_outlives_its_session_leaks_nothing", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.rest", &["--kind", "hotp"])?;
        let capture = Capture::on_router(world)?;
        world.sign_in(&mut member)?;
        // Open before the end, and talking after it: a browser's kept connection.
        let talk = format!(
            "exec 3<>/dev/tcp/{PORTAL}/80; printf 'GET / HTTP/1.1\\r\\nHost: {PORTAL_NAME}\\r\\n\\r\\n' >&3; head -n1 <&3; \
             echo open; while [ ! -e {LAB}/ended ]; do sleep 0.05; done; printf 'GET /geheim HTTP/1.1\\r\\n\\r\\n' >&3; echo talked"
        );
        let talker = world.start(Host::Client, "talker", &["bash", "-c", &talk])?;
        eventually("an open connection", PATIENCE, || {
            ensure!(talker.log().contains("open"), "{}", talker.log());
            Ok(())
        })?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        std::fs::write(format!("{LAB}/ended"), "")?;
        eventually("the talker's end", PATIENCE, || {
            let log = talker.log();
            ensure!(log.contains("talked") || log.contains("rror") || log.contains("eset"), "{log}");
            Ok(())
        })?;
        // A packet that the kernel still sends is sent within a retransmission or two; a fence behind it proves that the capture has seen it.
        let fence = ["curl", "-sS", "--max-time", "2", "http://203.0.113.10:9/"];
        world.on(Host::Client, &fence)?;
        eventually("the fence in the capture", PATIENCE, || {
            ensure!(!capture.matching("tcp port 9")?.is_empty(), "not yet");
            Ok(())
        })?;
        let escaped = capture.matching(INSIDE)?;
        ensure!(escaped.is_empty(), "an old connection talked past the end:\n{escaped}");
        Ok(())
    })
}

#[test]
fn no_secret_is_in_a_log_a_command_line_or_the_database() -> Result<()> {
    in_world("no_secret_is_in_a_log_a_command_line_or_the_database", |world| {
        const TALKATIVE: [&str; 2] = ["env", "RUST_LOG=trace"];
        world.found()?;
        let _gateway = world.gateway_under(&TALKATIVE)?;
        let _portal = world.portal()?;
        let mut service = world.service_under(&TALKATIVE)?;
        let mut member = world.member("m.still", &["--kind", "hotp"])?;
        let wrong = member.wrong()?;
        let tan = member.press()?;
        world.connect(&member.username, &member.password, &wrong)?.expect_fault(FaultCode::Refused)?;
        let watcher =
            world.start(Host::Client, "watch", &[&world.binary("kv-flexnet")?, "status", "--watch", "--json"])?;
        let answer = world.connect(&member.username, &member.password, &tan)?;
        ensure!(answer.ok(), "{}", answer.stdout);
        let lines = world.quietly(Host::Client, &["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"], "")?.stdout;
        service.stop()?;
        expect_secretless(world, &member, &[&wrong, &tan], &[lines, watcher.log(), answer.stdout])
    })
}

/// Looks through everything that the programs wrote.
fn expect_secretless(world: &World, member: &Member, tans: &[&str], texts: &[String]) -> Result<()> {
    let seed = member.seed.trim_end_matches('=');
    let folders =
        ["/var/lib/kv-flexnet-gateway", "/var/lib/kv-flexnet", "/run/lab/gateway.log", "/run/lab/service.log"];
    for secret in [&[member.password.as_str(), seed][..], tans].concat() {
        let hit = texts.iter().find(|text| text.contains(secret));
        ensure!(hit.is_none(), "a secret is in:\n{}", hit.map_or("", String::as_str));
        let mut grep = vec!["grep", "-r", "-a", "-l", "-F", "-e", secret];
        grep.extend(folders);
        let found: Finished = world.quietly(Host::Gateway, &grep, "")?;
        ensure!(found.code == Some(1), "a secret is in {}{}", found.stdout, found.stderr);
    }
    Ok(())
}

fn expect_end(world: &World, reason: EndReason, before: &Traces) -> Result<()> {
    eventually("the end of the session", PATIENCE, || {
        let state = world.snapshot()?.state;
        let told = matches!(&state, State::SignedOut { ended: Some(ended), .. } if ended.reason == reason);
        ensure!(told, "{reason:?} is not told: {state:?}");
        Ok(())
    })?;
    Traces::take(world)?.expect_same(before)
}

/// The gateway lets a peer go within a second of the session's end.
fn expect_no_peer(world: &World) -> Result<()> {
    eventually("no peer on the gateway", PATIENCE, || {
        let peers = world.quietly(Host::Gateway, &["wg", "show", "kvgw0", "peers"], "")?.expect_ok("wg show")?;
        ensure!(peers.trim().is_empty(), "{peers}");
        Ok(())
    })
}

#[test]
fn a_portal_that_is_down_is_told_while_the_tunnel_stands() -> Result<()> {
    in_world("a_portal_that_is_down_is_told_while_the_tunnel_stands", |world| {
        world.found()?;
        // A gateway that does not tell the portal's addresses: then its name service must.
        let told = r#"hosts = [{ name = "portal.snk.example", addresses = ["10.210.0.10"] }]"#;
        change(Path::new(&gateway_config()), told, "hosts = []")?;
        let (_gateway, mut portal, _service) = (world.gateway()?, world.portal()?, world.service()?);
        let mut member = world.member("m.portal", &["--kind", "hotp"])?;
        portal.kill()?;
        world.sign_in(&mut member)?;
        expect_portal_fault(world, Some(FaultCode::PortalSilent))?;
        let _portal = world.portal()?;
        expect_portal_fault(world, None)?;
        // The same server on the same address, but the name service inside is silent.
        let silence = "add table ip lab; add chain ip lab in { type filter hook input priority 0; }; \
                       add rule ip lab in udp dport 53 drop; add rule ip lab in tcp dport 53 drop";
        world.on(Host::Portal, &["nft", silence])?.expect_ok("silencing the name service")?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        let tan = member.press()?;
        let answer = world.connect(&member.username, &member.password, &tan)?;
        ensure!(answer.stdout.contains(&FaultCode::PortalNameService.to_string()), "{}", answer.stdout);
        Ok(())
    })
}

fn expect_portal_fault(world: &World, wanted: Option<FaultCode>) -> Result<()> {
    // A portal that was missing is looked for every 15 seconds.
    eventually("what is said of the portal", 2 * PATIENCE, || {
        let State::Connected { session } = world.snapshot()?.state else { anyhow::bail!("not connected") };
        let told = session.portal_fault.map(|fault| fault.code);
        ensure!(told == wanted, "{told:?} instead of {wanted:?}");
        Ok(())
    })
}
