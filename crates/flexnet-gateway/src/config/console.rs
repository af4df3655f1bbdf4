//! `[console]`: the service desk's web console. Without the section there is none. It listens on loopback;
//! anywhere else a browser must show a certificate (mTLS) before it sees so much as the sign-in page.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::wrong;
use crate::error::Error;

/// The section as written. Paths are relative to the gateway's folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ConsoleFile {
    listen: SocketAddr,
    certificate: Option<PathBuf>,
    certificate_key: Option<PathBuf>,
    client_authority: Option<PathBuf>,
}

impl Default for ConsoleFile {
    fn default() -> Self {
        let listen = (Ipv4Addr::LOCALHOST, 9443).into();
        Self { listen, certificate: None, certificate_key: None, client_authority: None }
    }
}

/// The checked section.
#[derive(Debug, Clone)]
pub struct Console {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Files of its own certificate and key, as PEM; none: those of the sign-in API.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// The authority whose certificates browsers must show; none: loopback only.
    pub client_authority: Option<PathBuf>,
}

impl ConsoleFile {
    /// # Errors
    /// [`Error::Value`].
    pub(super) fn resolve(self, folder: &Path) -> Result<Console, Error> {
        let Self { listen, certificate, certificate_key, client_authority } = self;
        if !listen.ip().to_canonical().is_loopback() && client_authority.is_none() {
            return Err(wrong("console.listen", "needs console.client_authority, except on a loopback address"));
        }
        let certificate = match (certificate, certificate_key) {
            (Some(certificate), Some(key)) => Some((folder.join(certificate), folder.join(key))),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return Err(wrong("console.certificate", "comes together with console.certificate_key"));
            }
        };
        let client_authority = client_authority.map(|path| folder.join(path));
        Ok(Console { listen, certificate, client_authority })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(text: &str) -> Result<Console, Error> {
        toml::from_str::<ConsoleFile>(text).unwrap().resolve(Path::new("gw"))
    }

    #[test]
    fn an_empty_section_listens_on_loopback_with_the_gateways_certificate() {
        let console = resolve("").unwrap();
        assert!(console.listen.ip().is_loopback() && console.client_authority.is_none());
        assert!(console.certificate.is_none());
    }

    #[test]
    fn another_address_needs_certificates_of_the_browsers() {
        for listen in ["0.0.0.0:9443", "[::]:9443", "192.0.2.1:9443", "[::ffff:192.0.2.1]:9443"] {
            let section = format!("listen = \"{listen}\"");
            assert!(resolve(&section).unwrap_err().to_string().contains("client_authority"), "{listen}");
            let section = format!("{section}\nclient_authority = \"desk-ca.pem\"");
            assert_eq!(resolve(&section).unwrap().client_authority.unwrap(), Path::new("gw").join("desk-ca.pem"));
        }
        assert!(resolve("listen = \"[::1]:9443\"").is_ok());
    }

    #[test]
    fn a_certificate_comes_with_its_key() {
        assert!(resolve("certificate = \"desk.pem\"").unwrap_err().to_string().contains("certificate_key"));
    }
}
