//! A text file of the system, changed so that it can be changed back: replaced in one step, or written in place where it cannot be replaced.
//! A link stays a link, owner, mode and SELinux label stay. Never knows what the text means; `hosts` and `plain` do.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::{
    AtFlags, CWD, Gid, StatxAttributes, StatxFlags, Uid, XattrFlags, fchown, fgetxattr, fsetxattr, statx,
};

/// Links behind links, as many as the kernel follows.
const LINKS: usize = 40;

/// Why the file could not be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {path}")]
    Write { path: PathBuf, source: io::Error },
}

/// The file's bytes; `None` if it is not there.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some).map_err(|source| Error::Read { path: path.to_owned(), source }),
    }
}

/// Replaces the file in one step. Where it cannot be replaced, because it is mounted by itself or its folder is not ours to write, it is written in place.
pub(super) fn write(path: &Path, text: &[u8]) -> Result<(), Error> {
    // Where the file is a link, what it points to is replaced, never the link.
    let path = &target(path);
    let failed = |source| Error::Write { path: path.clone(), source };
    match replace(path, text) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(failed(error)),
        Err(_) => in_place(path, text).map_err(failed),
    }
}

/// Takes the file away that was not there before.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    let path = target(path);
    fs::remove_file(&path).map_err(|source| Error::Write { path, source })
}

/// Proves that the file could be written, and changes nothing: in place, or replaced where only its mode says no.
pub(super) fn writable(path: &Path) -> Result<(), Error> {
    let path = target(path);
    let failed = |source| Error::Write { path: path.clone(), source };
    match OpenOptions::new().write(true).open(&path) {
        Ok(_) => Ok(()),
        Err(error) if is_immutable(&path) => Err(failed(error)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
            let draft = draft_of(&path);
            drop(fs::remove_file(&draft));
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
            made.and_then(|_| fs::remove_file(&draft)).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Removes what a killed service had not yet put in the file's place.
pub(super) fn remove_draft(path: &Path) {
    drop(fs::remove_file(draft_of(&target(path))));
}

/// A file that not even root may change or replace (chattr +i, +a).
fn is_immutable(path: &Path) -> bool {
    let wanted = StatxAttributes::IMMUTABLE | StatxAttributes::APPEND;
    statx(CWD, path, AtFlags::empty(), StatxFlags::BASIC_STATS).is_ok_and(|data| data.stx_attributes.intersects(wanted))
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let draft = draft_of(path);
    let written = fill(&draft, path, text).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        drop(fs::remove_file(&draft));
    }
    written
}

/// What a link points to in the end, also where nothing is there yet.
fn target(path: &Path) -> PathBuf {
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(next) = fs::read_link(&path) else { break };
        path = path.parent().map(|folder| folder.join(&next)).unwrap_or(next);
    }
    path
}

fn draft_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.kv-flexnet"))
}

/// The draft has the owner, the mode and the SELinux label of the file it replaces.
fn fill(draft: &Path, like: &Path, text: &[u8]) -> io::Result<()> {
    // What a killed service left.
    drop(fs::remove_file(draft));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(draft)?;
    if let Ok(old) = File::open(like) {
        let data = old.metadata()?;
        file.set_permissions(data.permissions())?;
        fchown(&file, Some(Uid::from_raw(data.uid())), Some(Gid::from_raw(data.gid())))?;
        let mut label = [0; 256];
        if let Ok(length) = fgetxattr(&old, "security.selinux", &mut label[..])
            && let Some(label) = label.get(..length)
        {
            fsetxattr(&file, "security.selinux", label, XattrFlags::empty())?;
        }
    }
    file.write_all(text)?;
    file.sync_all()
}

/// Never cuts the file before the new text is in it: killed in between, it has blank lines at its end and nothing is lost.
fn in_place(path: &Path, text: &[u8]) -> io::Result<()> {
    let before = fs::read(path)?;
    let mut file = OpenOptions::new().write(true).open(path)?;
    let mut padded = text.to_vec();
    padded.resize(text.len().max(before.len()), b'\n');
    let written = file.write_all(&padded).and_then(|()| file.set_len(length(text))).and_then(|()| file.sync_all());
    if written.is_err() {
        // A disk that is full for the longer text has room for the shorter one that was there.
        drop(file.rewind().and_then(|()| file.write_all(&before)).and_then(|()| file.set_len(length(&before))));
    }
    written
}

fn length(text: &[u8]) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn in_place_is_as_exact(before in prop::collection::vec(any::<u8>(), 0..100), text in prop::collection::vec(any::<u8>(), 0..100)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("hosts");
            fs::write(&path, &before).unwrap();
            in_place(&path, &text).unwrap();
            prop_assert_eq!(fs::read(&path).unwrap(), text);
        }
    }

    #[test]
    fn mode_stays_and_no_draft_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        fs::write(&path, "a").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write(&path, b"b").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a draft is left");
        fs::write(folder.path().join(".hosts.kv-flexnet"), "half").unwrap();
        remove_draft(&path);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn that_it_could_be_written_is_proven_without_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        writable(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        fs::write(&path, "127.0.0.1 localhost\n").unwrap();
        writable(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "127.0.0.1 localhost\n");
        // What nobody can write, root as well.
        assert!(writable(folder.path()).is_err());
        assert!(writable(&folder.path().join("missing/hosts")).is_err());
    }

    #[test]
    fn a_link_stays_a_link_also_where_it_points_to_nothing_yet() {
        let folder = tempfile::tempdir().unwrap();
        let (path, target) = (folder.path().join("link"), folder.path().join("target"));
        symlink("target", &path).unwrap();
        write(&path, b"new").unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new");
        write(&path, b"newer").unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"newer");
        remove(&path).unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink() && !target.exists());
    }
}
