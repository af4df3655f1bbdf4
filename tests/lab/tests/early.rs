//! The tunnel's first packet travels while the sign-in is being answered: it saves a round trip, opens nothing by itself, and leaves nothing.
//! The last scenario does the same with programs that share no line with ours: curl and wireguard-go.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{
    Host, World,
    capture::Capture,
    command::{run, run_with},
    eventually, in_world,
    parts::{GATEWAY_DIR, PATIENCE, SOCKET, STATE},
    traces::Traces,
    world::{GATEWAY, PORTAL},
};
use flexnet_protocol::gateway::{Grant, Info};
use serde_json::{Value, json};

/// Handshakes that the member's PC begins, and answers to them, on its side of the router, where each packet passes once.
const INITIATIONS: &str = "src host 192.168.178.20 and udp dst port 51820 and udp[8] = 1";
const RESPONSES: &str = "dst host 192.168.178.20 and udp src port 51820 and udp[8] = 2";
/// The session's token as a header, so that it stands in no argument list.
const BEARER: &str = "/run/lab/bearer";

#[test]
fn the_first_packet_travels_beside_the_entry_and_goes_with_a_refusal() -> Result<()> {
    in_world("the_first_packet_travels_beside_the_entry_and_goes_with_a_refusal", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.frueh", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        learns_where_the_tunnel_is(world, &mut member)?;
        let capture = Capture::on_router(world)?;
        let counted = |what| Ok::<_, anyhow::Error>(capture.matching(what)?.lines().count());

        let wrong = member.wrong()?;
        let refused = world.connect(&member.username, &member.password, &wrong)?;
        ensure!(!refused.ok(), "a wrong TAN signs in");
        ensure!(counted(INITIATIONS)? == 1, "{}", capture.matching(INITIATIONS)?);
        ensure!(counted(RESPONSES)? == 0, "the gateway answered although it granted nothing");
        eventually("no trace of it", PATIENCE, || {
            Traces::take(world)?.expect_same(&before)?;
            ensure!(fs::read(format!("{STATE}/journal"))?.is_empty(), "the journal remembers it");
            Ok(())
        })?;

        world.sign_in(&mut member)?;
        world.fetch(&format!("http://{PORTAL}/"))?.expect_ok("the portal")?;
        ensure!(counted(INITIATIONS)? == 2, "one for each attempt: {}", capture.matching(INITIATIONS)?);
        ensure!(counted(RESPONSES)? == 1, "{}", capture.matching(RESPONSES)?);
        Ok(())
    })
}

#[test]
fn killed_while_the_entry_is_being_answered_nothing_is_left() -> Result<()> {
    in_world("killed_while_the_entry_is_being_answered_nothing_is_left", |world| {
        let mut running = world.everything()?;
        let mut member = world.member("m.frueh", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        learns_where_the_tunnel_is(world, &mut member)?;
        // It takes the connection and says nothing any more.
        let gateway = running.gateway.id().to_string();
        run("kill", &["-STOP", &gateway])?.expect_ok("kill -STOP")?;
        let tan = member.press()?;
        fs::write("/run/lab/entry", format!("{}\n{}\n{tan}\n", member.username, member.password))?;
        let typing = format!("KV_FLEXNET_SOCKET={SOCKET} '{}' connect < /run/lab/entry", world.binary("kv-flexnet")?);
        let _typing = world.start(Host::Client, "typing", &["sh", "-c", &typing])?;
        let shown = eventually("the device", PATIENCE, || {
            world.quietly(Host::Client, &["ip", "address", "show", "kvflex0"], "")?.expect_ok("ip")
        })?;
        ensure!(!shown.contains("inet"), "it has an address:\n{shown}");
        let routes = world.on(Host::Client, &["ip", "route", "show", "table", "all", "dev", "kvflex0"])?;
        ensure!(routes.stdout.is_empty(), "it has a route:\n{}", routes.stdout);
        ensure!(fs::read_to_string(format!("{STATE}/journal"))?.contains("device"), "the journal does not know it");
        running.service.kill()?;
        run("kill", &["-CONT", &gateway])?.expect_ok("kill -CONT")?;
        running.service = world.service()?;
        Traces::take(world)?.expect_same(&before)
    })
}

#[test]
fn wireguard_go_begins_before_its_sign_in_and_goes_on_with_other_keys() -> Result<()> {
    in_world("wireguard_go_begins_before_its_sign_in_and_goes_on_with_other_keys", |world| {
        world.found()?;
        let (_gateway, _portal) = (world.gateway()?, world.portal()?);
        let mut member = world.member("m.fremd", &["--kind", "hotp"])?;
        let capture = Capture::on_router(world)?;
        let up = ["env", "WG_PROCESS_FOREGROUND=1", "wireguard-go", "wgout"];
        let _wireguard = world.start(Host::Client, "wgout", &up)?;
        eventually("wireguard-go", PATIENCE, || run("wg", &["show", "wgout"])?.expect_ok("wg show").map(drop))?;
        world.on(Host::Client, &["ip", "link", "set", "wgout", "mtu", "1420", "up"])?.expect_ok("ip")?;

        let info: Info = serde_json::from_str(&curl(world, "GET", "/v1/info", &[], "")?)?;
        let hint = info.tunnel.context("the gateway does not say where its tunnel is")?;
        let gateway = serde_json::to_value(&hint.public_key)?;
        let peer = Peer { gateway: text(&gateway)?, endpoint: hint.endpoints.first().context("where")?.to_string() };
        let keys = Keys::new()?;
        keys.are_set(&peer)?;
        eventually("an initiation", PATIENCE, || {
            ensure!(!capture.matching(INITIATIONS)?.is_empty(), "none");
            Ok(())
        })?;
        let entry = json!({
            "attempt_id": "AAAAAAAAAAAAAAAAAAAAAA", "username": member.username, "password": member.password,
            "tan": member.press()?, "client_public_key": keys.public, "preshared_key": keys.preshared,
            "client": { "version": "0.1.0", "os": "linux" },
        });
        let answer = curl(world, "POST", "/v1/sessions", &["--data-binary", "@-"], &entry.to_string())?;
        let grant: Grant = serde_json::from_str(&answer)?;
        fs::write(BEARER, format!("Authorization: Bearer {}", grant.session_token.expose()))?;
        let inside = grant.tunnel.addresses.first().context("an address")?.to_string();
        for line in [
            &["ip", "address", "add", &inside, "dev", "wgout"][..],
            &["ip", "route", "add", "10.210.0.0/24", "dev", "wgout"],
        ] {
            world.on(Host::Client, line)?.expect_ok("ip")?;
        }
        reaches_the_portal(world)?;
        let begun = capture.matching(INITIATIONS)?;
        ensure!(begun.lines().count() == 1, "the first one was not kept:\n{begun}");

        // Other keys: the old ones are gone at once, the address and everything else stay.
        let other = Keys::new()?;
        let body = json!({ "client_public_key": other.public, "preshared_key": other.preshared }).to_string();
        let bearer = format!("@{BEARER}");
        let more = ["-H", &bearer, "--data-binary", "@-"];
        let resumed: Grant = serde_json::from_str(&curl(world, "POST", "/v1/session/resume", &more, &body)?)?;
        ensure!(resumed.tunnel.addresses == grant.tunnel.addresses, "it moved");
        ensure!(resumed.session_token == grant.session_token, "another token");
        let peers = world.on(Host::Gateway, &["wg", "show", "kvgw0", "peers"])?.expect_ok("wg show")?;
        ensure!(peers.trim() == other.public, "not this peer alone:\n{peers}");
        ensure!(!fetch(world)?, "the old keys still open the way");
        other.are_set(&peer)?;
        reaches_the_portal(world)
    })
}

/// A first session, after which the service knows where the gateway's tunnel is.
fn learns_where_the_tunnel_is(world: &World, member: &mut flexnet_lab::Member) -> Result<()> {
    world.sign_in(member)?;
    world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
    world.wait_for_state("signed_out")
}

/// The gateway as wireguard-go's peer.
struct Peer {
    gateway: String,
    endpoint: String,
}

/// Keys made by `wg`.
struct Keys {
    private: String,
    public: String,
    preshared: String,
}

impl Keys {
    fn new() -> Result<Self> {
        let private = run("wg", &["genkey"])?.expect_ok("wg genkey")?;
        let public = run_with("wg", &["pubkey"], &private)?.expect_ok("wg pubkey")?.trim().to_owned();
        let preshared = run("wg", &["genpsk"])?.expect_ok("wg genpsk")?.trim().to_owned();
        Ok(Self { private, public, preshared })
    }

    /// wireguard-go has them, and calls the gateway at once.
    fn are_set(&self, peer: &Peer) -> Result<()> {
        let Peer { gateway, endpoint } = peer;
        let config = format!(
            "[Interface]\nPrivateKey = {}\n[Peer]\nPublicKey = {gateway}\nPresharedKey = {}\nEndpoint = {endpoint}\n\
             AllowedIPs = 10.210.0.0/24\nPersistentKeepalive = 25\n",
            self.private, self.preshared
        );
        fs::write("/run/lab/wgout.conf", config)?;
        run("wg", &["setconf", "wgout", "/run/lab/wgout.conf"])?.expect_ok("wg setconf").map(drop)
    }
}

fn reaches_the_portal(world: &World) -> Result<()> {
    eventually("the portal", PATIENCE, || {
        ensure!(fetch(world)?, "silent");
        Ok(())
    })
}

fn fetch(world: &World) -> Result<bool> {
    let url = format!("http://{PORTAL}/");
    Ok(world.quietly(Host::Client, &["curl", "-sS", "--max-time", "3", "-o", "/dev/null", &url], "")?.ok())
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("a key")
}

fn curl(world: &World, method: &str, path: &str, more: &[&str], input: &str) -> Result<String> {
    let (authority, url) = (format!("{GATEWAY_DIR}/ca.pem"), format!("https://flexnet.example{path}"));
    let resolve = format!("flexnet.example:443:{GATEWAY}");
    let line = ["curl", "-sS", "--fail-with-body", "--cacert", &authority, "--resolve", &resolve, "-X", method];
    world.on_with(Host::Client, &[&line[..], more, &[&url]].concat(), input)?.expect_ok("curl")
}
