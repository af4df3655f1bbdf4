//! Facts to findings. Pure: no IO, no clock. Each module judges one part of the way; [`chain`] puts what they found in order and says what is the cause.
//! A fact that is `None` was not looked at and never makes a finding.

mod chain;
mod found;
mod gateway;
mod inside;
mod line;
mod names;
mod network;
mod outside;
mod pc;
mod program;
mod rules;
mod way;

#[cfg(test)]
mod tests;

use flexnet_protocol::diagnosis::Verdict;

use crate::facts::Facts;

/// The verdict over what was seen.
pub fn judge(facts: &Facts) -> Verdict {
    let mut found = Vec::new();
    // In the order of the way: of two that stand side by side, the earlier one must be mended first.
    found.extend(pc::room(facts));
    found.extend(pc::clock(facts));
    found.extend(network::up_to_the_router(facts));
    found.extend(outside::beyond_the_router(facts));
    found.extend(names::names(facts));
    found.extend(line::quality(facts));
    found.extend(way::reach(facts));
    found.extend(line::packet_size(facts));
    found.extend(way::tls(facts));
    found.extend(gateway::readiness(facts));
    found.extend(program::program(facts));
    found.extend(network::overlap(facts));
    found.extend(inside::sign_in(facts));
    found.extend(inside::tunnel(facts));
    found.extend(inside::portal(facts));
    // Only hints from here on.
    found.extend(line::udp(facts));
    found.extend(outside::families(facts));
    found.extend(pc::care(facts));
    found.extend(rules::stand_alone(facts));
    chain::verdict(facts, found)
}
