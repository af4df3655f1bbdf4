//! Answers of `admin`, as text or as JSON. JSON is one value on standard output; its fields only grow.

use std::io::Write as _;

use data_encoding::BASE32_NOPAD;
use serde::Serialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::{account::Listed, staff};
use crate::{audit, clock::utc, error::Error, sessions, tokens::NewToken};

/// How an administrator wants to be answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Show {
    pub json: bool,
}

impl Show {
    /// Something was done to an account.
    pub fn done(self, username: &str, what: &str) -> Result<(), Error> {
        self.say(&json!({ "username": username, "done": what }), || format!("{username}: {what}"))
    }

    /// A new token; the seed if it was made here.
    pub fn token(self, username: &str, token: &NewToken, made_here: bool) -> Result<(), Error> {
        let NewToken { serial, kind, digits, .. } = token;
        let seed = made_here.then(|| Zeroizing::new(BASE32_NOPAD.encode(&token.seed)));
        let seed = seed.as_deref().map(String::as_str);
        let value = json!({ "username": username, "serial": serial, "kind": kind, "digits": digits, "seed": seed });
        self.say(&value, || {
            let seed = seed.map(|seed| format!("\nseed   {seed}   (shown once)")).unwrap_or_default();
            format!("serial {serial}{seed}")
        })
    }

    pub fn accounts(self, accounts: &[Listed]) -> Result<(), Error> {
        self.say(&accounts, || {
            lines(accounts, "no accounts", |a| {
                let lock = if a.locked { "locked".into() } else { format!("{} attempts left", a.attempts_left) };
                let tokens =
                    a.tokens.iter().map(|t| format!("{} {} {}", t.serial, t.kind, t.state)).collect::<Vec<_>>();
                let last = a.last_sign_in.map_or_else(|| "never".into(), utc);
                let name = &a.display_name;
                format!("{}  {name}  {}  {lock}  last {last}  [{}]", a.username, a.state, tokens.join(", "))
            })
        })
    }

    pub fn staff(self, staff: &[staff::Listed]) -> Result<(), Error> {
        self.say(&staff, || {
            lines(staff, "no staff", |s| {
                let lock = if s.locked { "locked".into() } else { format!("{} attempts left", s.attempts_left) };
                let (role, last) = (s.role.name(), s.last_sign_in.map_or_else(|| "never".into(), utc));
                let tokens = s.tokens.join(", ");
                format!("{}  {}  {role}  {}  {lock}  last {last}  [{tokens}]", s.username, s.display_name, s.state)
            })
        })
    }

    pub fn sessions(self, sessions: &[sessions::Listed]) -> Result<(), Error> {
        self.say(&sessions, || {
            lines(sessions, "no live sessions", |s| {
                let inside = s.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                let (started, active, end) = (utc(s.started), utc(s.last_active), utc(s.absolute_end));
                format!(
                    "{}  {}  {inside}  from {}  {started}  active {active}  until {end}",
                    s.session_id, s.username, s.network
                )
            })
        })
    }

    pub fn audit(self, rows: &[audit::Row]) -> Result<(), Error> {
        self.say(&rows, || {
            lines(rows, "no rows", |r| {
                let subject = r.subject.as_deref().unwrap_or("(erased)");
                let network = r.network.as_deref().unwrap_or("-");
                let note = r.note.as_ref().map(|note| format!("  “{note}”")).unwrap_or_default();
                let (at, event, actor, detail) = (utc(r.at), &r.event, &r.actor, &r.detail);
                format!("{}  {at}  {event}  {subject}  by {actor}  {network}  {detail}{note}", r.number)
            })
        })
    }

    pub fn say<T: Serialize>(self, value: &T, text: impl FnOnce() -> String) -> Result<(), Error> {
        let text = if self.json { serde_json::to_string(value).map_err(|_| Error::Row("value"))? } else { text() };
        writeln!(std::io::stdout(), "{text}").map_err(Error::Terminal)
    }
}

/// A line each; `none` where there is none.
pub(super) fn lines<T>(rows: &[T], none: &str, line: impl Fn(&T) -> String) -> String {
    if rows.is_empty() {
        return none.to_owned();
    }
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
