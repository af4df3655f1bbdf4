//! Accounts of meine KVid: who may sign in. Names are compared in one normal form; passwords are there as Argon2id hashes only.

use flexnet_protocol::gateway::{MAX_DISPLAY_NAME, MAX_USERNAME, is_display_name};
use ipnet::IpNet;
use sqlx::{AnyPool, Row as _};

use crate::{
    db::{Write, exact},
    error::Error,
};

/// An account as the sign-in needs it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Row of the database.
    pub id: i64,
    /// Normal form of the name.
    pub username: String,
    /// How to greet the member.
    pub display_name: String,
    /// Argon2id, as a PHC string.
    pub password: String,
    /// Not switched off.
    pub active: bool,
    /// The last successful sign-in: when, and from which network.
    pub last_sign_in: Option<(i64, String)>,
}

/// What a new account's name may hold beside letters and digits.
const MARKS: &str = "._-+@'";

/// Nobody changed the account since it was judged.
const SIGNED_IN: &str = "UPDATE account SET last_sign_in = $2, last_network = $3 \
     WHERE id = $1 AND password = $4 AND state = 'active'";

/// The same, without a mark of it.
const UNCHANGED: &str = "UPDATE account SET state = 'active' WHERE id = $1 AND password = $2 AND state = 'active'";

/// The form in which names are compared: no blanks around, lower case.
pub fn normalise(username: &str) -> String {
    username.trim().to_lowercase()
}

/// Whether a name can be that of a new account: one that is read, typed and searched for in one way. A composed letter is one sign, so a mark that stands by itself is refused.
fn is_username(name: &str) -> bool {
    (1..=MAX_USERNAME).contains(&name.len()) && name.chars().all(|c| c.is_alphanumeric() || MARKS.contains(c))
}

/// The account with a name in normal form.
///
/// # Errors
/// [`Error::Database`].
pub async fn find(write: &mut Write, name: &str) -> Result<Option<Account>, Error> {
    let select = "SELECT id, username, display_name, password, CASE WHEN state = 'active' THEN 1 ELSE 0 END, last_sign_in, last_network FROM account WHERE username = $1";
    let Some(row) = sqlx::query(select).bind(name).fetch_optional(&mut **write).await? else { return Ok(None) };
    Ok(Some(Account {
        id: row.try_get(0)?,
        username: row.try_get(1)?,
        display_name: row.try_get(2)?,
        password: row.try_get(3)?,
        active: row.try_get::<i64, _>(4)? == 1,
        last_sign_in: row.try_get::<Option<i64>, _>(5)?.zip(row.try_get::<Option<String>, _>(6)?),
    }))
}

/// The same for an administrator, who wants to be told.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Database`].
pub async fn named(write: &mut Write, username: &str) -> Result<Account, Error> {
    let name = normalise(username);
    find(write, &name).await?.ok_or_else(|| Error::Unknown(format!("account {name}")))
}

/// Adds an account; the normal form of its name.
///
/// # Errors
/// [`Error::Value`], [`Error::Taken`], [`Error::Database`].
pub async fn add(write: &mut Write, username: &str, display_name: &str, hash: &str, now: i64) -> Result<String, Error> {
    let name = normalise(username);
    // Also of the name as it was given: blanks around it are no part of a name that somebody wants to add.
    if !is_username(username) || !is_username(&name) {
        let reason = format!("must have 1 to {MAX_USERNAME} bytes: letters, digits and {MARKS}, and no blanks");
        return Err(Error::Value { field: "username", reason });
    }
    // The application shows no other name, and whose access a link opens would not be told.
    if !is_display_name(display_name) {
        let reason =
            format!("must have 1 to {MAX_DISPLAY_NAME} bytes, and none of its characters may be unseen or a control");
        return Err(Error::Value { field: "display name", reason });
    }
    if find(write, &name).await?.is_some() {
        return Err(Error::Taken(format!("an account {name}")));
    }
    sqlx::query("INSERT INTO account (username, display_name, password, created) VALUES ($1, $2, $3, $4)")
        .bind(&name)
        .bind(display_name)
        .bind(hash)
        .bind(now)
        .execute(&mut **write)
        .await?;
    Ok(name)
}

/// Whether an account is there and switched on.
///
/// # Errors
/// [`Error::Database`].
pub async fn is_active(read: &AnyPool, name: &str) -> Result<bool, Error> {
    let select = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM account WHERE username = $1 AND state = 'active'");
    Ok(select.bind(name).fetch_one(read).await? == 1)
}

/// Switches an account on or off.
///
/// # Errors
/// [`Error::Database`].
pub async fn set_active(write: &mut Write, id: i64, active: bool) -> Result<(), Error> {
    let state = if active { "active" } else { "disabled" };
    sqlx::query("UPDATE account SET state = $2 WHERE id = $1").bind(id).bind(state).execute(&mut **write).await?;
    Ok(())
}

/// Gives an account another password. Who is signing in with the old one does not get in any more.
///
/// # Errors
/// [`Error::Database`].
pub async fn set_password(write: &mut Write, id: i64, hash: &str) -> Result<(), Error> {
    sqlx::query("UPDATE account SET password = $2 WHERE id = $1").bind(id).bind(hash).execute(&mut **write).await?;
    Ok(())
}

/// Remembers a successful sign-in, if the account is still as it was judged: switched on, with the same password. Whether it is.
///
/// # Errors
/// [`Error::Database`].
pub async fn signed_in(write: &mut Write, account: &Account, now: i64, network: &str) -> Result<bool, Error> {
    let done = sqlx::query(exact(SIGNED_IN))
        .bind(account.id)
        .bind(now)
        .bind(network)
        .bind(&account.password)
        .execute(&mut **write)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The networks from which members have last signed in.
///
/// # Errors
/// [`Error::Database`].
pub async fn networks(read: &AnyPool) -> Result<Vec<IpNet>, Error> {
    let select = sqlx::query("SELECT last_network FROM account WHERE last_network IS NOT NULL").fetch_all(read).await?;
    let networks = select.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?;
    Ok(networks.iter().filter_map(|network| network.parse().ok()).collect())
}

/// Whether an account is still as it was judged, and so until the end of this transaction.
///
/// # Errors
/// [`Error::Database`].
pub async fn hold_unchanged(write: &mut Write, account: &Account) -> Result<bool, Error> {
    let done = sqlx::query(exact(UNCHANGED)).bind(account.id).bind(&account.password).execute(&mut **write).await?;
    Ok(done.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn names_differ_neither_by_case_nor_by_blanks_around() {
        assert_eq!(normalise("  M.Muster\t"), "m.muster");
        assert_eq!(normalise("ÄRZTIN"), "ärztin");
    }
}
