//! macOS: property lists that everybody may read, system extensions, mount points. Type-checked only, not run.

use std::{env, ffi::CStr, fs, io, path::PathBuf};

use nix::libc;
use plist::Value;

use crate::{
    facts::{Keyring, Product, System},
    os::{SETTINGS, end_of_life, is_near_host},
};

/// A file that can always be opened.
pub(crate) const NULL: &str = "/dev/null";

/// EMFILE or ENFILE.
pub(crate) fn is_out_of_handles(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

/// The deepest folder on the way to this person's settings that is there. `None` if not even the home is.
pub(crate) fn settings_folder() -> Option<PathBuf> {
    let home = PathBuf::from(env::var_os("HOME").filter(|home| !home.is_empty())?);
    let support = home.join("Library/Application Support");
    [support.join(SETTINGS), support, home].into_iter().find(|folder| folder.is_dir())
}

pub(crate) fn system() -> Option<System> {
    let about = Value::from_file("/System/Library/CoreServices/SystemVersion.plist").ok()?;
    let field = |name: &str| about.as_dictionary()?.get(name)?.as_string().map(str::to_owned);
    let version = field("ProductVersion")?;
    let build = field("ProductBuildVersion").unwrap_or_default();
    Some(System {
        name: field("ProductName").unwrap_or_else(|| "macOS".to_owned()),
        supported: version.split('.').next().and_then(end_of_life::macos),
        version: format!("{version} ({build})"),
        updates_waiting: updates(),
    })
}

/// What `softwareupdate` found last.
fn updates() -> Option<bool> {
    let found = Value::from_file("/Library/Preferences/com.apple.SoftwareUpdate.plist").ok()?;
    let waiting = found.as_dictionary()?.get("RecommendedUpdates").and_then(Value::as_array);
    Some(waiting.is_some_and(|updates| !updates.is_empty()))
}

/// Bound to a directory, or enrolled with a management server.
pub(crate) fn domain_member() -> Option<bool> {
    let directory = fs::read_dir("/Library/Preferences/OpenDirectory/Configurations/Active Directory");
    let bound = directory.is_ok_and(|mut files| files.next().is_some());
    let managed = PathBuf::from("/var/db/ConfigurationProfiles/Settings/.cloudConfigProfileInstalled");
    Some(bound || managed.exists())
}

/// Shares of servers with private addresses, by kind. Reads what is mounted; asks no server and no name service.
pub(crate) fn shares() -> Option<Vec<String>> {
    let mut mounts: *mut libc::statfs = std::ptr::null_mut();
    // SAFETY: getmntinfo(3) sets the pointer to an array of as many entries as it returns, which stays until this thread calls it again.
    #[expect(unsafe_code, reason = "a call of libc")]
    let mounted = unsafe {
        let count = libc::getmntinfo(&raw mut mounts, libc::MNT_NOWAIT);
        usize::try_from(count).ok().filter(|count| *count > 0).map(|count| std::slice::from_raw_parts(mounts, count))
    }?;
    let mut kinds: Vec<String> = mounted
        .iter()
        .filter_map(|mount| {
            let source = text(&mount.f_mntfromname);
            let (kind, host) = match text(&mount.f_fstypename).as_str() {
                "smbfs" => ("cifs", source.strip_prefix("//")?.split('/').next()?.to_owned()),
                "nfs" => ("nfs", source.split_once(":/")?.0.to_owned()),
                _ => return None,
            };
            is_near_host(host.rsplit('@').next()?).then(|| kind.to_owned())
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    Some(kinds)
}

fn text(bytes: &[libc::c_char]) -> String {
    // SAFETY: the kernel ends each of these names with a zero within its array.
    #[expect(unsafe_code, reason = "a string of libc")]
    let text = unsafe { CStr::from_ptr(bytes.as_ptr()) };
    text.to_string_lossy().into_owned()
}

/// Programs of others that watch what runs here, as system extensions. Apple's own scanner has no switch.
pub(crate) fn scanners() -> Option<Vec<Product>> {
    let watchers = extensions("com.apple.system_extension.endpoint_security")?;
    Some(watchers.into_iter().map(|(name, on)| Product { name, on, current: None }).collect())
}

/// The application firewall, where its settings are a file (until macOS 14).
pub(crate) fn firewalls() -> Option<Vec<Product>> {
    let settings = Value::from_file("/Library/Preferences/com.apple.alf.plist").ok()?;
    let state = settings.as_dictionary()?.get("globalstate")?.as_signed_integer()?;
    Some(vec![Product { name: "macOS".to_owned(), on: state > 0, current: None }])
}

/// Network extensions of others that are switched on.
pub(crate) fn filters() -> Vec<String> {
    let network = extensions("com.apple.system_extension.network_extension").unwrap_or_default();
    network.into_iter().filter_map(|(name, on)| on.then_some(name)).collect()
}

/// System extensions of a category: identifier and whether it is on.
fn extensions(category: &str) -> Option<Vec<(String, bool)>> {
    let database = Value::from_file("/Library/SystemExtensions/db.plist").ok()?;
    let all = database.as_dictionary()?.get("extensions")?.as_array()?;
    let of_category = all.iter().filter_map(Value::as_dictionary).filter(|extension| {
        let categories = extension.get("categories").and_then(Value::as_array);
        categories.is_some_and(|names| names.iter().any(|name| name.as_string() == Some(category)))
    });
    let told = of_category.filter_map(|extension| {
        let name = extension.get("identifier")?.as_string()?.to_owned();
        Some((name, extension.get("state").and_then(Value::as_string) == Some("activated_enabled")))
    });
    Some(told.collect())
}

/// The keychain of the sign-in. Whether it is locked is not told without asking it.
pub(crate) async fn keyring() -> Option<Keyring> {
    let home = PathBuf::from(env::var_os("HOME")?);
    (!home.join("Library/Keychains/login.keychain-db").exists()).then_some(Keyring::Absent)
}
