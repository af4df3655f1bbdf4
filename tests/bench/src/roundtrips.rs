//! From "Anmelden" to the first byte from the portal, in round trips of the path, counted from a capture on the member's PC.
//! The product's own programs, the lab's world, and a slow wire ([`crate::path`]); nothing here knows the inside of any of them.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{
    Host, Member, Process, World, eventually,
    parts::{PATIENCE, SOCKET},
    world::{GATEWAY, LAB, PORTAL, PORTAL_NAME},
};
use serde::Serialize;

use crate::{
    path,
    turns::{Direction, Packet, Turn, turns},
};

/// How long nothing may pass until everything that typing sets off counts as done.
const QUIET: Duration = Duration::from_millis(400);
/// The tunnel's device.
const TUNNEL: &str = "kvflex0";

/// A way from the entry's first packet to a first byte.
#[derive(Debug, Clone, Serialize)]
pub struct Way {
    /// To whose first byte.
    pub to: String,
    /// Milliseconds.
    pub milliseconds: f64,
    /// The same in round trips of the path.
    pub round_trips: f64,
    /// What the round trips are.
    pub turns: Vec<Turn>,
}

/// One sign-in.
#[derive(Debug, Clone, Serialize)]
pub struct SignIn {
    /// Which round, from 1.
    pub round: usize,
    /// A round trip of the slow wire in milliseconds.
    pub path: f64,
    /// What ping says of it in the same minute: what is more comes from the machine.
    pub pinged: f64,
    /// The tunnel, the service's own proof, a program.
    pub ways: Vec<Way>,
}

/// Signs in so often over a path that takes `one_way` in each direction.
///
/// # Errors
/// The world does not come to stand, or a sign-in fails.
pub fn measure(rounds: usize, one_way: Duration) -> Result<Vec<SignIn>> {
    let world = path::world()?;
    world.found()?;
    let _wire = path::slow_down(&world, one_way)?;
    let _running = (world.gateway()?, world.portal()?, world.service()?);
    let mut member = world.member("m.muster", &["--kind", "hotp"])?;
    (1..=rounds).map(|round| sign_in(&world, &mut member, round, one_way)).collect()
}

fn sign_in(world: &World, member: &mut Member, round: usize, one_way: Duration) -> Result<SignIn> {
    let (path, pinged) = (2.0 * one_way.as_secs_f64() * 1e3, ping(world)?);
    let capture = Capture::start(world, round)?;
    let tan = member.press()?;
    // A program that asks the moment the window says connected, by address; then one by name.
    let script = format!(
        "'{}' connect --json && curl -sS --max-time 9 -o /dev/null http://{PORTAL}/ && curl -4sS --max-time 9 -o /dev/null http://{PORTAL_NAME}/",
        world.binary("kv-flexnet")?
    );
    let mut typing = Typing::start(&script)?;
    capture.quiet_after_tls(world)?;
    let entered = now()?;
    typing.enter(&[&member.username, &member.password, &tan])?;
    let packets = capture.finish(world)?;
    world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
    world.wait_for_state("signed_out")?;
    Ok(SignIn { round, path, pinged, ways: evaluate(&packets, entered, path)? })
}

fn evaluate(packets: &[Packet], entered: f64, path: f64) -> Result<Vec<Way>> {
    // Whatever leaves first, be it the entry or the tunnel's first packet.
    let first = packets.iter().find(|p| p.direction == Direction::Out && p.payload > 0 && p.at >= entered);
    let begin = first.context("nothing left after the entry")?.at;
    let inside = || packets.iter().filter(|p| p.device == TUNNEL && p.direction == Direction::In && p.at > begin);
    let web = format!("{PORTAL}.80");
    // By the port that asked, in the order of the first bytes: the service's own proof, then the two programs.
    let mut first_bytes: Vec<(&str, f64)> = Vec::new();
    for packet in inside().filter(|p| p.from == web && p.payload > 0) {
        if first_bytes.iter().all(|(to, _)| *to != packet.to) {
            first_bytes.push((&packet.to, packet.at));
        }
    }
    let programs = first_bytes.len().checked_sub(2).context("the portal did not answer both programs")?;
    let way = |to: &str, until: f64| Way {
        to: to.to_owned(),
        milliseconds: (until - begin) * 1e3,
        round_trips: (until - begin) * 1e3 / path,
        turns: turns(packets, begin, until, path / 1e3),
    };
    let mut ways = Vec::new();
    ways.extend(inside().next().map(|p| way("the first packet out of the tunnel", p.at)));
    if programs > 0 {
        ways.extend(
            first_bytes.first().map(|(_, at)| way("the portal's first byte, for the service's own proof", *at)),
        );
    }
    ways.extend(
        first_bytes
            .get(programs)
            .map(|(_, at)| way("the portal's first byte, for a program begun when `connected`", *at)),
    );
    Ok(ways)
}

/// Seconds since 1970, as tcpdump tells them.
fn now() -> Result<f64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64())
}

/// Mean of some round trips, in milliseconds.
fn ping(world: &World) -> Result<f64> {
    let said = world.on(Host::Client, &["ping", "-nqc", "5", "-i", "0.2", GATEWAY])?.expect_ok("ping")?;
    let figures = said.rsplit_once(" = ").with_context(|| said.clone())?.1;
    Ok(figures.split('/').nth(1).with_context(|| said.clone())?.parse()?)
}

/// `kv-flexnet connect` with a member before it who has not typed yet, and what comes after it.
struct Typing(Child);

impl Typing {
    fn start(script: &str) -> Result<Self> {
        let log = File::create(Path::new(LAB).join("typing.log"))?;
        let mut command = Command::new("nsenter");
        command.args([
            "--net=/run/netns/client",
            "--",
            "env",
            &format!("KV_FLEXNET_SOCKET={SOCKET}"),
            "sh",
            "-c",
            script,
        ]);
        Ok(Self(command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).spawn()?))
    }

    fn enter(&mut self, lines: &[&str]) -> Result<()> {
        let mut input = self.0.stdin.take().context("no standard input")?;
        input.write_all(format!("{}\n", lines.join("\n")).as_bytes())?;
        drop(input);
        let status = self.0.wait()?;
        let log = std::fs::read_to_string(Path::new(LAB).join("typing.log"))?;
        ensure!(status.success(), "sign-in and two pages: {status}\n{log}");
        Ok(())
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        // Ended already is as good as killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Everything that passes the PC's devices.
struct Capture {
    process: Process,
    file: String,
}

impl Capture {
    fn start(world: &World, round: usize) -> Result<Self> {
        let file = format!("{LAB}/client-{round}.pcap");
        let line = ["tcpdump", "-Z", "root", "-i", "any", "-U", "-s", "160", "--immediate-mode", "-w", &file];
        let process = world.start(Host::Client, &format!("tcpdump-client-{round}"), &line)?;
        eventually("tcpdump", PATIENCE, || {
            ensure!(process.log().contains("listening on"), "{}", process.log());
            Ok(())
        })?;
        Ok(Self { process, file })
    }

    fn packets(&self, world: &World) -> Result<Vec<Packet>> {
        // There, where the numbers of the devices have their names.
        let line = ["tcpdump", "-n", "-tt", "-r", &self.file, "ip or ip6"];
        // A packet being written at this moment is a truncated record at the end: that is no error.
        let seen = world.quietly(Host::Client, &line, "")?;
        ensure!(seen.ok() || seen.stderr.contains("truncated"), "tcpdump: {}", seen.stderr);
        seen.stdout.lines().filter_map(|line| Packet::parse(line).transpose()).collect()
    }

    /// Waits until the connection of the sign-in stands and nothing has passed on it for a while.
    fn quiet_after_tls(&self, world: &World) -> Result<()> {
        let api = format!("{GATEWAY}.443");
        eventually("the connection that typing opens", PATIENCE, || {
            let packets = self.packets(world)?;
            let talk: Vec<&Packet> =
                packets.iter().filter(|p| p.payload > 0 && (p.to == api || p.from == api)).collect();
            let answered = talk.iter().filter(|p| p.direction == Direction::In).count() >= 2;
            let last = talk.last().map_or(0.0, |packet| packet.at);
            ensure!(answered && now()? - last > QUIET.as_secs_f64(), "{} packets of TLS so far", talk.len());
            Ok(())
        })
    }

    fn finish(mut self, world: &World) -> Result<Vec<Packet>> {
        self.process.stop()?;
        self.packets(world)
    }
}

/// What a person reads of it.
pub fn shown(sign_ins: &[SignIn]) -> String {
    let mut text = String::new();
    for SignIn { round, path, pinged, ways } in sign_ins {
        text.push_str(&format!("\nround {round}, a path of {path:.0} ms (ping says {pinged:.1})\n"));
        for way in ways {
            let Way { to, milliseconds, round_trips, turns } = way;
            text.push_str(&format!(
                "  {} round trips ({round_trips:.2} × the path, {milliseconds:.1} ms) to {to}\n",
                turns.len()
            ));
            for (number, turn) in turns.iter().enumerate() {
                text.push_str(&format!("    {}. {:.1} ms\n", number + 1, turn.milliseconds));
                for out in &turn.out {
                    text.push_str(&format!("         {out}\n"));
                }
            }
        }
    }
    text
}
