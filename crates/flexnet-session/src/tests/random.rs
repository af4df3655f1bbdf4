//! Long runs: against a world that answers what it is asked, late and in any mood, and against one that says anything at any time.

use std::collections::VecDeque;

use flexnet_protocol::{
    FaultCode,
    gateway::{EndReason, TrafficPolicy},
    snapshot::{Counted, State},
};
use proptest::prelude::*;

use super::{
    NAME, OTHER_NAME, START, granted, is_own, later, lives, machine, measured, not_signed_in, only_tunnel, proven,
    redeem, refused, resumed, resync,
    rules::{Rules, Seen},
    sign_in, silent, to_confirm, without_portal,
};
use crate::{Command, Input, Machine, Now, Output};

/// What the world still owes an answer.
#[derive(Debug, Default)]
struct World {
    gateway: VecDeque<Output>,
    reached: bool,
    network: VecDeque<Output>,
    looks: VecDeque<Output>,
    polls: u32,
    resyncs: u32,
    tans: u32,
    counted: (u64, u64),
}

struct Run {
    machine: Machine,
    rules: Rules,
    seen: Seen,
    now: Now,
    world: World,
    connected: u32,
}

impl Run {
    fn new() -> Self {
        let (rules, seen) = (Rules::new(), Seen::default());
        Self { machine: machine(), rules, seen, now: START, world: World::default(), connected: 0 }
    }

    fn tell(&mut self, input: &Input) -> Result<(), TestCaseError> {
        let outputs = self.rules.step(&mut self.seen, &mut self.machine, self.now, input);
        let outputs = outputs.map_err(|broken| TestCaseError::fail(format!("{broken} after {input:?}")))?;
        for output in outputs {
            match output {
                Output::SignIn(_) | Output::Redeem(_) => {
                    self.world.gateway.push_back(output);
                    self.world.reached = false;
                }
                Output::AbandonSignIn => self.world.gateway.clear(),
                Output::Apply(_) | Output::Undo => self.world.network.push_back(output),
                Output::Probe { .. } => self.world.looks.push_back(output),
                Output::Poll { .. } => self.world.polls += 1,
                Output::Publish(snapshot) => {
                    self.connected += u32::from(matches!(snapshot.state, State::Connected { .. }));
                }
                Output::ResyncToken(_) => self.world.resyncs += 1,
                Output::Prepare
                | Output::FetchSession
                | Output::EndSession
                | Output::Echo
                | Output::Extend
                | Output::Resume
                | Output::ReportTokenLost => {}
            }
        }
        Ok(())
    }

    /// One answer or event of a world that is sound but moody.
    fn live(&mut self, choice: u8, mood: u8, milliseconds: u64) -> Result<(), TestCaseError> {
        self.now = later(self.now, milliseconds);
        let input = match choice % 16 {
            0..=2 => self.answer_of_the_gateway(mood),
            3..=5 => self.answer_of_the_network(mood),
            6..=8 => self.world.looks.pop_front().map(|_| match mood % 8 {
                0 => silent(),
                1 => only_tunnel(),
                2 => without_portal(),
                _ => proven(),
            }),
            9 => {
                let polled = std::mem::take(&mut self.world.polls) > 0;
                polled.then(|| if mood.is_multiple_of(16) { Input::SessionOver(EndReason::Idle) } else { lives(0) })
            }
            10 => Some(Input::Command(match mood % 12 {
                0 => Command::Cancel,
                1 => Command::SignOut,
                2 => Command::Acknowledge,
                3 => Command::Prepare,
                4 => {
                    self.tell(&Input::Command(Command::Acknowledge))?;
                    return self.tell(&redeem());
                }
                5 => Command::ReportTokenLost,
                6 => {
                    self.world.tans += 2;
                    let (first, second) = (self.world.tans - 1, self.world.tans);
                    return self.tell(&resync([&format!("{first:06}"), &format!("{second:06}")]));
                }
                7 if self.world.resyncs > 0 => {
                    self.world.resyncs = 0;
                    return self.tell(&Input::Resynced { sent: mood.is_multiple_of(2) });
                }
                _ => return self.sign_in(),
            })),
            11 => return self.sign_in(),
            12 => Some(if mood.is_multiple_of(2) { Input::NetworkChanged } else { Input::Woke }),
            13 | 14 => {
                self.world.counted.0 += u64::from(mood % 3) * 700;
                self.world.counted.1 += u64::from(mood % 2) * 500;
                Some(measured(self.world.counted.0, self.world.counted.1))
            }
            _ => {
                if let Some(at) = self.machine.wakes_at() {
                    self.now = later(self.now, at.saturating_sub(self.now.mono_ms).min(60_000));
                }
                Some(Input::Tick)
            }
        };
        self.tell(&input.unwrap_or(Input::Tick))
    }

    fn sign_in(&mut self) -> Result<(), TestCaseError> {
        self.tell(&Input::Command(Command::Acknowledge))?;
        self.world.tans += 1;
        self.tell(&sign_in(&format!("{:06}", self.world.tans)))
    }

    fn answer_of_the_gateway(&mut self, mood: u8) -> Option<Input> {
        let ticket = matches!(self.world.gateway.front()?, Output::Redeem(_));
        if !std::mem::replace(&mut self.world.reached, true) && !mood.is_multiple_of(8) {
            return Some(Input::GatewayReached);
        }
        if ticket && mood.is_multiple_of(2) {
            return Some(to_confirm());
        }
        if ticket && mood.is_multiple_of(3) {
            return Some(is_own(Some(NAME)));
        }
        self.world.gateway.pop_front();
        Some(match mood % 8 {
            0 => not_signed_in(FaultCode::GatewaySilent, Counted::No, None),
            1 if ticket => not_signed_in(FaultCode::HandoffRefused, Counted::No, None),
            1 => refused(mood % 5),
            2 => granted(TrafficPolicy::Exclusive),
            _ => granted(TrafficPolicy::PortalOnlyRoutes),
        })
    }

    fn answer_of_the_network(&mut self, mood: u8) -> Option<Input> {
        Some(match (self.world.network.pop_front()?, mood) {
            (Output::Apply(_), 0..20) => Input::ApplyFailed(FaultCode::TunnelDevice.into()),
            (Output::Apply(_), _) => Input::Applied,
            (_, 0..10) => Input::UndoFailed(FaultCode::NetworkSettings.into()),
            _ => Input::Undone,
        })
    }

    /// The member signs out, the world answers, and nothing of ours is left.
    fn end(&mut self) -> Result<(), TestCaseError> {
        self.tell(&Input::Command(Command::SignOut))?;
        while let Some(input) = self.answer_of_the_network(255) {
            self.tell(&input)?;
        }
        prop_assert!(self.machine.at_rest() && self.rules.everything_is_taken_back(), "{:?}", self.machine);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_moody_world(steps in proptest::collection::vec((any::<u8>(), any::<u8>(), 0..4000_u64), 0..400)) {
        let mut run = Run::new();
        for (choice, mood, milliseconds) in steps {
            run.live(choice, mood, milliseconds)?;
        }
        run.end()?;
    }

    #[test]
    fn a_world_that_says_anything(steps in proptest::collection::vec((any::<u8>(), any::<u8>(), 0..20_000_u64), 0..300)) {
        let mut run = Run::new();
        for (choice, mood, milliseconds) in steps {
            run.now = later(run.now, milliseconds);
            run.tell(&match choice % 32 {
                0 => sign_in(&format!("{:06}", mood % 3)),
                1 => Input::Command(Command::Cancel),
                2 => Input::Command(Command::SignOut),
                3 => Input::Command(Command::Acknowledge),
                4 => Input::GatewayReached,
                5 | 6 => granted(TrafficPolicy::PortalOnlyRoutes),
                7 => granted(TrafficPolicy::Exclusive),
                8 => refused(mood % 5),
                9 => not_signed_in(FaultCode::Maintenance, Counted::No, None),
                10 | 11 => Input::Applied,
                12 => Input::ApplyFailed(FaultCode::TunnelDevice.into()),
                13 => Input::Undone,
                14 => Input::UndoFailed(FaultCode::NetworkSettings.into()),
                15 | 16 => proven(),
                17 => silent(),
                18 => measured(u64::from(mood) * 1000, u64::from(mood) * 900),
                19 => Input::SessionOver(EndReason::NewerSignIn),
                20 => Input::NetworkChanged,
                21 => resumed(),
                22 => lives(i64::from(mood) * 100),
                23 => Input::Echoed(mood.is_multiple_of(2)),
                24 => Input::GatewaySilent,
                25 => redeem(),
                26 => to_confirm(),
                27 => Input::Command(Command::ReportTokenLost),
                28 => resync([&format!("{:06}", mood % 4), &format!("{:06}", mood / 64)]),
                29 => Input::Resynced { sent: mood.is_multiple_of(2) },
                30 => is_own([Some(NAME), Some(OTHER_NAME), None].get(usize::from(mood % 6)).copied().unwrap_or(Some(NAME))),
                _ => Input::Tick,
            })?;
        }
    }
}

/// The property above would hold of a world in which nobody ever connects.
#[test]
fn the_moody_world_does_connect() {
    let mut run = Run::new();
    for step in 0..2000_u32 {
        let mix = step.wrapping_mul(2_654_435_761);
        run.live((mix >> 24) as u8, (mix >> 16) as u8, u64::from(mix % 700)).unwrap();
    }
    assert!(run.connected > 10, "{}", run.connected);
}
