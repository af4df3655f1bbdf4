//! The carrier through TLS 443, used by programs that share no line with ours: curl signs in, wireguard-go is the tunnel, Python carries it.
//!
//! ```text
//!  client                                              router             gateway
//! ┌──────────────────────────────────────────────┐  ┌──────────┐  ┌──────────────────────────────────┐
//! │ wgout (wireguard-go) ──────── UDP ───────────┼──┼─ ╳ 51820 ┼─►│ kvgw0 51820 ◄─┐                  │
//! │       └─► 127.0.0.1:5555 carrier.py ── TLS ──┼──┼─── 443 ──┼─►│ api ─ 127.0.0.1:any              │──► portal
//! └──────────────────────────────────────────────┘  └──────────┘  └──────────────────────────────────┘
//! ```

use std::fs;

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{
    Host, Process, World,
    command::{run, run_with},
    eventually, in_world,
    member::Member,
    network::Dropped,
    parts::{GATEWAY_DIR, PATIENCE},
    world::{GATEWAY, PORTAL},
};
use flexnet_protocol::gateway::{CONNECT_UDP_PATH, Grant};
use serde_json::json;

const BY_UDP: &str = "203.0.113.10:51820";
const BY_TLS: &str = "127.0.0.1:5555";
/// The session's token as a header, so that it stands in no argument list.
const BEARER: &str = "/run/lab/bearer";

#[test]
fn a_tunnel_of_others_moves_to_the_carrier_and_back_and_ends_with_its_session() -> Result<()> {
    in_world("a_tunnel_of_others_moves_to_the_carrier_and_back_and_ends_with_its_session", |world| {
        world.found()?;
        let (_gateway, _portal) = (world.gateway()?, world.portal()?);
        let mut member = world.member("m.fremd", &["--kind", "hotp"])?;
        let mut outside = Outside::signs_in(world, &mut member)?;
        outside.moves(world, BY_UDP, "203.0.113.1:")?;

        // Blocked: nothing passes until the carrier stands, and then everything does.
        world.router_drops(&[Dropped::Udp])?;
        ensure!(!outside.fetch(world)?, "UDP was not blocked");
        let mut carrier = outside.carrier(world)?;
        outside.moves(world, BY_TLS, "127.0.0.1:")?;

        // Let through again: back, with the carrier still there.
        world.router_drops(&[])?;
        outside.moves(world, BY_UDP, "203.0.113.1:")?;
        outside.moves(world, BY_TLS, "127.0.0.1:")?;
        outside.signs_out(world)?;
        ensure!(carrier.ended(PATIENCE)?.success(), "{}", carrier.log());
        ensure!(carrier.log().contains("closed by the gateway"), "{}", carrier.log());
        Ok(())
    })
}

#[test]
fn the_gateway_lets_go_of_a_carrier_whose_line_is_dead() -> Result<()> {
    in_world("the_gateway_lets_go_of_a_carrier_whose_line_is_dead", |world| {
        world.found()?;
        let (_gateway, _portal) = (world.gateway()?, world.portal()?);
        let mut member = world.member("m.fremd", &["--kind", "hotp"])?;
        let outside = Outside::signs_in(world, &mut member)?;
        world.router_drops(&[Dropped::Udp])?;
        let dead = outside.carrier(world)?;
        outside.goes_by(BY_TLS)?;
        outside.reaches_the_portal(world)?;
        ensure!(lines(world)? == 1, "the carrier's line alone");
        world.router_drops(&[Dropped::All])?;
        eventually("the end of a dead line", PATIENCE, || {
            let lines = lines(world)?;
            ensure!(lines == 0, "{lines} still stand");
            Ok(())
        })?;
        drop(dead);
        world.router_drops(&[Dropped::Udp])?;
        let _next = outside.carrier(world)?;
        outside.reaches_the_portal(world)
    })
}

/// TCP connections of the gateway's API.
fn lines(world: &World) -> Result<usize> {
    let shown = world.quietly(Host::Gateway, &["ss", "-Htn", "state", "established", "sport = :443"], "")?;
    Ok(shown.expect_ok("ss")?.lines().count())
}

/// A session of somebody else's programs.
struct Outside {
    grant: Grant,
    key: String,
    _wireguard: Process,
}

impl Outside {
    fn signs_in(world: &World, member: &mut Member) -> Result<Self> {
        let private = run("wg", &["genkey"])?.expect_ok("wg genkey")?;
        let public = run_with("wg", &["pubkey"], &private)?.expect_ok("wg pubkey")?;
        let body = json!({
            "attempt_id": "AAAAAAAAAAAAAAAAAAAAAA", "username": member.username, "password": member.password,
            "tan": member.press()?, "client_public_key": public.trim(),
            "client": { "version": "0.1.0", "os": "linux" },
        });
        let answer = curl(world, "POST", "/v1/sessions", &["--data-binary", "@-"], &body.to_string())?;
        let grant: Grant = serde_json::from_str(&answer)?;
        fs::write(BEARER, format!("Authorization: Bearer {}", grant.session_token.expose()))?;

        let up = ["env", "WG_PROCESS_FOREGROUND=1", "wireguard-go", "wgout"];
        let wireguard = world.start(Host::Client, "wgout", &up)?;
        eventually("wireguard-go", PATIENCE, || run("wg", &["show", "wgout"])?.expect_ok("wg show").map(drop))?;
        let outside = Self { grant, key: public.trim().to_owned(), _wireguard: wireguard };
        let tunnel = &outside.grant.tunnel;
        let addresses: Vec<String> = tunnel.portal_networks.iter().map(ToString::to_string).collect();
        let secrets = serde_json::to_value(tunnel)?;
        let text = |name: &str| secrets.get(name).and_then(|value| value.as_str()).context("a key").map(str::to_owned);
        let config = format!(
            "[Interface]\nPrivateKey = {private}\n[Peer]\nPublicKey = {}\nPresharedKey = {}\nAllowedIPs = {}\n",
            text("gateway_public_key")?,
            text("preshared_key")?,
            addresses.join(", "),
        );
        fs::write("/run/lab/wgout.conf", config)?;
        run("wg", &["setconf", "wgout", "/run/lab/wgout.conf"])?.expect_ok("wg setconf")?;
        let inside = tunnel.addresses.first().context("an address")?.to_string();
        let mtu = tunnel.mtu.to_string();
        for line in [
            &["ip", "address", "add", &inside, "dev", "wgout"][..],
            &["ip", "link", "set", "wgout", "mtu", &mtu, "up"],
            &["ip", "route", "add", "10.210.0.0/24", "dev", "wgout"],
        ] {
            world.on(Host::Client, line)?.expect_ok("the tunnel's address")?;
        }
        outside.goes_by(BY_UDP)?;
        Ok(outside)
    }

    fn goes_by(&self, endpoint: &str) -> Result<()> {
        let key = serde_json::to_value(&self.grant.tunnel.gateway_public_key)?;
        let key = key.as_str().context("a key")?;
        run("wg", &["set", "wgout", "peer", key, "endpoint", endpoint])?.expect_ok("wg set").map(drop)
    }

    /// Goes another way, and the gateway follows. A late packet on the way before turns wireguard-go round, so it may need telling twice.
    fn moves(&self, world: &World, endpoint: &str, seen: &str) -> Result<()> {
        eventually(&format!("the way by {endpoint}"), PATIENCE, || {
            self.goes_by(endpoint)?;
            ensure!(self.fetch(world)?, "the portal is silent");
            let at = self.seen_at(world)?;
            ensure!(at.starts_with(seen), "the gateway sees the client at {at}");
            Ok(())
        })
    }

    fn carrier(&self, world: &World) -> Result<Process> {
        fs::write("/run/lab/carrier.py", include_str!("carrier.py"))?;
        let authority = format!("{GATEWAY_DIR}/ca.pem");
        let line = ["python3", "/run/lab/carrier.py", GATEWAY, &authority, CONNECT_UDP_PATH, "5555", BEARER];
        let mut carrier = world.start(Host::Client, "carrier", &line)?;
        eventually("the carrier", PATIENCE, || {
            ensure!(carrier.runs()?, "it ended:\n{}", carrier.log());
            ensure!(carrier.log().contains("carries"), "not yet");
            Ok(())
        })?;
        Ok(carrier)
    }

    fn fetch(&self, world: &World) -> Result<bool> {
        let url = format!("http://{PORTAL}/");
        Ok(world.on(Host::Client, &["curl", "-sS", "--max-time", "3", "-o", "/dev/null", &url])?.ok())
    }

    fn reaches_the_portal(&self, world: &World) -> Result<()> {
        eventually("the portal", PATIENCE, || {
            ensure!(self.fetch(world)?, "silent");
            Ok(())
        })
    }

    /// Where the gateway sees the client.
    fn seen_at(&self, world: &World) -> Result<String> {
        let shown = world.quietly(Host::Gateway, &["wg", "show", "kvgw0", "endpoints"], "")?.expect_ok("wg show")?;
        let line = shown.lines().find(|line| line.starts_with(&self.key)).context("no such peer")?;
        Ok(line.split_whitespace().nth(1).unwrap_or_default().to_owned())
    }

    fn signs_out(&mut self, world: &World) -> Result<()> {
        curl(world, "DELETE", "/v1/session", &["-H", &format!("@{BEARER}")], "").map(drop)
    }
}

fn curl(world: &World, method: &str, path: &str, more: &[&str], input: &str) -> Result<String> {
    let (authority, url) = (format!("{GATEWAY_DIR}/ca.pem"), format!("https://flexnet.example{path}"));
    let resolve = format!("flexnet.example:443:{GATEWAY}");
    let line = ["curl", "-sS", "--fail-with-body", "--cacert", &authority, "--resolve", &resolve, "-X", method];
    world.on_with(Host::Client, &[&line[..], more, &[&url]].concat(), input)?.expect_ok("curl")
}
