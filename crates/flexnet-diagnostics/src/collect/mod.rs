//! Collectors: side by side, each with its time, all without any privilege.
//! Start at [`collect`]; what each lane looks at stands in the module of its name.

mod certificate;
pub(crate) mod dns;
mod events;
pub(crate) mod hops;
pub(crate) mod icmp;
mod info;
mod inside;
mod lanes;
pub(crate) mod line;
pub(crate) mod names;
pub(crate) mod nat64;
pub(crate) mod network;
pub(crate) mod outside;
mod pc;
pub(crate) mod plain;
mod program;
#[allow(dead_code, reason = "a script for proxies is told by some systems only")]
pub(crate) mod proxy;
pub(crate) mod resolve;
pub(crate) mod tcp;
mod tls;
mod way;
#[cfg(test)]
mod world;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use flexnet_protocol::{diagnosis::Check, profile::Profile};
use tokio::{sync::mpsc::UnboundedSender, time::timeout};

pub use self::events::last_events;
use crate::{
    facts::{Facts, ProfileFacts},
    os,
};

/// After that nothing is waited for.
const HARD_STOP: Duration = Duration::from_secs(13);
/// A file of a network share may never come.
const FILE_WITHIN: Duration = Duration::from_secs(1);

/// Where to look. [`Input::installed`] for what is installed on this PC.
#[derive(Debug, Clone)]
pub struct Input {
    /// The installed profile.
    pub profile: PathBuf,
    /// The service's socket.
    pub socket: PathBuf,
    /// Where the service keeps its last events.
    pub ring: PathBuf,
    /// More anchors than the profile names.
    pub anchors: Vec<SocketAddr>,
    /// The version that the service and the gateway are compared with.
    pub version: String,
}

impl Input {
    /// What is installed on this PC.
    pub fn installed() -> Self {
        Self {
            profile: os::installed_profile(),
            socket: flexnet_ipc::default_socket(),
            ring: flexnet_events::service_folder().join(flexnet_events::RING),
            anchors: Vec::new(),
            version: flexnet_protocol::VERSION.to_owned(),
        }
    }
}

/// A check whose facts are there, whatever they are. Each of [`Check::ALL`] comes exactly once, the last one before [`collect`] returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Which.
    pub check: Check,
}

/// Looks at everything, for at most 13 seconds. Never fails: what cannot be told stays `None`.
pub async fn collect(input: &Input, progress: UnboundedSender<Progress>) -> Facts {
    let began = Instant::now();
    // Before anything else opens what is counted here.
    let spare_handles = pc::spare_handles();
    let (profile_facts, profile) = profile(&input.profile).await;
    let mut facts = Facts {
        at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().try_into().unwrap_or(0)),
        version: input.version.clone(),
        profile: profile_facts,
        ..Facts::default()
    };
    facts.pc.spare_handles = spare_handles;
    lanes::run(input, profile, &mut facts, &progress, HARD_STOP.saturating_sub(began.elapsed())).await;
    facts.took_ms = began.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    facts
}

/// Reads the installed profile.
pub(crate) async fn profile(path: &Path) -> (ProfileFacts, Option<Profile>) {
    let text = match timeout(FILE_WITHIN, tokio::fs::read_to_string(path)).await {
        Ok(Ok(text)) => text,
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => return (ProfileFacts::Missing, None),
        Ok(Err(error)) => return (ProfileFacts::Broken(error.to_string()), None),
        Err(_) => return (ProfileFacts::Broken("it cannot be read in time".to_owned()), None),
    };
    match Profile::parse(&text) {
        Ok(profile) => {
            let good = ProfileFacts::Good {
                organisation: profile.organisation.clone(),
                gateway: profile.gateway_name.clone(),
                anchors: !profile.anchors.is_empty(),
            };
            (good, Some(profile))
        }
        Err(error) => (ProfileFacts::Broken(error.to_string()), None),
    }
}

#[cfg(test)]
mod tests;
