//! Whether a failover of this PostgreSQL would keep what was acknowledged: attempts that were counted, TANs that were spent, locks. Asks, and changes nothing.

use sqlx::{AnyPool, Row as _};

use super::findings::Findings;
use crate::error::Error;

/// Those that follow, and those of them that are waited for. To another role than a monitor's PostgreSQL shows that they are there, and not how they
/// stand: then each counts for both. A running copy of the whole (`pg_basebackup`) is none.
const STANDBYS: &str = "SELECT count(*), count(*) FILTER (WHERE coalesce(sync_state, 'sync') IN ('sync', 'quorum')) FROM pg_stat_replication \
     WHERE coalesce(state, '') <> 'backup'";
/// What stands in the server's configuration for this role and database; the gateway's own sessions set `on` (`db/connect.rs`).
const SETTINGS: &str = "SELECT current_setting('synchronous_standby_names'), current_setting('fsync'), current_setting('full_page_writes'), \
     coalesce((SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'), '')";

/// Looks at it.
///
/// # Errors
/// [`Error::Database`].
pub(super) async fn look(found: &mut Findings, read: &AnyPool) -> Result<(), Error> {
    let row = sqlx::query(STANDBYS).fetch_one(read).await?;
    let (standbys, waited_for): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let row = sqlx::query(SETTINGS).fetch_one(read).await?;
    let setting = |column: usize| row.try_get::<String, _>(column);
    let (names, commit) = (setting(0)?, setting(3)?);
    if setting(1)? == "off" || setting(2)? == "off" {
        found.warning(
            "PostgreSQL: fsync or full_page_writes is off: a power failure gives attempts back and opens spent TANs",
        );
    }
    if ["off", "local"].contains(&commit.as_str()) {
        found.warning(format!(
            "PostgreSQL: synchronous_commit = {commit} for this role; the gateway sets `on` for itself, other programs that write here do not"
        ));
    }
    match (standbys, names.is_empty()) {
        (0, true) => found.note("PostgreSQL: no standby is connected, and none is to be waited for: a failover would be a restore"),
        (0, false) => found.warning("PostgreSQL: synchronous_standby_names is set and no standby is connected: commits may wait for ever"),
        (_, true) => found.error(
            "PostgreSQL: a standby (or another reader of its log) is connected and synchronous_standby_names is empty: a failover would give attempts back and let spent TANs in again. With Patroni: synchronous_mode",
        ),
        (_, false) if waited_for == 0 => found.warning("PostgreSQL: synchronous_standby_names names none of the standbys that are connected: commits may wait for ever"),
        (_, false) => found.fine("PostgreSQL: commits wait for a standby (synchronous_standby_names)"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::Database,
        operations::check::findings::Severity,
        tests::{postgres::Fresh, replicated::Pair},
    };

    async fn found(port: u16) -> Vec<(Severity, String)> {
        let fresh = Fresh::at(format!("postgres://kv@127.0.0.1:{port}/postgres"));
        let database = Database::open(&fresh.place).await.unwrap();
        let mut found = Findings::default();
        look(&mut found, database.read()).await.unwrap();
        found.0.iter().map(|finding| (finding.severity, finding.to_string())).collect()
    }

    fn tells(found: &[(Severity, String)], severity: Severity, words: &str) -> bool {
        found.iter().any(|(how, text)| *how == severity && text.contains(words))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_standby_that_nobody_waits_for_is_an_error_and_one_that_is_waited_for_is_fine() {
        let pair = Pair::new("").await;
        assert!(tells(&found(pair.primary).await, Severity::Error, "synchronous_standby_names is empty"));
        pair.kill_primary();
        pair.promote();
        assert!(tells(&found(pair.standby).await, Severity::Note, "no standby is connected"));

        let pair = Pair::new("*").await;
        let found = found(pair.primary).await;
        assert!(tells(&found, Severity::Fine, "commits wait for a standby"), "{found:?}");
        assert!(tells(&found, Severity::Warning, "fsync"), "the tests' own is no example");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_standby_that_is_none_of_those_to_be_waited_for_is_not_fine() {
        let pair = Pair::new("absent").await;
        // Not as a gateway opens it: what it writes first would wait for ever.
        let url = format!("postgres://kv@127.0.0.1:{}/postgres", pair.primary);
        sqlx::any::install_default_drivers();
        let pool = AnyPool::connect(&url).await.unwrap();
        let mut found = Findings::default();
        look(&mut found, &pool).await.unwrap();
        assert!(found.0.iter().any(|finding| finding.to_string().contains("names none of the standbys")));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_standby_is_no_database_for_a_gateway() {
        let pair = Pair::new("*").await;
        let fresh = Fresh::at(format!("postgres://kv@127.0.0.1:{}/postgres", pair.standby));
        let error = Database::open(&fresh.place).await.unwrap_err();
        assert!(crate::cli::chain(&error).contains("it is a standby"), "{error:?}");
    }
}
