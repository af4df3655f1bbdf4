//! Foreign judges: a token server asked by RADIUS for the TAN, a directory asked by LDAP for the password. Off unless configured.
//! They judge, they do not count: the guard has reserved before anybody is asked, and one-time use is kept here as well (`spent`).
//! Read [`radius::packet`] for what an answer must be, `sign_in` for what follows from a verdict.

mod health;
mod ldap;
pub mod radius;
pub mod spent;
#[cfg(test)]
pub(crate) mod tests;

use std::{path::Path, time::Duration};

use flexnet_protocol::Secret;
use tokio::time::{Instant, sleep_until};
use zeroize::Zeroizing;

use crate::{config, error::Error, os, seal};

/// What a judge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It fits.
    Right,
    /// It does not.
    Wrong,
    /// Nobody can say: no answer, or none that is a verdict.
    NoVerdict,
}

impl Verdict {
    /// Whether it fits, if anybody can say.
    pub fn decided(self) -> Option<bool> {
        match self {
            Self::Right => Some(true),
            Self::Wrong => Some(false),
            Self::NoVerdict => None,
        }
    }
}

/// The foreign judges, if there are any.
#[derive(Debug)]
pub struct Verifier {
    password: Option<ldap::Directory>,
    tan: Option<radius::Servers>,
    refusal_step: Duration,
}

impl Verifier {
    /// As configured; reads the secrets. It asks nobody yet. `name` is what this gateway calls itself.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Pem`], [`Error::Tls`], [`Error::Value`].
    pub fn open(config: &config::Verifier, name: &str) -> Result<Self, Error> {
        Ok(Self {
            password: config.ldap.as_ref().map(ldap::Directory::open).transpose()?,
            tan: config.radius.as_ref().map(|radius| radius::Servers::open(radius, name)).transpose()?,
            refusal_step: Duration::from_millis(config.refusal_step_ms.into()),
        })
    }

    /// Whether everybody who would have to be asked is there, as far as is known. To be asked before an attempt is counted.
    pub fn ready(&self) -> bool {
        self.password.as_ref().is_none_or(ldap::Directory::ready)
            && self.tan.as_ref().is_none_or(radius::Servers::ready)
    }

    /// Whether anybody is asked at all.
    pub fn asks(&self) -> bool {
        self.password.is_some() || self.tan.is_some()
    }

    /// Whether TANs are judged elsewhere.
    pub fn judges_tans(&self) -> bool {
        self.tan.is_some()
    }

    /// Whether each server of the directory takes a connection inside TLS, by its URL; it is asked nothing.
    pub async fn reach(&self) -> Vec<(&str, Result<(), String>)> {
        match &self.password {
            Some(directory) => directory.reach().await,
            None => Vec::new(),
        }
    }

    /// What the directory says; nothing if passwords are ours. `name`: of an account, or none.
    pub async fn password(&self, name: Option<&str>, password: &Secret) -> Option<Verdict> {
        let directory = self.password.as_ref()?;
        Some(match name {
            Some(name) => directory.judge(name, password).await,
            None => of_nobody(directory.judge_invented(&invented(), &unlike(password)).await),
        })
    }

    /// What the token server says; nothing if TANs are ours. `name`: of an account, or none. A TAN that is not `fresh` ([`spent::take`])
    /// is wrong, and nobody is asked.
    pub async fn tan(&self, name: Option<&str>, tan: &Secret, fresh: bool) -> Option<Verdict> {
        let servers = self.tan.as_ref()?;
        Some(match name {
            Some(_) if !fresh => Verdict::Wrong,
            Some(name) => servers.judge(name, tan).await,
            None => of_nobody(servers.judge_invented(&invented(), &unlike(tan)).await),
        })
    }

    /// Waits until a refusal may be told: at a whole number of steps since the entry came. Servers take longer for some names than for others,
    /// and for a wrong TAN than for a right one; without this their time would say what the answer does not.
    pub async fn even(&self, since: Instant) {
        if let Some(until) = since.checked_add(next_step(since.elapsed(), self.refusal_step)) {
            sleep_until(until).await;
        }
    }
}

/// The first whole number of steps that is not over yet.
fn next_step(elapsed: Duration, step: Duration) -> Duration {
    let done = elapsed.as_millis() / step.as_millis().max(1);
    step.saturating_mul(u32::try_from(done).unwrap_or(u32::MAX).saturating_add(1))
}

/// For a name without an account the servers are asked as well, so that it takes as long, but nothing that was typed is sent: people type
/// passwords there, and a directory that takes several spellings for one name would let each be guessed.
fn invented() -> String {
    let random = seal::random::<8>().unwrap_or_default();
    format!("nobody-{}", data_encoding::HEXLOWER.encode(&random))
}

/// Something else of the same length.
fn unlike(secret: &Secret) -> Secret {
    let random = seal::random::<16>().unwrap_or_default();
    Secret::new(
        random.iter().cycle().map(|byte| char::from(b'0' + byte % 10)).take(secret.expose().len()).collect::<String>(),
    )
}

/// Nobody is ever right.
fn of_nobody(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Right | Verdict::Wrong => Verdict::Wrong,
        Verdict::NoVerdict => Verdict::NoVerdict,
    }
}

/// One line from a file that only its owner can read.
fn secret(file: &Path, field: &'static str) -> Result<Zeroizing<String>, Error> {
    let unreadable = |error| Error::Read(file.to_owned(), error);
    if !os::is_private(file).map_err(unreadable)? {
        return Err(Error::Value { field, reason: format!("others can read {}: chmod 600", file.display()) });
    }
    let mut text = Zeroizing::new(std::fs::read_to_string(file).map_err(unreadable)?);
    let line = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(line);
    if text.is_empty() {
        return Err(Error::Value { field, reason: format!("{} is empty", file.display()) });
    }
    Ok(text)
}

#[cfg(test)]
mod even {
    use super::*;

    #[test]
    fn refusals_are_told_at_whole_steps() {
        let millis = Duration::from_millis;
        for (elapsed, told) in [(0, 2000), (1, 2000), (1999, 2000), (2000, 4000), (3100, 4000), (6000, 8000)] {
            assert_eq!(next_step(millis(elapsed), millis(2000)), millis(told), "{elapsed}");
        }
    }
}
