//! Brings everything that is sealed under a new key while gateways run. Which key seals stands in the database, so that all gateways change together;
//! a key is taken up only when every living gateway can open with it, and dropped only when nothing is sealed under it.

use std::{path::Path, time::Duration};

use flexnet_protocol::gateway::AttemptId;
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, AssertSqlSafe, Row as _, any::AnyRow};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::{KeyId, Keys, file::KeyFile, random};
use crate::{
    attempts,
    db::{Database, retry},
    error::Error,
    gateways::{self, Signs},
    handoff, leases, provision, reports, tokens,
};

/// Row of the table of settings: the key that seals.
const SEALING: &str = "sealing_key";
/// Rows that are sealed anew in one transaction.
const BATCH: i64 = 100;
/// How long living gateways may take to follow. They look once a second.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a gateway says of its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Report {
    sealing: Option<String>,
    known: Vec<String>,
}

impl Report {
    fn of(keys: &Keys) -> Self {
        let word = |id: KeyId| id.to_string();
        Self { sealing: keys.sealing().map(word), known: keys.ids().into_iter().map(word).collect() }
    }
}

/// A column that holds sealed values.
struct Store {
    table: &'static str,
    key: &'static str,
    value: &'static str,
    /// Where a value belongs, from its row's key.
    place: fn(&Key) -> Option<String>,
}

/// A row's key.
enum Key {
    Text(String),
    Bytes(Vec<u8>),
}

const STORES: [Store; 6] = [
    Store { table: "token", key: "serial", value: "seed", place: |key| Some(tokens::place(key.text()?)) },
    Store {
        table: "session",
        key: "name",
        value: "preshared_key",
        place: |key| Some(leases::preshared_place(key.text()?)),
    },
    Store {
        table: "attempt",
        key: "id",
        value: "outcome",
        place: |key| Some(attempts::place(&AttemptId(key.bytes()?.try_into().ok()?))),
    },
    Store { table: "ticket", key: "hash", value: "answer", place: |key| Some(handoff::place(key.bytes()?)) },
    Store {
        table: "token_import",
        key: "file_hash",
        value: "tokens",
        place: |key| Some(provision::place(key.bytes()?)),
    },
    Store { table: "report", key: "hash", value: "body", place: |key| Some(reports::place(key.bytes()?)) },
];

/// What stands under which key.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// A key of the file; none for values of the first version, which do not name theirs.
    pub key: Option<String>,
    /// It seals.
    pub seals: bool,
    /// Values that are sealed under it.
    pub values: i64,
}

/// What a rotation did.
#[derive(Debug, Clone, Serialize)]
pub struct Rotated {
    /// The key that seals now.
    pub key: String,
    /// Values that were sealed anew.
    pub resealed: i64,
    /// Values that no key opens; they keep the older keys in the file.
    pub damaged: i64,
    /// Keys that left the file.
    pub dropped: usize,
}

/// Follows the database's word about which key seals, and tells the others what this gateway has. Once a second.
///
/// # Errors
/// [`Error::Seal`] if the key that seals is not in the file, [`Error::Read`], [`Error::Database`].
pub async fn follow(database: &Database, keys: &Keys, gateway: Option<&str>) -> Result<(), Error> {
    keys.refresh()?;
    let mut read = database.read().acquire().await?;
    let has_it = match setting(&mut read, SEALING).await? {
        Some(id) => KeyId::parse(&id).is_some_and(|id| keys.seal_under(id).unwrap_or(false)),
        None => share_keys(&mut read, keys).await?,
    };
    if !has_it {
        return Err(Error::Seal(
            "the key that seals is not in this key file: copy the file of another gateway here, or the one of the time of a back-up that was put back",
        ));
    }
    let Some(gateway) = gateway else { return Ok(()) };
    let report = serde_json::to_string(&Report::of(keys)).map_err(|_| Error::Row("report of keys"))?;
    if setting(&mut read, &report_name(gateway)).await?.as_ref() == Some(&report) {
        return Ok(());
    }
    drop(read);
    let mut write = database.write().await?;
    set(&mut write, &report_name(gateway), &report).await?;
    write.commit().await
}

/// Until the first rotation all files come from the one of the founding. One of another founding has another key for the audit's end as well, which would
/// look as if somebody had changed it.
async fn share_keys(read: &mut AnyConnection, keys: &Keys) -> Result<bool, Error> {
    let own = Report::of(keys).known;
    let select = sqlx::query_scalar::<_, String>("SELECT value FROM setting WHERE name LIKE $1").bind(report_name("%"));
    let reports = select.fetch_all(read).await?;
    let mut reports = reports.iter().filter_map(|text| serde_json::from_str::<Report>(text).ok());
    Ok(reports.all(|report| report.known.iter().any(|id| own.contains(id))))
}

/// Makes a new key, or goes on with one that is not everywhere yet, seals everything under it, and drops the older ones.
///
/// # Errors
/// [`Error::Value`] if a living gateway does not get the key: then nothing is sealed under it yet, and the same call goes on later.
/// [`Error::Write`], [`Error::Database`].
pub async fn rotate(database: &Database, keys: &Keys, path: &Path) -> Result<Rotated, Error> {
    let lock = path.with_extension("lock");
    let lock_file = std::fs::File::create(&lock).map_err(|e| Error::Write(lock.clone(), e))?;
    if lock_file.try_lock().is_err() {
        return Err(Error::Taken("a rotation of the keys at work".into()));
    }
    let done = rotate_alone(database, keys, path).await;
    drop(lock_file);
    let _ = std::fs::remove_file(&lock);
    done
}

async fn rotate_alone(database: &Database, keys: &Keys, path: &Path) -> Result<Rotated, Error> {
    let mut file = KeyFile::read(path)?;
    let newest = keys.ids().last().copied();
    if newest == keys.sealing() {
        file.seal.push(random().map(Zeroizing::new)?);
        file.replace(path)?;
        keys.refresh()?;
    }
    let new = keys.ids().last().copied().ok_or(Error::Seal("the key file is damaged"))?;
    let word = new.to_string();
    let watch = Watch::begin(database).await?;
    watch.until_all(|report| report.known.contains(&word)).await.map_err(|gateway| {
        gateway.unwrap_or_else(|name| lagging(&name, "has not read the new key: copy secrets.key into its folder"))
    })?;
    retry(async || {
        let mut write = database.write().await?;
        set(&mut write, SEALING, &word).await?;
        write.commit().await
    })
    .await?;
    keys.seal_under(new)?;
    watch
        .until_all(|report| report.sealing.as_ref() == Some(&word))
        .await
        .map_err(|gateway| gateway.unwrap_or_else(|name| lagging(&name, "does not seal under the new key yet")))?;
    let (mut resealed, mut damaged) = (0, 0);
    for store in &STORES {
        let (done, skipped) = reseal(database, keys, store, new).await?;
        resealed += done;
        damaged += skipped;
    }
    let dropped = prune(database, keys, path).await?;
    Ok(Rotated { key: word, resealed, damaged, dropped })
}

/// How many values stand under which key.
///
/// # Errors
/// [`Error::Database`].
pub async fn status(database: &Database, keys: &Keys) -> Result<Vec<Status>, Error> {
    let mut read = database.read().acquire().await?;
    let sealing = keys.sealing();
    let mut all = Vec::new();
    let mut named = 0;
    for id in keys.ids() {
        let values = count(&mut read, Some(id)).await?;
        named += values;
        all.push(Status { key: Some(id.to_string()), seals: sealing == Some(id), values });
    }
    let unnamed = count(&mut read, None).await? - named;
    all.push(Status { key: None, seals: false, values: unnamed });
    Ok(all)
}

/// Takes the keys out of the file under which nothing is sealed, if nothing is left that does not name its key; how many.
///
/// # Errors
/// [`Error::Read`], [`Error::Write`], [`Error::Database`].
pub async fn prune(database: &Database, keys: &Keys, path: &Path) -> Result<usize, Error> {
    let status = status(database, keys).await?;
    if status.iter().any(|status| status.key.is_none() && status.values > 0) {
        return Ok(0);
    }
    let mut file = KeyFile::read(path)?;
    let before = file.seal.len();
    let mut idle = status.iter().map(|status| !status.seals && status.values == 0);
    // The same order as in the file, which this process has just read.
    if keys.ids().len() != before {
        return Ok(0);
    }
    file.seal.retain(|_| !idle.next().unwrap_or(false));
    if file.seal.len() < before {
        file.replace(path)?;
        keys.refresh()?;
    }
    Ok(before - file.seal.len())
}

/// Seals a store's values anew, a batch at a time; how many, and how many no key opens.
async fn reseal(database: &Database, keys: &Keys, store: &Store, new: KeyId) -> Result<(i64, i64), Error> {
    let (mut done, mut damaged) = (0, 0);
    while let Some(batch) = retry(async || reseal_batch(database, keys, store, new, damaged).await).await? {
        done += batch.0;
        damaged += batch.1;
    }
    Ok((done, damaged))
}

/// One batch, behind `damaged` values that no key opens; nothing if there is none left.
async fn reseal_batch(
    database: &Database,
    keys: &Keys,
    store: &Store,
    new: KeyId,
    damaged: i64,
) -> Result<Option<(i64, i64)>, Error> {
    let Store { table, key, value, place } = store;
    let select = format!(
        "SELECT {key}, {value} FROM {table} WHERE {value} IS NOT NULL AND substr({value}, 1, 8) <> $1 ORDER BY {key} LIMIT {BATCH} OFFSET $2"
    );
    // Whoever wrote the value meanwhile has sealed it under the new key already.
    let update = format!("UPDATE {table} SET {value} = $3 WHERE {key} = $1 AND {value} = $2");
    let mut write = database.write().await?;
    let select = sqlx::query(AssertSqlSafe(select)).bind(new.0.as_slice()).bind(damaged);
    let rows = select.fetch_all(&mut *write).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let (mut done, mut damaged) = (0, 0);
    for row in &rows {
        let (key, sealed) = (Key::of(row)?, row.try_get::<Vec<u8>, _>(1)?);
        let opened = place(&key).and_then(|place| Some((keys.open(&place, &sealed).ok()?, place)));
        let Some((opened, place)) = opened else {
            tracing::error!(table, "a sealed value opens under no key");
            damaged += 1;
            continue;
        };
        let fresh = keys.seal(&place, &opened)?;
        let update = sqlx::query(AssertSqlSafe(update.clone()));
        let update = match &key {
            Key::Text(key) => update.bind(key),
            Key::Bytes(key) => update.bind(key),
        };
        done +=
            i64::try_from(update.bind(&sealed).bind(&fresh).execute(&mut *write).await?.rows_affected()).unwrap_or(0);
    }
    write.commit().await?;
    Ok(Some((done, damaged)))
}

/// Values under a key, or all.
async fn count(read: &mut AnyConnection, id: Option<KeyId>) -> Result<i64, Error> {
    let mut all = 0;
    for Store { table, value, .. } in &STORES {
        let select = format!("SELECT count(*) FROM {table} WHERE {value} IS NOT NULL");
        let row = match id {
            None => sqlx::query(AssertSqlSafe(select)).fetch_one(&mut *read).await?,
            Some(id) => {
                let select = format!("{select} AND substr({value}, 1, 8) = $1");
                sqlx::query(AssertSqlSafe(select)).bind(id.0.as_slice()).fetch_one(&mut *read).await?
            }
        };
        all += row.try_get::<i64, _>(0)?;
    }
    Ok(all)
}

/// Who lives: whose sign of life has moved since the beginning. No clock is asked, because each may be wrong.
struct Watch<'a> {
    database: &'a Database,
    before: Signs,
    began: Instant,
}

impl<'a> Watch<'a> {
    async fn begin(database: &'a Database) -> Result<Self, Error> {
        Ok(Self { database, before: Signs::look(database.read()).await?, began: Instant::now() })
    }

    /// Waits until every living gateway's report is as wanted, or names one whose is not.
    async fn until_all(&self, wanted: impl Fn(&Report) -> bool) -> Result<(), Result<Error, String>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let late = late(self.database, &wanted).await.map_err(Ok)?;
            if late.is_empty() {
                return Ok(());
            }
            if self.began.elapsed() > gateways::TWO_BEATS {
                let living = Signs::look(self.database.read()).await.map_err(Ok)?.moved_since(&self.before);
                let Some(late) = late.into_iter().find(|name| living.contains(name)) else { return Ok(()) };
                if Instant::now() > deadline {
                    return Err(Err(late));
                }
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Gateways, living or not, whose report is not as wanted.
async fn late(database: &Database, wanted: impl Fn(&Report) -> bool) -> Result<Vec<String>, Error> {
    let mut read = database.read().acquire().await?;
    let mut late = Vec::new();
    for row in sqlx::query("SELECT name FROM gateway ORDER BY name").fetch_all(&mut *read).await? {
        let name: String = row.try_get(0)?;
        let report = setting(&mut read, &report_name(&name)).await?;
        let report = report.and_then(|text| serde_json::from_str::<Report>(&text).ok());
        if !report.is_some_and(|report| wanted(&report)) {
            late.push(name);
        }
    }
    Ok(late)
}

fn lagging(gateway: &str, what: &str) -> Error {
    Error::Value { field: "keys", reason: format!("gateway {gateway} {what}; then run this again") }
}

fn report_name(gateway: &str) -> String {
    format!("keys of {gateway}")
}

async fn setting(connection: &mut AnyConnection, name: &str) -> Result<Option<String>, Error> {
    let select = sqlx::query_scalar("SELECT value FROM setting WHERE name = $1").bind(name);
    Ok(select.fetch_optional(connection).await?)
}

async fn set(connection: &mut AnyConnection, name: &str, value: &str) -> Result<(), Error> {
    let upsert = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2";
    sqlx::query(upsert).bind(name).bind(value).execute(connection).await?;
    Ok(())
}

impl Key {
    fn of(row: &AnyRow) -> Result<Self, Error> {
        match row.try_get::<String, _>(0) {
            Ok(text) => Ok(Self::Text(text)),
            Err(_) => Ok(Self::Bytes(row.try_get(0)?)),
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(_) => None,
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Text(_) => None,
            Self::Bytes(bytes) => Some(bytes),
        }
    }
}
