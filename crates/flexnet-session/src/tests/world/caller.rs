//! The caller of the machine, as the service is one: it does what is wanted, and what comes of it is told late, or never, as the line has it.
//! What was asked anew is answered once.

use flexnet_protocol::{
    Fault, FaultCode,
    gateway::EndReason,
    local::Credentials,
    snapshot::{Carrier, Counted, State},
};

use super::{
    super::Sut,
    run::{Happens, Mends, Run},
};
use crate::{Input, Output, Proof};

impl<S: Sut> Run<S> {
    pub(super) fn perform(&mut self, output: Output) {
        let (way, lost) = (self.line.latency, self.chance.percent(self.line.loss));
        match output {
            Output::SignIn(entry) => {
                let id = self.id();
                self.sign_in = Some(id);
                self.after(4 * way, Happens::Reached(id, entry));
            }
            Output::Redeem(_) => {
                let id = self.id();
                self.sign_in = Some(id);
                self.after(4 * way, Happens::Redeems(id));
            }
            Output::ReportTokenLost => self.after(4 * way, Happens::Loses(self.token)),
            Output::ResyncToken(tans) => {
                let tans = tans.map(|tan| tan.expose().to_owned());
                self.after(4 * way, Happens::Resyncs(self.token, tans));
            }
            Output::FetchSession => self.fetched = self.sign_in,
            Output::AbandonSignIn | Output::Prepare | Output::Publish(_) => {}
            Output::Apply(_) | Output::Undo => self.network_job(matches!(output, Output::Undo)),
            Output::Probe { .. } => {
                self.look = self.id();
                let passed = self.way() && !lost;
                if self.keys.is_some() {
                    self.counted.sent += 148 + 120;
                }
                let takes = if passed { 4 * way } else { self.chance.within(2_000, 3_000) };
                self.after(takes, Happens::Looked { look: self.look, asked: self.now, passed });
            }
            Output::Echo => {
                self.echo = self.id();
                let answered = self.https() && self.line.udp;
                self.after(if answered { 2 * way } else { 2_000 }, Happens::Echoed(self.echo, answered));
            }
            Output::Poll { stands } => {
                let poll = self.id();
                (self.poll, self.stands) = (Some(poll), None);
                self.after(if stands { 12_000 } else { 6_000 }, Happens::Unanswered(poll));
                if self.line.network {
                    // TCP repeats what is lost.
                    let again = if lost { self.chance.within(200, 1_500) } else { 0 };
                    self.after(again + if stands { way } else { 3 * way }, Happens::Arrives { poll, stands });
                }
            }
            Output::Extend => self.after(4 * way, Happens::Extends(self.token)),
            Output::Resume => self.after(4 * way, Happens::Resumes(self.token)),
            Output::EndSession => {
                if self.https() && self.gateway.live().is_some_and(|session| session.number == self.token) {
                    self.gateway.end(self.now, EndReason::SignedOut);
                }
            }
        }
    }

    /// Fails and hangs at times, as systems do.
    pub(super) fn network_job(&mut self, undo: bool) {
        self.job = self.id();
        if self.chance.percent(1) {
            return;
        }
        let failed = self.chance.percent(3);
        let done = match (undo, failed) {
            (true, false) => Input::Undone,
            (true, true) => Input::UndoFailed(FaultCode::NetworkSettings.into()),
            (false, false) => Input::Applied,
            (false, true) => Input::ApplyFailed(FaultCode::TunnelDevice.into()),
        };
        self.look = 0;
        self.keys = None;
        let takes = self.chance.within(20, 800);
        self.after(takes, Happens::NetworkDone(self.job, done));
    }

    pub(super) fn reached(&mut self, id: u32, entry: Credentials) -> Result<(), String> {
        let signing_in = matches!(self.sut.state(), State::SigningIn { .. }) && self.sign_in == Some(id);
        if !signing_in {
            return Ok(());
        }
        if !self.https() {
            let silent = FaultCode::GatewaySilent.into();
            let outcome = Input::NotSignedIn { fault: silent, counted: Counted::No, attempts_left: None, until: None };
            return self.tell(&outcome);
        }
        self.after(self.line.latency, Happens::Evaluated(id, entry));
        self.tell(&Input::GatewayReached)
    }

    /// The ticket of the gateway's page: the member confirms there, or says no, or goes away.
    pub(super) fn redeems(&mut self, id: u32) -> Result<(), String> {
        let over = |code: FaultCode| Input::NotSignedIn {
            fault: code.into(),
            counted: Counted::No,
            attempts_left: None,
            until: None,
        };
        if self.sign_in != Some(id) || !matches!(self.sut.state(), State::SigningIn { .. }) {
            return Ok(());
        }
        if !self.https() {
            return self.tell(&over(FaultCode::GatewaySilent));
        }
        self.tell(&Input::GatewayReached)?;
        self.tell(&super::super::to_confirm())?;
        let soon = self.chance.within(500, 50_000);
        match self.chance.within(0, 10) {
            0 => {}
            1 => self.after(60_000, Happens::SignInEnds(id, over(FaultCode::HandoffOver))),
            2 => self.after(soon, Happens::SignInEnds(id, over(FaultCode::HandoffRefused))),
            _ => self.after(soon, Happens::Confirms(id)),
        }
        Ok(())
    }

    pub(super) fn confirms(&mut self, id: u32) -> Result<(), String> {
        // Given up: the application does not come for its session, and the gateway opens none.
        if self.sign_in != Some(id) || !matches!(self.sut.state(), State::Confirming { .. }) {
            return Ok(());
        }
        // The page's yes waits for the member's own here, which may never come; but a first answer that was lost is told again behind it.
        if self.fetched != Some(id) && !self.chance.percent(5) {
            self.after(1_000, Happens::Confirms(id));
            return Ok(());
        }
        let keys = self.id();
        let granted = self.gateway.open(self.now, id, keys);
        self.granted_keys = keys;
        self.seen.count("handed over");
        self.sign_in_ends(id, &granted)
    }

    pub(super) fn resyncs(&mut self, token: u32, tans: [String; 2]) -> Result<(), String> {
        let sent = self.https();
        if sent {
            self.gateway.resync(tans)?;
            self.seen.count("resynchronised");
        }
        if token == self.token { self.tell(&Input::Resynced { sent }) } else { Ok(()) }
    }

    pub(super) fn loses(&mut self, token: u32) -> Result<(), String> {
        if !self.https() || self.gateway.live().is_none_or(|session| session.number != token) {
            return Ok(());
        }
        self.gateway.end(self.now, EndReason::TokenLost);
        self.notify();
        self.seen.count("reported lost");
        if token == self.token { self.tell(&Input::SessionOver(EndReason::TokenLost)) } else { Ok(()) }
    }

    pub(super) fn sign_in_ends(&mut self, id: u32, outcome: &Input) -> Result<(), String> {
        let signing_in = matches!(self.sut.state(), State::SigningIn { .. } | State::Confirming { .. });
        let waits = signing_in && self.sign_in == Some(id);
        let granted = matches!(outcome, Input::SignedIn(_));
        if granted && !waits {
            // Given up: the caller ends it at once.
            self.gateway.end(self.now, EndReason::SignedOut);
            return Ok(());
        }
        if granted {
            self.token = id;
            self.promises.granted(self.now);
        }
        if self.sign_in == Some(id) { self.tell(outcome) } else { Ok(()) }
    }

    pub(super) fn looked(&mut self, asked: u64, passed: bool) -> Result<(), String> {
        self.look = 0;
        let passes = passed && self.way();
        if passes {
            self.shaken = self.now;
            self.counted.received += 92;
            self.use_session();
        }
        let network_ms = (passes && self.line.portal).then_some(20);
        if network_ms.is_some() {
            self.counted.received += 200;
            self.promises.proven(asked);
        }
        let portal = network_ms.map(|_| ()).ok_or_else(|| Fault::from(FaultCode::PortalNameService));
        self.tell(&Input::Probed(Proof { handshake: passes, network_ms, portal, carrier: Carrier::Udp }))
    }

    pub(super) fn use_session(&mut self) {
        let now = self.now;
        if let Some(session) = self.gateway.live_mut() {
            session.used = now;
        }
    }

    pub(super) fn arrives(&mut self, poll: u32, stands: bool) -> Result<(), String> {
        let way = self.line.latency;
        if !self.line.network {
            return Ok(());
        }
        if !self.gateway.up {
            self.after(way, Happens::Unanswered(poll));
            return Ok(());
        }
        let lives = self.gateway.live().is_some_and(|session| session.number == self.token);
        if stands && lives {
            self.stands = Some((poll, self.now));
        } else {
            self.after(way, Happens::Answered(poll, self.gateway.tells(self.token)));
        }
        Ok(())
    }

    /// The gateway's connections are cut.
    pub(super) fn cut(&mut self) {
        self.stands = None;
        if let Some(poll) = self.poll {
            self.after(self.line.latency, Happens::Unanswered(poll));
        }
    }

    /// The gateway has something to tell whoever waits.
    pub(super) fn notify(&mut self) {
        if let Some((poll, _)) = self.stands.take() {
            let happens = Happens::Answered(poll, self.gateway.tells(self.token));
            self.after(self.line.latency, happens);
        }
    }

    pub(super) fn extends(&mut self, token: u32) -> Result<(), String> {
        if token != self.token || self.gateway.live().is_none_or(|session| session.number != token) {
            return Ok(());
        }
        self.use_session();
        self.promises.put_off();
        let told = self.gateway.tells(token);
        self.promises.told(self.now, &told);
        self.seen.count("put off");
        self.tell(&told)
    }

    pub(super) fn resumes(&mut self, token: u32) -> Result<(), String> {
        let keys = self.id();
        let Some(session) = self.gateway.live_mut().filter(|session| session.number == token) else { return Ok(()) };
        session.keys = Some(keys);
        let started = session.started;
        self.granted_keys = keys;
        let grant = self.gateway.grant(started);
        self.seen.count("new keys");
        self.tell(&Input::Resumed(Box::new(grant)))
    }

    pub(super) fn mends(&mut self, what: Mends) -> Result<(), String> {
        match what {
            Mends::Network => {
                self.line.network = true;
                if self.chance.percent(70) {
                    let after = self.chance.within(0, 300);
                    self.after(after, Happens::Tell(Input::NetworkChanged));
                }
            }
            Mends::Udp => self.line.udp = true,
            Mends::Portal => self.line.portal = true,
            Mends::Gateway => self.gateway.up = true,
        }
        Ok(())
    }
}
