//! Follows the service: its last snapshot, or why there is none. Connects again every second.
//! Never interprets a snapshot. What the link means for the windows is in [`crate::app`].

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use flexnet_ipc::{Client, Snapshots};
use flexnet_protocol::{
    Fault, FaultCode,
    desk::Desk,
    local::{Reply, Request},
    profile::Profile,
    snapshot::{Portal, Snapshot, State},
};
use futures_util::{FutureExt as _, future::BoxFuture};
use serde::Serialize;
use tokio::{sync::watch, time};

/// How long to wait before the service is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A reply that takes longer is a service that hangs. A repair is the slowest thing it does.
const REPLY_WITHIN: Duration = Duration::from_secs(30);

/// What the windows show: the last snapshot, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Link {
    /// The service is there.
    Up {
        /// Its last word.
        snapshot: Box<Snapshot>,
    },
    /// The service is away. What the member needs to call for help comes from the installed profile.
    Down {
        /// Why.
        fault: Fault,
        /// Name of the KV.
        organisation: Option<String>,
        /// Whom to telephone.
        desk: Option<Box<Desk>>,
        /// The member portal.
        portal: Option<Box<Portal>>,
    },
}

impl Link {
    /// The desk to call, from wherever it is known.
    pub fn desk(&self) -> Option<&Desk> {
        match self {
            Self::Up { snapshot } => Some(&snapshot.desk),
            Self::Down { desk, .. } => desk.as_deref(),
        }
    }

    /// Whether a session is there that a person would lose.
    pub fn has_session(&self) -> bool {
        self.leaving() == Some(Request::SignOut)
    }

    /// Whether nothing of a session is left, as far as anybody knows.
    pub fn is_over(&self) -> bool {
        let Self::Up { snapshot } = self else { return true };
        self.leaving().is_none() && snapshot.state != State::Ending
    }

    /// What must be asked before the application ends, so that nothing goes on without a window.
    pub fn leaving(&self) -> Option<Request> {
        let Self::Up { snapshot } = self else { return None };
        match snapshot.state {
            State::Connected { .. } | State::Reconnecting { .. } => Some(Request::SignOut),
            State::SigningIn { .. } | State::Confirming { .. } | State::Connecting { .. } => Some(Request::Cancel),
            State::SignedOut { .. } | State::Ending | State::Locked { .. } | State::Failed { .. } => None,
        }
    }
}

/// Connects to the service once.
pub type Connect = Box<dyn Fn() -> BoxFuture<'static, Result<(Client, Snapshots), Fault>> + Send + Sync>;

/// Keeps the link.
pub struct Keeper {
    connect: Connect,
    profile: PathBuf,
    /// `None` until the first attempt is over.
    now: watch::Sender<Option<Link>>,
    client: Mutex<Option<Arc<Client>>>,
}

impl Keeper {
    /// A keeper for the service on this socket; the profile is read while the service is away.
    pub fn new(socket: PathBuf, profile: PathBuf) -> Self {
        let connect = move || {
            let socket = socket.clone();
            async move { Client::connect(&socket).await }.boxed()
        };
        Self::with(Box::new(connect), profile)
    }

    /// A keeper that connects in this way.
    pub fn with(connect: Connect, profile: PathBuf) -> Self {
        Self { connect, profile, now: watch::Sender::new(None), client: Mutex::default() }
    }

    /// Keeps the link for as long as the future lives. `seen` gets each change, in order, none left out.
    pub async fn run(&self, mut seen: impl FnMut(&Link)) {
        loop {
            let fault = match (self.connect)().await {
                Ok((client, snapshots)) => self.follow(client, snapshots, &mut seen).await,
                Err(fault) => fault,
            };
            self.set_client(None);
            self.publish(self.down(fault), &mut seen);
            time::sleep(AGAIN_AFTER).await;
        }
    }

    /// The link now; waits for the end of the first attempt.
    pub async fn current(&self) -> Link {
        self.wait_for(|_| true).await
    }

    /// Waits for a link that this is true of.
    pub async fn wait_for(&self, mut wanted: impl FnMut(&Link) -> bool) -> Link {
        let mut now = self.now.subscribe();
        match now.wait_for(|link| link.as_ref().is_some_and(&mut wanted)).await.map(|link| link.clone()) {
            Ok(Some(link)) => link,
            // The sender lives in self, so this cannot be reached.
            Ok(None) | Err(_) => self.down(FaultCode::Internal.into()),
        }
    }

    /// The link now, if the first attempt is over.
    pub fn peek(&self) -> Option<Link> {
        self.now.borrow().clone()
    }

    /// Asks the service.
    ///
    /// # Errors
    /// What the service says, or why it cannot be asked.
    pub async fn ask(&self, request: Request) -> Result<Reply, Fault> {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(client) = client else {
            return Err(match self.peek() {
                Some(Link::Down { fault, .. }) => fault,
                Some(Link::Up { .. }) | None => FaultCode::ServiceDown.into(),
            });
        };
        match time::timeout(REPLY_WITHIN, client.request(request)).await {
            Ok(Ok(Reply::Refused(fault))) => Err(fault),
            Ok(answer) => answer,
            Err(_) => Err(Fault::new(FaultCode::ServiceHangs, format!("no reply within {} s", REPLY_WITHIN.as_secs()))),
        }
    }

    /// Follows one connection to its end.
    async fn follow(&self, client: Client, mut snapshots: Snapshots, seen: &mut impl FnMut(&Link)) -> Fault {
        self.set_client(Some(Arc::new(client)));
        if let Err(fault) = self.ask(Request::Watch).await {
            return fault;
        }
        while let Some(snapshot) = snapshots.next().await {
            self.publish(Link::Up { snapshot: Box::new(snapshot) }, seen);
        }
        Fault::new(FaultCode::ServiceDown, "the service closed the connection")
    }

    fn publish(&self, link: Link, seen: &mut impl FnMut(&Link)) {
        let mut changed = false;
        self.now.send_if_modified(|now| {
            changed = now.as_ref() != Some(&link);
            if changed {
                *now = Some(link);
            }
            changed
        });
        if let (true, Some(link)) = (changed, self.peek()) {
            seen(&link);
        }
    }

    fn down(&self, fault: Fault) -> Link {
        let profile = std::fs::read_to_string(&self.profile).ok().and_then(|text| Profile::parse(&text).ok());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        match profile {
            None => Link::Down { fault, organisation: None, desk: None, portal: None },
            Some(profile) => Link::Down {
                fault,
                organisation: Some(profile.organisation),
                desk: Some(Box::new(profile.desk.at(now))),
                portal: Some(Box::new(profile.portal)),
            },
        }
    }

    fn set_client(&self, client: Option<Arc<Client>>) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
    }
}
