//! The maintenance note: while it is on, nobody can sign in, and sessions go on. It comes from two places, and each of them is enough:
//! the configuration of one gateway, and what an administrator has set in the database for all of them, which each reads once a second.

use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use sqlx::AnyPool;

use crate::{clock::utc, config::Maintenance, db::Write, error::Error, gateway::Gateway};

/// Its name among the settings.
const SETTING: &str = "maintenance";

/// The note as it is now.
#[derive(Debug, Default)]
pub struct Note(RwLock<Sources>);

#[derive(Debug, Default)]
struct Sources {
    configured: Maintenance,
    announced: Maintenance,
}

/// As in the database.
#[derive(Serialize, Deserialize)]
struct Setting {
    on: bool,
    until: Option<i64>,
}

impl Note {
    /// The note of the configuration.
    pub fn new(configured: Maintenance) -> Self {
        Self(RwLock::new(Sources { configured, announced: Maintenance::default() }))
    }

    /// The note, if it is on: until when, if that is known.
    pub fn now(&self) -> Option<flexnet_protocol::gateway::Maintenance> {
        let sources = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let on = [sources.announced, sources.configured].into_iter().find(|note| note.on)?;
        Some(flexnet_protocol::gateway::Maintenance { until: on.until })
    }

    /// Whether the configuration of this gateway closes it.
    pub fn is_its_own(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).configured.on
    }

    /// The configuration was read again.
    pub fn configure(&self, configured: Maintenance) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).configured = configured;
    }

    fn announce(&self, announced: Maintenance) {
        let mut sources = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if sources.announced != announced {
            sources.announced = announced;
            tracing::info!(on = announced.on, "an administrator has set the maintenance note");
        }
    }
}

/// Reads what an administrator has set for all gateways, and goes by it from now on.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn read(gateway: &Gateway) -> Result<(), Error> {
    gateway.note.announce(announced(gateway.database.read()).await?);
    Ok(())
}

/// What an administrator has set for all gateways over this database.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn announced(read: &AnyPool) -> Result<Maintenance, Error> {
    let select = sqlx::query_scalar::<_, String>("SELECT value FROM setting WHERE name = $1").bind(SETTING);
    let Some(value) = select.fetch_optional(read).await? else { return Ok(Maintenance::default()) };
    let Setting { on, until } = serde_json::from_str(&value).map_err(|_| Error::Row("maintenance note"))?;
    Ok(Maintenance { on, until })
}

/// How a note stands, for an administrator; nothing if it is off.
pub fn describe(note: Maintenance, now: i64) -> Option<String> {
    note.on.then(|| match note.until {
        None => "on, until somebody ends it".to_owned(),
        Some(until) if until > now => format!("on until {}", utc(until)),
        Some(until) => format!("still on, and should have been over at {}", utc(until)),
    })
}

/// Sets the note for all gateways over this database.
///
/// # Errors
/// [`Error::Database`].
pub async fn announce(write: &mut Write, note: Maintenance) -> Result<(), Error> {
    let Maintenance { on, until } = note;
    let value = serde_json::to_string(&Setting { on, until }).map_err(|_| Error::Row("maintenance note"))?;
    let upsert = "INSERT INTO setting (name, value) VALUES ($1, $2) \
                  ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    sqlx::query(upsert).bind(SETTING).bind(value).execute(&mut **write).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_two_is_enough() {
        let note = Note::new(Maintenance::default());
        assert!(note.now().is_none());
        note.announce(Maintenance { on: true, until: Some(7) });
        assert_eq!(note.now().and_then(|note| note.until), Some(7));
        note.configure(Maintenance { on: true, until: None });
        note.announce(Maintenance::default());
        assert_eq!(note.now().map(|note| note.until), Some(None));
        note.configure(Maintenance::default());
        assert!(note.now().is_none());
    }
}
