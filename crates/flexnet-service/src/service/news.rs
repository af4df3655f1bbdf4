//! What comes back from the tasks, and what it means for the session.

use flexnet_protocol::{Fault, FaultCode, local::Reply, repair::Repaired};
use flexnet_session::Input;

use super::Service;
use crate::{
    clients::Ask,
    gateway::{Confirm, Connection, Poll, Refusal},
    network::Job,
    session::{Opened, Resumed, Resynced},
};

/// What comes back from tasks.
pub(crate) enum News {
    /// The connection of this attempt stands.
    Reached(u64),
    /// The member is to say whose this attempt is, and to confirm it on the gateway's page.
    ToConfirm(u64, Confirm),
    /// The outcome of this attempt.
    SignIn(u64, Result<Box<Opened>, Refusal>),
    /// The outcome of a poll of a session, and its connection for the next one.
    Polled {
        /// Of the session.
        number: u64,
        /// Of the poll.
        poll: u64,
        /// What came of it.
        outcome: Result<(Connection, Poll), Fault>,
    },
    /// The outcome of putting off this session's idle end.
    Extended(u64, Result<Poll, Fault>),
    /// The outcome of asking for new keys for this session.
    Resumed(u64, Result<Resumed, Fault>),
    /// What became of the report that this session's token is lost.
    TokenReported(Ask, u64, Result<(), Fault>),
    /// What this session's gateway made of two TANs.
    Resynced(Ask, u64, Resynced),
    /// The outcome of a repair that somebody asked for.
    Repaired(Ask, Repaired),
}

impl Service {
    pub(super) fn hear(&mut self, news: News) {
        let current = self.attempt.as_ref().map(|attempt| attempt.number);
        match news {
            News::Reached(number) if current == Some(number) => self.handle(Input::GatewayReached),
            News::Reached(_) => {}
            News::ToConfirm(number, Confirm { display_name, digits, seconds }) if current == Some(number) => {
                self.handle(Input::ToConfirm { display_name, digits, seconds });
            }
            News::ToConfirm(..) => {}
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
            News::Polled { number, poll, outcome } => self.polled(number, poll, outcome),
            News::Extended(number, outcome) => self.extended(number, outcome),
            News::Resumed(number, outcome) => self.resumed(number, outcome),
            News::TokenReported(ask, number, outcome) => self.token_reported(&ask, number, outcome),
            News::Resynced(ask, number, resynced) => self.resynced(&ask, number, resynced),
            News::Repaired(ask, repaired) => {
                // Whoever is at rest does not mind; after leftovers it is what everything waits for.
                self.handle(match repaired.failed.is_empty() {
                    true => Input::Undone,
                    false => Input::UndoFailed(Fault::new(FaultCode::Leftovers, repaired.reasons())),
                });
                ask.reply(Reply::Repaired(repaired));
            }
        }
    }

    fn signed_in(&mut self, number: u64, opened: Opened) {
        let grant = opened.grant.clone();
        let permitted = self.installed.permits(&grant.tunnel);
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
}
