//! Looks through the tunnel: when the next one is due, and what an answer says.
//! A look sends packets inside the tunnel, which the gateway counts as use.

use flexnet_protocol::{Fault, FaultCode};

use crate::{Now, Proof};

/// A look that is not answered is made again.
const ANSWER_WITHIN_MS: u64 = 20_000;

/// When to look next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Looks {
    /// The last question.
    asked: Option<u64>,
    next: Option<u64>,
}

impl Looks {
    /// One was just made and answered.
    pub(crate) const fn asked_at(now: Now) -> Self {
        Self { asked: Some(now.mono_ms), next: None }
    }

    /// Look at this time, or earlier if that was planned.
    pub(crate) fn plan(&mut self, at: u64) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }

    /// An answer came; look again so long after the question, not before now.
    pub(crate) fn again(&mut self, now: Now, every_ms: u64) -> u64 {
        let at = self.asked.unwrap_or(0).saturating_add(every_ms).max(now.mono_ms);
        self.next = Some(at);
        at
    }

    /// Look soon after something happened; a burst of it is one reason.
    pub(crate) fn soon(&mut self, now: Now, burst_ms: u64) {
        let after = self.asked.map_or(0, |asked| asked.saturating_add(burst_ms));
        self.plan(after.max(now.mono_ms));
    }

    pub(crate) const fn asked(&self) -> Option<u64> {
        self.asked
    }

    pub(crate) const fn next(&self) -> Option<u64> {
        self.next
    }

    /// Whether to look now.
    pub(crate) fn due(&mut self, now: Now) -> bool {
        let due = self.next.is_some_and(|at| at <= now.mono_ms);
        if due {
            self.asked = Some(now.mono_ms);
            self.next = Some(now.mono_ms.saturating_add(ANSWER_WITHIN_MS));
        }
        due
    }

    pub(crate) fn rest(&mut self) {
        self.next = None;
    }
}

/// What a look says about a tunnel that stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Everything answers, or the portal alone does not.
    Proven { network_ms: u32, portal: Option<Fault> },
    /// The gateway's tunnel answers, nothing behind it does.
    OnlyTunnel(Fault),
    /// Nothing answers.
    Silent,
}

impl Verdict {
    pub(crate) fn of(proof: Proof) -> Self {
        match proof {
            Proof { handshake: false, .. } => Self::Silent,
            Proof { network_ms: Some(network_ms), portal, .. } => Self::Proven { network_ms, portal: portal.err() },
            Proof { network_ms: None, portal: Err(fault), .. } => Self::OnlyTunnel(fault),
            Proof { network_ms: None, portal: Ok(()), .. } => Self::OnlyTunnel(FaultCode::PortalNameService.into()),
        }
    }
}
