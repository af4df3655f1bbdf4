//! The LDAP client: whether a directory lets a name in with a password (simple bind, RFC 4513 §5.1.3), always inside TLS with the authority
//! that the configuration names. Reads nothing from the directory but the name of an entry, follows no referral, keeps no connection.

use std::{sync::Arc, time::Duration};

use flexnet_protocol::Secret;
use futures_util::future::join_all;
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, Scope, SearchEntry, SearchOptions, dn_escape, ldap_escape,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::{Verdict, health::Health};
use crate::{
    config::{self, NAME, Who},
    error::Error,
    seal,
};

/// Result codes of a bind (RFC 4511 §4.1.9) by which a directory refuses this name or this password: constraintViolation, noSuchObject,
/// invalidDNSyntax, inappropriateAuthentication, invalidCredentials, insufficientAccessRights, unwillingToPerform. All others but success say
/// that it could not decide.
const REFUSALS: [u32; 7] = [19, 32, 34, 48, 49, 50, 53];
const SUCCESS: u32 = 0;
const SIZE_LIMIT_EXCEEDED: u32 = 4;

/// The directory servers.
pub struct Directory {
    urls: Vec<String>,
    tls: Arc<ClientConfig>,
    who: Who,
    search_password: Zeroizing<String>,
    wait: Duration,
    health: Health,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").field("urls", &self.urls).finish_non_exhaustive()
    }
}

impl Directory {
    /// As configured; reads the authority and the password for searching.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Pem`], [`Error::Tls`], [`Error::Value`] if the password can be read by others or is empty.
    pub fn open(config: &config::Ldap) -> Result<Self, Error> {
        let search_password = match &config.who {
            Who::Template(_) => Zeroizing::default(),
            Who::Search { bind_password_file, .. } => {
                super::secret(bind_password_file, "verifier.password.ldap.bind_password_file")?
            }
        };
        Ok(Self {
            health: Health::new(config.urls.len(), Duration::from_secs(config.dead_seconds.into())),
            urls: config.urls.clone(),
            tls: tls(config)?,
            who: config.who.clone(),
            search_password,
            wait: Duration::from_millis(config.wait_ms.into()),
        })
    }

    /// Whether there is a server that is not known to be dead.
    pub fn ready(&self) -> bool {
        self.health.ready(std::time::Instant::now())
    }

    /// Whether each server takes a connection inside TLS, by its URL.
    pub async fn reach(&self) -> Vec<(&str, Result<(), String>)> {
        join_all(self.urls.iter().map(async |url| {
            let reached = match timeout(self.wait, self.connect(url)).await {
                Ok(connected) => connected.map(drop).map_err(|error| error.to_string()),
                Err(_) => Err("no answer".to_owned()),
            };
            (url.as_str(), reached)
        }))
        .await
    }

    /// Whether the directory lets `name` in with this password.
    pub async fn judge(&self, name: &str, password: &Secret) -> Verdict {
        self.verdict(name, password, true).await
    }

    /// The same about a name that nobody has. A silence says nothing of the server then, or anybody could have it left alone.
    pub async fn judge_invented(&self, name: &str, password: &Secret) -> Verdict {
        self.verdict(name, password, false).await
    }

    async fn verdict(&self, name: &str, password: &Secret, known: bool) -> Verdict {
        // A bind with a name and no password succeeds as nobody (RFC 4513 §5.1.2).
        if password.expose().is_empty() {
            return Verdict::Wrong;
        }
        let now = std::time::Instant::now();
        let number = if known { self.health.take(now) } else { self.health.look(now) };
        let Some(number) = number else { return Verdict::NoVerdict };
        let Some(url) = self.urls.get(number) else { return Verdict::NoVerdict };
        match timeout(self.wait, self.bind(url, name, password.expose())).await {
            Ok(Ok(verdict)) => {
                self.health.answered(number);
                verdict
            }
            Ok(Err(error)) => {
                tracing::warn!(%url, %error, "the directory cannot be asked");
                self.silent(number, known)
            }
            Err(_) => {
                tracing::warn!(%url, "the directory gives no answer");
                self.silent(number, known)
            }
        }
    }

    fn silent(&self, number: usize, known: bool) -> Verdict {
        if known {
            self.health.silent(number, std::time::Instant::now());
        }
        Verdict::NoVerdict
    }

    async fn connect(&self, url: &str) -> Result<Ldap, LdapError> {
        let settings = LdapConnSettings::new().set_config(Arc::clone(&self.tls)).set_starttls(true);
        let (connection, ldap) = LdapConnAsync::with_settings(settings, url).await?;
        // Ends with the last handle of it.
        tokio::spawn(connection.drive());
        Ok(ldap)
    }

    async fn bind(&self, url: &str, name: &str, password: &str) -> Result<Verdict, LdapError> {
        let mut ldap = self.connect(url).await?;
        let entry = match &self.who {
            Who::Template(template) => Some(template.replace(NAME, &dn_escape(name))),
            Who::Search { base, filter, bind_dn, .. } => {
                let result = ldap.simple_bind(bind_dn, &self.search_password).await?;
                if result.rc != SUCCESS {
                    tracing::error!(%url, code = result.rc, "the directory does not let the gateway search");
                    return Ok(Verdict::NoVerdict);
                }
                match search(&mut ldap, base, &filter.replace(NAME, &ldap_escape(name))).await? {
                    Found::One(entry) => Some(entry),
                    Found::None => None,
                    Found::Failed(code) => {
                        tracing::error!(%url, code, "the directory cannot be searched");
                        return Ok(Verdict::NoVerdict);
                    }
                }
            }
        };
        // A name that is not there takes a bind, too, so that it takes as long.
        let known = entry.is_some();
        let entry = match (entry, &self.who) {
            (Some(entry), _) => entry,
            (None, Who::Search { base, .. } | Who::Template(base)) => nobody(base),
        };
        let code = ldap.simple_bind(&entry, password).await?.rc;
        // What it might say to a farewell changes nothing.
        let _ = ldap.unbind().await;
        Ok(match code {
            SUCCESS if known => Verdict::Right,
            SUCCESS => Verdict::Wrong,
            code if REFUSALS.contains(&code) => Verdict::Wrong,
            code => {
                tracing::error!(%url, code, "the directory does not decide about a password");
                Verdict::NoVerdict
            }
        })
    }
}

enum Found {
    One(String),
    /// Nobody, or several.
    None,
    Failed(u32),
}

async fn search(ldap: &mut Ldap, base: &str, filter: &str) -> Result<Found, LdapError> {
    // Two are as good as many; no attributes (RFC 4511 §4.5.1.8).
    let options = SearchOptions::new().sizelimit(2);
    let result = ldap.with_search_options(options).search(base, Scope::Subtree, filter, vec!["1.1"]).await?;
    if result.1.rc != SUCCESS && result.1.rc != SIZE_LIMIT_EXCEEDED {
        return Ok(Found::Failed(result.1.rc));
    }
    let mut entries = result.0.into_iter().filter(|entry| !entry.is_ref() && !entry.is_intermediate());
    Ok(match (entries.next(), entries.next()) {
        (Some(entry), None) => Found::One(SearchEntry::construct(entry).dn),
        (None | Some(_), _) => Found::None,
    })
}

/// A name under `base` that no entry has.
fn nobody(base: &str) -> String {
    let random = seal::random::<16>().unwrap_or_default();
    format!("cn={},{base}", data_encoding::HEXLOWER.encode(&random))
}

/// Trusts the configured authority and no other.
fn tls(config: &config::Ldap) -> Result<Arc<ClientConfig>, Error> {
    let pem = |error| Error::Pem(config.ca_file.clone(), error);
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&config.ca_file).map_err(pem)? {
        roots.add(certificate.map_err(pem)?).map_err(Error::Tls)?;
    }
    if roots.is_empty() {
        let reason = "holds no certificate".to_owned();
        return Err(Error::Value { field: "verifier.password.ldap.ca_file", reason });
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(Error::Tls)?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
