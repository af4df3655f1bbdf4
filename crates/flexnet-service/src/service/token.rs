//! What is asked of the gateway about the token while a session lives. The outcome goes to whoever asked, even if the session is over by then.

use flexnet_protocol::{Fault, FaultCode, Secret, gateway::EndReason, local::Reply};
use flexnet_session::{Command, Input};

use super::{News, Service};
use crate::{
    clients::Ask,
    session::{self, Resynced},
};

impl Service {
    /// Follows a command whose outcome no snapshot tells. What the machine wants finds in `asking` who waits for it.
    pub(super) fn ask_about_token(&mut self, ask: Ask, command: Command) {
        if let Err(fault) = self.machine.accepts(&command) {
            return ask.reply(Reply::Refused(fault));
        }
        self.asking = Some(ask);
        self.handle(Input::Command(command));
        if let Some(ask) = self.asking.take() {
            ask.reply(Reply::Refused(Fault::new(FaultCode::Busy, "the session cannot be asked")));
        }
    }

    pub(super) fn report_token_lost(&mut self) {
        let (Ok(gateway), Some(session)) = (&self.gateway, &self.session) else { return };
        let Some(ask) = self.asking.take() else { return };
        let (gateway, news) = (gateway.avoiding(session.avoid), self.news.clone());
        let (number, token) = (session.number, session.token.clone());
        self.tasks.spawn(async move {
            let outcome = session::report_token_lost(&gateway, &token).await;
            drop(news.send(News::TokenReported(ask, number, outcome)).await);
        });
    }

    pub(super) fn resync_token(&mut self, tans: [Secret; 2]) {
        let (Ok(gateway), Some(session)) = (&self.gateway, &self.session) else { return };
        let Some(ask) = self.asking.take() else { return };
        let (gateway, news) = (gateway.avoiding(session.avoid), self.news.clone());
        let (number, token) = (session.number, session.token.clone());
        self.tasks.spawn(async move {
            let resynced = session::resync_token(&gateway, &token, tans).await;
            drop(news.send(News::Resynced(ask, number, resynced)).await);
        });
    }

    pub(super) fn token_reported(&mut self, ask: &Ask, number: u64, outcome: Result<(), Fault>) {
        match outcome {
            Ok(()) => {
                tracing::info!("the token is reported lost");
                if self.is_session(number) {
                    self.handle(Input::SessionOver(EndReason::TokenLost));
                }
                ask.reply(Reply::Done);
            }
            Err(fault) => {
                tracing::warn!(%fault, "the token could not be reported lost");
                ask.reply(Reply::Refused(fault));
            }
        }
    }

    pub(super) fn resynced(&mut self, ask: &Ask, number: u64, resynced: Resynced) {
        let Resynced { sent, outcome } = resynced;
        if self.is_session(number) {
            self.handle(Input::Resynced { sent });
        }
        ask.reply(match outcome {
            Ok(Ok(())) => Reply::Done,
            Ok(Err(wrong)) => Reply::WrongEntry(wrong),
            Err(fault) => Reply::Refused(fault),
        });
    }

    fn is_session(&self, number: u64) -> bool {
        self.session.as_ref().is_some_and(|session| session.number == number)
    }
}
