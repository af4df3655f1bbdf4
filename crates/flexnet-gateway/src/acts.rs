//! What the desk does to a member's access: unlock, end sessions, token lost, token given out, token resynchronised. One function an act, for the web
//! console and for `admin` alike; each is a row of the audit under the name of whoever did it. Looking is in `members`.

use flexnet_protocol::gateway::EndReason;
use sqlx::Row as _;

use crate::{
    accounts::Account,
    audit::{self, Event, Record},
    counted::{self, Counted},
    db::{Database, Write, retry},
    error::Error,
    guard, handoff,
    seal::Keys,
    sessions::{self, Ended, Which},
    staff,
    tokens::{self, Owner},
};

/// Somebody at work: who, from where, when.
#[derive(Debug, Clone, Copy)]
pub struct Hand<'a> {
    /// The gateway's id.
    pub gateway: &'a str,
    /// Everything keyed.
    pub keys: &'a Keys,
    /// Name of the member of staff, or an administrator's login name.
    pub actor: &'a str,
    /// Network prefix of the request; none at the gateway's own command line.
    pub network: Option<&'a str>,
    /// Seconds since 1970 UTC.
    pub now: i64,
}

/// Why something was done: 1 to 200 characters, no control characters. The audit is read in a terminal, and its rows stay.
#[derive(Debug, Clone)]
pub struct Reason(String);

impl Reason {
    /// # Errors
    /// [`Error::Value`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
            let reason = "must have 1 to 200 characters and no control characters".into();
            return Err(Error::Value { field: "reason", reason });
        }
        Ok(Self(text.to_owned()))
    }
}

/// How a resynchronisation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resync {
    /// The token is in step again. This attempt is taken back, and those before it are not.
    Done,
    /// No token of the member shows these two TANs one after the other.
    Refused {
        /// Entries left before the lock.
        attempts_left: u8,
    },
    /// The access is locked; nothing was compared.
    Locked,
}

impl Hand<'_> {
    /// Writes an act down.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Seal`].
    pub async fn note(&self, write: &mut Write, event: Event, subject: &str, detail: &str) -> Result<(), Error> {
        let record = Record { event, subject, actor: self.actor, network: self.network, detail };
        audit::append(write, self.gateway, self.now, &record).await
    }

    /// Writes an act down with what somebody wrote about it, which goes with the person.
    ///
    /// # Errors
    /// As [`Hand::note`].
    pub async fn note_with(
        &self,
        write: &mut Write,
        event: Event,
        subject: &str,
        detail: &str,
        reason: Option<&Reason>,
    ) -> Result<(), Error> {
        let record = Record { event, subject, actor: self.actor, network: self.network, detail };
        let reason = reason.map(|Reason(text)| text.as_str());
        audit::append_with_note(write, self.gateway, self.now, &record, reason).await
    }

    /// Opens a name; whether it was locked. `subject` is how the audit names it, `verified` that the caller was.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Seal`].
    pub async fn unlock(
        &self,
        write: &mut Write,
        key: &[u8; 32],
        subject: &str,
        verified: bool,
        reason: Option<&Reason>,
    ) -> Result<bool, Error> {
        let was_locked = guard::unlock(write, key).await?;
        self.unlocked(write, Event::Unlock, subject, was_locked, verified, reason).await?;
        Ok(was_locked)
    }

    /// Opens the console to one of the staff; whether it was locked.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Seal`].
    pub async fn unlock_staff(
        &self,
        write: &mut Write,
        person: &staff::Staff,
        reason: Option<&Reason>,
    ) -> Result<bool, Error> {
        let key = self.keys.guard(&staff::guard_name(&person.username));
        let was_locked = guard::unlock(write, &key).await?;
        self.unlocked(write, Event::StaffUnlock, &person.username, was_locked, false, reason).await?;
        Ok(was_locked)
    }

    /// What somebody wrote goes with the person it is about; the rest of the row stays.
    async fn unlocked(
        &self,
        write: &mut Write,
        event: Event,
        subject: &str,
        was_locked: bool,
        verified: bool,
        reason: Option<&Reason>,
    ) -> Result<(), Error> {
        let words = [(!was_locked).then_some("was not locked"), verified.then_some("caller verified")];
        let detail = words.into_iter().flatten().collect::<Vec<_>>().join(": ");
        self.note_with(write, event, subject, &detail, reason).await
    }

    /// Ends sessions of a member; their public names.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Seal`].
    pub async fn end_sessions(
        &self,
        write: &mut Write,
        member: &str,
        which: Which<'_>,
        reason: EndReason,
    ) -> Result<Vec<String>, Error> {
        let ended = sessions::close(write, which, reason, self.now).await?;
        self.ended(write, member, &ended, reason).await?;
        Ok(ended.into_iter().map(|session| session.name).collect())
    }

    /// Marks a token as lost: it opens nothing any more, its owner's sessions end, and nothing under way opens one. Whose it was, and the name.
    ///
    /// # Errors
    /// [`Error::Unknown`] if nobody has such a token, [`Error::Database`], [`Error::Seal`].
    pub async fn lose_token(&self, write: &mut Write, serial: &str) -> Result<(Owner, String), Error> {
        let owner = tokens::lose(write, serial).await?;
        if let Owner::Account(account) = owner {
            handoff::revoke(write, account).await?;
        }
        let (select, id) = match owner {
            Owner::Account(id) => ("SELECT username FROM account WHERE id = $1", id),
            Owner::Staff(id) => ("SELECT username FROM staff WHERE id = $1", id),
        };
        let name: String = sqlx::query(select).bind(id).fetch_one(&mut **write).await?.try_get(0)?;
        let ended = match owner {
            Owner::Account(id) => sessions::close(write, Which::Of(id), EndReason::TokenLost, self.now).await?,
            Owner::Staff(id) => staff::end_session(write, id, self.now).await.map(|_| Vec::new())?,
        };
        self.note(write, Event::TokenLost, &name, serial).await?;
        self.ended(write, &name, &ended, EndReason::TokenLost).await?;
        Ok((owner, name))
    }

    async fn ended(&self, write: &mut Write, member: &str, ended: &[Ended], reason: EndReason) -> Result<(), Error> {
        for session in ended {
            let detail = session.detail(reason);
            self.note(write, Event::SessionEnded, member, &detail).await?;
        }
        Ok(())
    }

    /// Gives a token from stock to somebody of this name.
    ///
    /// # Errors
    /// [`Error::Unknown`] if it is not in stock (any more), [`Error::Database`], [`Error::Seal`].
    pub async fn assign_token(&self, write: &mut Write, owner: Owner, name: &str, serial: &str) -> Result<(), Error> {
        tokens::assign(write, serial, owner).await?;
        self.note(write, Event::TokenAssigned, name, serial).await
    }

    /// Brings a member's token back into step by two TANs that it has shown one after the other. A counted attempt, committed before anything is compared.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Seal`], [`Error::Row`].
    pub async fn resync(
        &self,
        database: &Database,
        account: &Account,
        first: &str,
        second: &str,
    ) -> Result<Resync, Error> {
        let key = self.keys.guard(&account.username);
        let count = async || {
            let mut write = database.write().await?;
            let counted = counted::count(&mut write, self.gateway, key, self.now).await?;
            write.commit().await?;
            Ok::<_, Error>(counted)
        };
        let Some(counted) = retry(count).await? else { return Ok(Resync::Locked) };
        let conclude = async || {
            let mut write = database.write().await?;
            let done = self.conclude_resync(&mut write, account, &counted, first, second).await?;
            write.commit().await?;
            Ok(done)
        };
        retry(conclude).await
    }

    async fn conclude_resync(
        &self,
        write: &mut Write,
        account: &Account,
        counted: &Counted,
        first: &str,
        second: &str,
    ) -> Result<Resync, Error> {
        let (name, owner) = (&account.username, Owner::Account(account.id));
        // The guard's row comes first in every transaction; a success in flight at a lock loses.
        let serial = match guard::hold_open(write, &counted.key).await? {
            true => tokens::resync(write, self.keys, owner, first, second, self.now).await?,
            false => None,
        };
        let Some(serial) = serial else {
            let failed = guard::fail(write, &counted.key, counted.seq).await?;
            counted.close(write).await?;
            self.note(write, Event::Attempt, name, "refused: resynchronisation").await?;
            if failed.just_locked {
                self.note(write, Event::Lock, name, "").await?;
            }
            let attempts_left = failed.attempts_left;
            return Ok(if failed.locked { Resync::Locked } else { Resync::Refused { attempts_left } });
        };
        guard::give_back(write, &counted.key, counted.seq).await?;
        counted.close(write).await?;
        self.note(write, Event::Attempt, name, "accepted: resynchronisation").await?;
        self.note(write, Event::TokenResynchronised, name, &serial).await?;
        Ok(Resync::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_of_words() {
        for bad in ["", "  ", "two\nlines", "\u{1b}[2J", &"x".repeat(201)] {
            assert!(Reason::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Reason::parse(&format!(" {} ", "ß".repeat(200))).is_ok());
    }
}
