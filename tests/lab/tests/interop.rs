//! Our device and Debian's wireguard-go, which shares no line with it, as each other's peer.
//!
//! ```text
//!  client 192.168.178.20            router (NAT)            gateway 203.0.113.10
//! ┌───────────────────────┐                              ┌────────────────────────────┐
//! │ 10.9.0.1  fd09::1     │     WireGuard, UDP 51820     │ 10.9.0.2  fd09::2          │
//! │ kvours  (or wgtheirs) ├──────────────────────────────┤ wgtheirs  (or kvours)      │
//! │ web server 8000       │                              │ web server 8000            │
//! └───────────────────────┘                              └────────────────────────────┘
//! ```

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{
    Finished, Host, Process, World,
    capture::Capture,
    command::{run, run_with},
    eventually, in_world,
    parts::PATIENCE,
    world::{GATEWAY, GATEWAYS, LAB},
};

/// A handshake initiation (first byte 1) on the member's side of the router, where each packet passes once.
const INITIATIONS: &str = "host 192.168.178.20 and udp port 51820 and udp[8] = 1";

#[test]
fn our_device_calls_wireguard_go() -> Result<()> {
    in_world("our_device_calls_wireguard_go", |world| {
        let capture = Capture::on_router(world)?;
        let mut pair = Pair::start(world, Host::Client)?;
        pair.carries_tcp_both_ways(world)?;

        // Being told the same again, twenty times: every fetch passes, and no handshake is needed for it.
        let initiations = || Ok::<_, anyhow::Error>(capture.matching(INITIATIONS)?.lines().count());
        let (called, told) = (initiations()?, pair.count("unchanged")?);
        ensure!(called > 0, "the router saw no handshake: it looked elsewhere");
        eventually("twenty reconciliations", PATIENCE, || {
            pair.fetch(world, Host::Client, "small", 2)?.expect_ok("a fetch between two reconciliations")?;
            ensure!(pair.count("unchanged")? >= told + 20, "{}", pair.ours.log());
            Ok(())
        })?;
        let first = pair.agreed()?;
        ensure!(initiations()? == called, "{}", capture.matching(INITIATIONS)?);

        // Another network behind the same peer is no reason to agree anew.
        pair.networks.push_str(",10.9.7.0/24");
        pair.want("")?;
        eventually("a peer with another network", PATIENCE, || pair.said("added 0 modified 1 removed 0"))?;
        pair.fetch(world, Host::Client, "small", 2)?.expect_ok("a fetch after a change of networks")?;
        ensure!(pair.agreed()? == first, "a change of networks dropped the session");

        // Asked for, a new handshake comes at once.
        pair.want("handshake 1")?;
        eventually("another initiation", PATIENCE, || {
            ensure!(initiations()? > called, "no handshake was asked for");
            Ok(())
        })?;
        pair.fetch(world, Host::Client, "small", 2)?.expect_ok("a fetch after a new handshake")?;

        // The preshared key counts: with another one nothing passes, with the same one again everything does.
        pair.secret = genpsk()?;
        pair.want("handshake 1")?;
        eventually("a peer that starts anew", PATIENCE, || pair.said("added 1 modified 0 removed 1"))?;
        let without = pair.fetch(world, Host::Client, "small", 2)?;
        ensure!(!without.ok(), "another preshared key, and the page came all the same");
        pair.tell_theirs(world, GATEWAY)?;
        eventually("the page with the new preshared key", PATIENCE, || {
            pair.fetch(world, Host::Client, "small", 2)?.expect_ok("a fetch").map(drop)
        })?;
        pair.ends_without_a_trace(world)
    })
}

#[test]
fn wireguard_go_calls_our_device() -> Result<()> {
    in_world("wireguard_go_calls_our_device", |world| {
        let mut pair = Pair::start(world, Host::Gateway)?;
        pair.carries_tcp_both_ways(world)?;
        pair.is_seen_by_wg()?;
        pair.answers_from_the_address_that_was_asked(world)?;
        pair.ends_without_a_trace(world)
    })
}

#[test]
fn what_a_killed_process_left_is_found_and_removed() -> Result<()> {
    in_world("what_a_killed_process_left_is_found_and_removed", |world| {
        let mut pair = Pair::start(world, Host::Client)?;
        let program = program(world)?;
        let remove = || world.on(Host::Client, &[&program, "remove-leftover", "kvours"])?.expect_ok("remove-leftover");
        if pair.in_user_space()? {
            ensure!(remove()? == "removed false\n", "what runs is no leftover");
            run("wg", &["show", "kvours"])?.expect_ok("the device after an attempt to remove it")?;
        }
        pair.ours.kill()?;
        ensure!(remove()? == "removed true\n", "a killed process left nothing");
        pair.left_no_trace(world)?;
        ensure!(remove()? == "removed false\n", "removed twice");
        // Another link of the same name is not ours to take.
        world.on(Host::Client, &["ip", "link", "add", "kvours", "type", "bridge"])?.expect_ok("a bridge")?;
        ensure!(remove()? == "removed false\n", "a bridge was taken for a WireGuard device");
        let taken = world.on(Host::Client, &[&program, "kvours", "0", "/run/lab/ours.key", "/run/lab/wanted"])?;
        ensure!(!taken.ok() && taken.stderr.contains("cannot create the WireGuard device `kvours`"), "{taken:?}");
        world.on(Host::Client, &["ip", "link", "show", "kvours", "type", "bridge"])?.expect_ok("the bridge").map(drop)
    })
}

#[test]
fn a_device_that_is_taken_away_is_noticed() -> Result<()> {
    in_world("a_device_that_is_taken_away_is_noticed", |world| {
        let mut pair = Pair::start(world, Host::Client)?;
        world.on(Host::Client, &["ip", "link", "del", "kvours"])?.expect_ok("ip link del")?;
        ensure!(!pair.ours.ended(PATIENCE)?.success(), "it went on without its device");
        let log = pair.ours.log();
        ensure!(log.contains("the WireGuard device `kvours` is gone"), "{log}");
        Ok(())
    })
}

/// Both devices, each with the other as its only peer, and a web server at each end.
struct Pair {
    ours: Process,
    _theirs: Process,
    _web: [Process; 2],
    ours_on: Host,
    ours_key: String,
    theirs_key: String,
    secret: String,
    networks: String,
}

impl Pair {
    fn start(world: &World, ours_on: Host) -> Result<Self> {
        let (theirs_on, ours_inside, theirs_inside) =
            if ours_on == Host::Client { (Host::Gateway, "1", "2") } else { (Host::Client, "2", "1") };
        let (ours_key, theirs_key) = (key_pair("ours")?, key_pair("theirs")?);
        fs::create_dir_all(lab("web"))?;
        run("dd", &["if=/dev/urandom", "of=/run/lab/web/large", "bs=1M", "count=8", "status=none"])?.expect_ok("dd")?;
        fs::write(lab("web/small"), "klein")?;
        fs::write(lab("wanted"), "")?;

        let theirs = ["env", "WG_PROCESS_FOREGROUND=1", "wireguard-go", "wgtheirs"];
        let theirs = world.start(theirs_on, "theirs", &theirs)?;
        eventually("wireguard-go", PATIENCE, || run("wg", &["show", "wgtheirs"])?.expect_ok("wg show").map(drop))?;
        let ours = [&program(world)?, "kvours", "51820", "/run/lab/ours.key", "/run/lab/wanted"];
        let ours = world.start(ours_on, "ours", &ours)?;
        eventually("our device", PATIENCE, || {
            world.quietly(ours_on, &["ip", "link", "show", "kvours"], "")?.expect_ok(&ours.log()).map(drop)
        })?;
        for (host, device, inside) in [(ours_on, "kvours", ours_inside), (theirs_on, "wgtheirs", theirs_inside)] {
            for line in [
                format!("ip addr add 10.9.0.{inside}/24 dev {device}"),
                format!("ip addr add fd09::{inside}/64 dev {device} nodad"),
                format!("ip link set {device} mtu 1420 up"),
            ] {
                world.on(host, &line.split(' ').collect::<Vec<_>>())?.expect_ok("ip")?;
            }
        }
        let web = |host, name| {
            world.start(host, name, &["python3", "-m", "http.server", "8000", "-b", "::", "-d", "/run/lab/web"])
        };
        let web = [web(ours_on, "web-ours")?, web(theirs_on, "web-theirs")?];
        let networks = format!("10.9.0.{theirs_inside}/32,fd09::{theirs_inside}/128");
        let secret = genpsk()?;
        let pair = Self { ours, _theirs: theirs, _web: web, ours_on, ours_key, theirs_key, secret, networks };
        // Theirs first, so that our first call is understood.
        pair.tell_theirs(world, GATEWAY)?;
        pair.want("")?;
        Ok(pair)
    }

    /// Writes what our device is to have. `more` is a further line of the file.
    fn want(&self, more: &str) -> Result<()> {
        let endpoint = if self.ours_on == Host::Client { format!("{GATEWAY}:51820") } else { "-".to_owned() };
        let peer = format!("peer {} {} {endpoint} {} 25", self.theirs_key, self.secret, self.networks);
        // Renamed, so that no half of it is ever read.
        fs::write(lab("wanted.new"), format!("{peer}\n{more}").trim())?;
        Ok(fs::rename(lab("wanted.new"), lab("wanted"))?)
    }

    /// `gateway` is where ours is called, if it is not the one that calls.
    fn tell_theirs(&self, world: &World, gateway: &str) -> Result<()> {
        fs::write(lab("secret"), &self.secret)?;
        let inside = if self.ours_on == Host::Client { "1" } else { "2" };
        let networks = format!("10.9.0.{inside}/32,fd09::{inside}/128");
        let mut line = vec!["wg", "set", "wgtheirs", "private-key", "/run/lab/theirs.key", "listen-port", "51820"];
        line.extend(["peer", &self.ours_key, "preshared-key", "/run/lab/secret", "allowed-ips", &networks]);
        let endpoint = endpoint(gateway)?;
        if self.ours_on == Host::Gateway {
            line.extend(["endpoint", &endpoint]);
        }
        world.on(Host::Router, &line)?.expect_ok("wg set").map(drop)
    }

    /// By IPv4 and IPv6, called from the member's side first: the router's NAT lets nobody in who was not called.
    fn carries_tcp_both_ways(&self, world: &World) -> Result<()> {
        let sum = |text: &str| run_with("sha256sum", &[], text)?.expect_ok("sha256sum");
        let small = sum("klein")?;
        for host in [Host::Client, Host::Gateway] {
            eventually("the first page", PATIENCE, || {
                let page = self.fetch(world, host, "small", 5)?.expect_ok("a fetch")?;
                ensure!(sum(&page)? == small, "{page}");
                Ok(())
            })?;
            let there = other_end(host);
            for address in [format!("10.9.0.{there}"), format!("[fd09::{there}]")] {
                let file = lab("got");
                let url = format!("http://{address}:8000/large");
                world.on(host, &["curl", "-sS", "-g", "--max-time", "30", "-o", &file, &url])?.expect_ok("8 MiB")?;
                run("cmp", &[&file, "/run/lab/web/large"])?.expect_ok("8 MiB, byte for byte")?;
            }
        }
        Ok(())
    }

    /// A router's NAT, and many a firewall, lets no answer in from elsewhere.
    fn answers_from_the_address_that_was_asked(&self, world: &World) -> Result<()> {
        for gateway in GATEWAYS {
            run("wg", &["set", "wgtheirs", "peer", &self.ours_key, "remove"])?.expect_ok("wg set")?;
            self.tell_theirs(world, gateway)?;
            for host in [Host::Client, Host::Gateway] {
                eventually(&format!("a page by {gateway}"), PATIENCE, || {
                    self.fetch(world, host, "small", 2)?.expect_ok("a fetch").map(drop)
                })?;
            }
            // wireguard-go calls where it was last answered from.
            let shown = run("wg", &["show", "wgtheirs", "endpoints"])?.expect_ok("wg show")?;
            ensure!(shown.trim().ends_with(&endpoint(gateway)?), "asked at {gateway}, answered from {shown}");
        }
        Ok(())
    }

    fn fetch(&self, world: &World, from: Host, page: &str, seconds: u32) -> Result<Finished> {
        let url = format!("http://10.9.0.{}:8000/{page}", other_end(from));
        world.quietly(from, &["curl", "-sS", "--max-time", &seconds.to_string(), &url], "")
    }

    /// What `wg` sees through the window of a device in user space: everything but the keys, and no way to change it.
    fn is_seen_by_wg(&self) -> Result<()> {
        let shown = run("wg", &["show", "kvours"])?.expect_ok("wg show")?;
        for expected in [&self.theirs_key, "listening port: 51820", "latest handshake", "10.9.0.1/32", "25 seconds"] {
            ensure!(shown.contains(expected), "no `{expected}` in:\n{shown}");
        }
        if !self.in_user_space()? {
            return Ok(());
        }
        for secret in ["private-key", "preshared-keys"] {
            let shown = run("wg", &["show", "kvours", secret])?.expect_ok("wg show")?;
            ensure!(shown.contains("(none)"), "{secret}: {shown}");
        }
        let refused = run("wg", &["set", "kvours", "peer", &self.theirs_key, "remove"])?;
        ensure!(!refused.ok() && refused.stderr.contains("not permitted"), "{refused:?}");
        ensure!(run("wg", &["show", "kvours", "peers"])?.stdout.contains(&self.theirs_key), "the peer is gone");
        Ok(())
    }

    fn ends_without_a_trace(&mut self, world: &World) -> Result<()> {
        self.want("end")?;
        ensure!(self.ours.ended(PATIENCE)?.success(), "{}", self.ours.log());
        self.left_no_trace(world)
    }

    fn left_no_trace(&self, world: &World) -> Result<()> {
        let link = world.on(self.ours_on, &["ip", "link", "show", "kvours"])?;
        ensure!(!link.ok(), "left over: {}", link.stdout);
        ensure!(!Path::new("/run/wireguard/kvours.sock").exists(), "left over: the socket");
        Ok(())
    }

    /// When wireguard-go says that the session was agreed, seconds since 1970.
    fn agreed(&self) -> Result<String> {
        run("wg", &["show", "wgtheirs", "latest-handshakes"])?.expect_ok("wg show")
    }

    fn said(&self, line: &str) -> Result<()> {
        ensure!(self.ours.log().lines().any(|said| said == line), "no `{line}` in:\n{}", self.ours.log());
        Ok(())
    }

    fn count(&self, line: &str) -> Result<usize> {
        Ok(self.ours.log().lines().filter(|said| *said == line).count())
    }

    fn in_user_space(&self) -> Result<bool> {
        eventually("our device", Duration::from_secs(5), || {
            self.ours
                .log()
                .lines()
                .find_map(|line| line.strip_prefix("created kvours ").map(|by| by == "UserSpace"))
                .context("it has not said who moves the packets")
        })
    }
}

fn other_end(host: Host) -> &'static str {
    if host == Host::Client { "2" } else { "1" }
}

fn endpoint(gateway: &str) -> Result<String> {
    Ok(SocketAddr::new(gateway.parse()?, 51820).to_string())
}

fn lab(name: &str) -> String {
    format!("{LAB}/{name}")
}

fn program(world: &World) -> Result<String> {
    world.binary("examples/wireguard-device")
}

fn genpsk() -> Result<String> {
    Ok(run("wg", &["genpsk"])?.expect_ok("wg genpsk")?.trim().to_owned())
}

/// Writes a private key to `LAB/NAME.key`; the public one.
fn key_pair(name: &str) -> Result<String> {
    let private = run("wg", &["genkey"])?.expect_ok("wg genkey")?;
    fs::write(lab(&format!("{name}.key")), &private)?;
    Ok(run_with("wg", &["pubkey"], &private)?.expect_ok("wg pubkey")?.trim().to_owned())
}
