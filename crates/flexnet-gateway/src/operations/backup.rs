//! `backup`: a copy of the database as it is at one moment, while the gateway runs. SQLite only: PostgreSQL has `pg_dump` and better.
//! Holds no keys: without `secrets.key`, which is kept apart, a copy opens nothing.

use std::path::Path;

use sqlx::{ConnectOptions as _, Connection as _, Row as _, sqlite::SqliteConnectOptions};

use crate::{
    config::{Config, Place},
    error::Error,
    os,
};

/// Writes the copy into a new file that only its owner can read, and looks whether it is whole.
///
/// # Errors
/// [`Error::Value`] where the database is none of SQLite's; [`Error::Write`], also if the file exists; [`Error::Database`].
pub async fn backup(config: &Path, to: &Path) -> Result<(), Error> {
    let config = Config::load(config)?;
    let Place::File(database) = &config.database else {
        let reason =
            "a PostgreSQL is backed up by its own means: pg_dump --format=custom, or a base backup with its log";
        return Err(Error::Value { field: "database", reason: reason.into() });
    };
    os::write_private(to, b"").map_err(|e| Error::Write(to.to_owned(), e))?;
    let copied = copy(database, to).await;
    if copied.is_err() {
        // Half a copy is worse than none.
        let _ = std::fs::remove_file(to);
    }
    let rows = copied?;
    println!("{} holds the database with {rows} rows of audit.", to.display());
    println!(
        "secrets.key is not in it and belongs elsewhere. After putting a copy back: kv-flexnet-gateway admin after-restore"
    );
    Ok(())
}

async fn copy(from: &Path, to: &Path) -> Result<i64, Error> {
    let mut database = SqliteConnectOptions::new().filename(from).read_only(true).connect().await?;
    let name = to.to_str().ok_or(Error::Value { field: "to", reason: "must be readable as text".into() })?;
    sqlx::query("VACUUM INTO $1").bind(name).execute(&mut database).await?;
    database.close().await?;
    let mut copy = SqliteConnectOptions::new().filename(to).read_only(true).connect().await?;
    let whole: String = sqlx::query("PRAGMA integrity_check").fetch_one(&mut copy).await?.try_get(0)?;
    if whole != "ok" {
        return Err(Error::Row("page"));
    }
    let rows = sqlx::query("SELECT count(*) FROM audit").fetch_one(&mut copy).await?.try_get(0)?;
    copy.close().await?;
    Ok(rows)
}
