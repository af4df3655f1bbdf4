//! What must hold after every single step, seen from outside: inputs, outputs, the picture. Knows nothing of the machine's inside.

use flexnet_protocol::{
    FaultCode,
    gateway::TrafficPolicy,
    snapshot::{Counted, State, Step},
};

use super::{NEXT_TANS, OTHER_TAN, PASSWORD, SESSION_TOKEN, Sut, TAN, TICKET, preshared_key};
use crate::{Command, FirewallPolicy, Input, Now, Output, policy};

/// Nothing is waited for longer: not for a network to be set up, nor for one to be taken back.
const NETWORK_WITHIN_MS: u64 = 30_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tunnel {
    None,
    /// Wanted; it may be there in part.
    Building,
    Standing,
    /// Could not be taken back.
    Left,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    policy: Option<TrafficPolicy>,
    tunnel: Tunnel,
    undo_asked: bool,
    /// It was asked for, given up, and may still be answered.
    undo_late: bool,
    /// The network was given its present task then.
    asked_at: u64,
    proven_since_applied: bool,
    session: bool,
    signing_in: bool,
    given_up: bool,
    tan_on_its_way: Option<String>,
    tan_sent: Option<String>,
    /// Of a resynchronisation, and whether it is on its way.
    resync: Option<([String; 2], bool)>,
    /// Whose it is and what both show, as the gateway said.
    asked: Option<(Option<String>, String)>,
    /// The member has said so of this ticket.
    own: bool,
    confirm_until: u64,
    silent: bool,
    resume_asked: bool,
}

/// What is not part of the comparison of two situations.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    revision: u64,
    picture: Option<State>,
}

macro_rules! rule {
    ($holds:expr, $($text:tt)+) => { if !$holds { return Err(format!($($text)+)); } };
}

impl Rules {
    pub(super) const fn new() -> Self {
        Self {
            policy: None,
            tunnel: Tunnel::None,
            undo_asked: false,
            undo_late: false,
            asked_at: 0,
            proven_since_applied: false,
            session: false,
            signing_in: false,
            given_up: false,
            tan_on_its_way: None,
            tan_sent: None,
            resync: None,
            asked: None,
            own: false,
            confirm_until: 0,
            silent: false,
            resume_asked: false,
        }
    }

    /// One step of the machine, held to every rule.
    pub(super) fn step<S: Sut>(
        &mut self,
        seen: &mut Seen,
        sut: &mut S,
        now: Now,
        input: &Input,
    ) -> Result<Vec<Output>, String> {
        let before = seen.picture.clone();
        let signing_in = self.signing_in;
        self.told(now, input);
        let outputs = sut.handle(now, input.clone());
        for (place, output) in outputs.iter().enumerate() {
            no_secret(output)?;
            self.wanted(now, input, output)?;
            if let Output::Publish(snapshot) = output {
                rule!(place == 0, "published after something else");
                rule!(snapshot.revision > seen.revision, "the revision fell to {}", snapshot.revision);
                rule!(snapshot.state == sut.state(), "another state was published");
                seen.revision = snapshot.revision;
                seen.picture = Some(snapshot.state.clone());
            }
        }
        let state = sut.state();
        rule!(seen.picture.as_ref() == Some(&state), "a change was not published");
        self.waited(now, input, &state)?;
        if let (Input::NotSignedIn { counted, .. }, Some(before), false) = (input, &before, signing_in) {
            self.told_late(*counted, before, &state)?;
        }
        rule!(sut.machine().wakes_at().is_none_or(|at| at > now.mono_ms), "wants to be woken in the past");
        self.holds(input, &state)?;
        if !self.signing_in {
            (self.asked, self.own) = (None, false);
        }
        let resting = matches!(state, State::SignedOut { .. } | State::Locked { .. } | State::Failed { .. });
        rule!(resting == sut.machine().at_rest(), "at_rest does not fit the state");
        self.silent = matches!(state, State::Reconnecting { .. });
        Ok(outputs)
    }

    fn was_sent(&self, tan: &String) -> bool {
        self.tan_sent.as_ref() == Some(tan) || self.resync.as_ref().is_some_and(|(tans, _)| tans.contains(tan))
    }

    pub(super) fn everything_is_taken_back(&self) -> bool {
        matches!(self.tunnel, Tunnel::None | Tunnel::Left) && !self.undo_asked && !self.session && !self.signing_in
    }

    /// What the input means for the world outside.
    fn told(&mut self, now: Now, input: &Input) {
        match input {
            Input::GatewayReached if self.signing_in => {
                self.tan_sent = self.tan_on_its_way.clone().or(self.tan_sent.take());
            }
            Input::ToConfirm { display_name, digits, seconds } if self.signing_in && self.tan_on_its_way.is_none() => {
                if self.asked.is_none() {
                    self.confirm_until = now.mono_ms + u64::from(*seconds) * 1_000;
                }
                self.asked.get_or_insert((display_name.clone(), digits.clone()));
            }
            Input::Command(Command::ConfirmIdentity(shown)) if self.signing_in => {
                self.own |= self.asked.as_ref().is_some_and(|(name, _)| name == shown);
            }
            Input::SignedIn(grant) if self.signing_in => {
                self.signing_in = false;
                self.session = true;
                self.policy = Some(grant.tunnel.policy);
                self.tan_sent = self.tan_on_its_way.take().or(self.tan_sent.take());
            }
            Input::NotSignedIn { counted, .. } if self.signing_in => {
                self.signing_in = false;
                if *counted != Counted::No && self.tan_on_its_way.is_some() {
                    self.tan_sent = self.tan_on_its_way.clone();
                }
                self.tan_on_its_way = None;
            }
            Input::Applied if self.tunnel == Tunnel::Building && !self.undo_asked => self.tunnel = Tunnel::Standing,
            Input::Probed(proof) if self.tunnel == Tunnel::Standing => {
                self.proven_since_applied |= proof.handshake && proof.network_ms.is_some();
            }
            Input::Undone if self.undo_asked || self.tunnel == Tunnel::Left => {
                self.undo_asked = false;
                self.undo_late = false;
                self.tunnel = Tunnel::None;
            }
            Input::UndoFailed(_)
                if self.undo_asked || self.undo_late || (self.tunnel == Tunnel::None && !self.signing_in) =>
            {
                self.undo_asked = false;
                self.undo_late = false;
                self.tunnel = Tunnel::Left;
            }
            Input::SessionOver(_) => self.session = false,
            Input::Resynced { sent } => {
                if *sent {
                    self.resync.iter_mut().for_each(|(_, on_its_way)| *on_its_way = false);
                } else {
                    self.resync.take_if(|(_, on_its_way)| *on_its_way);
                }
            }
            Input::Command(_)
            | Input::GatewayReached
            | Input::ToConfirm { .. }
            | Input::SignedIn(_)
            | Input::NotSignedIn { .. }
            | Input::Applied
            | Input::ApplyFailed(_)
            | Input::Undone
            | Input::UndoFailed(_)
            | Input::Probed(_)
            | Input::Measured(_)
            | Input::Resumed(_)
            | Input::Carried(_)
            | Input::Echoed(_)
            | Input::SessionLives { .. }
            | Input::GatewaySilent
            | Input::NetworkChanged
            | Input::Woke
            | Input::Shutdown
            | Input::Tick => {}
        }
    }

    fn wanted(&mut self, now: Now, input: &Input, output: &Output) -> Result<(), String> {
        match output {
            Output::SignIn(entry) => {
                let tan = entry.tan.expose().to_owned();
                rule!(!self.signing_in && self.tunnel == Tunnel::None, "a sign-in into a session");
                rule!(!self.was_sent(&tan), "a TAN is sent twice");
                self.signing_in = true;
                self.given_up = false;
                self.tan_on_its_way = Some(tan);
            }
            Output::Redeem(ticket) => {
                rule!(!self.signing_in && self.tunnel == Tunnel::None, "a ticket into a session");
                let asked = matches!(input, Input::Command(Command::Redeem(given)) if given == ticket);
                rule!(asked, "a ticket is redeemed that nobody brought");
                self.signing_in = true;
                self.given_up = false;
            }
            Output::FetchSession => {
                let said = matches!(input, Input::Command(Command::ConfirmIdentity(_)));
                rule!(said && self.own, "a session is fetched that nobody has called their own");
            }
            Output::ReportTokenLost => {
                rule!(self.session && *input == Input::Command(Command::ReportTokenLost), "a token is lost unasked");
            }
            Output::ResyncToken([first, second]) => {
                rule!(self.session && matches!(input, Input::Command(_)), "TANs are sent without a session");
                let tans = [first, second].map(|tan| tan.expose().to_owned());
                rule!(tans[0] != tans[1] && !tans.iter().any(|tan| self.was_sent(tan)), "a TAN is sent twice");
                rule!(!self.resync.as_ref().is_some_and(|(_, on_its_way)| *on_its_way), "two pairs are on their way");
                self.resync = Some((tans, true));
            }
            Output::AbandonSignIn => {
                rule!(self.signing_in, "abandons what does not run");
                self.signing_in = false;
                // A ticket costs nothing, so nothing of it is told late.
                self.given_up = self.tan_on_its_way.take().is_some();
            }
            Output::Apply(config) => {
                rule!(self.session, "a tunnel without a grant");
                if matches!(input, Input::Resumed(_)) {
                    rule!(std::mem::take(&mut self.resume_asked), "exchanges for keys that nobody wished for");
                    rule!(self.tunnel == Tunnel::Standing, "exchanges no tunnel");
                } else {
                    rule!(matches!(input, Input::SignedIn(_)), "a tunnel without a grant");
                    rule!(self.tunnel == Tunnel::None, "a tunnel on top of another");
                    rule!(self.asked.is_none() || self.own, "a session of somebody else");
                }
                rule!(config.firewall != FirewallPolicy::None, "a tunnel without a policy");
                rule!(Some(config.tunnel.policy) == self.policy, "a policy that was not granted");
                self.tunnel = Tunnel::Building;
                self.asked_at = now.mono_ms;
                self.proven_since_applied = false;
            }
            Output::Undo => {
                rule!(self.tunnel != Tunnel::None && !self.undo_asked, "takes back what is not there");
                rule!(!self.undo_late, "asks twice to take back");
                // What becomes of a pair that outlives its session is not told any more.
                self.resync.iter_mut().for_each(|(_, on_its_way)| *on_its_way = false);
                self.undo_asked = true;
                self.asked_at = now.mono_ms;
            }
            Output::EndSession => self.session = false,
            Output::Probe { .. } => rule!(self.tunnel == Tunnel::Standing, "looks through no tunnel"),
            Output::Echo => rule!(self.tunnel == Tunnel::Standing, "asks for an echo of no tunnel"),
            Output::Poll { .. } | Output::Extend => rule!(self.session, "asks about no session"),
            Output::Resume => {
                rule!(
                    self.session && self.silent && self.tunnel == Tunnel::Standing,
                    "new keys for a tunnel that works"
                );
                self.resume_asked = true;
            }
            Output::Prepare => rule!(self.tunnel == Tunnel::None, "prepares a sign-in within a session"),
            Output::Publish(_) => {}
        }
        Ok(())
    }

    /// The network has its time, no less and no more; what is late stays asked for.
    fn waited(&mut self, now: Now, input: &Input, state: &State) -> Result<(), String> {
        let late = now.mono_ms - self.asked_at >= NETWORK_WITHIN_MS;
        match state {
            State::Failed { fault, .. } if fault.code == FaultCode::Leftovers && self.undo_asked && late => {
                self.undo_asked = false;
                self.undo_late = true;
                self.tunnel = Tunnel::Left;
            }
            State::Ending if self.undo_late && *input == Input::Command(Command::Acknowledge) => {
                self.undo_asked = true;
                self.undo_late = false;
                self.asked_at = now.mono_ms;
            }
            State::Ending | State::Connecting { step: Step::Tunnel } => rule!(!late, "waits for ever in {state:?}"),
            State::Confirming { .. } => {
                let given_up = self.confirm_until + 5_000;
                rule!(now.mono_ms < given_up, "waits for ever in {state:?}");
            }
            State::Reconnecting { .. } if self.tunnel == Tunnel::Building => {
                rule!(!late, "waits for ever in {state:?}");
            }
            State::SignedOut { .. }
            | State::SigningIn { .. }
            | State::Connecting { .. }
            | State::Connected { .. }
            | State::Reconnecting { .. }
            | State::Locked { .. }
            | State::Failed { .. } => {}
        }
        Ok(())
    }

    /// The outcome of a sign-in that was given up: shown if it cost an entry or may have, and nothing else is.
    fn told_late(&mut self, counted: Counted, before: &State, state: &State) -> Result<(), String> {
        let rests = match before {
            State::SignedOut { .. } | State::Locked { .. } => true,
            State::Failed { fault, .. } => fault.code != FaultCode::Leftovers,
            State::SigningIn { .. }
            | State::Confirming { .. }
            | State::Connecting { .. }
            | State::Connected { .. }
            | State::Reconnecting { .. }
            | State::Ending => false,
        };
        if rests && std::mem::take(&mut self.given_up) && counted != Counted::No {
            let shown = match state {
                State::SignedOut { refused, .. } => refused.is_some(),
                State::Failed { counted: shown, .. } => *shown == counted,
                State::Locked { .. } => true,
                State::SigningIn { .. }
                | State::Confirming { .. }
                | State::Connecting { .. }
                | State::Connected { .. }
                | State::Reconnecting { .. }
                | State::Ending => false,
            };
            rule!(shown, "a counted entry is hidden: {state:?}");
        } else if rests {
            rule!(before == state, "the outcome of nothing is shown: {state:?}");
        }
        Ok(())
    }

    fn holds(&self, input: &Input, state: &State) -> Result<(), String> {
        let there = matches!(self.tunnel, Tunnel::Building | Tunnel::Standing);
        if let Some(granted) = self.policy.filter(|_| there) {
            rule!(policy(state, granted) != FirewallPolicy::None, "a tunnel in {state:?}, which has no policy");
        }
        rule!(!there || self.undo_asked || self.session, "a tunnel without a session is kept");
        rule!(self.undo_asked == matches!(state, State::Ending), "Ending and Undo do not fit: {state:?}");
        let signing_in = matches!(state, State::SigningIn { .. } | State::Confirming { .. });
        rule!(self.signing_in == signing_in, "a sign-in does not fit: {state:?}");
        match state {
            State::Connected { .. } => {
                rule!(self.tunnel == Tunnel::Standing && self.proven_since_applied, "connected without proof");
                let proof = matches!(input, Input::Probed(proof) if proof.handshake && proof.network_ms.is_some());
                rule!(!self.silent || proof, "connected again without proof");
            }
            State::Confirming { display_name, digits, .. } => {
                let said = self.asked.as_ref();
                rule!(said.map(|(name, _)| name) == Some(display_name), "a name that the gateway did not say");
                rule!(digits.is_some() == self.own, "digits before the member has said whose it is");
                let both = said.map(|(_, both)| both);
                rule!(digits.is_none() || both == digits.as_ref(), "digits that the gateway did not say");
            }
            State::Reconnecting { .. } => rule!(there, "reconnects nothing"),
            State::Failed { fault, .. } if fault.code == FaultCode::Leftovers => {
                rule!(self.tunnel == Tunnel::Left, "nothing is left over");
            }
            State::SignedOut { .. } | State::Locked { .. } | State::Failed { .. } => {
                rule!(self.tunnel == Tunnel::None, "something is left in {state:?}");
                rule!(!self.session, "a session goes on behind {state:?}");
            }
            State::SigningIn { .. } | State::Connecting { .. } | State::Ending => {}
        }
        Ok(())
    }
}

/// Only the sign-in carries the entry, only the redemption the ticket, only the wanted network the preshared key, and Debug shows none of them.
fn no_secret(output: &Output) -> Result<(), String> {
    let mut shown = format!("{output:?}");
    if let Output::Publish(snapshot) = output {
        shown += &serde_json::to_string(snapshot).map_err(|e| e.to_string())?;
    }
    let key = preshared_key().to_base64();
    let [first, second] = NEXT_TANS;
    for secret in [PASSWORD, TAN, OTHER_TAN, first, second, TICKET, SESSION_TOKEN, key.as_str()] {
        rule!(!shown.contains(secret), "a secret is shown: {shown}");
    }
    Ok(())
}
