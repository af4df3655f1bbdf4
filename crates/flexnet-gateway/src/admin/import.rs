//! Tokens by the hundred: `admin token import`, `imports`, `accept`, `refuse`, and what becomes of tokens afterwards: `stock`, `list`, `withdraw`.
//! The key of an encrypted file comes by standard input, a prompt or a file, never as an argument.

use std::path::Path;

use flexnet_protocol::{Secret, gateway::EndReason};
use serde::Serialize;
use sqlx::Row as _;
use zeroize::Zeroizing;

use super::{Desk, secret, show::lines};
use crate::{
    audit::Event,
    db::Write,
    error::Error,
    handoff,
    provision::{self, Import, LARGEST, Provisioned, Waiting, import},
    sessions::Which,
    staff,
    tokens::{self, Owner},
};

/// A token as an administrator sees it.
#[derive(Debug, Serialize)]
struct Listed {
    serial: String,
    kind: String,
    algorithm: String,
    digits: i64,
    state: String,
    /// User name of whoever has it.
    owner: Option<String>,
}

impl Desk {
    pub(super) async fn import_tokens(&self, path: &Path, secret_file: Option<&Path>) -> Result<(), Error> {
        let read = |path: &Path| std::fs::read(path).map(Zeroizing::new).map_err(|e| Error::Read(path.to_owned(), e));
        let size = std::fs::metadata(path).map_err(|e| Error::Read(path.to_owned(), e))?.len();
        if usize::try_from(size).map_or(true, |size| size > LARGEST) {
            return Err(Error::Provision(provision::Error::Whole("is larger than 16 MiB")));
        }
        let file = read(path)?;
        let given = secret_file.map(read).transpose()?;
        let given = given.map(|bytes| Secret::new(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n'])));
        let tokens = self.read_tokens(&file, given.as_ref())?;
        let import = self.act(async |write| import::bring(write, self.hand(), &file, &tokens).await).await?;
        self.say_import(
            &import,
            "waits: another person lets it in with `admin token accept`, after a look at `admin token imports`",
        )
    }

    fn read_tokens(&self, file: &[u8], given: Option<&Secret>) -> Result<Vec<Provisioned>, Error> {
        match provision::read(file, given.map(Secret::expose), self.now) {
            Err(provision::Error::Secret(needed)) => {
                let given = secret(&format!("The file is encrypted; {}: ", needed.name()))?;
                provision::read(file, Some(given.expose()), self.now).map_err(Error::Provision)
            }
            read => read.map_err(Error::Provision),
        }
    }

    pub(super) async fn list_imports(&self) -> Result<(), Error> {
        let waiting = import::waiting(self.database.read(), &self.keys).await?;
        self.show.say(&waiting, || {
            let one = |w: &Waiting| {
                let tokens =
                    w.tokens.iter().map(|t| format!("  {}  {} {} {} digits", t.serial, t.kind, t.algorithm, t.digits));
                let (id, count, by) = (w.id, w.tokens.len(), &w.brought_by);
                let head = format!("import {id}: {count} tokens, brought by {by}, SHA-256 {}", w.file_hash);
                [head].into_iter().chain(tokens).collect::<Vec<_>>().join("\n")
            };
            lines(&waiting, "no imports wait", one)
        })
    }

    pub(super) async fn judge_import(&self, id: i64, accept: bool) -> Result<(), Error> {
        let judge = async |write: &mut Write| match accept {
            true => import::accept(write, self.hand(), id).await,
            false => import::refuse(write, self.hand(), id).await,
        };
        let import = self.act(judge).await?;
        self.say_import(&import, if accept { "is in stock" } else { "was turned away" })
    }

    pub(super) async fn withdraw_token(&self, serial: &str) -> Result<(), Error> {
        self.act(async |write| {
            let owner = tokens::withdraw(write, serial).await?;
            let name = match owner {
                Some(owner) => name_of(write, owner).await?,
                None => String::new(),
            };
            // What was opened with it ends, and what is under way opens nothing.
            match owner {
                Some(Owner::Account(account)) => {
                    handoff::revoke(write, account).await?;
                    self.hand().end_sessions(write, &name, Which::Of(account), EndReason::Desk).await?;
                }
                Some(Owner::Staff(id)) => drop(staff::end_session(write, id, self.now).await?),
                None => {}
            }
            self.note(write, Event::TokenWithdrawn, &name, serial).await
        })
        .await?;
        self.show.done(serial, "token withdrawn")
    }

    /// All tokens, or those in one state.
    pub(super) async fn list_tokens(&self, state: Option<&str>) -> Result<(), Error> {
        let select = "SELECT serial, kind, algorithm, digits, token.state, coalesce(account.username, staff.username) FROM token \
                      LEFT JOIN account ON account.id = token.account LEFT JOIN staff ON staff.id = token.staff \
                      WHERE $1 = '' OR token.state = $1 ORDER BY serial";
        let rows = sqlx::query(select).bind(state.unwrap_or_default()).fetch_all(self.database.read()).await?;
        let listed = |row: &sqlx::any::AnyRow| -> Result<Listed, sqlx::Error> {
            Ok(Listed {
                serial: row.try_get(0)?,
                kind: row.try_get(1)?,
                algorithm: row.try_get(2)?,
                digits: row.try_get(3)?,
                state: row.try_get(4)?,
                owner: row.try_get(5)?,
            })
        };
        let tokens: Vec<Listed> = rows.iter().map(listed).collect::<Result<_, _>>()?;
        self.show.say(&tokens, || {
            let line = |t: &Listed| {
                let owner = t.owner.as_deref().unwrap_or("-");
                format!("{}  {} {} {} digits  {}  {owner}", t.serial, t.kind, t.algorithm, t.digits, t.state)
            };
            lines(&tokens, if state == Some("stock") { "no tokens in stock" } else { "no tokens" }, line)
        })
    }

    fn say_import(&self, import: &Import, what: &str) -> Result<(), Error> {
        self.show.say(import, || format!("import {} of {} tokens {what}", import.id, import.count))
    }
}

async fn name_of(write: &mut Write, owner: Owner) -> Result<String, Error> {
    let (select, id) = match owner {
        Owner::Account(id) => ("SELECT username FROM account WHERE id = $1", id),
        Owner::Staff(id) => ("SELECT username FROM staff WHERE id = $1", id),
    };
    Ok(sqlx::query(select).bind(id).fetch_one(&mut **write).await?.try_get(0)?)
}
