//! Windows: the registry, drives, the domain. Type-checked only, not run.

use std::{env, io, path::PathBuf};

use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};
use windows_sys::Win32::{
    Foundation::{ERROR_TOO_MANY_OPEN_FILES, NO_ERROR},
    NetworkManagement::{
        NetManagement::{NETSETUP_JOIN_STATUS, NetApiBufferFree, NetGetJoinInformation, NetSetupDomainName},
        WNet::WNetGetConnectionW,
    },
    Storage::FileSystem::{GetDriveTypeW, GetLogicalDrives},
    System::WindowsProgramming::DRIVE_REMOTE,
};

use crate::{
    facts::{Keyring, Product, System},
    os::{SETTINGS, end_of_life, is_near_host},
};

/// A file that can always be opened.
pub(crate) const NULL: &str = "NUL";

const VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const RESTART: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired";
const CLOUD: &str = r"SYSTEM\CurrentControlSet\Control\CloudDomainJoin\JoinInfo";
/// The class of network services: filters that stand between protocols and adapters (NDIS).
const NET_SERVICES: &str = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e974-e325-11ce-bfc1-08002be10318}";
const FIREWALL: &str = r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy";
const DEFENDER: &str = r"SOFTWARE\Microsoft\Windows Defender";

/// Windows has no limit that a program meets with 48 handles, but its C library has one.
pub(crate) fn is_out_of_handles(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_TOO_MANY_OPEN_FILES.cast_signed())
}

/// The deepest folder on the way to this person's settings that is there. `None` if not even the profile is.
pub(crate) fn settings_folder() -> Option<PathBuf> {
    let roaming = env::var_os("APPDATA").map(PathBuf::from);
    let profile = env::var_os("USERPROFILE").map(PathBuf::from);
    let settings = roaming.as_ref().map(|folder| folder.join(SETTINGS));
    [settings, roaming, profile].into_iter().flatten().find(|folder| folder.is_dir())
}

pub(crate) fn system() -> Option<System> {
    let key = LOCAL_MACHINE.open(VERSION).ok()?;
    let text = |name: &str| key.get_string(name).unwrap_or_default();
    let (build, edition) = (text("CurrentBuild"), text("EditionID"));
    // Windows 11 goes on calling itself 10 here.
    let name = if build.parse::<u32>().is_ok_and(|build| build >= 22000) {
        text("ProductName").replace("Windows 10", "Windows 11")
    } else {
        text("ProductName")
    };
    Some(System {
        name,
        version: format!("{} ({build}.{})", text("DisplayVersion"), key.get_u32("UBR").unwrap_or_default()),
        supported: end_of_life::windows(&build, &edition),
        updates_waiting: Some(LOCAL_MACHINE.open(RESTART).is_ok()),
    })
}

/// A domain, or Entra ID.
pub(crate) fn domain_member() -> Option<bool> {
    let cloud = LOCAL_MACHINE.open(CLOUD).is_ok_and(|key| has_keys(&key));
    let (mut name, mut status): (_, NETSETUP_JOIN_STATUS) = (std::ptr::null_mut(), 0);
    // SAFETY: both pointers are to places of ours; the name that comes is freed by the function made for it, and read by nobody.
    #[expect(unsafe_code, reason = "a call of the system")]
    let told = unsafe {
        let told = NetGetJoinInformation(std::ptr::null(), &raw mut name, &raw mut status);
        NetApiBufferFree(name.cast());
        told
    };
    if told == NO_ERROR { Some(cloud || status == NetSetupDomainName) } else { cloud.then_some(true) }
}

fn has_keys(key: &Key) -> bool {
    key.keys().is_ok_and(|mut keys| keys.next().is_some())
}

/// Drives of servers in a private network, by kind. Asks no server and no name service.
pub(crate) fn shares() -> Option<Vec<String>> {
    // SAFETY: takes nothing.
    #[expect(unsafe_code, reason = "a call of the system")]
    let drives = unsafe { GetLogicalDrives() };
    let letters = (0..26_u8).filter(|place| drives & (1 << place) != 0).map(|place| char::from(b'A' + place));
    let near = letters.filter_map(remote_name).any(|name| {
        let host = name.trim_start_matches('\\').split('\\').next().unwrap_or_default().to_owned();
        is_near_host(&host)
    });
    Some(if near { vec!["cifs".to_owned()] } else { Vec::new() })
}

/// `\\server\share` of a drive that is one.
fn remote_name(letter: char) -> Option<String> {
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    let (root, drive) = (wide(&format!("{letter}:\\")), wide(&format!("{letter}:")));
    let mut name = [0_u16; 1024];
    let mut length = 1024_u32;
    // SAFETY: both texts end with a zero, and the buffer is as long as said.
    #[expect(unsafe_code, reason = "calls of the system")]
    let told = unsafe {
        GetDriveTypeW(root.as_ptr()) == DRIVE_REMOTE
            && WNetGetConnectionW(drive.as_ptr(), name.as_mut_ptr(), &raw mut length) == NO_ERROR
    };
    told.then(|| String::from_utf16_lossy(&name).split('\0').next().unwrap_or_default().to_owned())
}

/// Microsoft's own scanner, by its switches. Others are known to the Security Center only.
pub(crate) fn scanners() -> Option<Vec<Product>> {
    let key = LOCAL_MACHINE.open(DEFENDER).ok()?;
    let protection = key.open("Real-Time Protection").ok();
    let off = |key: Option<&Key>, name: &str| key.is_some_and(|key| key.get_u32(name).is_ok_and(|value| value != 0));
    let passive = off(Some(&key), "DisableAntiSpyware") || off(Some(&key), "PassiveMode");
    let on = !passive && !off(protection.as_ref(), "DisableRealtimeMonitoring");
    Some(vec![Product { name: "Microsoft Defender".to_owned(), on, current: None }])
}

/// Microsoft's own firewall: on if it is for each kind of network.
pub(crate) fn firewalls() -> Option<Vec<Product>> {
    let profiles = ["StandardProfile", "PublicProfile", "DomainProfile"];
    let on = profiles
        .iter()
        .map(|profile| LOCAL_MACHINE.open(format!("{FIREWALL}\\{profile}")).ok()?.get_u32("EnableFirewall").ok())
        .collect::<Option<Vec<u32>>>()?;
    Some(vec![Product { name: "Windows".to_owned(), on: on.iter().all(|value| *value != 0), current: None }])
}

/// Filters of other makers that are bound to adapters.
pub(crate) fn filters() -> Vec<String> {
    let Ok(class) = LOCAL_MACHINE.open(NET_SERVICES) else { return Vec::new() };
    let Ok(names) = class.keys() else { return Vec::new() };
    let of_others = names.filter_map(|name| {
        let key = class.open(name).ok()?;
        let maker = key.get_string("ProviderName").ok()?;
        (!maker.eq_ignore_ascii_case("Microsoft")).then(|| key.get_string("DriverDesc").ok()).flatten()
    });
    of_others.collect()
}

/// The Credential Manager opens with the person's own sign-in.
pub(crate) async fn keyring() -> Option<Keyring> {
    CURRENT_USER.open("Software").is_ok().then_some(Keyring::Open)
}
