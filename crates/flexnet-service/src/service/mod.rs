//! The one owner of the state: it feeds the session machine with whatever happens and does what the machine wants.
//! Never waits for anything inside a step: the network and the gateway are asked in tasks (`wants`), and their answers come back as `news`.

mod news;
mod questions;
mod state;
mod token;
mod wants;

use std::{future::Future, path::Path, pin::pin, time::Duration};

use flexnet_ipc::Replies;
use flexnet_protocol::{
    Fault, FaultCode, VERSION,
    desk::{DeskContact, Holidays},
    local::{Reply, Request, ToClient},
    profile::Profile,
    snapshot::{Counted, Portal, Snapshot, State},
};
use flexnet_session::{Command, Facts, Input, Machine};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout},
};

use crate::{
    clients::Ask,
    gateway::Gateway,
    network::{self, Job, Network},
    os,
    prepared::Prepared,
    profile::Installed,
    session::{self, Attempt, Session},
};

pub(crate) use news::News;
pub(crate) use questions::Questions;

/// Jobs and facts on their way between this loop and the network's owner. Far more than a session ever has at once.
const QUEUE: usize = 64;
/// How long the end may take when the service is stopped; the service manager kills later than that.
const GOODBYE: Duration = Duration::from_secs(20);
/// How long the job that runs at the very end may still take.
const LAST_JOB: Duration = Duration::from_secs(5);
/// How often the profile is looked at while somebody watches and no session lives.
const LOOK: Duration = Duration::from_secs(2);

/// Takes back what an earlier run left, serves until `stop`, then ends the session and takes everything back.
///
/// # Errors
/// [`FaultCode::Internal`]: the system has no random numbers.
pub async fn run<N: Network>(
    profile: &Path,
    mut network: N,
    mut asks: mpsc::Receiver<Ask>,
    stop: impl Future<Output = ()>,
) -> Result<(), Fault> {
    let (jobs, todo) = mpsc::channel(QUEUE);
    let (tell, mut facts) = mpsc::channel(QUEUE);
    let (news, mut heard) = mpsc::channel(QUEUE);
    // Who asks meanwhile waits for it, but never for longer than for any other job.
    let leftovers = network::taken_back(network::LIMIT, network.undo()).await;
    leftovers
        .undone
        .iter()
        .for_each(|step| tracing::warn!(what = step.detail, "left by an earlier run and taken back now"));
    let owner = tokio::spawn(network::own(network, todo, tell, network::LIMIT));
    let mut service = Service::new(Installed::read(profile), jobs, news)?;
    if !leftovers.failed.is_empty() {
        service.handle(Input::UndoFailed(Fault::new(FaultCode::Leftovers, leftovers.reasons())));
    }
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = pin!(stop);
    let mut latest: Option<Instant> = None;
    while latest.is_none() || !service.machine.at_rest() {
        tokio::select! {
            Some(ask) = asks.recv() => service.answer(ask),
            Some(input) = facts.recv() => service.handle(input),
            Some(news) = heard.recv() => service.hear(news),
            () = until(service.machine.wakes_at()) => service.handle(Input::Tick),
            () = service.prepared.idle() => service.prepared.drop_it(),
            _ = look.tick(), if service.watched() => service.refresh(),
            Some(_) = service.tasks.join_next() => {}
            () = &mut stop, if latest.is_none() => {
                latest = Some(Instant::now() + GOODBYE);
                service.handle(Input::Shutdown);
            }
            () = sleep_until(latest.unwrap_or_else(Instant::now)), if latest.is_some() => {
                tracing::error!("not everything could be ended in time; the journal keeps what is left");
                break;
            }
        }
    }
    // Nothing else is asked any more, so what is left is the word to the gateway that the session is over; it ends there by itself as well.
    service.session = None;
    drop(timeout(Duration::from_secs(5), async { while service.tasks.join_next().await.is_some() {} }).await);
    drop(service);
    if timeout(LAST_JOB, owner).await.is_err() {
        tracing::error!("the network's owner does not end; the journal keeps what is left");
    }
    Ok(())
}

struct Service {
    installed: Installed,
    gateway: Result<Gateway, Fault>,
    machine: Machine,
    revision: u64,
    /// The state that was logged last: a log tells changes, not pictures.
    logged: &'static str,
    watchers: Vec<Replies>,
    jobs: mpsc::Sender<Job>,
    news: mpsc::Sender<News>,
    prepared: Prepared,
    /// Who waits for what the machine is about to want.
    asking: Option<Ask>,
    attempt: Option<Attempt>,
    /// Attempts so far: their numbers tell an abandoned one's news from the present one's.
    attempts: u64,
    session: Option<Session>,
    /// When the tunnel was measured last, and how many seconds old its handshake was then.
    handshake: Option<(Instant, u64)>,
    tasks: JoinSet<()>,
}

impl Service {
    fn new(installed: Installed, jobs: mpsc::Sender<Job>, news: mpsc::Sender<News>) -> Result<Self, Fault> {
        let machine = Machine::new(facts(installed.profile().as_ref().ok()), session::random()?);
        let gateway = gateway(&installed);
        let prepared = Prepared::default();
        let (watchers, tasks) = (Vec::new(), JoinSet::new());
        Ok(Self {
            installed,
            gateway,
            machine,
            revision: 0,
            logged: "",
            watchers,
            jobs,
            news,
            prepared,
            asking: None,
            attempt: None,
            attempts: 0,
            session: None,
            handshake: None,
            tasks,
        })
    }

    fn watched(&self) -> bool {
        !self.watchers.is_empty()
    }

    /// Takes another profile over, but never under a session.
    fn refresh(&mut self) {
        self.watchers.retain(|watcher| !watcher.is_closed());
        if !self.machine.at_rest() || !self.installed.refresh() {
            return;
        }
        self.machine.set_facts(facts(self.installed.profile().as_ref().ok()));
        self.gateway = gateway(&self.installed);
        self.prepared.drop_it();
        match self.gateway.as_ref() {
            Ok(_) => tracing::info!("the profile has changed"),
            Err(fault) => tracing::warn!(%fault, "the profile has changed and is not taken"),
        }
        self.show(self.machine.snapshot(os::now()));
    }

    fn answer(&mut self, ask: Ask) {
        self.refresh();
        let command = match &ask.request {
            // The socket answers it; here it can only come a second time.
            Request::Hello { .. } => return ask.reply(Reply::Refused(FaultCode::BadRequest.into())),
            Request::Watch => return self.watch(&ask),
            Request::Repair => return self.repair(ask),
            Request::RepairPreview => return self.preview(ask),
            Request::Health => return self.health(ask),
            Request::Events => return self.events(ask),
            Request::Prepare => Command::Prepare,
            Request::SignIn(credentials) => Command::SignIn(credentials.clone()),
            Request::Redeem { ticket } => Command::Redeem(ticket.clone()),
            Request::ConfirmIdentity { display_name } => Command::ConfirmIdentity(display_name.clone()),
            Request::ReportTokenLost => return self.ask_about_token(ask, Command::ReportTokenLost),
            Request::ResyncToken { first, second } => {
                let tans = [first.clone(), second.clone()];
                return self.ask_about_token(ask, Command::ResyncToken(tans));
            }
            Request::Cancel => Command::Cancel,
            Request::Extend => Command::Extend,
            Request::SignOut => Command::SignOut,
            Request::Acknowledge => Command::Acknowledge,
        };
        let refused = match (&command, &self.gateway) {
            (Command::SignIn(_) | Command::Redeem(_), Err(fault)) => Some(fault.clone()),
            _ => self.machine.accepts(&command).err(),
        };
        if let Some(fault) = refused {
            return ask.reply(Reply::Refused(fault));
        }
        let (entered, shown) = (matches!(command, Command::SignIn(_)), self.revision);
        self.handle(Input::Command(command));
        if entered && self.revision == shown {
            // The same mistake twice is the same picture, but whoever made it waits for one.
            self.show(self.machine.snapshot(os::now()));
        }
        ask.reply(Reply::Accepted);
    }

    fn watch(&mut self, ask: &Ask) {
        let snapshot = self.masked(self.machine.snapshot(os::now()));
        ask.replies.send(ToClient::Snapshot(Box::new(snapshot)));
        self.watchers.push(ask.replies.clone());
        ask.reply(Reply::Accepted);
    }

    fn handle(&mut self, input: Input) {
        if matches!(input, Input::NetworkChanged | Input::Woke)
            && let Some(session) = &mut self.session
        {
            // They came from an address that may be gone; waiting for it would cost a sign-out its few seconds.
            (session.connection, session.questions) = (None, Questions::default());
        }
        if let Input::Measured(counters) = &input {
            self.handshake = counters.handshake_age.map(|age| (Instant::now(), age));
        }
        for output in self.machine.handle(os::now(), input) {
            self.perform(output);
        }
        if self.machine.at_rest() {
            (self.session, self.handshake) = (None, None);
        }
    }

    fn show(&mut self, snapshot: Snapshot) {
        self.revision += 1;
        let snapshot = self.masked(snapshot);
        let state = name(&snapshot.state);
        if std::mem::replace(&mut self.logged, state) != state {
            tracing::info!(state);
        }
        self.watchers.retain(|watcher| !watcher.is_closed());
        for watcher in &self.watchers {
            watcher.send(ToClient::Snapshot(Box::new(snapshot.clone())));
        }
    }

    /// Without a profile there is nothing to sign in to. The revision outlives a change of profile.
    fn masked(&self, mut snapshot: Snapshot) -> Snapshot {
        snapshot.revision = self.revision;
        if let (Err(fault), State::SignedOut { .. }) = (&self.gateway, &snapshot.state) {
            snapshot.state = State::Failed { fault: fault.clone(), counted: Counted::No, until: None };
        }
        snapshot
    }
}

fn gateway(installed: &Installed) -> Result<Gateway, Fault> {
    installed.profile().as_ref().map_err(Clone::clone).and_then(Gateway::new)
}

fn facts(profile: Option<&Profile>) -> Facts {
    match profile {
        Some(profile) => Facts {
            version: VERSION.to_owned(),
            organisation: profile.organisation.clone(),
            desk: profile.desk.clone(),
            portal: profile.portal.clone(),
        },
        None => Facts {
            version: VERSION.to_owned(),
            organisation: String::new(),
            desk: DeskContact {
                name: String::new(),
                phone: String::new(),
                phone_uri: String::new(),
                time_zone: "Europe/Berlin".to_owned(),
                holidays: Holidays::None,
                hours: Vec::new(),
            },
            portal: Portal { url: String::new(), hosts: Vec::new() },
        },
    }
}

/// Sleeps until that moment of [`os::now`]; for ever without one.
async fn until(mono_ms: Option<u64>) {
    match mono_ms {
        Some(at) => sleep(Duration::from_millis(at.saturating_sub(os::now().mono_ms))).await,
        None => std::future::pending().await,
    }
}

fn name(state: &State) -> &'static str {
    match state {
        State::SignedOut { .. } => "signed out",
        State::SigningIn { .. } => "signing in",
        State::Confirming { .. } => "to be confirmed",
        State::Connecting { .. } => "connecting",
        State::Connected { .. } => "connected",
        State::Reconnecting { .. } => "reconnecting",
        State::Ending => "ending",
        State::Locked { .. } => "locked",
        State::Failed { .. } => "failed",
    }
}
