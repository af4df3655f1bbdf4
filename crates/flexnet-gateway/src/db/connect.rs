//! How each database is spoken to, so that what was committed is kept: it must survive a power failure, or the failure would give attempts back.

use std::{io, path::Path, time::Duration};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{
    AnyConnection, AnyPool, Connection as _, Executor as _,
    any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers},
};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::{error::Error, os};

/// How long a transaction waits for its connection, and for others' locks.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections of one gateway to PostgreSQL, beside the one that listens.
const WRITERS: u32 = 10;
const READERS: u32 = 4;

const SQLITE: &str = "PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
const SQLITE_WRITER: &str = "PRAGMA journal_mode = WAL;";

/// Whatever the database's own defaults are: a commit is on disk (and at the synchronous standbys, where there are any) before it is one, locks are waited for
/// as long as on SQLite, and what a dead gateway's host left open is closed, because it holds locks that others wait for.
const POSTGRES: &str = "SET synchronous_commit = on; SET lock_timeout = '10s'; SET statement_timeout = '15s'; \
     SET idle_in_transaction_session_timeout = '10s'; SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;";
/// Stronger than `on`; left as it is.
const APPLIED: &str = "remote_apply";
/// How long a connection that was used before may take to say that its server is still there.
pub(super) const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// The writer and the readers of a SQLite file.
///
/// # Errors
/// [`Error::Database`], [`Error::Value`] for a path that is no text.
pub(super) async fn sqlite(path: &Path) -> Result<(AnyPool, AnyPool), Error> {
    let path = path.to_str().ok_or_else(|| value("database", "its path must be UTF-8"))?;
    let options = |mode| -> Result<AnyConnectOptions, Error> {
        Ok(format!("sqlite:{}?mode={mode}", utf8_percent_encode(path, NON_ALPHANUMERIC)).parse()?)
    };
    let writer = pool(1)
        .after_connect(|connection, _| {
            Box::pin(async {
                connection.execute(SQLITE).await?;
                connection.execute(SQLITE_WRITER).await?;
                Ok(())
            })
        })
        .connect_with(options("rw")?)
        .await?;
    let readers = pool(4).after_connect(|connection, _| {
        Box::pin(async {
            connection.execute(SQLITE).await?;
            Ok(())
        })
    });
    Ok((writer, readers.connect_with(options("ro")?).await?))
}

/// The writers and the readers of a PostgreSQL.
///
/// # Errors
/// [`Error::Database`].
pub(super) async fn postgres(url: &str) -> Result<(AnyPool, AnyPool), Error> {
    install_default_drivers();
    let options: AnyConnectOptions = url.parse()?;
    reach(&options).await?;
    let careful = |most| {
        // Of a server whose host is gone nothing comes, not even an end.
        let pool = pool(most).before_acquire(|connection, _| {
            Box::pin(async {
                timeout(SIGN_OF_LIFE, connection.ping()).await.map_err(|_| silent())??;
                Ok(!connection.is_in_transaction())
            })
        });
        let pool = pool.after_release(|connection, _| {
            Box::pin(async {
                // Whoever gave up in the middle leaves one here of which perhaps nothing comes; until it is let go it has a place in the pool.
                timeout(SIGN_OF_LIFE, connection.ping()).await.map_err(|_| silent())??;
                Ok(true)
            })
        });
        pool.after_connect(|connection, _| {
            Box::pin(async {
                only_a_primary(connection).await?;
                let applied = sqlx::query_scalar::<_, String>("SELECT current_setting('synchronous_commit')");
                let applied = applied.fetch_one(&mut *connection).await? == APPLIED;
                connection.execute(POSTGRES).await?;
                if applied {
                    connection.execute("SET synchronous_commit = remote_apply").await?;
                }
                Ok(())
            })
        })
    };
    let writers = careful(WRITERS).connect_with(options.clone()).await?;
    Ok((writers, careful(READERS).connect_with(options).await?))
}

/// Connects once, so that whoever opens hears why it cannot be done: a pool tries on and says only that its time is over.
async fn reach(options: &AnyConnectOptions) -> Result<(), sqlx::Error> {
    let reach = async {
        let mut connection = AnyConnection::connect_with(options).await?;
        only_a_primary(&mut connection).await?;
        connection.close().await
    };
    timeout(PATIENCE, reach).await.unwrap_or_else(|_| Err(silent()))
}

/// The fence at a failover. A standby and a primary that was set to read only would answer whoever only reads, with what was true some time ago: sessions that
/// have ended since, peers that are none any more. A server does not become a standby without ending its connections, so it is asked once for each.
async fn only_a_primary(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let setting = sqlx::query_scalar::<_, String>("SELECT current_setting('transaction_read_only')");
    match setting.fetch_one(connection).await?.as_str() {
        "off" => Ok(()),
        _ => Err(sqlx::Error::Io(io::Error::new(
            io::ErrorKind::ReadOnlyFilesystem,
            "it is a standby, or set to read only",
        ))),
    }
}

/// Of a server that does not answer.
pub(super) fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "its server does not answer"))
}

fn pool(most: u32) -> AnyPoolOptions {
    install_default_drivers();
    AnyPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE)
        // It would wait without a limit; PostgreSQL's hook asks the same, and a file is always there.
        .test_before_acquire(false)
        // After a full disk SQLite rolls back by itself, sqlx's own rollback then fails and it believes in a transaction for ever.
        .before_acquire(|connection, _| {
            let is_free = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_free) })
        })
}

/// Reads the URL of a PostgreSQL. The file may hold a password, so only its owner may read it.
///
/// # Errors
/// [`Error::Read`], [`Error::Value`].
pub(super) fn url(file: &Path) -> Result<Zeroizing<String>, Error> {
    let unreadable = |error| Error::Read(file.to_owned(), error);
    if !os::is_private(file).map_err(unreadable)? {
        return Err(value("database.url_file", "must be readable by its owner only"));
    }
    let text = Zeroizing::new(std::fs::read_to_string(file).map_err(unreadable)?);
    let url = Zeroizing::new(text.trim().to_owned());
    check(&url).map_err(|reason| value("database.url_file", reason))?;
    Ok(url)
}

/// Over a network the database's name must be checked, or anybody in between could answer in its place.
fn check(url: &str) -> Result<(), &'static str> {
    let Some(rest) = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://")) else {
        return Err("must hold one line: postgres://user:password@host/database?sslmode=verify-full");
    };
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default().split('/').next().unwrap_or_default();
    let host = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or(host, |(name, _)| name);
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let is_socket = |host: &str| host.starts_with('/') || host.to_ascii_lowercase().starts_with("%2f");
    let is_near = |host: &str| is_socket(host) || ["127.0.0.1", "[::1]", "localhost"].contains(&host);
    let redirected = pairs.clone().filter(|(key, _)| ["host", "hostaddr"].contains(key)).map(|(_, host)| host);
    if redirected.chain(Some(host).filter(|host| !host.is_empty())).all(is_near) {
        return Ok(());
    }
    match pairs.any(|(key, mode)| ["sslmode", "ssl-mode"].contains(&key) && mode == "verify-full") {
        true => Ok(()),
        false => Err("a database on another machine needs sslmode=verify-full"),
    }
}

fn value(field: &'static str, reason: &str) -> Error {
    Error::Value { field, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_database_on_another_machine_must_prove_its_name() {
        for near in ["postgres://gw@localhost/kv", "postgresql://gw:p@127.0.0.1:5432/kv", "postgres://gw@[::1]/kv"] {
            assert_eq!(check(near), Ok(()), "{near}");
        }
        assert_eq!(check("postgres:///kv?host=/run/postgresql"), Ok(()));
        assert_eq!(check("postgres://gw@%2Frun%2Fpostgresql/kv"), Ok(()));
        assert_eq!(check("postgres://gw:p@db.kv.example/kv?sslmode=verify-full&sslrootcert=/etc/ca.pem"), Ok(()));
        for far in [
            "postgres://gw:p@db.kv.example/kv",
            "postgres://gw:p@db.kv.example:5432/kv?sslmode=require",
            "postgres://localhost@db.kv.example/kv",
            "postgres://gw@localhost/kv?host=db.kv.example",
            "postgres://gw@[2001:db8::1]/kv",
            "mysql://gw@localhost/kv",
        ] {
            assert!(check(far).is_err(), "{far}");
        }
    }
}
