//! The tunnel through TLS on 443 beside the same tunnel over UDP: the product's own service and gateway, one after the other in turns.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{
    Finished, Host, Member, World, eventually,
    parts::{Running, change, gateway_config},
    world::PORTAL,
};
use flexnet_protocol::snapshot::{Carrier, State};
use serde::Serialize;

use crate::{
    iperf::{self, Load},
    path, reading,
    statistics::Spread,
    throughput::Plan,
};

/// Until the fallback carries: the head start of UDP, and several proofs on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// One transfer between the member's PC and the portal.
#[derive(Debug, Clone, Serialize)]
pub struct Sample {
    /// Which round, from 1.
    pub round: usize,
    /// What carried the tunnel.
    pub carrier: Carrier,
    /// What was sent ([`Load::name`]).
    pub load: String,
    /// Gigabits of payload per second that arrived.
    pub gigabits_per_second: f64,
    /// Packets per second that arrived; small packets only.
    pub packets_per_second: Option<f64>,
    /// Processor seconds of service and gateway together, for each gigabyte of payload.
    pub seconds_per_gigabyte: f64,
}

/// Measures both carriers in turns.
///
/// # Errors
/// The world does not come to stand, or a carrier does not come to carry.
pub fn measure(plan: Plan) -> Result<Vec<Sample>> {
    let world = path::world()?;
    world.found()?;
    // The portal's whole network instead of its web server alone, for iperf3 has a port of its own and UDP.
    change(Path::new(&gateway_config()), r#"addresses = ["10.210.0.10:80"]"#, "addresses = []")?;
    let running = Running { gateway: world.gateway()?, portal: world.portal()?, service: world.service()? };
    let mut member = world.member("m.muster", &["--kind", "hotp"])?;
    let server = world.start(Host::Portal, "iperf3", &["iperf3", "-s"])?;
    iperf::wait_for_server(&server, |line| world.quietly(Host::Portal, line, ""))?;
    let mut samples = Vec::new();
    for round in 1..=plan.rounds {
        for carrier in [Carrier::Udp, Carrier::Https] {
            samples.extend(one_turn(&world, &running, &mut member, round, carrier, plan)?);
        }
    }
    Ok(samples)
}

fn one_turn(
    world: &World,
    running: &Running,
    member: &mut Member,
    round: usize,
    carrier: Carrier,
    plan: Plan,
) -> Result<Vec<Sample>> {
    if carrier != Carrier::Udp {
        let block = "add table inet closed; add chain inet closed f { type filter hook forward priority 0; }; \
                     add rule inet closed f meta l4proto udp drop";
        world.on(Host::Router, &["nft", block])?.expect_ok("a network without UDP")?;
    }
    world.sign_in(member)?;
    eventually("the carrier", PATIENCE, || {
        let state = world.snapshot()?.state;
        let State::Connected { session } = state else { anyhow::bail!("the state is {state:?}") };
        ensure!(session.carrier == carrier, "carried by {:?}", session.carrier);
        Ok(())
    })?;
    let on_client = |line: &[&str]| -> Result<Finished> { world.quietly(Host::Client, line, "") };
    let used = || -> Result<Duration> {
        Ok(reading::processor_time(running.service.id())? + reading::processor_time(running.gateway.id())?)
    };
    let mut samples = Vec::new();
    for load in Load::ALL {
        let before = used()?;
        let transfer = iperf::transfer(load, PORTAL, plan.length, on_client)
            .with_context(|| format!("{} over {carrier:?}", load.name()))?;
        let cost = used()?.saturating_sub(before);
        samples.push(Sample {
            round,
            carrier,
            load: load.name(),
            gigabits_per_second: transfer.gigabits_per_second(),
            packets_per_second: transfer.packets_per_second(),
            seconds_per_gigabyte: cost.as_secs_f64() / (transfer.bytes / 1e9),
        });
    }
    world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
    world.wait_for_state("signed_out")?;
    if carrier != Carrier::Udp {
        world.on(Host::Router, &["nft", "delete table inet closed"])?.expect_ok("UDP passes again")?;
    }
    Ok(samples)
}

/// What a person reads of it: medians, and the fallback as a share of UDP.
pub fn shown(samples: &[Sample]) -> String {
    let mut text = String::from("| median | UDP | 443 | 443 to UDP |\n|---|---:|---:|---:|\n");
    let mut row = |name: String, load: Load, figure: &dyn Fn(&Sample) -> Option<f64>| {
        let median = |carrier: Carrier| {
            let of = samples.iter().filter(|s| s.carrier == carrier && s.load == load.name());
            Spread::of(of.filter_map(figure)).map(|spread| spread.median)
        };
        if let (Some(udp), Some(https)) = (median(Carrier::Udp), median(Carrier::Https)) {
            text.push_str(&format!("| {name} | {udp:.2} | {https:.2} | {:.2} |\n", https / udp));
        }
    };
    for load in Load::ALL {
        match load {
            Load::Tcp { .. } => {
                row(format!("{}: Gbit/s", load.name()), load, &|s| Some(s.gigabits_per_second));
            }
            Load::SmallPackets => {
                row(format!("{}: 1000/s", load.name()), load, &|s| s.packets_per_second.map(|n| n / 1e3));
            }
        }
        row(format!("{}: CPU s/GB, service and gateway", load.name()), load, &|s| Some(s.seconds_per_gigabyte));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fallback_is_told_as_a_share_of_udp() {
        let load = Load::Tcp { streams: 1, back: false };
        let sample = |carrier, speed| Sample {
            round: 1,
            carrier,
            load: load.name(),
            gigabits_per_second: speed,
            packets_per_second: None,
            seconds_per_gigabyte: 1.0,
        };
        let text = shown(&[sample(Carrier::Udp, 2.0), sample(Carrier::Https, 1.0)]);
        assert!(text.contains("| TCP 1 there: Gbit/s | 2.00 | 1.00 | 0.50 |"), "{text}");
        assert!(!text.contains("TCP 4"), "what was not measured has no row: {text}");
    }
}
