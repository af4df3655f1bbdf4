//! What passes the router, seen by tcpdump on both of its wires: the member's side and the gateway's side.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};

use crate::{
    command::{Process, eventually, run_with},
    parts::PATIENCE,
    world::{Host, LAB, World},
};

/// A packet capture; [`Capture::finish`] ends it and gives the file.
#[derive(Debug)]
pub struct Capture {
    process: Process,
    file: PathBuf,
}

impl Capture {
    /// Everything that passes the router, on both sides of it.
    ///
    /// # Errors
    /// There is no tcpdump.
    pub fn on_router(world: &World) -> Result<Self> {
        let file = Path::new(LAB).join("router.pcap");
        let path = file.display().to_string();
        let line = ["tcpdump", "-Z", "root", "-i", "any", "-U", "-s", "0", "--immediate-mode", "-w", &path];
        let process = world.start(Host::Router, "tcpdump", &line)?;
        eventually("tcpdump", PATIENCE, || {
            ensure!(process.log().contains("listening on"), "{}", process.log());
            Ok(())
        })?;
        Ok(Self { process, file })
    }

    /// Packets so far that match a filter, one line each.
    ///
    /// # Errors
    /// tcpdump does not understand the filter.
    pub fn matching(&self, filter: &str) -> Result<String> {
        let path = self.file.display().to_string();
        // A packet being written at this moment is a truncated record at the end: that is no error.
        let seen = run_with("tcpdump", &["-n", "-r", &path, filter], "")?;
        ensure!(seen.ok() || seen.stderr.contains("truncated"), "tcpdump: {}", seen.stderr);
        Ok(seen.stdout)
    }

    /// Ends the capture; the bytes of the whole file.
    ///
    /// # Errors
    /// tcpdump does not end.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        self.process.stop()?;
        Ok(fs::read(&self.file)?)
    }
}
