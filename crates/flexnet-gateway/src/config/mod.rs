//! `gateway.toml`: [`ConfigFile`] is the file as written, [`Config`] what was checked. Only the latter reaches the rest of the program.
//! One module a section, each with its own checks. Holds no secret: keys lie in files of their own beside it.

mod database;
mod files;
mod gateway;
mod limits;
mod maintenance;
mod policy;
mod portal;
mod tunnel;
mod version;

use std::{fs, net::SocketAddr, path::Path};

use flexnet_protocol::{desk::DeskContact, gateway::Policy};
use serde::Deserialize;

pub use database::Place;
pub use files::Files;
pub use limits::{Budget, Limits};
pub use maintenance::Maintenance;
pub use policy::ATTEMPTS;
pub use portal::Portal;
pub use tunnel::Tunnel;
pub use version::Version;

use crate::error::Error;

/// The file as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    name: String,
    organisation: String,
    #[serde(default)]
    gateway: gateway::GatewayFile,
    #[serde(default)]
    database: database::DatabaseFile,
    api: ApiFile,
    tunnel: Tunnel,
    portal: portal::PortalFile,
    policy: policy::PolicyFile,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    maintenance: Maintenance,
    desk: DeskContact,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiFile {
    listen: SocketAddr,
}

/// The checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name in the certificate. Several gateways may share it.
    pub name: String,
    /// This gateway's own name in the database and in the audit; no other over the same database has it.
    pub id: String,
    /// Which database.
    pub database: Place,
    /// Name of the KV.
    pub organisation: String,
    /// Where the sign-in API listens.
    pub listen: SocketAddr,
    /// The way in, as members are told and as the device is made.
    pub tunnel: Tunnel,
    /// What lies behind.
    pub portal: Portal,
    /// The rules of sign-in and session.
    pub policy: Policy,
    /// Oldest client that may sign in.
    pub min_client_version: Version,
    /// How much is served at once.
    pub limits: Limits,
    /// Whether the access is being worked on.
    pub maintenance: Maintenance,
    /// Whom members telephone.
    pub desk: DeskContact,
    /// Where keys, certificates and database lie.
    pub files: Files,
}

impl Config {
    /// Reads and checks a configuration; the other files lie beside it.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Syntax`], [`Error::Value`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|e| Error::Read(path.to_owned(), e))?;
        let file = toml::from_str(&text).map_err(|e| Error::Syntax(path.to_owned(), Box::new(e)))?;
        Self::resolve(file, path.parent().unwrap_or(Path::new(".")))
    }

    fn resolve(file: ConfigFile, folder: &Path) -> Result<Self, Error> {
        if file.name.is_empty() || file.organisation.is_empty() {
            return Err(wrong("name, organisation", "must not be empty"));
        }
        let files = Files::inside(folder);
        let (policy, min_client_version) = file.policy.resolve()?;
        Ok(Self {
            id: file.gateway.id(&file.name)?,
            name: file.name,
            database: file.database.place(folder, &files.database),
            organisation: file.organisation,
            listen: file.api.listen,
            tunnel: file.tunnel.check()?,
            portal: file.portal.resolve()?,
            policy,
            min_client_version,
            limits: file.limits.check()?,
            maintenance: file.maintenance,
            desk: file.desk,
            files,
        })
    }
}

/// A value of the configuration that cannot be right.
fn wrong(field: &'static str, reason: &str) -> Error {
    Error::Value { field, reason: reason.to_owned() }
}
