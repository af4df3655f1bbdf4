//! The database: whether it answers, whose schema it has, whether the audit can go on, whether the clock can be believed. Changes nothing in it.

use tokio::time::timeout;

use super::{PATIENCE, findings::Findings, maintenance};
use crate::{
    audit,
    clock::Clock,
    config::Config,
    db::{Database, Schema},
    error::Error,
    operations::announced,
    seal::Keys,
};

/// Looks at it.
pub(super) async fn look(found: &mut Findings, config: &Config) {
    let database = match timeout(PATIENCE * 3, Database::open(&config.database)).await {
        Ok(Ok(database)) => database,
        Ok(Err(error)) => return found.wrong(&error),
        Err(_) => return found.error("the database does not answer"),
    };
    match database.schema().await {
        Ok(Schema { is, wanted }) if is == wanted => {
            found.fine("the database answers and has this version's schema");
            if let Err(error) = content(found, config, &database).await {
                found.wrong(&error);
            }
        }
        Ok(Schema { is, wanted }) => found
            .warning(format!("the database answers; the next start brings its schema from version {is} to {wanted}")),
        Err(error) => found.wrong(&error),
    }
    database.close().await;
}

async fn content(found: &mut Findings, config: &Config, database: &Database) -> Result<(), Error> {
    let read = database.read();
    // Keys that cannot be read are told elsewhere.
    if let Ok(keys) = Keys::load(&config.files.keys) {
        match audit::stands(read, keys.audit()).await {
            Ok(()) => found.fine("the audit's end is as it was sealed (`admin audit verify` follows the whole chain)"),
            Err(error @ Error::Audit(_)) => {
                found.wrong(&error);
                found.error("until `admin audit reseal` nobody is let in");
            }
            Err(error) => return Err(error),
        }
    }
    maintenance(found, "for all gateways over this database", announced(read).await?);
    match Clock::new(audit::latest(read).await?).sane() {
        Some(_) => found.fine("the clock lies behind the last row of the audit"),
        None => found.error("the clock lies before the last row of the audit, or was never set: nobody can sign in"),
    }
    Ok(())
}
