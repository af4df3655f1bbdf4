//! What the member, the desk, the system and the line do, as chance has it.

use flexnet_protocol::{gateway::EndReason, snapshot::State};

use super::{
    super::{Sut, redeem, resync, sign_in},
    gateway::RIGHT,
    run::{Happens, Mends, Run, Seen},
};
use crate::{Command, Input};

impl<S: Sut> Run<S> {
    pub(super) fn whim(&mut self) -> Result<(), String> {
        let pause = self.chance.within(500, 30_000) * self.calm;
        self.after(pause, Happens::Whim);
        match self.sut.state() {
            State::SignedOut { .. } | State::Locked { .. } | State::Failed { .. } => self.begin(),
            State::Confirming { display_name, digits: None, .. } if self.chance.percent(80) => {
                // At times to a picture that is not there any more.
                let older = self.chance.percent(10).then(|| "Dr. Otto Andermann".to_owned());
                self.tell(&Input::Command(Command::ConfirmIdentity(older.or(display_name))))
            }
            State::SigningIn { .. } | State::Confirming { .. } | State::Connecting { .. }
                if self.chance.percent(70) =>
            {
                Ok(())
            }
            State::Ending => Ok(()),
            State::SigningIn { .. }
            | State::Confirming { .. }
            | State::Connecting { .. }
            | State::Connected { .. }
            | State::Reconnecting { .. } => self.live(),
        }
    }

    fn begin(&mut self) -> Result<(), String> {
        self.promises.happened(self.now);
        if self.chance.percent(10) {
            self.gateway.unlock();
        }
        self.tell(&Input::Command(Command::Acknowledge))?;
        // Nobody types a pair of days ago; the PC would not know it any more.
        self.pair = self.fresh_pair();
        if self.chance.percent(15) {
            return self.tell(&redeem());
        }
        self.tan = match self.chance.within(0, 10) {
            0 => "12".to_owned(),
            1 => self.tan.clone(),
            typed if typed < 2 + self.wrong => format!("0{:06}", self.id()),
            _ => format!("{RIGHT}{:06}", self.id()),
        };
        self.tell(&Input::Command(Command::Prepare))?;
        if self.chance.percent(15) {
            let soon = self.chance.within(0, 300);
            self.after(soon, Happens::Tell(Input::Command(Command::Cancel)));
        }
        self.tell(&sign_in(&self.tan.clone()))
    }

    fn live(&mut self) -> Result<(), String> {
        let soon = self.chance.within(0, 300);
        match self.chance.within(0, 30) {
            0 | 1 => {
                self.line.network = false;
                self.mend_later(90_000, Mends::Network);
                if self.chance.percent(50) {
                    self.after(soon, Happens::Tell(Input::NetworkChanged));
                }
            }
            2 | 3 => {
                self.line.udp = false;
                self.mend_later(60_000, Mends::Udp);
            }
            4 => {
                self.line.portal = false;
                self.mend_later(60_000, Mends::Portal);
            }
            5..=7 => self.restart(),
            8 | 9 => {
                self.seen.count("roamed");
                return self.tell_of(&Input::NetworkChanged);
            }
            10 | 11 => self.sleep(soon),
            12..=16 => {
                self.using_until = self.now + self.chance.within(1_000, 60_000);
            }
            17 | 18 => {
                self.promises.wished(self.now);
                return self.tell(&Input::Command(Command::Extend));
            }
            19 => {
                let reason = self.chance.of(&[EndReason::Desk, EndReason::NewerSignIn, EndReason::TokenLost]);
                self.gateway.end(self.now, reason);
                self.notify();
            }
            20 => return self.tell(&Input::Command(Command::SignOut)),
            21 => return self.tell(&Input::Command(Command::Cancel)),
            22 => {
                self.clock += i64::try_from(self.chance.within(0, 7_200)).unwrap() - 3_600;
                return self.tell(&Input::Tick);
            }
            23 => return self.tell(&Input::Command(Command::Acknowledge)),
            24 => return self.tell(&Input::Command(Command::ReportTokenLost)),
            25 | 26 => {
                if self.chance.percent(60) {
                    self.pair = self.fresh_pair();
                }
                let [first, second] = self.pair.clone();
                return self.tell(&resync([&first, &second]));
            }
            _ => return Ok(()),
        }
        self.promises.happened(self.now);
        Ok(())
    }

    fn fresh_pair(&mut self) -> [String; 2] {
        [self.id(), self.id()].map(|id| format!("2{id:06}"))
    }

    /// An event of the system, which asks for a proof from now on.
    fn tell_of(&mut self, event: &Input) -> Result<(), String> {
        self.promises.happened(self.now);
        self.promises.doubted(self.now);
        self.tell(event)
    }

    fn mend_later(&mut self, within_ms: u64, what: Mends) {
        let lasts = self.chance.within(1_000, within_ms);
        self.after(lasts, Happens::Mends(what));
    }

    /// The gateway's process is gone for a while, with its connections, and with some luck it knows the tunnel afterwards.
    fn restart(&mut self) {
        self.seen.count("restarted");
        self.gateway.up = false;
        self.cut();
        let forgets = self.chance.percent(50);
        if let Some(session) = self.gateway.live_mut().filter(|_| forgets) {
            session.keys = None;
        }
        self.mend_later(20_000, Mends::Gateway);
    }

    /// Everything goes on but this PC.
    fn sleep(&mut self, soon: u64) {
        self.seen.count("slept");
        self.now += self.chance.within(1_000, 600_000);
        self.promises.slept(self.now);
        self.gateway.pass(self.now);
        self.after(soon, Happens::Tell(Input::Woke));
    }
}

/// Notes what a step has led to.
pub(super) fn counts(seen: &mut Seen, before: &State, after: &State) {
    match (before, after) {
        (State::Connecting { .. }, State::Connected { .. }) => seen.count("connected"),
        (State::Reconnecting { .. }, State::Connected { .. }) => seen.count("came back"),
        (before, State::Locked { .. }) if !matches!(before, State::Locked { .. }) => seen.count("locked"),
        (State::Ending, State::Failed { .. }) => seen.count("left over"),
        (State::Ending, State::SignedOut { ended: Some(ended), .. }) => seen.count(match ended.reason {
            EndReason::SignedOut => "signed out",
            EndReason::Idle => "idle",
            EndReason::Absolute => "absolute",
            EndReason::NewerSignIn => "newer sign-in",
            EndReason::Desk => "desk",
            EndReason::TokenLost => "token lost",
        }),
        (State::Connected { session: before }, State::Connected { session: after }) if before.warning.is_none() => {
            if let Some(warning) = after.warning {
                seen.count(if warning.reason == EndReason::Idle { "warned of idle" } else { "warned of absolute" });
            }
        }
        _ => {}
    }
}
