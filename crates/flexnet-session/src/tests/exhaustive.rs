//! Every sequence of inputs up to a length, from every stage of a session, whatever the world does: answers nobody asked for included.
//! Situations that were met before are not followed twice. Machines broken on purpose show that the rules catch what they must.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    rc::Rc,
};

use flexnet_protocol::{
    FaultCode,
    gateway::{EndReason, TrafficPolicy},
    snapshot::{Counted, State},
};

use super::{
    NAME, NEXT_TANS, OTHER_NAME, OTHER_TAN, START, Sut, TAN, granted, is_own, later, lives, machine, measured,
    mutants::{BREAKS_A_RULE, Mutant},
    not_signed_in, only_tunnel, proven, redeem, refused, resumed, resync,
    rules::{Rules, Seen},
    sign_in, silent, to_confirm, to_connected, without_portal,
};
use crate::{Command, Input, Now};

/// Inputs, each with the milliseconds that pass before it.
fn alphabet() -> Vec<(u64, Input)> {
    let mut alphabet: Vec<(u64, Input)> = [
        Input::Command(Command::Prepare),
        sign_in(TAN),
        sign_in(OTHER_TAN),
        sign_in("12"),
        redeem(),
        to_confirm(),
        is_own(Some(NAME)),
        is_own(Some(OTHER_NAME)),
        Input::Command(Command::ReportTokenLost),
        resync(NEXT_TANS),
        resync([TAN, OTHER_TAN]),
        Input::Resynced { sent: true },
        Input::Resynced { sent: false },
        Input::Command(Command::Cancel),
        Input::Command(Command::SignOut),
        Input::Command(Command::Acknowledge),
        Input::GatewayReached,
        granted(TrafficPolicy::PortalOnlyRoutes),
        granted(TrafficPolicy::Exclusive),
        refused(4),
        refused(0),
        not_signed_in(FaultCode::Locked, Counted::No, None),
        not_signed_in(FaultCode::GatewaySilent, Counted::No, None),
        not_signed_in(FaultCode::GatewayHangs, Counted::Unknown, None),
        Input::Applied,
        Input::ApplyFailed(FaultCode::DiskFull.into()),
        Input::Undone,
        Input::UndoFailed(FaultCode::NetworkSettings.into()),
        proven(),
        without_portal(),
        only_tunnel(),
        silent(),
        measured(5000, 1000),
        measured(5000, 9000),
        lives(0),
        Input::GatewaySilent,
        Input::Echoed(true),
        Input::Carried(flexnet_protocol::snapshot::Carrier::Https),
        Input::Echoed(false),
        resumed(),
        Input::Command(Command::Extend),
        Input::SessionOver(EndReason::Idle),
        Input::SessionOver(EndReason::TokenLost),
        Input::NetworkChanged,
        Input::Woke,
        Input::Shutdown,
    ]
    .map(|input| (0, input))
    .into();
    alphabet.extend([3_000, 16_000, 40_000_000].map(|milliseconds| (milliseconds, Input::Tick)));
    alphabet
}

#[derive(Clone)]
struct Situation<S> {
    sut: S,
    rules: Rules,
    seen: Seen,
    now: Now,
    path: Option<Rc<Step>>,
}

struct Step {
    input: String,
    before: Option<Rc<Self>>,
}

impl<S: Sut> Situation<S> {
    fn new(sut: S) -> Self {
        Self { sut, rules: Rules::new(), seen: Seen::default(), now: START, path: None }
    }

    fn take(&mut self, milliseconds: u64, input: &Input) -> Result<(), String> {
        self.now = later(self.now, milliseconds);
        self.path = Some(Rc::new(Step { input: format!("{input:?}"), before: self.path.take() }));
        let step = self.rules.step(&mut self.seen, &mut self.sut, self.now, input).map(drop);
        step.map_err(|broken| format!("{broken}\nafter{}", self.told()))
    }

    /// From here every session can be ended, and then nothing is left.
    fn ends(&self) -> Result<(), String> {
        let mut end = self.clone();
        for _ in 0..3 {
            if end.sut.machine().at_rest() {
                break;
            }
            let undoes = matches!(end.sut.state(), State::Ending);
            end.take(0, &if undoes { Input::Undone } else { Input::Shutdown })?;
        }
        if end.rules.everything_is_taken_back() {
            Ok(())
        } else {
            Err(format!("something is left\nafter{}", end.told()))
        }
    }

    /// Two situations with the same key go on in the same way.
    fn key(&self) -> u64 {
        let machine = self.sut.machine();
        let phase = machine.phase();
        // Where nothing waits for a time, the time does not matter.
        let now = phase.wakes_at().map(|_| self.now);
        let mut hasher = DefaultHasher::new();
        format!("{phase:?}{:?}{:?}{now:?}", machine.rest(), self.rules).hash(&mut hasher);
        hasher.finish()
    }

    fn told(&self) -> String {
        let mut steps = Vec::new();
        let mut at = self.path.as_ref();
        while let Some(step) = at {
            steps.push(format!("\n  {}", step.input));
            at = step.before.as_ref();
        }
        steps.into_iter().rev().collect()
    }
}

/// Every stage of a session to begin from.
fn stages<S: Sut>(sut: &S) -> Vec<Situation<S>> {
    let lost = [(0, measured(0, 10_000)), (16_000, Input::Tick)];
    let mut exchanging = lost.to_vec();
    exchanging.extend([(0, lives(0)), (1_000, silent()), (3_000, Input::Tick), (0, silent()), (0, resumed())]);
    let ways: [&[(u64, Input)]; 4] = [&[], &lost, &exchanging, &[(0, Input::SessionOver(EndReason::Desk))]];
    let connected = |way: &[(u64, Input)]| {
        to_connected().into_iter().map(|input| (0, input)).chain(way.iter().cloned()).collect::<Vec<_>>()
    };
    let asked = [redeem(), Input::GatewayReached, to_confirm()].map(|input| (0, input)).to_vec();
    let confirming = [asked.clone(), vec![(0, is_own(Some(NAME)))]].concat();
    let mut stages = vec![Situation::new(sut.clone())];
    for inputs in ways.into_iter().map(connected).chain([asked, confirming]) {
        let mut stage = Situation::new(sut.clone());
        // A broken machine breaks a rule on the way: then the search from the beginning finds it.
        if inputs.into_iter().all(|(milliseconds, input)| stage.take(milliseconds, &input).is_ok()) {
            stages.push(stage);
        }
    }
    stages
}

/// Follows every sequence of up to `steps` inputs; how many different situations there are, or the first broken rule.
fn search<S: Sut>(sut: &S, steps: usize) -> Result<usize, String> {
    let alphabet = alphabet();
    let mut met = HashSet::new();
    let mut here = stages(sut);
    for _ in 0..steps {
        let mut next = Vec::new();
        for situation in &here {
            for (milliseconds, input) in &alphabet {
                let mut after = situation.clone();
                after.take(*milliseconds, input)?;
                if met.insert(after.key()) {
                    after.ends()?;
                    next.push(after);
                }
            }
        }
        here = next;
    }
    Ok(met.len())
}

#[test]
fn no_short_sequence_breaks_a_rule() {
    let situations = search(&machine(), 4).unwrap_or_else(|broken| panic!("{broken}"));
    println!("{situations} situations");
    assert!(situations > 2_000, "the search sees too little: {situations}");
}

#[test]
fn the_rules_catch_what_they_must() {
    let mut wrong = Vec::new();
    for (defect, told) in BREAKS_A_RULE {
        let broken = search(&Mutant::new(defect), 5);
        let text = broken.err().unwrap_or_default();
        if !text.starts_with(told) {
            wrong.push(format!("{defect:?} was caught by: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_stages_are_what_they_say() {
    let names: Vec<String> = stages(&machine()).iter().map(|s| format!("{:?}", s.sut.state())).collect();
    for (name, state) in names.iter().zip([
        "SignedOut",
        "Connected",
        "Reconnecting",
        "Reconnecting",
        "Ending",
        "Confirming",
        "Confirming",
    ]) {
        assert!(name.starts_with(state), "{name}");
    }
    assert_eq!(names.len(), 7);
}
