//! Opens a session for a member whose entry was right, inside the transaction that says so: the older one ends, addresses are taken, the grant is made.
//! Judges nothing: whoever calls has counted and compared (`sign_in`, `handoff`).

use flexnet_protocol::{
    Key,
    gateway::{EndReason, Grant},
};

use crate::{
    accounts::{self, Account},
    audit::{Event, Record},
    db::Write,
    error::Error,
    gateway::Gateway,
    grants, leases,
    sessions::{self, Beginning, Which},
    steps::{Step, reached},
};

/// For whom, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// The member.
    pub account: &'a Account,
    /// The application's WireGuard key.
    pub public_key: &'a Key,
    /// The preshared key that it made; without one it is made here.
    pub preshared_key: Option<&'a Key>,
    /// Network prefix of the request.
    pub network: &'a str,
    /// Wrong entries before.
    pub failures_before: u32,
    /// Seconds since 1970 UTC.
    pub now: i64,
}

/// What came of it.
#[derive(Debug)]
pub enum Opened {
    /// The session; [`Session::records`] are to be appended to the audit.
    Session(Box<Session>),
    /// The account was switched off or got another password meanwhile.
    Changed,
    /// Another member's session has this WireGuard key.
    KeyTaken,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct Session {
    /// What the application is told.
    pub grant: Grant,
    /// How the older ones ended, as the audit says it.
    older: Vec<String>,
}

/// Opens it. What is not a session must be rolled back.
///
/// # Errors
/// [`Error::PoolExhausted`], [`Error::Database`], [`Error::Seal`].
pub async fn open(gateway: &Gateway, write: &mut Write, opening: Opening<'_>) -> Result<Opened, Error> {
    let Opening { account, public_key, preshared_key, network, failures_before, now } = opening;
    let config = &gateway.config;
    if !accounts::signed_in(write, account, now, network).await? {
        return Ok(Opened::Changed);
    }
    if sessions::key_taken(write, public_key, &account.username).await? {
        return Ok(Opened::KeyTaken);
    }
    let older = sessions::close(write, Which::Of(account.id), EndReason::NewerSignIn, now).await?;
    reached(Step::OlderEnded);
    let addresses = leases::take(write, &config.id, &config.tunnel.pools).await?;
    reached(Step::AddressTaken);
    let beginning = Beginning {
        account,
        gateway: &config.id,
        public_key,
        preshared_key: preshared_key.cloned(),
        addresses,
        network,
        failures_before,
        now,
        policy: config.policy,
    };
    let begun = sessions::begin(write, &gateway.keys, beginning).await?;
    reached(Step::SessionBegun);
    let grant = Grant {
        session_id: begun.name,
        session_token: begun.token,
        absolute_end: begun.absolute_end,
        idle_seconds: config.policy.idle_seconds,
        failures_before,
        last_sign_in: begun.last_sign_in,
        display_name: account.display_name.clone(),
        portal_url: config.portal.url.clone(),
        tunnel: grants::tunnel(gateway, begun.preshared_key, begun.addresses),
    };
    let older = older.iter().map(|ended| ended.detail(EndReason::NewerSignIn)).collect();
    Ok(Opened::Session(Box::new(Session { grant, older })))
}

impl Session {
    /// The rows of the audit, to be appended behind all other changes of the transaction.
    pub fn records<'a>(&'a self, opening: &Opening<'a>) -> impl Iterator<Item = Record<'a>> {
        let subject = &opening.account.username;
        let ended = Record { event: Event::SessionEnded, subject, actor: "member", network: None, detail: "" };
        let network = Some(opening.network);
        let started = Record { event: Event::SessionStarted, network, detail: &self.grant.session_id, ..ended };
        self.older.iter().map(move |detail| Record { detail, ..ended }).chain([started])
    }
}
