//! What this PC remembers of names: by systemd-resolved, or by nscd. Nobody else's memory can be reached with the rights of the service alone.

use std::{path::Path, time::Duration};

use flexnet_protocol::repair::{RepairKind, RepairStep};

use super::{program, resolved, told};

/// Where nscd listens.
const NSCD: &str = "/run/nscd/socket";
/// It forgets at once.
const LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cache {
    Resolved,
    Nscd,
}

impl Cache {
    async fn of_this_pc() -> Option<Self> {
        if resolved::runs().await {
            return Some(Self::Resolved);
        }
        Path::new(NSCD).exists().then_some(Self::Nscd)
    }

    fn step(self) -> RepairStep {
        let what = match self {
            Self::Resolved => "the cache of systemd-resolved",
            Self::Nscd => "the cache of nscd",
        };
        RepairStep::new(RepairKind::NameCache, what)
    }
}

/// What [`flush`] would forget.
pub(super) async fn step() -> Option<RepairStep> {
    Cache::of_this_pc().await.map(Cache::step)
}

/// Forgets it, where anybody remembers.
pub(super) async fn flush() -> Result<Option<RepairStep>, RepairStep> {
    let Some(cache) = Cache::of_this_pc().await else { return Ok(None) };
    let flushed = match cache {
        Cache::Resolved => resolved::flush().await,
        Cache::Nscd => match program::run("nscd".as_ref(), LIMIT, &["-i", "hosts"], &[]).await {
            Ok(_) => Ok(()),
            Err(error) => Err(told(&error)),
        },
    };
    match flushed {
        Ok(()) => Ok(Some(cache.step())),
        Err(why) => Err(RepairStep::new(RepairKind::NameCache, why)),
    }
}
