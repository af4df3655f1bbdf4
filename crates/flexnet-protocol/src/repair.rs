//! What a repair will do and what it did: typed, so that both languages have words for it, and beside each the line for the desk.
//! The words are `repair-will-KIND`, `repair-did-KIND`, `repair-failed-KIND` and `repair-foreign-KIND` of `locales/*/repair.ftl`.

use serde::{Deserialize, Serialize};

/// What a repair would do now. Nothing of it is done yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairPlan {
    /// In the order in which it would be done.
    pub steps: Vec<RepairStep>,
    /// What belongs to other programs and is left alone.
    pub foreign: Vec<Foreign>,
}

/// What a repair did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// Done.
    pub undone: Vec<RepairStep>,
    /// Could not be done; the line says why.
    pub failed: Vec<RepairStep>,
    /// What belongs to other programs and was left alone.
    pub foreign: Vec<Foreign>,
}

impl Repaired {
    /// The reasons of everything that could not be done, for the detail of a fault.
    pub fn reasons(&self) -> String {
        self.failed.iter().map(|step| step.detail.as_str()).collect::<Vec<_>>().join("; ")
    }
}

/// One thing that a repair takes back or puts in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairStep {
    /// What it is about.
    pub kind: RepairKind,
    /// For the desk, in technical English: what exactly, or why not.
    pub detail: String,
}

impl RepairStep {
    /// A step with its line for the desk.
    pub fn new(kind: RepairKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

/// What a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairKind {
    /// The service is started. Whoever asks does that, the service cannot.
    Service,
    /// Our lines in the file of host names go.
    HostsFile,
    /// What the system's name service asks by our device goes.
    NameService,
    /// The tunnel device goes, and with it its addresses and the routes to the portal.
    Device,
    /// Our table of the packet filter goes.
    PacketFilter,
    /// The journal tells of changes that do not stand any more; its entries go.
    Journal,
    /// What the system remembers of names is forgotten, so that they are asked for anew.
    NameCache,
}

impl RepairKind {
    /// In the order in which a repair goes.
    pub const ALL: [Self; 7] = [
        Self::Service,
        Self::HostsFile,
        Self::NameService,
        Self::Device,
        Self::PacketFilter,
        Self::Journal,
        Self::NameCache,
    ];

    /// The end of its texts' keys.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::HostsFile => "hosts-file",
            Self::NameService => "name-service",
            Self::Device => "device",
            Self::PacketFilter => "packet-filter",
            Self::Journal => "journal",
            Self::NameCache => "name-cache",
        }
    }
}

/// Something of another program that a repair could be taken to be about, and leaves alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Foreign {
    /// What it is.
    pub kind: ForeignKind,
    /// The system's name of it, such as `tun0`; never a name that a person gave.
    pub name: String,
    /// The product or program that it belongs to; empty where nobody could tell.
    pub owner: String,
}

/// What a foreign thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForeignKind {
    /// A tunnel device.
    Device,
    /// Lines in the file of host names that speak of the portal and are not ours.
    HostsFile,
}

impl ForeignKind {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Device, Self::HostsFile];

    /// The end of its texts' keys; `-unnamed` behind it where the owner is not known.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::HostsFile => "hosts-file",
        }
    }
}
