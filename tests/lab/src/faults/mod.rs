//! Faults, each injected for real, and what the diagnosis must name: [`ALL`] by the point of the way that they strike.
//! Picture: [`ground`]; what is healthy before: [`scene`]; how many run at once: [`run`].

mod gateway;
mod ground;
mod names;
mod network;
mod outside;
mod pc;
mod portal;
mod program;
pub mod run;
pub mod scene;
mod sign_in;
pub mod stand_in;
mod table;
mod tls;
mod tunnel;
mod udp;
mod way;

use anyhow::{Context as _, Result};

pub use self::{
    ground::NameServices,
    scene::{Said, Scene},
    table::{rows, table},
};

/// One fault.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name here.
    pub name: &'static str,
    /// What is done, for the desk's page.
    pub words: &'static str,
    /// What the diagnosis must say first; `-` where nothing is wrong in truth.
    pub code: &'static str,
    /// Does it. A command that fails is an error: else a fault that was not injected would look like a blind diagnosis.
    pub inject: fn(&mut Scene) -> Result<()>,
}

/// Two faults at once: the names of both, and the code of the one to be mended first.
pub type Pair = (&'static str, &'static str, &'static str);

/// All faults, in the order of the way.
pub const ALL: &[&[Fault]] = &[
    pc::FAULTS,
    network::FAULTS,
    outside::FAULTS,
    names::FAULTS,
    way::FAULTS,
    tls::FAULTS,
    gateway::FAULTS,
    udp::FAULTS,
    tunnel::FAULTS,
    sign_in::FAULTS,
    portal::FAULTS,
    program::FAULTS,
];

/// What strikes together.
pub const PAIRS: &[Pair] = &[
    ("no_carrier", "service_killed", "KVF-202-4"),
    ("no_route", "names_silent", "KVF-205-6"),
    ("no_address", "service_killed", "KVF-203-5"),
    ("line_dead", "names_servfail", "KVF-207-0"),
    ("router_dead", "names_hijacked", "KVF-206-2"),
    ("log_in_page", "certificate_expired", "KVF-208-1"),
    ("other_vpn", "udp_dropped", "KVF-218-4"),
    ("names_silent", "maintenance", "KVF-302-3"),
    ("names_hijacked", "udp_dropped", "KVF-306-7"),
    ("hosts_file", "service_killed", "KVF-310-2"),
    ("gateway_down", "leftovers", "KVF-401-7"),
    ("large_hello_reset", "service_killed", "KVF-405-8"),
    ("intercepted", "maintenance", "KVF-411-8"),
    ("certificate_expired", "leftovers", "KVF-412-6"),
    ("maintenance", "udp_dropped", "KVF-501-2"),
    ("draining", "service_killed", "KVF-502-0"),
    ("disk_full", "certificate_expired", "KVF-110-8"),
    ("clock_ten_minutes_ahead", "udp_dropped", "KVF-102-9"),
    ("clock_two_days_behind", "names_servfail", "KVF-102-9"),
    ("port_443_dropped", "service_killed", "KVF-402-5"),
    ("gateway_hangs", "leftovers", "KVF-504-8"),
];

/// All of them in a row.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    ALL.iter().copied().flatten()
}

/// A fault by its name.
///
/// # Errors
/// There is none.
pub fn find(name: &str) -> Result<&'static Fault> {
    all().find(|fault| fault.name == name).with_context(|| format!("no fault is called {name}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use flexnet_protocol::FaultCode;

    use super::*;

    #[test]
    fn names_are_unique_and_codes_are_the_catalogues() {
        let names: BTreeSet<_> = all().map(|fault| fault.name).collect();
        assert_eq!(names.len(), all().count());
        for fault in all().filter(|fault| fault.code != "-") {
            assert!(fault.code.parse::<FaultCode>().is_ok(), "{}: {}", fault.name, fault.code);
        }
        for (first, second, code) in PAIRS {
            let codes = [find(first).unwrap().code, find(second).unwrap().code];
            assert!(codes.contains(code), "{first} and {second}: {code}");
        }
    }
}
