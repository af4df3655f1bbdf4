//! Erasing a person: the account and what is known of its member go; the audit's rows about it lose their personal fields, and the chain still verifies.
//! What stays says nothing of a person: the guard's keyed hash (forgotten, it would open a lock), and the serial numbers of tokens, so that none comes in twice.

use serde::Serialize;

use crate::{
    accounts,
    acts::Hand,
    audit::{self, Event},
    db::Write,
    error::Error,
    sessions::Which,
};
use flexnet_protocol::gateway::EndReason;

/// What was erased.
#[derive(Debug, Clone, Serialize)]
pub struct Erased {
    /// Rows of the audit without their personal fields now.
    pub rows: u64,
}

/// Erases an account that is switched off. Copies of the database keep the person until they are deleted.
///
/// # Errors
/// [`Error::Unknown`]; [`Error::Value`] if it is not switched off; [`Error::Database`].
pub async fn account(write: &mut Write, hand: Hand<'_>, username: &str) -> Result<Erased, Error> {
    let account = accounts::named(write, username).await?;
    if account.active {
        return Err(Error::Value { field: "account", reason: "must be disabled before it is erased".into() });
    }
    let guard = hand.keys.guard(&account.username);
    sqlx::query("DELETE FROM ticket WHERE account = $1").bind(account.id).execute(&mut **write).await?;
    // Outcomes hold the greeting.
    sqlx::query("DELETE FROM attempt WHERE guard = $1").bind(guard.as_slice()).execute(&mut **write).await?;
    let tokens = "UPDATE token SET account = NULL, state = CASE WHEN state = 'lost' THEN 'lost' ELSE 'withdrawn' END WHERE account = $1";
    sqlx::query(tokens).bind(account.id).execute(&mut **write).await?;
    let which = Which::Of(account.id);
    hand.end_sessions(write, &account.username, which, EndReason::Desk).await?;
    sqlx::query("DELETE FROM session WHERE account = $1").bind(account.id).execute(&mut **write).await?;
    sqlx::query("DELETE FROM account WHERE id = $1").bind(account.id).execute(&mut **write).await?;
    let nobody = audit::nobody(&guard);
    let mut rows = 0;
    for subject in [account.username.as_str(), &nobody] {
        rows += audit::blank_subject(write, subject).await?;
    }
    hand.note(write, Event::AccountErased, &nobody, "").await?;
    Ok(Erased { rows })
}
