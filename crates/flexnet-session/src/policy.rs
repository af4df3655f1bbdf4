//! What may travel in which state: total and pure. docs/security.md has the same rows, and a test compares the two.

use flexnet_protocol::{gateway::TrafficPolicy, snapshot::State};

/// What the packet filter must hold to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirewallPolicy {
    /// No rule of ours.
    None,
    /// Portal addresses by the tunnel device or not at all; everything else as before.
    PortalOnlyRoutes,
    /// Nothing but the tunnel, the gateway, DHCP, neighbour discovery and loopback.
    Exclusive,
}

/// What holds in a state, for a session whose grant says `granted`.
pub const fn policy(state: &State, granted: TrafficPolicy) -> FirewallPolicy {
    match state {
        State::SignedOut { .. }
        | State::Locked { .. }
        | State::Failed { .. }
        | State::SigningIn { .. }
        | State::Confirming { .. } => FirewallPolicy::None,
        State::Connecting { .. } | State::Connected { .. } | State::Reconnecting { .. } | State::Ending => {
            match granted {
                TrafficPolicy::PortalOnlyRoutes => FirewallPolicy::PortalOnlyRoutes,
                TrafficPolicy::Exclusive => FirewallPolicy::Exclusive,
            }
        }
    }
}
