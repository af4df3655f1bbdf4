//! What the machine wants, done: each in a task or by the network's owner, never here.

use flexnet_session::{NetworkConfig, Output};
use tokio::sync::oneshot;

use super::Service;
use crate::{
    early::{Early, TunnelKeys},
    gateway::Refusal,
    network::{ByHttps, Job, Wanted},
    session::{self, Attempt, By, Session},
};

impl Service {
    pub(super) fn perform(&mut self, output: Output) {
        match output {
            Output::Prepare => {
                if let Ok(gateway) = &self.gateway {
                    self.prepared.begin(gateway);
                }
            }
            Output::SignIn(credentials) => self.sign_in(By::Entry(credentials)),
            Output::Redeem(ticket) => self.sign_in(By::Ticket(ticket)),
            Output::FetchSession => {
                if let Some(attempt) = &mut self.attempt {
                    attempt.is_own();
                }
            }
            Output::ReportTokenLost => self.report_token_lost(),
            Output::ResyncToken(tans) => self.resync_token(tans),
            Output::AbandonSignIn => {
                self.attempt = None;
                self.give(Job::Withdraw);
            }
            Output::Apply(config) => self.apply(*config),
            Output::Undo => self.give(Job::Undo),
            Output::Probe { whole } => self.give(Job::Probe { whole }),
            Output::Echo => self.give(Job::Echo),
            Output::Poll { stands } => self.poll(stands),
            Output::Extend => self.extend(),
            Output::Resume => self.resume(),
            Output::EndSession => {
                if let Some(session) = self.session.take() {
                    self.end(session);
                }
            }
            Output::Publish(snapshot) => self.show(*snapshot),
        }
    }

    fn sign_in(&mut self, by: By) {
        let (gateway, profile) = match (&self.gateway, self.installed.profile()) {
            (Ok(gateway), Ok(profile)) => (gateway.clone(), profile),
            (Err(fault), _) | (_, Err(fault)) => return self.not_signed_in(Refusal::unsent(fault.clone())),
        };
        let keys = match TunnelKeys::generate() {
            Ok(keys) => keys,
            Err(fault) => return self.not_signed_in(Refusal::unsent(fault)),
        };
        let (answer, ready) = oneshot::channel();
        let networks = profile.portal_networks.clone();
        // A hand-off waits for a person: no gateway keeps a packet for so long.
        let hint = gateway.hint().filter(|_| matches!(by, By::Entry(_)));
        let early = hint.and_then(|hint| Early::new(keys.clone(), hint, &networks));
        self.attempts += 1;
        let (attempt, member) = Attempt::new(self.attempts);
        let order = session::Order {
            number: attempt.number,
            by,
            gateway,
            keys,
            open: self.prepared.take(),
            ready,
            member,
            news: self.news.clone(),
        };
        self.attempt = Some(attempt);
        self.give(Job::Ready(networks, early, answer));
        self.tasks.spawn(session::sign_in(order));
    }

    fn apply(&mut self, config: NetworkConfig) {
        let (Some(session), Ok(profile), Ok(gateway)) = (&self.session, self.installed.profile(), &self.gateway) else {
            return tracing::error!("a network is wanted without a session");
        };
        let granting = gateway.granting(&config.tunnel.endpoints, session.granted_at);
        let wanted = Wanted {
            config,
            private_key: session.private_key.clone(),
            gateway: gateway.tcp_ends(),
            https: Some(ByHttps { gateway: granting, token: session.token.clone() }),
            portal: profile.into(),
        };
        self.give(Job::Apply(Box::new(wanted)));
    }

    /// Tells the gateway that a session is over.
    pub(super) fn end(&mut self, session: Session) {
        if let Ok(gateway) = &self.gateway {
            self.tasks.spawn(session::sign_out(gateway.clone(), session));
        }
    }

    pub(super) fn give(&self, job: Job) {
        // The owner takes jobs as long as this loop lives, and the machine wants one thing at a time.
        if self.jobs.try_send(job).is_err() {
            tracing::error!("the network's owner does not keep up");
        }
    }
}
