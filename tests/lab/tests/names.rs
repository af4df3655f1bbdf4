//! Names while connected, whoever keeps them on the member's PC: the portal's in the tunnel only, all others as before or, under `exclusive`, there too.
//! Nothing is left afterwards.
//!
//! ```text
//!  client                                     router                          portal
//! ┌──────────────────────────────────────┐  ┌───────────────────────────┐   ┌───────────────────────────┐
//! │ /etc/resolv.conf → router            ├──┤ 192.168.178.1: *.example  ├───┤ 10.210.0.53: *.snk.example│
//! │ or → systemd-resolved → router       │  │ knows no portal           │   │ through the tunnel only   │
//! └──────────────────────────────────────┘  └───────────────────────────┘   └───────────────────────────┘
//! ```

use std::{fs, path::Path};

use anyhow::{Result, ensure};
use flexnet_lab::{
    Host, Member, World,
    capture::Capture,
    command::run,
    eventually, in_world,
    keepers::Resolvconf,
    parts::{PATIENCE, change, change_profile, gateway_config},
    traces::Traces,
    world::{LAB, PORTAL, PORTAL_NAME},
};
use flexnet_protocol::FaultCode;

const RESOLV: &str = "/etc/resolv.conf";

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
        change_profile("\"portal.snk.example\"", "\"umgezogen.snk.example\", \"portal.snk.example\"")?;
        change_profile("http://portal.snk.example/", "http://umgezogen.snk.example/")?;
        let (_gateway, _portal, _service) = (world.gateway()?, world.portal()?, world.service()?);
        let mut member = world.member("m.umzug", &["--kind", "hotp"])?;
        sign_in_and_hear(world, &mut member, FaultCode::PortalNoName)
    })
}

/// Under `exclusive` all names go by the tunnel, whoever keeps resolv.conf; what it was is byte for byte there again.
#[test]
fn exclusive_asks_for_all_names_in_the_tunnel_beside_systemd_resolved() -> Result<()> {
    in_world("exclusive_asks_for_all_names_in_the_tunnel_beside_systemd_resolved", |world| {
        let _resolved = world.resolved()?;
        all_names_by_the_tunnel(world, |world| {
            let status = Traces::take(world)?;
            ensure!(status.of("resolvectl status").contains("~."), "{}", status.of("resolvectl status"));
            Ok(())
        })
    })
}

#[test]
fn exclusive_asks_for_all_names_in_the_tunnel_beside_networkmanager() -> Result<()> {
    in_world("exclusive_asks_for_all_names_in_the_tunnel_beside_networkmanager", |world| {
        let mut keeper = world.network_manager()?;
        all_names_by_the_tunnel(world, |world| {
            // It is started anew, and another hand writes into its file.
            fs::write(RESOLV, "nameserver 192.168.178.1\n")?;
            world.restart(&mut keeper)?;
            expect_servers(&["10.210.0.53"])
        })
    })
}

#[test]
fn exclusive_asks_for_all_names_in_the_tunnel_beside_resolvconf() -> Result<()> {
    in_world("exclusive_asks_for_all_names_in_the_tunnel_beside_resolvconf", |world| {
        world.resolvconf(Resolvconf::Debian)?;
        all_names_by_the_tunnel(world, |world| {
            // A renewed lease under the session, which is what it was before.
            world.record("192.168.178.9")?;
            expect_servers(&["10.210.0.53", "192.168.178.9"])?;
            world.record("192.168.178.1")
        })
    })
}

#[test]
fn exclusive_asks_for_all_names_in_the_tunnel_beside_openresolv() -> Result<()> {
    in_world("exclusive_asks_for_all_names_in_the_tunnel_beside_openresolv", |world| {
        world.resolvconf(Resolvconf::Open)?;
        all_names_by_the_tunnel(world, |world| {
            world.record("192.168.178.9")?;
            expect_servers(&["10.210.0.53"])?;
            world.record("192.168.178.1")
        })
    })
}

#[test]
fn exclusive_asks_for_all_names_in_the_tunnel_where_nobody_keeps_resolv_conf() -> Result<()> {
    in_world("exclusive_asks_for_all_names_in_the_tunnel_where_nobody_keeps_resolv_conf", |world| {
        // A link, and no line end, as an editor left it.
        fs::create_dir_all("/etc/praxis")?;
        fs::write("/etc/praxis/resolv.conf", "search praxis.example\nnameserver 192.168.178.1\noptions edns0")?;
        fs::remove_file(RESOLV)?;
        flexnet_lab::command::run("ln", &["-s", "praxis/resolv.conf", RESOLV])?.expect_ok("a link")?;
        all_names_by_the_tunnel(world, |_| expect_servers(&["10.210.0.53"]))?;
        ensure!(fs::symlink_metadata(RESOLV)?.is_symlink(), "the link is a file now");
        Ok(())
    })
}

/// Whoever writes resolv.conf under a session keeps what he wrote.
#[test]
fn a_resolv_conf_that_others_wrote_meanwhile_stays_theirs() -> Result<()> {
    in_world("a_resolv_conf_that_others_wrote_meanwhile_stays_theirs", |world| {
        world.found()?;
        change(Path::new(&gateway_config()), "portal_only_routes", "exclusive")?;
        let (_gateway, _portal, _service) = (world.gateway()?, world.portal()?, world.service()?);
        let mut member = world.member("m.fremd", &["--kind", "hotp"])?;
        world.sign_in(&mut member)?;
        fs::write(RESOLV, "# by hand\nnameserver 192.168.178.1\n")?;
        // Until the end ours count, above theirs.
        expect_servers(&["10.210.0.53"])?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        ensure!(
            fs::read_to_string(RESOLV)? == "# by hand\nnameserver 192.168.178.1\n",
            "{}",
            fs::read_to_string(RESOLV)?
        );
        Ok(())
    })
}

/// What cannot be written ends the attempt, and nothing is left.
#[test]
fn a_resolv_conf_that_cannot_be_written_ends_the_attempt() -> Result<()> {
    in_world("a_resolv_conf_that_cannot_be_written_ends_the_attempt", |world| {
        world.found()?;
        change(Path::new(&gateway_config()), "portal_only_routes", "exclusive")?;
        run("mount", &["--bind", RESOLV, RESOLV])?.expect_ok("a mount of its own")?;
        run("mount", &["-o", "remount,ro,bind", RESOLV])?.expect_ok("read-only")?;
        let (_gateway, _portal, _service) = (world.gateway()?, world.portal()?, world.service()?);
        let mut member = world.member("m.fest", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let tan = member.press()?;
        world.connect(&member.username, &member.password, &tan)?.expect_fault(FaultCode::NetworkSettings)?;
        eventually("nothing left", PATIENCE, || Traces::take(world)?.expect_same(&before))
    })
}

/// Programs that ask the wrong server, or for what the file of hosts does not hold, are refused and not heard outside.
#[test]
fn no_question_for_the_portal_leaves_beside_the_tunnel() -> Result<()> {
    in_world("no_question_for_the_portal_leaves_beside_the_tunnel", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.frage", &["--kind", "hotp"])?;
        behind_the_pc(world)?;
        let capture = Capture::on_router(world)?;
        let heard = || -> Result<usize> {
            let all = capture.matching("port 53")?.to_lowercase();
            Ok(all.lines().filter(|line| line.contains("snk.example")).count())
        };
        ask_everywhere(world)?;
        eventually("the questions before, in the capture", PATIENCE, || {
            ensure!(heard()? >= QUESTIONS, "{}", heard()?);
            Ok(())
        })?;
        ensure!(is_heard_in_two_parts(world)?, "the router does not answer over TCP");
        world.sign_in(&mut member)?;
        let before = heard()?;
        ask_everywhere(world)?;
        ensure!(!is_heard_in_two_parts(world)?, "a question in two parts left beside the tunnel");
        // Others still are, so the capture is not deaf.
        world.on(Host::Client, &["dig", "+tries=1", "@192.168.178.1", "flexnet.example"])?.expect_ok("dig")?;
        eventually("another question, in the capture", PATIENCE, || {
            ensure!(capture.matching("port 53")?.contains("flexnet.example"), "not yet");
            Ok(())
        })?;
        ensure!(heard()? == before, "{} questions left beside the tunnel", heard()? - before);
        expect_name(world, PORTAL_NAME, PORTAL)?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        ask_everywhere(world)?;
        eventually("the questions afterwards, as before", PATIENCE, || {
            ensure!(heard()? >= before + QUESTIONS, "{}", heard()?);
            Ok(())
        })
    })
}

/// What [`ask_everywhere`] asks at least once on the wire.
const QUESTIONS: usize = 6;

/// By name service, in other letters, deeper, by TCP, for the family that the file of hosts has not, and from behind the PC.
fn ask_everywhere(world: &World) -> Result<()> {
    let dig = ["dig", "+tries=1", "+time=2", "@192.168.178.1"];
    for (host, question) in [
        (Host::Client, &["portal.snk.example"][..]),
        (Host::Client, &["PoRtAl.SNK.example", "AAAA"]),
        (Host::Client, &["eine.lange.strecke.davor.snk.example"]),
        (Host::Client, &["+tcp", "portal.snk.example"]),
    ] {
        world.on(host, &[&dig[..], question].concat())?;
    }
    world.on(Host::Client, &["getent", "ahostsv6", PORTAL_NAME])?;
    run("ip", &[&["netns", "exec", "box"][..], &dig, &["portal.snk.example"]].concat()).map(drop)
}

/// Whether the router's name service hears a question over TCP whose length travels in a segment of its own.
fn is_heard_in_two_parts(world: &World) -> Result<bool> {
    // For the domain itself: a longer name stands at places that are looked at behind a length too.
    // The kernel holds the second part back until the first has arrived (RFC 9293 §3.7.4).
    let parts = r"exec 3<>/dev/tcp/192.168.178.1/53; printf '\0\35' >&3; \
                  printf '\7\7\1\0\0\1\0\0\0\0\0\0\3snk\7example\0\0\1\0\1' >&3; head -c 2 <&3 | wc -c";
    let answer = world.on(Host::Client, &["timeout", "2", "bash", "-c", parts])?;
    Ok(answer.stdout.trim() == "2")
}

/// A container on the member's PC: it reaches everything by the PC.
fn behind_the_pc(world: &World) -> Result<()> {
    for line in [
        "ip netns add box",
        "ip link add box0 netns client type veth peer name eth0 netns box",
        "ip -n client addr add 192.168.50.1/24 dev box0",
        "ip -n client link set box0 up",
        "ip -n box addr add 192.168.50.2/24 dev eth0",
        "ip -n box link set eth0 up",
        "ip -n box route add default via 192.168.50.1",
        "ip -n router route add 192.168.50.0/24 via 192.168.178.20",
    ] {
        let (program, arguments) = line.split_once(' ').unwrap_or((line, ""));
        run(program, &arguments.split(' ').collect::<Vec<_>>())?.expect_ok(line)?;
    }
    world.on(Host::Client, &["sysctl", "-qw", "net.ipv4.ip_forward=1"])?.expect_ok("forwarding").map(drop)
}

/// Sessions under `exclusive`, ended by hand and by a kill: during each all questions go to the portal's name service, afterwards all is as before.
fn all_names_by_the_tunnel(world: &World, mut during: impl FnMut(&World) -> Result<()>) -> Result<()> {
    world.found()?;
    change(Path::new(&gateway_config()), "portal_only_routes", "exclusive")?;
    let (_gateway, _portal, mut service) = (world.gateway()?, world.portal()?, world.service()?);
    let mut member = world.member("m.allein", &["--kind", "hotp"])?;
    let before = Traces::take(world)?;
    let outside = || fs::read_to_string(format!("{LAB}/dns-router.log"));
    let inside = || fs::read_to_string(format!("{LAB}/dns-portal.log"));
    for end in ["disconnect", "repair", "start"] {
        world.sign_in(&mut member)?;
        let asked = outside()?;
        for round in 0..2 {
            expect_name(world, PORTAL_NAME, PORTAL)?;
            let elsewhere = format!("{end}{round}.example");
            // Nobody inside knows it; that they were asked is what counts.
            world.on(Host::Client, &["getent", "ahostsv4", &elsewhere])?;
            ensure!(inside()?.contains(&elsewhere), "{elsewhere} was not asked for in the tunnel:\n{}", inside()?);
            if round == 0 {
                during(world)?;
            }
        }
        ensure!(outside()? == asked, "the outside name service was asked:\n{}", outside()?);
        ensure!(!fs::read_to_string("/etc/hosts")?.contains("snk.example"), "no need for the file of hosts");
        match end {
            "disconnect" => drop(world.cli(&["disconnect"], "")?.expect_ok("disconnect")?),
            "repair" => {
                service.kill()?;
                world.cli(&["repair"], "")?.expect_ok("repair")?;
                service = world.service()?;
            }
            _ => {
                service.kill()?;
                service = world.service()?;
            }
        }
        Traces::take(world)?.expect_same(&before)?;
    }
    drop(service);
    Ok(())
}

fn expect_servers(wanted: &[&str]) -> Result<()> {
    eventually("the servers of resolv.conf", PATIENCE, || {
        let text = fs::read_to_string(RESOLV)?;
        let found: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("nameserver ")).collect();
        ensure!(found == wanted, "{text}");
        Ok(())
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
