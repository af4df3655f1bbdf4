//! What an earlier session left and a repair would take back, found by the same names and told in the same words as when it is taken back.
//! Changes nothing.

use std::path::Path;

use flexnet_protocol::repair::{RepairKind, RepairStep};

use super::{DEVICE, filter, hosts, names, told};
use crate::journal::{Change, Journal};

/// In the order in which they would be taken back. What cannot be looked at is a step as well: taking it back will say more.
pub(super) async fn steps() -> Vec<RepairStep> {
    let mut steps = Vec::new();
    for change in Change::ALL.into_iter().rev() {
        let left = match change {
            Change::HostsFile => hosts::left(Path::new(hosts::FILE)),
            Change::NameService => names::left(DEVICE).await,
            Change::Device => flexnet_wireguard::leftover(DEVICE).map(|left| left.then(device)).map_err(|e| told(&e)),
            Change::PacketFilter => filter::left().await,
        };
        steps.extend(left.unwrap_or_else(Some).map(|what| RepairStep::new(change.into(), what)));
    }
    steps
}

/// The entries of a journal that speaks of changes: a step where nothing else is left.
pub(super) fn noted(journal: &Journal) -> Option<RepairStep> {
    let entries = in_journal(journal);
    (!entries.is_empty()).then(|| RepairStep::new(RepairKind::Journal, entries.join(", ")))
}

/// A line for each entry of the journal.
pub(super) fn in_journal(journal: &Journal) -> Vec<String> {
    match journal.changes() {
        Ok(mut changes) => {
            changes.sort();
            changes.dedup();
            changes.into_iter().map(|change| format!("the journal holds {change:?}")).collect()
        }
        Err(_) => vec!["the journal cannot be understood".to_owned()],
    }
}

/// The device, as it is told.
pub(super) fn device() -> String {
    format!("device {DEVICE}")
}
