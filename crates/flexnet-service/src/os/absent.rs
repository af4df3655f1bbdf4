//! The network and the files of a system for which the service is not built yet: every answer says so, and nothing is changed.

use std::{
    fs::File,
    io,
    path::Path,
    sync::OnceLock,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use flexnet_protocol::{
    Fault, FaultCode,
    repair::{RepairPlan, Repaired},
};
use flexnet_session::{Counters, Now, Proof};
use ipnet::IpNet;

use crate::{
    early::Early,
    network::{Event, Network, Wanted},
    watchdog::Word,
};

/// The network that is not built.
pub struct System;

fn absent() -> Fault {
    Fault::new(FaultCode::NotOnThisSystem, "the system tunnel is not built for this operating system yet")
}

impl System {
    /// A network that refuses everything.
    pub fn new(_state: &Path) -> Self {
        Self
    }
}

impl Network for System {
    async fn ready(&mut self, _portal: &[IpNet], _early: Option<Early>) -> Result<(), Fault> {
        Err(absent())
    }

    async fn apply(&mut self, _wanted: Wanted) -> Result<(), Fault> {
        Err(absent())
    }

    async fn undo(&mut self) -> Repaired {
        Repaired::default()
    }

    async fn repair(&mut self, _portal: &[String]) -> Repaired {
        Repaired::default()
    }

    async fn plan(&self, _portal: &[String]) -> RepairPlan {
        RepairPlan::default()
    }

    async fn leftovers(&self) -> Vec<String> {
        Vec::new()
    }

    async fn probe(&self, _whole: bool) -> Proof {
        Proof {
            handshake: false,
            network_ms: None,
            portal: Err(absent()),
            carrier: flexnet_protocol::snapshot::Carrier::Udp,
        }
    }

    async fn counters(&self) -> Option<Counters> {
        None
    }

    async fn event(&self) -> Event {
        std::future::pending().await
    }
}

/// Both clocks. The first one may stand still while the PC sleeps.
pub fn now() -> Now {
    static START: OnceLock<Instant> = OnceLock::new();
    let mono = START.get_or_init(Instant::now).elapsed().as_millis();
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Now { mono_ms: u64::try_from(mono).unwrap_or(u64::MAX), unix: i64::try_from(unix).unwrap_or(i64::MAX) }
}

/// Fails: who may write a file is not looked at here yet.
///
/// # Errors
/// Always.
pub fn belongs_to_the_administrator(_file: &File) -> Result<(), String> {
    Err("who may write the profile cannot be checked on this operating system yet".into())
}

/// Opens a file for reading.
///
/// # Errors
/// It cannot be opened.
pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// No settings of this system are read yet; proxies come from the service's own environment.
pub fn machine_environment() -> String {
    String::new()
}

/// Ends the process as by a fault; the stacks of its threads are not told here yet.
pub fn end_with_stacks(why: &str) -> ! {
    eprintln!("ERROR {why}: the service ends");
    std::process::abort()
}

/// No service manager listens here yet.
pub fn tell_manager(_word: Word) {}

/// Cores are not written by default where this is not built yet.
pub fn leave_no_core() {}

/// Segments keep their size here.
pub fn keep_segments_small(_socket: &tokio::net::TcpSocket, _bytes: u32) {}

/// No packet filter looks for a mark here yet.
pub fn mark_as_ours(_socket: &tokio::net::TcpSocket) {}

/// Nobody is known to be.
pub fn is_administrator() -> bool {
    false
}

/// A folder for this service.
///
/// # Errors
/// It cannot be made.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Nothing to do for a folder here.
///
/// # Errors
/// Never.
pub fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_not_built_says_so_and_leaves_nothing() {
        let mut system = System::new(Path::new("nowhere"));
        assert_eq!(system.ready(&[], None).await.unwrap_err().code, FaultCode::NotOnThisSystem);
        assert_eq!(system.probe(true).await.portal.unwrap_err().code, FaultCode::NotOnThisSystem);
        assert_eq!(system.undo().await, Repaired::default());
        assert!(!is_administrator(), "nobody is let in because nobody is known");
    }
}
