//! `[verifier]`: who judges passwords and TANs if not this gateway. Absent: the gateway itself, and nobody is asked.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use url::Url;

use super::wrong;
use crate::error::Error;

/// Stands for the member's name, escaped, in `dn` and `filter`.
pub const NAME: &str = "{name}";
/// The longest that the servers may take together, so that an answer comes before a client gives up.
const MAX_WAIT_MS: u32 = 8_000;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifierFile {
    refusal_step_ms: Option<u32>,
    tan: Option<TanFile>,
    password: Option<PasswordFile>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TanFile {
    radius: RadiusFile,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordFile {
    ldap: LdapFile,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RadiusFile {
    servers: Vec<SocketAddr>,
    secret_file: PathBuf,
    #[serde(default = "radius_wait")]
    wait_ms: u32,
    #[serde(default = "radius_tries")]
    tries: u32,
    #[serde(default = "dead_seconds")]
    dead_seconds: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct LdapFile {
    urls: Vec<String>,
    ca_file: PathBuf,
    dn: Option<String>,
    search: Option<SearchFile>,
    #[serde(default = "ldap_wait")]
    wait_ms: u32,
    #[serde(default = "dead_seconds")]
    dead_seconds: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchFile {
    base: String,
    filter: String,
    bind_dn: String,
    bind_password_file: PathBuf,
}

/// `[verifier]`.
#[derive(Debug, Clone)]
pub struct Verifier {
    /// Who judges TANs.
    pub radius: Option<Radius>,
    /// Who judges passwords.
    pub ldap: Option<Ldap>,
    /// Where somebody else judges, a refusal is told at a multiple of so many milliseconds.
    pub refusal_step_ms: u32,
}

/// `[verifier.tan.radius]`.
#[derive(Debug, Clone)]
pub struct Radius {
    /// Best first.
    pub servers: Vec<SocketAddr>,
    /// Private file with the shared secret.
    pub secret_file: PathBuf,
    /// Milliseconds to wait for an answer before the request is sent again.
    pub wait_ms: u32,
    /// How often it is sent.
    pub tries: u32,
    /// Seconds for which a dead server is left alone.
    pub dead_seconds: u32,
}

/// `[verifier.password.ldap]`.
#[derive(Debug, Clone)]
pub struct Ldap {
    /// `ldaps://`, or `ldap://` with StartTLS; best first.
    pub urls: Vec<String>,
    /// The only authority that is trusted, PEM.
    pub ca_file: PathBuf,
    /// How a member's entry is found.
    pub who: Who,
    /// Milliseconds for everything together.
    pub wait_ms: u32,
    /// Seconds for which a dead server is left alone.
    pub dead_seconds: u32,
}

/// How a member's entry is found.
#[derive(Debug, Clone)]
pub enum Who {
    /// Its name is this, with [`NAME`] replaced.
    Template(String),
    /// By a search.
    Search {
        /// Under this entry.
        base: String,
        /// With [`NAME`] replaced.
        filter: String,
        /// Who searches.
        bind_dn: String,
        /// Private file with that one's password.
        bind_password_file: PathBuf,
    },
}

impl VerifierFile {
    pub(super) fn resolve(self, folder: &Path) -> Result<Verifier, Error> {
        let refusal_step_ms = self.refusal_step_ms.unwrap_or(2_000);
        if !(100..=10_000).contains(&refusal_step_ms) {
            return Err(wrong("verifier.refusal_step_ms", "must be between 100 and 10000"));
        }
        Ok(Verifier {
            radius: self.tan.map(|tan| tan.radius.resolve(folder)).transpose()?,
            ldap: self.password.map(|password| password.ldap.resolve(folder)).transpose()?,
            refusal_step_ms,
        })
    }
}

impl RadiusFile {
    fn resolve(self, folder: &Path) -> Result<Radius, Error> {
        if self.servers.is_empty() || self.servers.iter().any(|server| server.port() == 0) {
            return Err(wrong("verifier.tan.radius.servers", "needs at least one address with its port"));
        }
        if self.wait_ms < 100 || self.tries == 0 || self.wait_ms.saturating_mul(self.tries) > MAX_WAIT_MS {
            let reason = "wait_ms must be at least 100, tries at least 1, and both multiplied at most 8000";
            return Err(wrong("verifier.tan.radius", reason));
        }
        Ok(Radius {
            servers: self.servers,
            secret_file: folder.join(self.secret_file),
            wait_ms: self.wait_ms,
            tries: self.tries,
            dead_seconds: self.dead_seconds,
        })
    }
}

impl LdapFile {
    fn resolve(self, folder: &Path) -> Result<Ldap, Error> {
        if self.urls.is_empty() || !self.urls.iter().all(|url| is_directory(url)) {
            let reason = "needs at least one ldaps://host[:port], or ldap://host[:port] for StartTLS";
            return Err(wrong("verifier.password.ldap.urls", reason));
        }
        if !(100..=MAX_WAIT_MS).contains(&self.wait_ms) {
            return Err(wrong("verifier.password.ldap.wait_ms", "must be between 100 and 8000"));
        }
        let who = match (self.dn, self.search) {
            (Some(dn), None) if dn.contains(NAME) => Who::Template(dn),
            (None, Some(search)) if search.filter.contains(NAME) && !search.bind_dn.is_empty() => Who::Search {
                base: search.base,
                filter: search.filter,
                bind_dn: search.bind_dn,
                bind_password_file: folder.join(search.bind_password_file),
            },
            (Some(_) | None, Some(_) | None) => {
                let reason = "needs either dn or search, with {name} in it, and a search needs a bind_dn";
                return Err(wrong("verifier.password.ldap", reason));
            }
        };
        Ok(Ldap {
            urls: self.urls,
            ca_file: folder.join(self.ca_file),
            who,
            wait_ms: self.wait_ms,
            dead_seconds: self.dead_seconds,
        })
    }
}

/// Scheme, host and port, and nothing that would be ignored.
fn is_directory(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "ldap" | "ldaps")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
    })
}

fn radius_wait() -> u32 {
    2_000
}

fn radius_tries() -> u32 {
    3
}

fn ldap_wait() -> u32 {
    5_000
}

fn dead_seconds() -> u32 {
    30
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<Verifier, String> {
        let file: VerifierFile = toml::from_str(text).map_err(|error| error.to_string())?;
        file.resolve(Path::new("/etc/gateway")).map_err(|error| error.to_string())
    }

    #[test]
    fn nobody_is_asked_unless_it_is_written() {
        let verifier = resolve("").unwrap();
        assert!(verifier.radius.is_none() && verifier.ldap.is_none());
    }

    #[test]
    fn both_parts_can_be_judged_elsewhere() {
        let verifier = resolve(
            "tan.radius = { servers = ['192.0.2.1:1812'], secret_file = 'radius.secret' }
             password.ldap = { urls = ['ldaps://ldap.example'], ca_file = 'ldap-ca.pem', dn = 'uid={name},dc=kv' }",
        )
        .unwrap();
        let (radius, ldap) = (verifier.radius.unwrap(), verifier.ldap.unwrap());
        assert_eq!(radius.secret_file, Path::new("/etc/gateway/radius.secret"));
        assert_eq!((radius.wait_ms, radius.tries, ldap.wait_ms), (2_000, 3, 5_000));
        assert!(matches!(ldap.who, Who::Template(dn) if dn == "uid={name},dc=kv"));
    }

    #[test]
    fn what_cannot_be_right_is_refused_by_its_field() {
        let radius = |part: &str| format!("tan.radius = {{ secret_file = 's', {part} }}");
        let ldap = |part: &str| format!("password.ldap = {{ ca_file = 'ca', {part} }}");
        for (text, field) in [
            ("refusal_step_ms = 5".to_owned(), "refusal_step_ms"),
            (radius("servers = []"), "verifier.tan.radius.servers"),
            (radius("servers = ['192.0.2.1:0']"), "verifier.tan.radius.servers"),
            (radius("servers = ['192.0.2.1:1812'], wait_ms = 5000"), "verifier.tan.radius"),
            (radius("servers = ['192.0.2.1:1812'], secret = 'inline'"), "secret"),
            (ldap("urls = ['http://x'], dn = '{name}'"), "verifier.password.ldap.urls"),
            (ldap("urls = ['ldaps://me:pw@x'], dn = '{name}'"), "verifier.password.ldap.urls"),
            (ldap("urls = ['ldaps://x/dc=kv'], dn = '{name}'"), "verifier.password.ldap.urls"),
            (ldap("urls = ['ldaps://x'], dn = 'uid=fixed'"), "verifier.password.ldap"),
            (ldap("urls = ['ldaps://x']"), "verifier.password.ldap"),
        ] {
            let error = resolve(&text).unwrap_err();
            assert!(error.contains(field), "{text}: {error}");
        }
    }
}
