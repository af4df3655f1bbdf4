//! What the gateway is asked about a session that lives: does it, may it be put off, may it have new keys. Each in a task that ends with the session.
//! When to ask is the machine's; what an answer means is too.

use std::time::Duration;

use flexnet_protocol::{Fault, FaultCode};
use flexnet_session::Input;
use tokio::{task::AbortHandle, time::timeout};

use super::{News, Service};
use crate::{
    gateway::{Connection, Poll},
    session::{self, Resumed},
};

/// How long the gateway may wait for something to tell. An answer that is overdue is the first sign of a line that died.
const WAIT_SECONDS: u16 = 9;
/// How long an answer may take beyond that.
const STANDS: Duration = Duration::from_secs(WAIT_SECONDS as u64 + 3);
/// How long an answer may take that is not waited for: a new connection, and the question.
const AT_ONCE: Duration = Duration::from_secs(6);

/// The questions of one session that are open, one of a kind.
#[derive(Default)]
pub(crate) struct Questions {
    poll: Option<Open>,
    extend: Option<Open>,
    resume: Option<Open>,
    /// Polls so far: their numbers tell the open one's answer from an earlier one's.
    polls: u64,
}

/// Dropping it gives it up.
struct Open(AbortHandle);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Service {
    pub(super) fn poll(&mut self, stands: bool) {
        let (Ok(gateway), Some(session)) = (&self.gateway, self.session.as_mut()) else { return };
        // First, so that its connection is closed before another is opened.
        session.questions.poll = None;
        session.questions.polls += 1;
        let (gateway, news) = (gateway.avoiding(session.avoid), self.news.clone());
        let (number, poll) = (session.number, session.questions.polls);
        let (token, connection) = (session.token.clone(), session.connection.take());
        let (wait, limit) = if stands { (WAIT_SECONDS, STANDS) } else { (0, AT_ONCE) };
        let asked = self.tasks.spawn(async move {
            let outcome = timeout(limit, session::poll(&gateway, connection, &token, wait)).await;
            drop(news.send(News::Polled { number, poll, outcome: in_time(outcome) }).await);
        });
        session.questions.poll = Some(Open(asked));
    }

    pub(super) fn extend(&mut self) {
        let (Ok(gateway), Some(session)) = (&self.gateway, self.session.as_mut()) else { return };
        let (gateway, news) = (gateway.avoiding(session.avoid), self.news.clone());
        let (number, token) = (session.number, session.token.clone());
        let asked = self.tasks.spawn(async move {
            // A connection of its own: the other one waits for the gateway.
            let outcome = timeout(AT_ONCE, session::extend(&gateway, &token)).await;
            drop(news.send(News::Extended(number, in_time(outcome).map(|(_, poll)| poll))).await);
        });
        session.questions.extend = Some(Open(asked));
    }

    pub(super) fn resume(&mut self) {
        let (Ok(gateway), Some(session)) = (&self.gateway, self.session.as_mut()) else { return };
        let (gateway, news) = (gateway.avoiding(session.avoid), self.news.clone());
        let (number, token) = (session.number, session.token.clone());
        let asked = self.tasks.spawn(async move {
            let outcome = session::resume(&gateway, &token).await;
            drop(news.send(News::Resumed(number, outcome)).await);
        });
        session.questions.resume = Some(Open(asked));
    }

    pub(super) fn polled(&mut self, number: u64, poll: u64, outcome: Result<(Connection, Poll), Fault>) {
        let current = self.session.as_mut().filter(|session| session.number == number);
        let Some(session) =
            current.filter(|session| session.questions.poll.is_some() && session.questions.polls == poll)
        else {
            return;
        };
        session.questions.poll = None;
        match outcome {
            Ok((connection, poll)) => {
                session.answering_at = connection.end();
                session.connection = Some(connection);
                self.answered(poll);
            }
            Err(fault) => {
                session.avoid = session.answering_at.take().or(session.avoid);
                tracing::debug!(%fault, "the gateway cannot be asked for the session");
                self.handle(Input::GatewaySilent);
            }
        }
    }

    pub(super) fn extended(&mut self, number: u64, outcome: Result<Poll, Fault>) {
        let Some(session) = self.session.as_mut().filter(|session| session.number == number) else { return };
        session.questions.extend = None;
        match outcome {
            Ok(poll) => self.answered(poll),
            Err(fault) => tracing::warn!(%fault, "the idle end is not put off yet"),
        }
    }

    pub(super) fn resumed(&mut self, number: u64, outcome: Result<Resumed, Fault>) {
        let Some(session) = self.session.as_mut().filter(|session| session.number == number) else { return };
        session.questions.resume = None;
        match outcome {
            Ok(Resumed::Live { grant, private_key, end }) => {
                if let Err(fault) = self.installed.permits(&grant.tunnel) {
                    return self.handle(Input::ApplyFailed(fault));
                }
                session.token = grant.session_token.clone();
                (session.private_key, session.granted_at) = (private_key, end);
                tracing::info!("the session has new keys");
                self.handle(Input::Resumed(grant));
            }
            Ok(Resumed::Ended(reason)) => self.handle(Input::SessionOver(reason)),
            Err(fault) => tracing::warn!(%fault, "the session has no new keys yet"),
        }
    }

    fn answered(&mut self, poll: Poll) {
        self.handle(match poll {
            Poll::Live(state) => Input::SessionLives {
                started: state.started,
                absolute_end: state.absolute_end,
                idle_end: state.idle_end,
            },
            Poll::Ended(reason) => Input::SessionOver(reason),
        });
    }
}

fn in_time<T>(outcome: Result<Result<T, Fault>, tokio::time::error::Elapsed>) -> Result<T, Fault> {
    outcome.unwrap_or_else(|_| Err(Fault::new(FaultCode::GatewayHangs, "no answer about the session in time")))
}
