//! This PC: room, clock, system, protection, key store.

use flexnet_protocol::FaultCode;

use super::found::Found;
use crate::facts::{Facts, Keyring, Product, Room};

/// Handles that a program needs at least; as many as the collector tries to open.
const HANDLES: u32 = 48;
/// Seconds by which a clock may be off before somebody should look: within TOTP's step (RFC 6238 §5.2).
const CLOCK_CARE: u64 = 30;
/// Seconds by which a clock is wrong: certificates and TANs fail beyond.
const CLOCK_WRONG: u64 = 300;

/// What keeps any program from working.
pub(super) fn room(facts: &Facts) -> Vec<Found> {
    let mut found = Vec::new();
    if let Some(spare) = facts.pc.spare_handles.filter(|spare| *spare < HANDLES) {
        found.push(Found::new(FaultCode::ResourcesExhausted, format!("only {spare} more handles can be opened")));
    }
    match facts.pc.home {
        Some(Room::Full) => found.push(Found::new(FaultCode::DiskFull, "64 KiB could not be written: no space left")),
        Some(Room::ReadOnly) => found.push(Found::new(FaultCode::HomeUnwritable, "the settings' folder is read-only")),
        Some(Room::Missing) => found.push(Found::new(FaultCode::HomeUnwritable, "there is no settings' folder")),
        Some(Room::Broken) => found.push(Found::new(FaultCode::HomeUnwritable, "the settings' folder fails")),
        Some(Room::Writable) | None => {}
    }
    found
}

/// The clock against the gateway's.
pub(super) fn clock(facts: &Facts) -> Option<Found> {
    let ahead = facts.pc.clock_ahead?;
    let detail = || format!("the clock is {} s {}", ahead.unsigned_abs(), if ahead < 0 { "slow" } else { "fast" });
    match ahead.unsigned_abs() {
        off if off > CLOCK_WRONG => Some(Found::new(FaultCode::ClockWrong, detail())),
        off if off > CLOCK_CARE => Some(Found::new(FaultCode::ClockDrifts, detail())),
        _ => None,
    }
}

/// What works and should be looked at.
pub(super) fn care(facts: &Facts) -> Vec<Found> {
    let pc = &facts.pc;
    let mut found = Vec::new();
    if let Some(system) = &pc.system {
        let name = format!("{} {}", system.name, system.version);
        if system.supported == Some(false) {
            found.push(Found::new(FaultCode::SystemUnsupported, name.trim()).of(&system.name));
        }
        if system.updates_waiting == Some(true) {
            found.push(Found::new(FaultCode::UpdatesWaiting, "updates or a restart are waiting").of(&system.name));
        }
    }
    if let Some(scanners) = &pc.scanners {
        found.extend(scanner(scanners));
    }
    if let Some(firewalls) = pc.firewalls.as_ref().filter(|all| !all.iter().any(|one| one.on)) {
        let off = firewalls.first().map_or("", |one| one.name.as_str());
        found.push(Found::new(FaultCode::FirewallOff, "no firewall is on").of(off));
    }
    // Without a store nothing is remembered, which a member who never asked for it does not miss.
    if pc.keyring == Some(Keyring::Locked) {
        found.push(Found::new(FaultCode::KeyringLocked, "the default collection is locked"));
    }
    found
}

/// One that is on and not known to be stale is enough.
fn scanner(scanners: &[Product]) -> Option<Found> {
    if scanners.iter().any(|one| one.on && one.current != Some(false)) {
        return None;
    }
    let stale = scanners.iter().find(|one| one.on);
    let name = stale.or(scanners.first()).map_or("", |one| one.name.as_str());
    let detail = match (stale, scanners.is_empty()) {
        (Some(_), _) => "signatures are old",
        (None, true) => "none is installed",
        (None, false) => "it is off",
    };
    Some(Found::new(FaultCode::ScannerOff, detail).of(name))
}
