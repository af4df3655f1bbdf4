//! The portal's names in the file of hosts, where the PC has no name service that could be split.
//! Every line of ours stands at the beginning and ends with a mark, so that taking them out leaves the rest byte for byte as it is.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek as _, Write as _},
    net::IpAddr,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::{Gid, Uid, XattrFlags, fchown, fgetxattr, fsetxattr};

/// The file.
pub(super) const FILE: &str = "/etc/hosts";
/// The end of every line of ours.
const MARK: &str = "# kv-flexnet: removed when the session ends";

/// Why the file could not be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {path}")]
    Write { path: PathBuf, source: io::Error },
}

/// Puts our lines in, in place of older ones.
pub(super) fn put(path: &Path, hosts: &[(String, Vec<IpAddr>)]) -> Result<(), Error> {
    let before = read(path)?;
    let mut text = Vec::new();
    for (host, addresses) in hosts {
        for address in addresses {
            text.extend(format!("{address} {host} {MARK}\n").into_bytes());
        }
    }
    text.extend(without_ours(&before));
    write(path, &text)
}

/// Proves that our lines could be put in, and changes nothing: the file can be written in place, or replaced where only its mode says no.
pub(super) fn writable(path: &Path) -> Result<(), Error> {
    let path = target(path);
    let failed = |source| Error::Write { path: path.clone(), source };
    match OpenOptions::new().write(true).open(&path) {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
            let draft = draft_of(&path);
            drop(fs::remove_file(&draft));
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
            made.and_then(|_| fs::remove_file(&draft)).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Takes our lines out, if there are any, and a draft that a killed service left.
pub(super) fn remove(path: &Path) -> Result<Option<String>, String> {
    drop(fs::remove_file(draft_of(path)));
    let before = read(path).map_err(|e| super::told(&e))?;
    let after = without_ours(&before);
    if after == before {
        return Ok(None);
    }
    write(path, &after).map_err(|e| super::told(&e))?;
    Ok(Some(format!("lines in {}", path.display())))
}

fn without_ours(text: &[u8]) -> Vec<u8> {
    let ours = |line: &&[u8]| line.trim_ascii_end().ends_with(MARK.as_bytes());
    text.split_inclusive(|&b| b == b'\n').filter(|line| !ours(line)).flatten().copied().collect()
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|source| Error::Read { path: path.to_owned(), source }),
    }
}

/// Replaces the file in one step. Where it cannot be replaced, because it is mounted by itself or its folder is not ours to write, it is written in place.
fn write(path: &Path, text: &[u8]) -> Result<(), Error> {
    // Where the file is a link, what it points to is replaced, never the link.
    let path = &target(path);
    let failed = |source| Error::Write { path: path.clone(), source };
    match replace(path, text) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(failed(error)),
        Err(_) => in_place(path, text).map_err(failed),
    }
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let draft = draft_of(path);
    let written = fill(&draft, path, text).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        drop(fs::remove_file(&draft));
    }
    written
}

fn target(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn draft_of(path: &Path) -> PathBuf {
    target(path).with_file_name(".hosts.kv-flexnet")
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
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use proptest::prelude::*;

    fn portal() -> Vec<(String, Vec<IpAddr>)> {
        vec![("portal.snk.example".into(), vec!["10.210.0.10".parse().unwrap(), "2001:db8::10".parse().unwrap()])]
    }

    proptest! {
        /// Whatever stood in the file, with or without a last line break, stands there again.
        #[test]
        fn the_file_is_byte_for_byte_as_it_was(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("hosts");
            fs::write(&path, &text).unwrap();
            put(&path, &portal()).unwrap();
            put(&path, &portal()).unwrap();
            let with = fs::read(&path).unwrap();
            prop_assert!(with.starts_with(b"10.210.0.10 portal.snk.example #"));
            prop_assert_eq!(with.len() - text.len(), without_ours(&with).len().abs_diff(with.len()));
            prop_assert!(remove(&path).unwrap().is_some());
            prop_assert_eq!(fs::read(&path).unwrap(), text);
            prop_assert!(remove(&path).unwrap().is_none());
        }
    }

    #[test]
    fn lines_of_others_that_came_meanwhile_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        fs::write(&path, "127.0.0.1 localhost\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        put(&path, &portal()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("192.0.2.1 printer\n{text}192.0.2.2 nas\n")).unwrap();
        remove(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "192.0.2.1 printer\n127.0.0.1 localhost\n192.0.2.2 nas\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a draft is left");
    }

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
    fn a_draft_of_a_killed_service_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        fs::write(&path, "127.0.0.1 localhost\n").unwrap();
        fs::write(folder.path().join(".hosts.kv-flexnet"), "half").unwrap();
        assert_eq!(remove(&path).unwrap(), None);
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
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, target) = (folder.path().join("hosts"), folder.path().join("target"));
        fs::write(&target, "127.0.0.1 localhost\n").unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        put(&path, &portal()).unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        remove(&path).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "127.0.0.1 localhost\n");
    }
}
