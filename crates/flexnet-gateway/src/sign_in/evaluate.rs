//! Everything is evaluated, always: the password and the TAN, here or by whoever judges them elsewhere. What follows from it is for `conclude`.

use super::Entry;
use crate::{
    accounts::Account,
    db::Write,
    error::Error,
    passwords::Room,
    tokens::{self, Learn, Match, Token},
    verifier::Verifier,
};

pub(super) struct Verdict {
    pub password: bool,
    pub tan: Tan,
}

/// What became of the TAN.
pub(super) enum Tan {
    /// Where it stands on tokens of ours.
    Own(Vec<Match>),
    /// Whether a token server takes it.
    Foreign(bool),
}

impl Tan {
    pub fn fits(&self) -> bool {
        match self {
            Self::Own(found) => !found.is_empty(),
            Self::Foreign(right) => *right,
        }
    }

    /// Whether it fitted and had not been spent. A foreign one was spent before it was sent.
    pub async fn spend(&self, write: &mut Write, learn: Learn) -> Result<bool, Error> {
        match self {
            Self::Own(found) => tokens::spend_all(write, found, learn).await,
            Self::Foreign(right) => Ok(*right),
        }
    }
}

/// Who is asked elsewhere, and about whom.
pub(super) struct Foreign<'a> {
    pub verifier: &'a Verifier,
    /// Of an account that may be judged.
    pub name: Option<&'a str>,
    pub fresh: bool,
}

/// Everything, always: the password against a hash or a dummy, the TAN against every token and a dummy, or whoever judges them elsewhere. Nothing
/// stops at the first mistake. An error if a foreign judge gave no verdict: the other's is not told then, whatever it was, and a TAN of ours is spent.
pub(super) async fn evaluate(
    entry: &Entry,
    account: &Option<Account>,
    tokens: &[Token],
    foreign: &Foreign<'_>,
    room: &Room,
) -> Result<Verdict, Option<Tan>> {
    let Foreign { verifier, name, fresh } = *foreign;
    let (password, tan) = (&entry.password, &entry.tan);
    let password = async {
        if let Some(verdict) = verifier.password(name, password).await {
            return verdict.decided();
        }
        let hash = account.as_ref().map(|account| account.password.clone());
        Some(room.verify(hash, password.clone()).await)
    };
    let tan = async {
        if let Some(verdict) = verifier.tan(name, tan, fresh).await {
            return verdict.decided().map(Tan::Foreign);
        }
        let dummy = Token::dummy();
        let found = tokens.iter().chain([&dummy]).filter_map(|token| token.find(tan.expose(), entry.now));
        Some(Tan::Own(found.collect()))
    };
    let (password, tan) = tokio::join!(password, tan);
    match (password, tan) {
        (Some(password), Some(tan)) => Ok(Verdict { password, tan }),
        (None, Some(tan)) => Err(Some(tan)),
        (Some(_) | None, None) => Err(None),
    }
}
