//! What comes back from the tasks, and what it means for the session.

use flexnet_protocol::{
    Fault, FaultCode,
    local::{Repaired, Reply},
};
use flexnet_session::Input;

use super::Service;
use crate::{
    clients::Ask,
    gateway::{Connection, Poll, Refusal},
    network::Job,
    session::Opened,
};

/// What comes back from tasks.
pub(crate) enum News {
    /// The connection of this attempt stands.
    Reached(u64),
    /// The outcome of this attempt.
    SignIn(u64, Result<Box<Opened>, Refusal>),
    /// The outcome of a poll of this session, and its connection for the next one.
    Polled(u64, Result<(Connection, Poll), Fault>),
    /// The outcome of a repair that somebody asked for.
    Repaired(Ask, Repaired),
}

impl Service {
    pub(super) fn hear(&mut self, news: News) {
        let current = self.attempt.as_ref().map(|attempt| attempt.number);
        match news {
            News::Reached(number) if current == Some(number) => self.handle(Input::GatewayReached),
            News::Reached(_) => {}
            News::SignIn(number, outcome) if current == Some(number) => {
                self.attempt = None;
                match outcome {
                    Ok(opened) => self.signed_in(number, *opened),
                    Err(refusal) => {
                        self.give(Job::Withdraw);
                        self.not_signed_in(refusal);
                    }
                }
            }
            // The member gave it up, and the gateway opened a session all the same.
            News::SignIn(_, Ok(opened)) => self.end(opened.into_session(0)),
            // It was sent and may have been counted: that is told, unless another attempt says it better.
            News::SignIn(number, Err(refusal)) if number == self.attempts => self.not_signed_in(refusal),
            News::SignIn(_, Err(_)) => {}
            News::Polled(number, outcome) => self.polled(number, outcome),
            News::Repaired(ask, repaired) => {
                // Whoever is at rest does not mind; after leftovers it is what everything waits for.
                self.handle(match repaired.failed.is_empty() {
                    true => Input::Undone,
                    false => Input::UndoFailed(Fault::new(FaultCode::Leftovers, repaired.failed.join("; "))),
                });
                ask.reply(Reply::Repaired(repaired));
            }
        }
    }

    fn signed_in(&mut self, number: u64, opened: Opened) {
        let grant = opened.grant.clone();
        let permitted = match self.installed.profile() {
            Ok(profile) => {
                profile.permits(&grant.tunnel).map_err(|what| Fault::new(FaultCode::GrantOutsideProfile, what))
            }
            Err(fault) => Err(fault.clone()),
        };
        let session = opened.into_session(number);
        match permitted {
            Ok(()) => {
                self.session = Some(session);
                self.handle(Input::SignedIn(Box::new(grant)));
            }
            Err(fault) => {
                self.give(Job::Withdraw);
                self.end(session);
                // The entry was right: it set the count back instead of raising it.
                self.not_signed_in(Refusal::unsent(fault));
            }
        }
    }

    pub(super) fn not_signed_in(&mut self, refusal: Refusal) {
        let Refusal { fault, counted, attempts_left, until } = refusal;
        tracing::info!(%fault, ?counted, "not signed in");
        self.handle(Input::NotSignedIn { fault, counted, attempts_left, until });
    }

    fn polled(&mut self, number: u64, outcome: Result<(Connection, Poll), Fault>) {
        let Some(session) = self.session.as_mut().filter(|session| session.number == number) else { return };
        session.polling = false;
        match outcome {
            Ok((connection, Poll::Live(state))) => {
                session.connection = Some(connection);
                self.handle(Input::SessionLives { absolute_end: state.absolute_end, idle_end: state.idle_end });
            }
            Ok((_, Poll::Ended(reason))) => self.handle(Input::SessionOver(reason)),
            // Silence says nothing about the session.
            Err(fault) => tracing::debug!(%fault, "the gateway cannot be asked for the session"),
        }
    }
}
