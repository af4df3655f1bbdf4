//! The portal's names in the file of hosts, where the PC has no name service that could be split.
//! Every line of ours stands at the beginning and ends with a mark, so that taking them out leaves the rest byte for byte as it is.

use std::{net::IpAddr, path::Path};

use super::system_file::{self, Error};

/// The file.
pub(super) const FILE: &str = "/etc/hosts";
/// The end of every line of ours.
const MARK: &str = "# kv-flexnet: removed when the session ends";

/// Puts our lines in, in place of older ones; `false` if they stood there.
pub(super) fn put(path: &Path, hosts: &[(String, Vec<IpAddr>)]) -> Result<bool, Error> {
    let before = system_file::read(path)?.unwrap_or_default();
    let mut text = Vec::new();
    for (host, addresses) in hosts {
        for address in addresses {
            text.extend(format!("{address} {host} {MARK}\n").into_bytes());
        }
    }
    text.extend(without_ours(&before));
    if text == before { Ok(false) } else { system_file::write(path, &text).map(|()| true) }
}

/// What [`remove`] would take out.
pub(super) fn left(path: &Path) -> Result<Option<String>, String> {
    let before = system_file::read(path).map_err(|e| super::told(&e))?.unwrap_or_default();
    Ok((without_ours(&before) != before).then(|| lines_in(path)))
}

/// Takes our lines out, if there are any, and a draft that a killed service left.
pub(super) fn remove(path: &Path) -> Result<Option<String>, String> {
    system_file::remove_draft(path);
    let before = system_file::read(path).map_err(|e| super::told(&e))?.unwrap_or_default();
    let after = without_ours(&before);
    if after == before {
        return Ok(None);
    }
    system_file::write(path, &after).map_err(|e| super::told(&e))?;
    Ok(Some(lines_in(path)))
}

fn lines_in(path: &Path) -> String {
    format!("lines in {}", path.display())
}

/// Whether lines that are not ours give one of these hosts an address.
pub(super) fn others_name(path: &Path, hosts: &[String]) -> bool {
    let text = without_ours(&system_file::read(path).ok().flatten().unwrap_or_default());
    String::from_utf8_lossy(&text).lines().any(|line| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace().skip(1);
        words.any(|name| hosts.iter().any(|host| host.eq_ignore_ascii_case(name)))
    })
}

fn without_ours(text: &[u8]) -> Vec<u8> {
    let ours = |line: &&[u8]| line.trim_ascii_end().ends_with(MARK.as_bytes());
    text.split_inclusive(|&b| b == b'\n').filter(|line| !ours(line)).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

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
            prop_assert!(left(&path).unwrap().is_some());
            prop_assert_eq!(left(&path).unwrap(), remove(&path).unwrap());
            prop_assert_eq!(left(&path).unwrap(), None);
            prop_assert_eq!(fs::read(&path).unwrap(), text);
            prop_assert!(remove(&path).unwrap().is_none());
        }
    }

    #[test]
    fn lines_of_others_that_came_meanwhile_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        fs::write(&path, "127.0.0.1 localhost\n").unwrap();
        put(&path, &portal()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("192.0.2.1 printer\n{text}192.0.2.2 nas\n")).unwrap();
        remove(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "192.0.2.1 printer\n127.0.0.1 localhost\n192.0.2.2 nas\n");
    }

    #[test]
    fn lines_of_others_about_the_portal_are_seen_and_ours_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        let hosts = ["portal.snk.example".to_owned()];
        fs::write(&path, "127.0.0.1 localhost # portal.snk.example\n#192.0.2.1 portal.snk.example\n").unwrap();
        put(&path, &portal()).unwrap();
        assert!(!others_name(&path, &hosts));
        fs::write(&path, "192.0.2.1\tother Portal.SNK.example # by hand\n").unwrap();
        assert!(others_name(&path, &hosts) && !others_name(&path, &["snk.example".into()]));
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
}
