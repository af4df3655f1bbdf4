//! The key of an installation: made once, kept private, in no text.

use std::fs;

use crate::report::{InstallationKey, KeyLife};

#[test]
fn a_key_is_made_once_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("state/kv-flexnet");
    let first = InstallationKey::open_or_make(&folder).unwrap();
    let second = InstallationKey::open_or_make(&folder).unwrap();
    assert_eq!(first.fingerprint(), second.fingerprint());
    assert_eq!(first.life(), KeyLife::Kept);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no half file is left");
    assert_ne!(InstallationKey::for_this_run().unwrap().fingerprint(), first.fingerprint());
}

#[test]
fn many_at_once_get_the_same_key() {
    let home = tempfile::tempdir().unwrap();
    let made = || InstallationKey::open_or_make(home.path()).unwrap().fingerprint();
    let all: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(made)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let home = tempfile::tempdir().unwrap();
    InstallationKey::open_or_make(home.path()).unwrap();
    let path = home.path().join("report-key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(InstallationKey::open_or_make(home.path()), Err(crate::report::BadKey::NotPrivate)));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "no key").unwrap();
    assert!(matches!(InstallationKey::open_or_make(home.path()), Err(crate::report::BadKey::NotAKey)));
    fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    assert!(matches!(InstallationKey::open_or_make(home.path()), Err(crate::report::BadKey::NotPrivate)));
}

#[test]
fn no_secret_is_in_debug() {
    let key = InstallationKey::of_seed(7);
    assert_eq!(format!("{key:?}"), format!("InstallationKey {{ fingerprint: {}, life: Kept }}", key.fingerprint()));
}
