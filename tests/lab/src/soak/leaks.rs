//! One random sequence of events, judged by the capture of both wires: nothing of the portal's beside the tunnel, under `exclusive` nothing else either.
//! On the way it holds what is shown against what passes: [`Report::findings`].

use anyhow::Result;
use fastrand::Rng;
use serde::{Deserialize, Serialize};

use super::{
    event::{Event, wait},
    stand::{Kind, Stand},
};
use crate::{
    command::{eventually, run},
    network::Uplink,
    traffic::{now, passed},
    watch::Stretch,
    wire::{Leak, Rule, Wire},
};

/// Connected may stand for so long without anything that passes, seconds.
const SILENT: f64 = 15.0;
/// After a change that the system tells, what is shown is true within so many seconds.
const TRUTH: f64 = 3.0;
/// The programs look every quarter of a second and wait for a second.
const GRAIN: f64 = 1.5;
/// After the network is well again a session may take so long to be back, seconds.
const RETURN: u64 = 20;
/// An admin command or a sign-in elsewhere takes at most so long on a busy machine, seconds.
const ACT: f64 = 5.0;

/// What one sequence came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Which of them.
    pub number: u64,
    /// Seed of this one.
    pub seed: u64,
    /// What happened, with seconds since the beginning.
    pub events: Vec<String>,
    /// Packets that should not be.
    pub leaks: Vec<String>,
    /// What is left on the PC, what does not come back, what is shown and not true.
    pub findings: Vec<String>,
    /// Packets on the wires that the judge saw while a tunnel stood; none would be a blind judge.
    pub watched: f64,
    /// Seconds that it took.
    pub seconds: f64,
}

/// Runs a sequence. For the control the packet filter is taken away beneath the session, and the routes into the tunnel with it.
///
/// # Errors
/// The lab itself fails.
pub fn sequence(stand: &mut Stand, kind: Kind, number: u64, seed: u64, control: bool) -> Result<Report> {
    let mut rng = Rng::with_seed(seed);
    let begun = now();
    let mut report = Report {
        number,
        seed,
        events: vec![format!("{:?}, {}", kind.policy, if kind.resolved { "resolved" } else { "hosts" })],
        leaks: Vec::new(),
        findings: Vec::new(),
        watched: 0.0,
        seconds: 0.0,
    };
    stand.ended.clear();
    stand.died.clear();
    let wires = [Uplink::Cable, Uplink::Wifi].map(|uplink| Wire::listen(&stand.world, uplink));
    // Without a filter to take away the control shows nothing.
    if rng.u8(0..4) > 0 || control {
        stand.connect()?;
    } else if !stand.is_signed_out()? {
        stand.leave_nothing()?;
    }
    let mut told = happens(stand, &mut rng, control, begun, &mut report)?;
    told.push(returns(stand, &mut report)?);
    if rng.bool()
        && let Err(error) = stand.leave_nothing()
    {
        report.findings.push(format!("LEFT {error:#}"));
    }
    let windows = windows(stand, begun, now());
    report.findings.extend(windows.lost.iter().map(|state| format!("LOST the session ended by itself: {state}")));
    report.watched = windows.tunnel.iter().map(|stretch| stretch.to - stretch.from).sum();
    for wire in wires {
        let leaks = wire?.judge(kind.policy)?;
        report.leaks.extend(leaks.iter().filter(|leak| windows.forbid(leak)).map(|leak| {
            format!("{:.3} {:?}: {}", leak.at - begun, leak.rule, leak.packet.chars().take(160).collect::<String>())
        }));
    }
    truth(stand, begun, &told, &mut report)?;
    stand.expect_alive()?;
    report.seconds = now() - begun;
    Ok(report)
}

/// The events; when those were over that the system tells.
fn happens(stand: &mut Stand, rng: &mut Rng, control: bool, begun: f64, report: &mut Report) -> Result<Vec<f64>> {
    let mut told = Vec::new();
    if control {
        // The service would put it back.
        stand.signal_service("-STOP")?;
        let line = "nft delete table inet kv_flexnet; ip route flush dev kvflex0; ip -6 route flush dev kvflex0";
        stand.world.on(crate::Host::Client, &["sh", "-c", line])?;
        wait(1500);
        stand.signal_service("-CONT")?;
    }
    for _ in 0..rng.u8(2..6) {
        let event = Event::draw(rng);
        report.events.push(format!("{:.1} {event:?}", now() - begun));
        if now() - told.last().copied().unwrap_or(0.0) < TRUTH + GRAIN {
            // Something else happens before the truth has to stand.
            told.pop();
        }
        event.happen(stand)?;
        if event.is_told() {
            told.push(now());
        }
        // Sometimes at once, sometimes long enough for the service to have found its way.
        wait(if rng.u8(0..3) == 0 { rng.u64(0..150) } else { rng.u64(150..1800) });
    }
    if now() - told.last().copied().unwrap_or(0.0) < TRUTH + GRAIN {
        told.pop();
    }
    report.events.push(format!("{:.1} heals", now() - begun));
    Ok(told)
}

/// The network is well again: a session comes back, and something passes. When it was well.
fn returns(stand: &mut Stand, report: &mut Report) -> Result<f64> {
    let had = stand.watch.last().map(|shown| shown.name).unwrap_or_default();
    stand.heal()?;
    let healed = now();
    let back = eventually("the truth after the network's return", std::time::Duration::from_secs(RETURN), || {
        if stand.is_signed_out()? {
            return Ok("signed out");
        }
        anyhow::ensure!(stand.is("connected"), "shown: {:?}", stand.watch.last().map(|shown| shown.name));
        anyhow::ensure!(passed()?.iter().any(|each| each.at > healed), "nothing passes");
        Ok("connected")
    });
    match back {
        Ok(state) => report.events.push(format!("  {state} after {:.1} s", now() - healed)),
        Err(error) => report.findings.push(format!("RETURN {error:#}, it was {had}")),
    }
    Ok(healed)
}

#[derive(Debug)]
struct Windows {
    /// From connected until something here ended it.
    session: Vec<Stretch>,
    /// The same, until the service died: systemd-resolved forgets what it knew of a device with the device, whoever's it was.
    named: Vec<Stretch>,
    /// While routes led into the tunnel.
    tunnel: Vec<Stretch>,
    /// What was shown after a session that nothing here had ended.
    lost: Vec<String>,
}

impl Windows {
    /// Names are the session's affair: before it is connected they are as before.
    fn forbid(&self, leak: &Leak) -> bool {
        let in_any = |all: &[Stretch]| all.iter().any(|stretch| stretch.from <= leak.at && leak.at <= stretch.to);
        match leak.rule {
            Rule::PortalName => in_any(&self.named),
            Rule::PortalAddress | Rule::Other => in_any(&self.session) || in_any(&self.tunnel),
        }
    }
}

fn windows(stand: &Stand, begun: f64, until: f64) -> Windows {
    let mut tunnel = stand.watch.tunnels();
    // One that a sequence before this one left standing is watched from here on.
    tunnel.iter_mut().for_each(|stretch| stretch.from = stretch.from.max(begun));
    tunnel.retain(|stretch| stretch.to > stretch.from);
    let (mut session, mut lost) = (Vec::new(), Vec::new());
    let mut from = None;
    for shown in stand.watch.shown_since(begun) {
        match (shown.name.as_str(), from) {
            ("connected", None) => from = Some(shown.at.max(begun)),
            ("connected" | "reconnecting", _) => {}
            // A service that was killed ends nothing: the rules stand until its successor takes them away.
            ("", _) => {}
            (_, Some(began)) => {
                // It was shown after it was done: what was done here counts, and else the kernel's last word.
                let done = stand.ended.iter().rfind(|&&ended| ended <= shown.at && ended > began).copied();
                // What ends it takes a moment to run, in which it may have become connected.
                if !stand.ended.iter().any(|&ended| ended <= shown.at && ended > began - ACT) {
                    lost.push(shown.state.to_string());
                }
                let stood = tunnel.iter().map(|stretch| stretch.to).rfind(|&to| to <= shown.at);
                session.push(Stretch { from: began, to: done.or(stood).unwrap_or(began) });
                from = None;
            }
            (_, None) => {}
        }
    }
    if let Some(began) = from {
        let done = stand.ended.iter().find(|&&ended| ended > began).copied();
        session.push(Stretch { from: began, to: done.unwrap_or(until) });
    }
    let mut named = session.clone();
    for stretch in &mut named {
        let died = stand.died.iter().find(|&&died| died > stretch.from).copied();
        stretch.to = died.map_or(stretch.to, |died| died.min(stretch.to));
    }
    Windows { session, named, tunnel, lost }
}

/// Holds what was shown against what passed.
fn truth(stand: &Stand, begun: f64, told: &[f64], report: &mut Report) -> Result<()> {
    let passed: Vec<f64> = passed()?.into_iter().map(|each| each.at).filter(|&at| at >= begun - SILENT).collect();
    let shown = stand.watch.shown_since(begun);
    let ends = shown.iter().skip(1).map(|next| next.at).chain([now()]);
    let mut since = begun;
    for (shown, end) in shown.iter().zip(ends) {
        let from = shown.at.max(begun);
        if shown.name != "connected" {
            since = end;
            continue;
        }
        for at in passed.iter().copied().filter(|&at| at > from && at < end).chain([end]) {
            if at - since > SILENT + GRAIN {
                report.findings.push(format!("TRUTH connected for {:.1} s while nothing passes", at - since));
            }
            since = at;
        }
        for &change in told.iter().filter(|&&change| from < change + TRUTH && change + TRUTH + GRAIN < end) {
            if !passed.iter().any(|&at| at > change && at < change + TRUTH + GRAIN) {
                report.findings.push(format!(
                    "TRUTH connected {TRUTH} s after the change at {:.1}, and nothing passes",
                    change - begun
                ));
            }
        }
    }
    Ok(())
}

/// Keeps what a failed sequence left to read.
///
/// # Errors
/// The folder cannot be made.
pub fn keep_logs(folder: &std::path::Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    run("sh", &["-c", &format!("cp -r /run/lab/*.log /run/lab/*.pcap {}/", folder.display())])?;
    Ok(())
}
