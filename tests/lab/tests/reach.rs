//! A gateway that cannot be reached, or is not ours, or fails: each its own fault, the entry not sent where it must not be, nothing left behind.
//!
//! ```text
//!  client                      router                        gateway
//! ┌────────────────────┐   ┌───────────────────────┐    ┌──────────────────────────────────────────┐
//! │ kv-flexnet-service ├───┤ drops, or knows no way├────┤ 203.0.113.10:443 instead of the gateway: │
//! │                    │   │                       │    │ nobody, or a server that fails           │
//! └────────────────────┘   └───────────────────────┘    └──────────────────────────────────────────┘
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{
    Host, World, eventually,
    fake::{Failing, Identity},
    in_world,
    parts::{GATEWAY_DIR, PATIENCE, PROFILE, change, change_profile, gateway_config},
    traces::Traces,
};
use flexnet_protocol::{
    FaultCode,
    snapshot::{Counted, State},
};

/// No attempt may take longer, whatever is wrong.
const BOUND: Duration = Duration::from_secs(60);
const API: &str = "203.0.113.10:443";
static TAN: AtomicU32 = AtomicU32::new(123_456);

/// Signs in, and must fail so, in time, with nothing left behind.
fn expect(world: &World, wanted: FaultCode, counted: Counted) -> Result<()> {
    let before = Traces::take(world)?;
    let begun = Instant::now();
    // Our client sends no TAN twice.
    let tan = format!("{:06}", TAN.fetch_add(1, Ordering::Relaxed));
    let answer = world.connect("m.muster", "Praxis-2026", &tan)?;
    ensure!(begun.elapsed() < BOUND, "{wanted:?} took {:?}", begun.elapsed());
    answer.expect_fault(wanted)?;
    ensure!(answer.code == Some(1), "{wanted:?} ends with 1, not {:?}", answer.code);
    let State::Failed { counted: told, .. } = world.snapshot()?.state else { anyhow::bail!("not failed") };
    ensure!(told == counted, "{wanted:?}: counted is told as {told:?}");
    println!("{wanted:?} after {:?}", begun.elapsed());
    Traces::take(world)?.expect_same(&before)
}

#[test]
fn a_gateway_out_of_reach() -> Result<()> {
    in_world("a_gateway_out_of_reach", |world| {
        world.found()?;
        let _service = world.service()?;
        expect(world, FaultCode::GatewayRefuses, Counted::No)?;
        let drop = "add table ip lab; add chain ip lab f { type filter hook forward priority 0; }; \
                    add rule ip lab f tcp dport 443 drop";
        world.on(Host::Router, &["nft", drop])?.expect_ok("dropping")?;
        expect(world, FaultCode::GatewaySilent, Counted::No)?;
        world.on(Host::Router, &["nft", "delete table ip lab"])?.expect_ok("no longer dropping")?;
        world.on(Host::Router, &["ip", "route", "add", "unreachable", "203.0.113.10"])?.expect_ok("no way")?;
        expect(world, FaultCode::GatewayUnreachable, Counted::No)?;
        world.on(Host::Client, &["ip", "route", "del", "default"])?.expect_ok("no default route")?;
        expect(world, FaultCode::GatewayUnreachable, Counted::No)
    })
}

#[test]
fn somebody_else_on_the_gateways_address() -> Result<()> {
    in_world("somebody_else_on_the_gateways_address", |world| {
        world.found()?;
        let _service = world.service()?;
        for (failing, wanted) in [
            (Failing::Cut, FaultCode::ConnectionCut),
            (Failing::PlainText, FaultCode::NotTls),
            (Failing::Silent, FaultCode::TlsSilent),
        ] {
            let _fake = world.failing(Host::Gateway, API, failing, None)?;
            expect(world, wanted, Counted::No)?;
        }
        // A server without the hybrid key exchange: openssl of the year 2021.
        let (certificate, key) = own_certificate(world)?;
        let (cert_file, key_file) = (certificate.display().to_string(), key.display().to_string());
        let mut line = vec!["openssl", "s_server", "-accept", API, "-cert", &cert_file, "-key", &key_file];
        line.extend(["-groups", "P-256", "-quiet"]);
        let mut old = world.start(Host::Gateway, "openssl", &line)?;
        world.wait_for_port(&mut old, Host::Router, "203.0.113.10", "443")?;
        expect(world, FaultCode::TlsRefused, Counted::No)?;
        old.kill()?;
        // The right words from the wrong authority: a virus scanner that looks into everything.
        let identity = Identity { certificate: &certificate, key: &key };
        let _fake = world.failing(Host::Gateway, API, Failing::Nonsense, Some(identity))?;
        expect(world, FaultCode::CertificateUntrusted, Counted::No)
    })
}

#[test]
fn the_right_gateway_under_a_wrong_profile() -> Result<()> {
    in_world("the_right_gateway_under_a_wrong_profile", |world| {
        world.found()?;
        let _gateway = world.gateway()?;
        let good = fs::read_to_string(PROFILE)?;
        change_profile("\"flexnet.example\"", "\"other.example\"")?;
        let mut service = world.service()?;
        expect(world, FaultCode::CertificateWrongName, Counted::No)?;
        service.stop()?;

        let (certificate, _) = own_certificate(world)?;
        let from = good.find("-----BEGIN").context("no authority in the profile")?;
        let to = good.rfind("-----END CERTIFICATE-----").context("no authority in the profile")?;
        let other = fs::read_to_string(certificate)?;
        fs::write(
            PROFILE,
            format!("{}{}{}", &good[..from], other.trim().trim_end_matches("-----END CERTIFICATE-----"), &good[to..]),
        )?;
        let _service = world.service()?;
        expect(world, FaultCode::CertificateUntrusted, Counted::No)
    })
}

#[test]
fn a_gateway_that_fails_after_the_entry_was_sent() -> Result<()> {
    in_world("a_gateway_that_fails_after_the_entry_was_sent", |world| {
        world.found()?;
        let _service = world.service()?;
        let (certificate, key) =
            (Path::new(GATEWAY_DIR).join("server.pem"), Path::new(GATEWAY_DIR).join("server-key.pem"));
        let identity = Identity { certificate: &certificate, key: &key };
        for (failing, wanted) in [
            (Failing::Nonsense, FaultCode::GatewayAnswer),
            (Failing::CutLate, FaultCode::ConnectionCut),
            (Failing::Hang, FaultCode::GatewayHangs),
        ] {
            let _fake = world.failing(Host::Gateway, API, failing, Some(identity))?;
            expect(world, wanted, Counted::Unknown)?;
        }
        Ok(())
    })
}

#[test]
fn a_tunnel_that_does_not_come() -> Result<()> {
    in_world("a_tunnel_that_does_not_come", |world| {
        // Neither by UDP nor by 443.
        world.found()?;
        change(Path::new(&gateway_config()), "#[limits]", "[limits]\ncarriers = 0")?;
        let (_gateway, _portal, _service) = (world.gateway()?, world.portal()?, world.service()?);
        let mut member = world.member("m.tunnel", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let drop = "add table ip lab; add chain ip lab f { type filter hook forward priority 0; }; \
                    add rule ip lab f udp dport 51820 drop";
        world.on(Host::Router, &["nft", drop])?.expect_ok("dropping")?;
        let tan = member.press()?;
        let begun = Instant::now();
        let answer = world.connect(&member.username, &member.password, &tan)?;
        answer.expect_fault(FaultCode::TunnelNoHandshake)?;
        ensure!(begun.elapsed() < BOUND, "it took {:?}", begun.elapsed());
        eventually("nothing left", PATIENCE, || Traces::take(world)?.expect_same(&before))?;
        world.on(Host::Router, &["nft", "delete table ip lab"])?.expect_ok("no longer dropping")?;
        world.sign_in(&mut member)?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;

        // The practice's own network has the portal's addresses.
        world.on(Host::Client, &["ip", "addr", "add", "10.210.0.77/24", "dev", "eth0"])?.expect_ok("an address")?;
        let before = Traces::take(world)?;
        let tan = member.press()?;
        let answer = world.connect(&member.username, &member.password, &tan)?;
        answer.expect_fault(FaultCode::NetworksOverlap)?;
        Traces::take(world)?.expect_same(&before)
    })
}

/// A certificate for the gateway's name that no authority of the profile signed.
fn own_certificate(world: &World) -> Result<(PathBuf, PathBuf)> {
    let (certificate, key) = (PathBuf::from("/run/lab/other.pem"), PathBuf::from("/run/lab/other-key.pem"));
    let line = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=flexnet.example \
                -addext subjectAltName=DNS:flexnet.example -keyout /run/lab/other-key.pem -out /run/lab/other.pem";
    world.on(Host::Gateway, &["sh", "-c", line])?.expect_ok("a certificate")?;
    Ok((certificate, key))
}
