//! This PC: room for settings, handles, system, protection, key store, and signs of a network that somebody else manages.
//! What differs between systems stands in [`crate::os::pc`]. Reads and one write that is taken back; starts no program.

use std::{
    fs::File,
    io::{self, ErrorKind, Write as _},
    path::PathBuf,
    time::Duration,
};

use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    facts::{Keyring, Pc, Room},
    os,
};

/// Handles that are tried at most.
const HANDLES: u32 = 48;
/// A disk or a system that takes longer has not told.
const WITHIN: Duration = Duration::from_secs(2);
/// What is written, bytes: more than a file system keeps beside its own records.
const ROOM: usize = 64 * 1024;

/// Looks at all but the key store and what was counted before ([`spare_handles`]).
pub(super) async fn look() -> Pc {
    let (system, home, domain_member, shares) = tokio::join!(
        in_time(os::pc::system),
        in_time(|| Some(room(os::pc::settings_folder()))),
        in_time(os::pc::domain_member),
        in_time(os::pc::shares),
    );
    let (scanners, firewalls, filters) =
        tokio::join!(in_time(os::pc::scanners), in_time(os::pc::firewalls), in_time(|| Some(os::pc::filters())));
    Pc {
        system,
        home,
        domain_member,
        shares,
        scanners,
        firewalls,
        filters: filters.unwrap_or_default(),
        ..Pc::default()
    }
}

/// The store of keys of this person. Never unlocks it and never lets it ask.
pub(super) async fn keyring() -> Option<Keyring> {
    timeout(WITHIN, os::pc::keyring()).await.ok().flatten()
}

/// How many handles this program can still open, counted up to 48. `None` where that cannot be tried.
pub(super) fn spare_handles() -> Option<u32> {
    let first = match File::open(os::pc::NULL) {
        Ok(file) => file,
        Err(error) => return os::pc::is_out_of_handles(&error).then_some(0),
    };
    let mut more = Vec::new();
    while more.len() + 1 < HANDLES as usize {
        match first.try_clone() {
            Ok(another) => more.push(another),
            Err(error) if os::pc::is_out_of_handles(&error) => break,
            Err(_) => return None,
        }
    }
    u32::try_from(more.len() + 1).ok()
}

/// Writes into the folder and takes it back.
fn room(folder: Option<PathBuf>) -> Room {
    let Some(folder) = folder else { return Room::Missing };
    let written = tempfile::tempfile_in(folder).and_then(|mut file| {
        file.write_all(&[0x4b; ROOM])?;
        // A file system may take bytes that it has no room for, and say so only now.
        file.sync_data()
    });
    written.map_or_else(|error| why_not(&error), |()| Room::Writable)
}

fn why_not(error: &io::Error) -> Room {
    let kind = error.kind();
    if [ErrorKind::StorageFull, ErrorKind::QuotaExceeded].contains(&kind) {
        Room::Full
    } else if [ErrorKind::ReadOnlyFilesystem, ErrorKind::PermissionDenied].contains(&kind) {
        Room::ReadOnly
    } else if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&kind) {
        Room::Missing
    } else {
        Room::Broken
    }
}

/// Away from the loop, and not waited for without an end.
async fn in_time<T: Send + 'static>(look: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
    timeout(WITHIN, spawn_blocking(look)).await.ok()?.ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_takes_it_is_writable_and_stays_empty() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(room(Some(folder.path().to_owned())), Room::Writable);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn what_is_not_there_is_missing() {
        assert_eq!(room(None), Room::Missing);
        assert_eq!(room(Some("/no/such/folder".into())), Room::Missing);
    }

    #[test]
    fn each_refusal_is_told_apart() {
        for (kind, room) in [
            (ErrorKind::StorageFull, Room::Full),
            (ErrorKind::QuotaExceeded, Room::Full),
            (ErrorKind::ReadOnlyFilesystem, Room::ReadOnly),
            (ErrorKind::PermissionDenied, Room::ReadOnly),
            (ErrorKind::NotFound, Room::Missing),
            (ErrorKind::TimedOut, Room::Broken),
        ] {
            assert_eq!(why_not(&kind.into()), room, "{kind:?}");
        }
    }

    #[test]
    fn handles_are_counted_up_to_the_limit() {
        assert_eq!(spare_handles(), Some(HANDLES));
    }

    #[tokio::test]
    async fn this_pc_tells_its_system_and_its_room() {
        let pc = look().await;
        let system = pc.system.unwrap();
        assert!(!system.name.is_empty() && !system.version.is_empty(), "{system:?}");
        assert!(pc.home.is_some() && pc.domain_member.is_some() && pc.shares.is_some());
    }
}
