//! Staff of the KV at the console: who they are, their role, their one session. Passwords are there as Argon2id hashes only, the session's cookie as a hash.
//! They are no members: no name of theirs opens a tunnel, and no sign-in of a member touches their lockout.

use data_encoding::BASE64URL_NOPAD;
use flexnet_protocol::{Secret, gateway::MAX_USERNAME};
use serde::Serialize;
use sqlx::{Row as _, any::AnyRow};

use crate::{
    accounts::normalise,
    db::{Database, Write, exact},
    error::Error,
    seal::{random, sha256},
};

/// A session ends after so many seconds, whatever happens in it.
pub const ABSOLUTE: i64 = 8 * 3600;
/// A session ends after so many seconds without a request.
pub const IDLE: i64 = 20 * 60;
/// Requests within so many seconds are written down once.
const ROUGHLY: i64 = 30;
/// Seconds for which an ended session is kept.
const MEMORY: i64 = 90 * 24 * 3600;

/// What somebody is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Role {
    /// Helps members: unlocks, ends sessions, takes lost tokens back.
    Desk,
    /// Judges the tokens that another person has brought, and gives them out.
    #[value(alias = "token-officer")]
    TokenOfficer,
    /// Reads, and changes nothing.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Desk, Self::TokenOfficer, Self::Auditor];

    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::TokenOfficer => "token_officer",
            Self::Auditor => "auditor",
        }
    }

    fn parse(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|role| role.name() == name).ok_or(Error::Row("role"))
    }
}

/// One of the staff.
#[derive(Debug, Clone)]
pub struct Staff {
    /// Row of the database.
    pub id: i64,
    /// Normal form of the name.
    pub username: String,
    /// How to greet.
    pub display_name: String,
    /// Argon2id, as a PHC string.
    pub password: String,
    /// What for.
    pub role: Role,
    /// Not switched off.
    pub active: bool,
    /// Seconds since 1970 UTC.
    pub last_sign_in: Option<i64>,
}

/// What the guard's key is made from. Member's names are lower case when they come there, so the two never meet:
/// nobody on the internet can lock or try the name of one of the staff.
pub fn guard_name(name: &str) -> String {
    format!("STAFF:{name}")
}

const COLUMNS: &str = "staff.id, staff.username, staff.display_name, staff.password, staff.role, \
                       CASE WHEN staff.state = 'active' THEN 1 ELSE 0 END, staff.last_sign_in";

fn from_row(row: &AnyRow) -> Result<Staff, Error> {
    Ok(Staff {
        id: row.try_get(0)?,
        username: row.try_get(1)?,
        display_name: row.try_get(2)?,
        password: row.try_get(3)?,
        role: Role::parse(&row.try_get::<String, _>(4)?)?,
        active: row.try_get::<i64, _>(5)? == 1,
        last_sign_in: row.try_get(6)?,
    })
}

/// The one with a name in normal form.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn find(write: &mut Write, name: &str) -> Result<Option<Staff>, Error> {
    let select = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM staff WHERE username = $1"));
    let row = sqlx::query(select).bind(name).fetch_optional(&mut **write).await?;
    row.as_ref().map(from_row).transpose()
}

/// The same for an administrator, who wants to be told.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Database`], [`Error::Row`].
pub async fn named(write: &mut Write, username: &str) -> Result<Staff, Error> {
    let name = normalise(username);
    find(write, &name).await?.ok_or_else(|| Error::Unknown(format!("staff account {name}")))
}

/// All of them, by name.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn all(database: &Database) -> Result<Vec<Staff>, Error> {
    let select = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM staff ORDER BY username"));
    sqlx::query(select).fetch_all(database.read()).await?.iter().map(from_row).collect()
}

/// Adds one; the normal form of the name.
///
/// # Errors
/// [`Error::Value`], [`Error::Taken`], [`Error::Database`].
pub async fn add(
    write: &mut Write,
    username: &str,
    display_name: &str,
    hash: &str,
    role: Role,
    now: i64,
) -> Result<String, Error> {
    let name = normalise(username);
    if name.is_empty() || name.len() > MAX_USERNAME || name.chars().any(char::is_control) {
        let reason = format!("must have 1 to {MAX_USERNAME} bytes and no control characters");
        return Err(Error::Value { field: "username", reason });
    }
    let insert = "INSERT INTO staff (username, display_name, password, role, created) VALUES ($1, $2, $3, $4, $5) \
                  ON CONFLICT (username) DO NOTHING";
    let insert = sqlx::query(insert).bind(&name).bind(display_name).bind(hash).bind(role.name()).bind(now);
    if insert.execute(&mut **write).await?.rows_affected() == 0 {
        return Err(Error::Taken(format!("a staff account {name}")));
    }
    Ok(name)
}

/// Switches an account on or off.
///
/// # Errors
/// [`Error::Database`].
pub async fn set_active(write: &mut Write, id: i64, active: bool) -> Result<(), Error> {
    let state = if active { "active" } else { "disabled" };
    sqlx::query("UPDATE staff SET state = $2 WHERE id = $1").bind(id).bind(state).execute(&mut **write).await?;
    Ok(())
}

/// Gives an account another password. Who is signing in with the old one does not get in any more.
///
/// # Errors
/// [`Error::Database`].
pub async fn set_password(write: &mut Write, id: i64, hash: &str) -> Result<(), Error> {
    sqlx::query("UPDATE staff SET password = $2 WHERE id = $1").bind(id).bind(hash).execute(&mut **write).await?;
    Ok(())
}

/// Nobody changed the account since it was judged.
const SIGNED_IN: &str = "UPDATE staff SET last_sign_in = $3 WHERE id = $1 AND password = $2 AND state = 'active'";

/// Remembers a sign-in that was right in full. `false` if the account was switched off or got another password since it was read: then it was none.
///
/// # Errors
/// [`Error::Database`].
pub async fn signed_in(write: &mut Write, staff: &Staff, now: i64) -> Result<bool, Error> {
    let update = sqlx::query(exact(SIGNED_IN)).bind(staff.id).bind(&staff.password).bind(now);
    Ok(update.execute(&mut **write).await?.rows_affected() == 1)
}

/// Begins a session and ends the one before; its cookie, which exists in the open only here.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn begin_session(write: &mut Write, staff: i64, network: &str, now: i64) -> Result<Secret, Error> {
    end_session(write, staff, now).await?;
    let cookie = Secret::new(BASE64URL_NOPAD.encode(&random::<32>()?));
    let insert =
        "INSERT INTO staff_session (token_hash, staff, network, started, last_active) VALUES ($1, $2, $3, $4, $4)";
    let insert = sqlx::query(insert).bind(hash(cookie.expose())).bind(staff).bind(network).bind(now);
    insert.execute(&mut **write).await?;
    Ok(cookie)
}

/// Who has this cookie, while session and account live; it counts as use of the session.
///
/// # Errors
/// [`Error::Database`], [`Error::Row`].
pub async fn in_session(database: &Database, cookie: &str, now: i64) -> Result<Option<Staff>, Error> {
    let hash = hash(cookie);
    let select = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS}, last_active FROM staff_session JOIN staff ON staff.id = staff_session.staff \
         WHERE token_hash = $1 AND ended IS NULL AND started > $2 AND last_active > $3 AND state = 'active'"
    ));
    let select = sqlx::query(select).bind(hash.clone()).bind(now - ABSOLUTE).bind(now - IDLE);
    let Some(row) = select.fetch_optional(database.read()).await? else { return Ok(None) };
    if row.try_get::<i64, _>(7)? < now - ROUGHLY {
        let mut write = database.write().await?;
        let update = "UPDATE staff_session SET last_active = $2 WHERE token_hash = $1 AND last_active < $2";
        sqlx::query(update).bind(hash).bind(now).execute(&mut *write).await?;
        write.commit().await?;
    }
    from_row(&row).map(Some)
}

/// Ended once, so that its end is the first one.
const END: &str = "UPDATE staff_session SET ended = $2 WHERE staff = $1 AND ended IS NULL";

/// Ends the session of one of the staff; whether there was one.
///
/// # Errors
/// [`Error::Database`].
pub async fn end_session(write: &mut Write, staff: i64, now: i64) -> Result<bool, Error> {
    let update = sqlx::query(exact(END));
    Ok(update.bind(staff).bind(now).execute(&mut **write).await?.rows_affected() > 0)
}

/// Forgets sessions that began long ago.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget_old(write: &mut Write, now: i64) -> Result<(), Error> {
    let delete = sqlx::query("DELETE FROM staff_session WHERE started < $1").bind(now - MEMORY);
    delete.execute(&mut **write).await?;
    Ok(())
}

fn hash(cookie: &str) -> Vec<u8> {
    sha256(&[cookie.as_bytes()]).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_member_is_ever_one_of_the_staff() {
        for typed in ["STAFF:b.desk", " Staff:B.Desk ", "staff:b.desk", "STAFF:B.DESK"] {
            assert_ne!(normalise(typed), guard_name("b.desk"), "{typed}");
        }
    }

    #[test]
    fn roles_survive_the_database() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()).unwrap(), role);
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
            let typed = <Role as clap::ValueEnum>::to_possible_value(&role).unwrap();
            assert_eq!(typed.get_name(), role.name(), "one spelling on the command line, in JSON and in the database");
        }
    }
}
