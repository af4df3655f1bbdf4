//! Two hosts and one wire, in namespaces of their own. The tunnel that is measured stands between them.
//!
//! ```text
//!  near                                                far
//! ┌───────────────────────────┐                       ┌───────────────────────────┐
//! │ wire 192.0.2.1            │  veth, MTU 1500,      │ wire 192.0.2.2            │
//! │ bnear 10.9.0.1  MTU 1420  ├───────────────────────┤ bfar 10.9.0.2  MTU 1420   │
//! │ iperf3 -c                 │  with its offloads    │ iperf3 -s                 │
//! └───────────────────────────┘                       └───────────────────────────┘
//! ```

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use flexnet_lab::{
    Finished, Process,
    command::{run, run_with},
    enter::private_ground,
};

/// Keys, logs and what else is written down on the way.
pub const FOLDER: &str = "/run/bench";

/// One of the two hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Starts the transfers.
    Near,
    /// Answers them.
    Far,
}

impl End {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Near, Self::Far];

    /// Name of its network namespace.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Near => "near",
            Self::Far => "far",
        }
    }

    /// Its tunnel's device.
    pub const fn device(self) -> &'static str {
        match self {
            Self::Near => "bnear",
            Self::Far => "bfar",
        }
    }

    /// Its address on the wire.
    pub const fn outside(self) -> &'static str {
        match self {
            Self::Near => "192.0.2.1",
            Self::Far => "192.0.2.2",
        }
    }

    /// Its address in the tunnel.
    pub const fn inside(self) -> &'static str {
        match self {
            Self::Near => "10.9.0.1",
            Self::Far => "10.9.0.2",
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Near => Self::Far,
            Self::Far => Self::Near,
        }
    }

    /// Its network namespace as a file.
    pub fn namespace(self) -> PathBuf {
        Path::new("/run/netns").join(self.name())
    }

    /// Runs a command there to its end.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn run(self, command: &[&str]) -> Result<Finished> {
        let net = format!("--net=/run/netns/{}", self.name());
        let mut line = vec![net.as_str(), "--"];
        line.extend(command);
        run_with("nsenter", &line, "")
    }

    /// Runs `ip`, which must succeed; words are parted by blanks.
    ///
    /// # Errors
    /// It does not.
    pub fn ip(self, line: &str) -> Result<()> {
        let mut words = vec!["ip"];
        words.extend(line.split(' '));
        self.run(&words)?.expect_ok("ip").map(drop)
    }

    /// Starts a program there. Its process number is that of the program itself.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(self, command: &[&str]) -> Result<Process> {
        let name = format!("{}-{}", command.first().and_then(|c| c.rsplit('/').next()).unwrap_or("none"), self.name());
        let mut line = Command::new("nsenter");
        line.arg(format!("--net=/run/netns/{}", self.name())).arg("--").args(command);
        Process::start(&name, line, &Path::new(FOLDER).join(format!("{name}.log")))
    }
}

/// Makes both hosts and the wire. The caller stands in namespaces of its own, else this refuses.
///
/// # Errors
/// A command failed.
pub fn build() -> Result<()> {
    private_ground()?;
    std::fs::create_dir_all(FOLDER)?;
    for end in End::BOTH {
        run("ip", &["netns", "add", end.name()])?.expect_ok("a namespace")?;
        end.ip("link set lo up")?;
    }
    End::Near.ip("link add wire type veth peer name wire netns far")?;
    for end in End::BOTH {
        end.ip(&format!("addr add {}/24 dev wire", end.outside()))?;
        end.ip("link set wire up")?;
    }
    Ok(())
}
