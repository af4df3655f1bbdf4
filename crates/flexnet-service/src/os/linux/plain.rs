//! `/etc/resolv.conf` where nobody keeps it: under the exclusive policy it names the tunnel's servers and no other.
//! Lines of others are set aside in the file itself, so that taking ours out gives back every byte, and what others wrote meanwhile stays.

use std::{net::IpAddr, path::Path};

use super::system_file::{self, Error};

/// The file.
pub(super) const FILE: &str = "/etc/resolv.conf";
/// Before each line of ours.
const OURS: &str = "# kv-flexnet: the next line goes when the session ends\n";
/// In front of each line that is set aside.
const ASIDE: &str = "# kv-flexnet: back when the session ends: ";
/// First line where there was no file.
const NONE: &str = "# kv-flexnet: this file goes when the session ends\n";

/// Puts the servers in, in place of older ones and of those of others; `false` if they stood there and nobody else's.
pub(super) fn put(path: &Path, servers: &[IpAddr]) -> Result<bool, Error> {
    let found = system_file::read(path)?;
    let before = found.as_deref().map(without_ours);
    let mut text = Vec::new();
    if found.as_deref().is_none_or(|found| found.starts_with(NONE.as_bytes())) {
        text.extend(NONE.bytes());
    }
    for server in servers {
        text.extend(format!("{OURS}nameserver {server}\n").into_bytes());
    }
    for line in lines(before.as_deref().unwrap_or_default()) {
        if is_server(line) {
            text.extend(ASIDE.bytes());
        }
        text.extend(line);
    }
    if found.as_deref() == Some(&*text) { Ok(false) } else { system_file::write(path, &text).map(|()| true) }
}

/// What [`remove`] would take out.
pub(super) fn left(path: &Path) -> Result<Option<String>, String> {
    let Some(before) = system_file::read(path).map_err(|e| super::told(&e))? else { return Ok(None) };
    Ok((without_ours(&before) != before).then(|| servers_in(path)))
}

/// Takes them out, if they are there, and a draft that a killed service left.
pub(super) fn remove(path: &Path) -> Result<Option<String>, String> {
    system_file::remove_draft(path);
    let Some(before) = system_file::read(path).map_err(|e| super::told(&e))? else { return Ok(None) };
    let after = without_ours(&before);
    if after == before {
        return Ok(None);
    }
    let was_none = before.starts_with(NONE.as_bytes()) && after.is_empty();
    let changed = if was_none { system_file::remove(path) } else { system_file::write(path, &after) };
    changed.map_err(|e| super::told(&e))?;
    Ok(Some(servers_in(path)))
}

fn servers_in(path: &Path) -> String {
    format!("name servers in {}", path.display())
}

fn is_server(line: &[u8]) -> bool {
    line.trim_ascii_start()
        .strip_prefix(b"nameserver")
        .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&b| b == b'\n')
}

fn without_ours(text: &[u8]) -> Vec<u8> {
    let mut rest = Vec::new();
    let mut after_mark = false;
    for line in lines(text) {
        if std::mem::take(&mut after_mark) && is_server(line) {
            continue;
        }
        if line == OURS.as_bytes() {
            after_mark = true;
        } else if line != NONE.as_bytes() {
            rest.extend(line.strip_prefix(ASIDE.as_bytes()).unwrap_or(line));
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use proptest::prelude::*;

    fn servers() -> [IpAddr; 2] {
        ["10.210.0.53".parse().unwrap(), "2001:db8::53".parse().unwrap()]
    }

    fn asked(text: &str) -> Vec<&str> {
        text.lines().filter_map(|line| line.strip_prefix("nameserver ")).collect()
    }

    #[test]
    fn only_our_servers_are_asked_until_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("resolv.conf");
        let before = "search praxis.example\nnameserver 192.168.178.1\n  nameserver\t1.1.1.1\noptions edns0";
        fs::write(&path, before).unwrap();
        put(&path, &servers()).unwrap();
        put(&path, &servers()).unwrap();
        let with = fs::read_to_string(&path).unwrap();
        assert_eq!(asked(&with), ["10.210.0.53", "2001:db8::53"]);
        assert!(with.contains("\nsearch praxis.example\n") && !with.contains("\n  nameserver"), "{with}");
        assert!(remove(&path).unwrap().is_some());
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
        assert!(remove(&path).unwrap().is_none());
    }

    #[test]
    fn what_others_wrote_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("resolv.conf");
        fs::write(&path, "nameserver 192.168.178.1\n").unwrap();
        put(&path, &servers()).unwrap();
        // A DHCP client writes the whole file.
        fs::write(&path, "nameserver 192.168.0.1\n").unwrap();
        assert!(remove(&path).unwrap().is_none());
        assert_eq!(fs::read_to_string(&path).unwrap(), "nameserver 192.168.0.1\n");
        // An editor adds to it.
        put(&path, &servers()).unwrap();
        let with = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{with}options rotate\n")).unwrap();
        remove(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "nameserver 192.168.0.1\noptions rotate\n");
    }

    #[test]
    fn where_there_was_no_file_there_is_none_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("resolv.conf");
        put(&path, &servers()).unwrap();
        put(&path, &servers()).unwrap();
        remove(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    proptest! {
        #[test]
        fn the_file_is_byte_for_byte_as_it_was(text in "(nameserver |[a-z #;]|\t|\n|1.1.1.1){0,60}") {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("resolv.conf");
            fs::write(&path, &text).unwrap();
            put(&path, &servers()).unwrap();
            let with = fs::read_to_string(&path).unwrap();
            prop_assert_eq!(with.lines().filter(|line| is_server(line.as_bytes())).count(), 2);
            remove(&path).unwrap();
            prop_assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
