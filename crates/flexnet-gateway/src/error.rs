//! What can go wrong on the KV's side, by phase. Who starts the program reads it; a member gets a fault of the catalogue instead (see `api::problem`).

use std::{io, net::SocketAddr, path::PathBuf};

/// A failure of the gateway program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the gateway's folder.
    #[error("cannot read {0}")]
    Read(PathBuf, #[source] io::Error),
    /// A file of the gateway's folder.
    #[error("cannot write {0}")]
    Write(PathBuf, #[source] io::Error),
    /// `init` does not overwrite.
    #[error("{0} holds something already; a gateway is founded once, in a new or an empty folder")]
    Exists(PathBuf),
    /// The configuration is no TOML, or a field is missing, unknown or of another type.
    #[error("{0} cannot be understood")]
    Syntax(PathBuf, #[source] Box<toml::de::Error>),
    /// A value that cannot be right.
    #[error("{field}: {reason}")]
    Value {
        /// Where in the configuration, or which argument.
        field: &'static str,
        /// Why.
        reason: String,
    },
    /// A configuration or profile could not be put into words.
    #[error("cannot write the configuration as TOML")]
    Toml(#[source] toml::ser::Error),
    /// Making the authority or the server's certificate.
    #[error("cannot make the certificates")]
    Certificates(#[source] rcgen::Error),
    /// Loading certificate and key.
    #[error("the server's certificate and key")]
    Tls(#[source] rustls::Error),
    /// Loading certificate and key.
    #[error("{0} holds no usable PEM")]
    Pem(PathBuf, #[source] rustls::pki_types::pem::Error),
    /// The WireGuard key.
    #[error("the WireGuard key")]
    WireGuardKey(#[source] flexnet_wireguard::Error),
    /// The system gave no random numbers, or a sealed value was changed or sealed under another key.
    #[error("{0}")]
    Seal(&'static str),
    /// The audit's end, which every row continues.
    #[error("the audit: {0}; `admin audit verify` says more")]
    Audit(&'static str),
    /// The password could not be hashed.
    #[error("cannot hash the password: {0}")]
    Hash(String),
    /// The database.
    #[error("the database")]
    Database(#[from] sqlx::Error),
    /// A row that this version cannot have written.
    #[error("the database holds a {0} that makes no sense")]
    Row(&'static str),
    /// A database of a newer version.
    #[error("the database has schema {0}, which this version does not know")]
    Schema(i64),
    /// Every address of the pool is taken.
    #[error("no address is left in the pool {0}")]
    PoolExhausted(ipnet::IpNet),
    /// The gateway's network.
    #[error("the gateway's network")]
    Network(#[source] crate::network::Error),
    /// The sign-in API's address.
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The example portal.
    #[error("the example portal")]
    Portal(#[source] Box<crate::portal::Error>),
    /// `check` found what must be put right.
    #[error("errors: {0}")]
    Findings(usize),
    /// An admin command names what there is not.
    #[error("there is no {0}")]
    Unknown(String),
    /// An admin command makes what there is already.
    #[error("there is already {0}")]
    Taken(String),
    /// What `admin audit verify` found.
    #[error("the audit is broken: {0}")]
    Broken(crate::audit::Broken),
    /// What one brings, another must let in.
    #[error("import {import} was brought by {brought_by}, and you are {you}: another person must judge it")]
    SamePerson {
        /// Number of the import.
        import: i64,
        /// Login name of whoever brought it.
        brought_by: String,
        /// The same, as the one who asks.
        you: String,
    },
    /// A file with tokens.
    #[error("the tokens cannot be taken, and none was")]
    Provision(#[source] crate::provision::Error),
    /// Standard input or output.
    #[error("standard input or output")]
    Terminal(#[source] io::Error),
}
