//! `gateway.toml`: [`ConfigFile`] is the file as written, [`Config`] what was checked. Only the latter reaches the rest of the program.
//! One module a section, each with its own checks. Holds no secret: keys lie in files of their own beside it.

mod console;
mod database;
mod files;
mod gateway;
mod limits;
mod log;
mod maintenance;
mod operations;
mod pages;
mod plain;
mod policy;
mod portal;
mod reports;
mod retention;
mod tunnel;
mod verifier;
mod version;

use std::{fs, net::SocketAddr, path::Path};

use flexnet_protocol::{desk::DeskContact, gateway::Policy};
use ipnet::IpNet;
use serde::Deserialize;

pub use console::Console;
pub use database::Place;
pub use files::Files;
pub use limits::{Budget, Limits};
pub use log::{Log, LogFormat};
pub use maintenance::Maintenance;
pub use operations::Operations;
pub use pages::Pages;
pub use plain::Plain;
pub use policy::ATTEMPTS;
pub use portal::Portal;
pub use reports::Reports;
pub use retention::Retention;
pub use tunnel::Tunnel;
pub use verifier::{Ldap, NAME, Radius, Verifier, Who};
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
    #[serde(default)]
    pages: pages::PagesFile,
    #[serde(default)]
    plain: Plain,
    #[serde(default)]
    verifier: verifier::VerifierFile,
    #[serde(default)]
    operations: Operations,
    #[serde(default)]
    log: Log,
    #[serde(default)]
    reports: Reports,
    #[serde(default)]
    retention: Retention,
    console: Option<console::ConsoleFile>,
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
    /// The pages for members' browsers.
    pub pages: Pages,
    /// Where plain HTTP says that it is there.
    pub plain: Plain,
    /// Who judges passwords and TANs, if not this gateway.
    pub verifier: Verifier,
    /// Where the machines that watch it ask, and how it takes its leave.
    pub operations: Operations,
    /// In which words it logs.
    pub log: Log,
    /// How many reports of diagnoses are taken.
    pub reports: Reports,
    /// How long is kept what tells of people.
    pub retention: Retention,
    /// The service desk's web console, where there is one.
    pub console: Option<Console>,
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
        Self::parse(&fs::read_to_string(path).map_err(|e| Error::Read(path.to_owned(), e))?, path)
    }

    /// Checks the text of a configuration that lies at `path`, or will.
    ///
    /// # Errors
    /// [`Error::Syntax`], [`Error::Value`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let file = toml::from_str(text).map_err(|e| Error::Syntax(path.to_owned(), Box::new(e)))?;
        Self::resolve(file, path.parent().unwrap_or(Path::new(".")))
    }

    fn resolve(file: ConfigFile, folder: &Path) -> Result<Self, Error> {
        if file.name.is_empty() || file.organisation.is_empty() {
            return Err(wrong("name, organisation", "must not be empty"));
        }
        let files = Files::inside(folder);
        let (policy, min_client_version) = file.policy.resolve()?;
        let (tunnel, portal) = (file.tunnel.check()?, file.portal.resolve()?);
        if tunnel.pools.iter().any(|pool| portal.networks.iter().any(|network| overlap(pool, network))) {
            return Err(wrong(
                "tunnel.pools",
                "must not overlap with portal.networks: members and portal are different places",
            ));
        }
        Ok(Self {
            id: file.gateway.id(&file.name)?,
            name: file.name,
            database: file.database.place(folder, &files.database),
            organisation: file.organisation,
            listen: file.api.listen,
            tunnel,
            portal,
            policy,
            min_client_version,
            limits: file.limits.check()?,
            maintenance: file.maintenance,
            pages: file.pages.resolve(folder)?,
            plain: file.plain.check()?,
            verifier: file.verifier.resolve(folder)?,
            operations: file.operations.check()?,
            log: file.log,
            reports: file.reports.check()?,
            retention: file.retention.check()?,
            console: file.console.map(|console| console.resolve(folder)).transpose()?,
            desk: file.desk,
            files,
        })
    }
}

/// Whether two networks have an address in common.
fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.contains(&other.network()) || other.contains(&one.network())
}

/// A value of the configuration that cannot be right.
fn wrong(field: &'static str, reason: &str) -> Error {
    Error::Value { field, reason: reason.to_owned() }
}
