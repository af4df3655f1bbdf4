//! This PC.

use serde::Serialize;

/// Clock, system, room, protection, key store.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pc {
    /// The operating system.
    pub system: Option<System>,
    /// Seconds that the PC's clock is ahead of the gateway's. Only from an answer over a chain that ends in the profile's authority, whose
    /// validity was judged at the gateway's own time.
    pub clock_ahead: Option<i64>,
    /// Writing 64 KiB into the folder of this person's settings.
    pub home: Option<Room>,
    /// File descriptors (handles) that this program could still open, counted up to 48.
    pub spare_handles: Option<u32>,
    /// Virus scanners that the system names. Empty where it names none; on Linux always `None`.
    pub scanners: Option<Vec<Product>>,
    /// Firewalls that the system names.
    pub firewalls: Option<Vec<Product>>,
    /// Filter drivers of others in the way of network packets (Windows: WFP callouts, NDIS filters; macOS: network extensions), by product.
    pub filters: Vec<String>,
    /// The store of keys of this person.
    pub keyring: Option<Keyring>,
    /// Whether the PC belongs to a domain that somebody else manages (Active Directory, Entra ID, MDM).
    pub domain_member: Option<bool>,
    /// File shares of a private network that are mounted now, by kind of file system (`cifs`, `nfs`), never by name.
    pub shares: Option<Vec<String>>,
}

/// The operating system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct System {
    /// Such as `Debian GNU/Linux 12` or `Windows 11 Pro`.
    pub name: String,
    /// Such as `24H2 (26100.2314)`.
    pub version: String,
    /// Whether its maker still mends it at the day of this build's table; `None` where the table does not know it.
    pub supported: Option<bool>,
    /// Security updates or a restart are waiting; `None` where the system does not tell.
    pub updates_waiting: Option<bool>,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Room {
    /// It can be written.
    Writable,
    /// ENOSPC or EDQUOT.
    Full,
    /// EROFS, EACCES, EPERM.
    ReadOnly,
    /// There is no such folder.
    Missing,
    /// Something else.
    Broken,
}

/// A program of protection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// Switched on.
    pub on: bool,
    /// Its signatures are of late; `None` where there are none or nobody tells.
    pub current: Option<bool>,
}

/// The store of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyring {
    /// Open.
    Open,
    /// There, and locked.
    Locked,
    /// None.
    Absent,
}
