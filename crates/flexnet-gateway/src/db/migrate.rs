//! Brings the schema up to date when the database is opened. Each database has its own list; both end with the same tables.

use sqlx::{AssertSqlSafe, Row as _};

use super::{Database, Kind, Write};
use crate::{audit, error::Error};

const SQLITE: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_start.sql"),
    include_str!("../../migrations/sqlite/0002_several.sql"),
    include_str!("../../migrations/sqlite/0003_reports.sql"),
];
const POSTGRES: &[&str] = &[
    include_str!("../../migrations/postgres/0001_start.sql"),
    include_str!("../../migrations/postgres/0002_reports.sql"),
];

/// Whether PostgreSQL's own table of the version is there: 0 or 1.
const THERE: &str = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'schema_version'";

/// The version of a schema, and the one that this program needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// 0: there is none yet.
    pub is: usize,
    /// At least as great.
    pub wanted: usize,
}

/// How far a database is.
///
/// # Errors
/// [`Error::Database`], [`Error::Schema`] for one that a newer version made.
pub(super) async fn schema(database: &Database) -> Result<Schema, Error> {
    let wanted = migrations(database.kind).len();
    let select = match database.kind {
        Kind::Sqlite => "PRAGMA user_version",
        Kind::Postgres => {
            let there: i64 = sqlx::query(THERE).fetch_one(database.read()).await?.try_get(0)?;
            if there == 0 {
                return Ok(Schema { is: 0, wanted });
            }
            "SELECT version FROM schema_version"
        }
    };
    let version: i64 = sqlx::query(select).fetch_one(database.read()).await?.try_get(0)?;
    let is = usize::try_from(version).ok().filter(|is| *is <= wanted).ok_or(Error::Schema(version))?;
    Ok(Schema { is, wanted })
}

/// Migrates; whether the audit's end was sealed for the first time. In one transaction: of several gateways that start at once one does it, and the others wait for it.
///
/// # Errors
/// [`Error::Database`], [`Error::Schema`] for one that a newer version made.
pub(super) async fn migrate(database: &Database) -> Result<bool, Error> {
    let migrations = migrations(database.kind);
    // The version that brought the audit's sealed end.
    let audit_end = match database.kind {
        Kind::Sqlite => 2,
        Kind::Postgres => 1,
    };
    let mut write = database.write().await?;
    let version = version(&mut write, database.kind).await?;
    let done = usize::try_from(version).map_err(|_| Error::Schema(version))?;
    let todo = migrations.get(done..).ok_or(Error::Schema(version))?;
    if todo.is_empty() {
        write.rollback().await?;
        return Ok(false);
    }
    for migration in todo {
        sqlx::raw_sql(*migration).execute(&mut *write).await?;
    }
    let note = match database.kind {
        // PRAGMA takes no parameters; the number is ours.
        Kind::Sqlite => format!("PRAGMA user_version = {}", migrations.len()),
        Kind::Postgres => format!("UPDATE schema_version SET version = {}", migrations.len()),
    };
    sqlx::raw_sql(AssertSqlSafe(note)).execute(&mut *write).await?;
    if done < audit_end {
        audit::seal_end(&mut write).await?;
    }
    write.commit().await?;
    Ok(done < audit_end)
}

const fn migrations(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Sqlite => SQLITE,
        Kind::Postgres => POSTGRES,
    }
}

async fn version(write: &mut Write, kind: Kind) -> Result<i64, Error> {
    let select = match kind {
        Kind::Sqlite => "PRAGMA user_version",
        Kind::Postgres => {
            /// Any number that no other program over this database uses.
            const LOCK: &str = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7309453)) AS locked";
            sqlx::raw_sql(LOCK).execute(&mut **write).await?;
            // Not `IF NOT EXISTS`: that would say so in the log of every command.
            let there: i64 = sqlx::query(THERE).fetch_one(&mut **write).await?.try_get(0)?;
            if there == 0 {
                let table = "CREATE TABLE schema_version (version BIGINT NOT NULL)";
                sqlx::raw_sql(table).execute(&mut **write).await?;
            }
            let first = "INSERT INTO schema_version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version)";
            sqlx::raw_sql(first).execute(&mut **write).await?;
            "SELECT version FROM schema_version"
        }
    };
    Ok(sqlx::query(select).fetch_one(&mut **write).await?.try_get(0)?)
}
