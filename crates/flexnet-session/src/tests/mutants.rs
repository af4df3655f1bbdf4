//! Machines that are broken on purpose, one defect each: every rule and every invariant must catch the one that breaks it.
//! A defect sits between the machine and the world and distorts what passes, so none of them is in the machine itself.

use flexnet_protocol::snapshot::{Counted, State, Step};

use super::{GATEWAY_AHEAD, NAME, OTHER_NAME, PASSWORD, Sut, TAN, TICKET, entry, machine, proven};
use crate::{FirewallPolicy, Input, Machine, Now, Output, input::Command};

/// One defect that a change could bring in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Defect {
    UndoForgotten,
    ConnectedByIntent,
    SessionNotEnded,
    PasswordInADetail,
    PictureNotPublished,
    RevisionStands,
    UndoBelievedAtOnce,
    TanSentAgain,
    CountHidden,
    WaitsForEver,
    TunnelWithoutPolicy,
    SignsInAgain,
    NewKeysUnwished,
    DeadTunnelShown,
    DoubtUnheard,
    StandsNoQuestion,
    GatewayClockBelieved,
    WarnsLate,
    WarnsOfOldTimes,
    NeverLooksAgain,
    NeverResumes,
    ProbesForEver,
    PublishesEverySecond,
    ExtendForgotten,
    TicketShown,
    ConfirmsForEver,
    OtherDigits,
    OtherName,
    DigitsAtOnce,
    PageIsEnough,
    YesToAnother,
    PairSentAgain,
    LateTicketTold,
    TokenLostUnasked,
}

/// What a rule says of every step, and the defect that it catches.
pub(super) const BREAKS_A_RULE: [(Defect, &str); 23] = [
    (Defect::UndoForgotten, "a tunnel without a session is kept"),
    (Defect::ConnectedByIntent, "connected without proof"),
    (Defect::SessionNotEnded, "a session goes on behind"),
    (Defect::PasswordInADetail, "a secret is shown"),
    (Defect::PictureNotPublished, "a change was not published"),
    (Defect::RevisionStands, "the revision fell"),
    (Defect::UndoBelievedAtOnce, "another state was published"),
    (Defect::TanSentAgain, "a TAN is sent twice"),
    (Defect::CountHidden, "a counted entry is hidden"),
    (Defect::WaitsForEver, "waits for ever"),
    (Defect::TunnelWithoutPolicy, "a tunnel without a policy"),
    (Defect::SignsInAgain, "a sign-in into a session"),
    (Defect::NewKeysUnwished, "new keys for a tunnel that works"),
    (Defect::TicketShown, "a secret is shown"),
    (Defect::ConfirmsForEver, "waits for ever"),
    (Defect::OtherDigits, "digits that the gateway did not say"),
    (Defect::OtherName, "a name that the gateway did not say"),
    (Defect::DigitsAtOnce, "digits before the member"),
    (Defect::PageIsEnough, "a session of somebody else"),
    (Defect::YesToAnother, "a session is fetched that nobody"),
    (Defect::PairSentAgain, "a TAN is sent twice"),
    (Defect::LateTicketTold, "the outcome of nothing is shown"),
    (Defect::TokenLostUnasked, "a token is lost unasked"),
];

/// What an invariant says of whole runs, and the defect that it catches.
pub(super) const BREAKS_A_PROMISE: [(Defect, &str); 11] = [
    (Defect::DeadTunnelShown, "connected for 15 seconds"),
    (Defect::DoubtUnheard, "connected 3 seconds after"),
    (Defect::StandsNoQuestion, "an end is not told"),
    (Defect::GatewayClockBelieved, "the absolute end"),
    (Defect::WarnsLate, "no warning"),
    (Defect::WarnsOfOldTimes, "a warning"),
    (Defect::NeverLooksAgain, "a tunnel does not come back"),
    (Defect::NeverResumes, "a tunnel does not come back"),
    (Defect::ProbesForEver, "an unused session never goes idle"),
    (Defect::PublishesEverySecond, "published too often"),
    (Defect::ExtendForgotten, "the idle end was not put off"),
];

#[derive(Clone)]
pub(super) struct Mutant {
    machine: Machine,
    defect: Defect,
    revision: u64,
    times_told: bool,
}

impl Mutant {
    pub(super) fn new(defect: Defect) -> Self {
        Self { machine: machine(), defect, revision: 0, times_told: false }
    }

    /// What the machine is told instead.
    fn heard(&mut self, input: Input) -> Input {
        let signing_in = matches!(self.state(), State::SigningIn { .. } | State::Confirming { .. });
        match (self.defect, input) {
            (Defect::CountHidden, Input::NotSignedIn { .. }) if !signing_in => Input::Tick,
            (Defect::DeadTunnelShown, Input::Echoed(false)) => Input::Echoed(true),
            (Defect::DeadTunnelShown, Input::GatewaySilent) => Input::Tick,
            (Defect::DoubtUnheard, Input::NetworkChanged | Input::Woke) => Input::Tick,
            (Defect::GatewayClockBelieved, Input::SessionLives { started, absolute_end, idle_end }) => {
                Input::SessionLives { started: started - GATEWAY_AHEAD, absolute_end, idle_end }
            }
            (Defect::WarnsLate, Input::SessionLives { started, absolute_end, idle_end })
                if idle_end + 120 < absolute_end =>
            {
                Input::SessionLives { started, absolute_end, idle_end: idle_end + 60 }
            }
            (Defect::WarnsOfOldTimes, Input::SessionLives { started, absolute_end, idle_end }) => {
                let first = !std::mem::replace(&mut self.times_told, true);
                let idle_end = if first { idle_end } else { started + 20 };
                Input::SessionLives { started, absolute_end, idle_end }
            }
            (Defect::ExtendForgotten, Input::Command(Command::Extend)) => Input::Tick,
            (Defect::OtherDigits, Input::ToConfirm { display_name, seconds, .. }) => {
                Input::ToConfirm { display_name, digits: "74".into(), seconds }
            }
            (Defect::OtherName, Input::ToConfirm { digits, seconds, .. }) => {
                Input::ToConfirm { display_name: Some(OTHER_NAME.into()), digits, seconds }
            }
            (Defect::YesToAnother, Input::Command(Command::ConfirmIdentity(_))) => super::is_own(Some(NAME)),
            (Defect::PairSentAgain, Input::Resynced { .. }) => Input::Resynced { sent: false },
            (Defect::LateTicketTold, Input::NotSignedIn { fault, attempts_left, until, .. }) if !signing_in => {
                self.machine.give_up_an_entry();
                Input::NotSignedIn { fault, counted: Counted::Unknown, attempts_left, until }
            }
            (_, input) => input,
        }
    }

    /// What the world sees instead.
    fn seen(&mut self, now: Now, outputs: &mut Vec<Output>) {
        let lost = matches!(self.state(), State::Reconnecting { .. });
        let connected = matches!(self.state(), State::Connected { .. });
        let asked = matches!(self.state(), State::Confirming { digits: None, .. });
        match self.defect {
            Defect::UndoForgotten => outputs.retain(|output| *output != Output::Undo),
            Defect::ConnectedByIntent => {
                if outputs.iter().any(|output| matches!(output, Output::Probe { .. })) {
                    *outputs = self.machine.handle(now, proven());
                }
            }
            Defect::SessionNotEnded => outputs.retain(|output| *output != Output::EndSession),
            Defect::PasswordInADetail => {
                self.redraw(outputs, |snapshot, _| snapshot.organisation = PASSWORD.into());
            }
            Defect::PictureNotPublished => outputs.retain(|output| !matches!(output, Output::Publish(_))),
            Defect::RevisionStands => self.redraw(outputs, |snapshot, revision| {
                *revision = snapshot.revision.max(*revision).min(3);
                snapshot.revision = *revision;
            }),
            Defect::UndoBelievedAtOnce => {
                if outputs.contains(&Output::Undo) {
                    outputs.extend(self.machine.handle(now, Input::Undone).into_iter().skip(1));
                }
            }
            Defect::TunnelWithoutPolicy => {
                for output in outputs {
                    if let Output::Apply(config) = output {
                        config.firewall = FirewallPolicy::None;
                    }
                }
            }
            Defect::TicketShown => {
                if outputs.iter().any(|output| matches!(output, Output::Redeem(_))) {
                    self.redraw(outputs, |snapshot, _| snapshot.organisation = TICKET.into());
                }
            }
            Defect::DigitsAtOnce if asked => {
                *outputs = self.machine.handle(now, super::is_own(Some(NAME)));
                outputs.retain(|output| *output != Output::FetchSession);
            }
            Defect::TokenLostUnasked if lost => outputs.push(Output::ReportTokenLost),
            Defect::SignsInAgain if lost => outputs.push(Output::SignIn(entry(TAN))),
            Defect::NewKeysUnwished if connected => outputs.push(Output::Resume),
            Defect::StandsNoQuestion => outputs.retain(|output| *output != Output::Poll { stands: true }),
            Defect::NeverLooksAgain if lost => outputs.retain(|output| !matches!(output, Output::Probe { .. })),
            Defect::NeverResumes => outputs.retain(|output| *output != Output::Resume),
            Defect::ProbesForEver if connected && outputs.is_empty() && (now.mono_ms / 1000).is_multiple_of(50) => {
                outputs.push(Output::Probe { whole: false });
            }
            Defect::PublishesEverySecond if connected && outputs.is_empty() => {
                let mut snapshot = self.machine.snapshot(now);
                self.revision += 1;
                snapshot.revision += self.revision;
                outputs.push(Output::Publish(Box::new(snapshot)));
            }
            Defect::PublishesEverySecond => self.redraw(outputs, |snapshot, revision| snapshot.revision += *revision),
            Defect::SignsInAgain
            | Defect::NewKeysUnwished
            | Defect::NeverLooksAgain
            | Defect::ProbesForEver
            | Defect::TanSentAgain
            | Defect::CountHidden
            | Defect::WaitsForEver
            | Defect::DeadTunnelShown
            | Defect::DoubtUnheard
            | Defect::GatewayClockBelieved
            | Defect::WarnsLate
            | Defect::WarnsOfOldTimes
            | Defect::ExtendForgotten
            | Defect::TokenLostUnasked
            | Defect::ConfirmsForEver
            | Defect::OtherDigits
            | Defect::OtherName
            | Defect::DigitsAtOnce
            | Defect::PageIsEnough
            | Defect::YesToAnother
            | Defect::PairSentAgain
            | Defect::LateTicketTold => {}
        }
    }

    fn redraw(&mut self, outputs: &mut [Output], draw: impl Fn(&mut flexnet_protocol::snapshot::Snapshot, &mut u64)) {
        for output in outputs {
            if let Output::Publish(snapshot) = output {
                draw(snapshot, &mut self.revision);
            }
        }
    }
}

impl Sut for Mutant {
    fn handle(&mut self, now: Now, input: Input) -> Vec<Output> {
        if matches!((self.defect, &input), (Defect::TanSentAgain, Input::Command(Command::Cancel))) {
            self.machine.forget_tan();
        }
        let waits = matches!(self.state(), State::Ending | State::Connecting { step: Step::Tunnel });
        let confirms = matches!(self.state(), State::Confirming { .. });
        let idles =
            (self.defect == Defect::WaitsForEver && waits) || (self.defect == Defect::ConfirmsForEver && confirms);
        if idles && input == Input::Tick {
            return Vec::new();
        }
        let asked = matches!(self.state(), State::Confirming { digits: None, .. });
        if asked && matches!((self.defect, &input), (Defect::PageIsEnough, Input::SignedIn(_))) {
            drop(self.machine.handle(now, super::is_own(Some(NAME))));
        }
        let input = self.heard(input);
        let mut outputs = self.machine.handle(now, input);
        self.seen(now, &mut outputs);
        outputs
    }

    fn machine(&self) -> &Machine {
        &self.machine
    }
}
