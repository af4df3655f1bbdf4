//! A network that stands: the proof, whether it still holds, and what the gateway says of the session meanwhile.

use flexnet_protocol::gateway::Grant;

use super::{Machine, way_in::APPLY_WITHIN_MS};
use crate::{Counters, NetworkConfig, Now, Output, Proof, live::Live, looks::Verdict, phase::Phase, policy};

/// Between two looks before the proof.
const PROVE_EVERY_MS: u64 = 1_000;

impl Machine {
    pub(super) fn probed(&mut self, now: Now, proof: Proof) {
        let carrier = proof.carrier;
        match &mut self.phase {
            Phase::Proving { running, looks, last, .. } => match Verdict::of(proof.clone()) {
                Verdict::Proven { network_ms, portal } => {
                    running.session.round_trip_ms = Some(network_ms);
                    running.session.carrier = carrier;
                    let live = Box::new(Live::new(now, running.counted, portal.is_none()));
                    running.session.portal_fault = portal;
                    self.phase = Phase::Live { running: running.clone(), live };
                }
                Verdict::OnlyTunnel(_) | Verdict::Silent => {
                    *last = Some(proof);
                    looks.again(now, PROVE_EVERY_MS);
                }
            },
            Phase::Live { running, live } => {
                let verdict = Verdict::of(proof);
                if !live.looked(now, &verdict) {
                    return;
                }
                match verdict {
                    Verdict::Proven { network_ms, portal } => {
                        running.session.round_trip_ms = Some(network_ms);
                        running.session.portal_fault = portal;
                        running.session.carrier = carrier;
                    }
                    Verdict::OnlyTunnel(fault) => running.session.portal_fault = Some(fault),
                    Verdict::Silent => {}
                }
            }
            Phase::SignedOut { .. }
            | Phase::SigningIn { .. }
            | Phase::Applying { .. }
            | Phase::Ending { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. }
            | Phase::Leftovers { .. } => {}
        }
    }

    pub(super) fn measured(&mut self, now: Now, counted: Counters) {
        match &mut self.phase {
            Phase::Applying { running, .. } | Phase::Proving { running, .. } => running.counted = counted,
            Phase::Live { running, live } => live.measured(now, counted, &running.ends),
            Phase::SignedOut { .. }
            | Phase::SigningIn { .. }
            | Phase::Ending { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. }
            | Phase::Leftovers { .. } => {}
        }
    }

    pub(super) fn session_lives(&mut self, now: Now, started: i64, absolute_end: i64, idle_end: i64) {
        if let Some(running) = self.phase.running_mut() {
            running.ends.told(started, absolute_end, idle_end);
        }
        if let Phase::Live { running, live } = &mut self.phase {
            live.session_lives(now, &running.ends);
        }
    }

    pub(super) fn doubt(&mut self, now: Now) {
        match &mut self.phase {
            Phase::Proving { looks, .. } => looks.plan(now.mono_ms),
            Phase::Live { live, .. } => live.doubt(now),
            Phase::SignedOut { .. }
            | Phase::SigningIn { .. }
            | Phase::Applying { .. }
            | Phase::Ending { .. }
            | Phase::Locked { .. }
            | Phase::Failed { .. }
            | Phase::Leftovers { .. } => {}
        }
    }

    /// New keys for the same session: the tunnel is exchanged under the standing packet filter, and proven anew.
    pub(super) fn resumed(&mut self, now: Now, grant: Grant, todo: &mut Vec<Output>) {
        if let Phase::Live { live, .. } = &mut self.phase
            && live.resumed(now, APPLY_WITHIN_MS)
        {
            let firewall = policy(&self.phase.shown(), grant.tunnel.policy);
            todo.push(Output::Apply(Box::new(NetworkConfig { tunnel: grant.tunnel, firewall })));
        }
    }
}
