//! The lanes side by side: who looks at what, which checks wait for whom, and what happens to a lane that is late or dies (its facts stay as they were).

use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

use flexnet_protocol::{diagnosis::Check, profile::Profile};
use tokio::{
    sync::mpsc::UnboundedSender,
    task::JoinSet,
    time::{Instant, timeout_at},
};

use super::{Input, Progress, pc};
use crate::facts::{Facts, Keyring, Pc};

/// One lane. Each ends by itself; none waits for another but [`Lane::Inside`] for the service's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Pc,
    Keyring,
}

impl Lane {
    const ALL: &[Self] = &[Self::Pc, Self::Keyring];
}

/// What a lane brings.
enum Part {
    Pc(Box<Pc>),
    Keyring(Option<Keyring>),
}

/// Runs all lanes until they end or `within` is over, and tells each check when the facts that it needs are there.
pub(super) async fn run(
    input: &Input,
    profile: Option<Profile>,
    facts: &mut Facts,
    progress: &UnboundedSender<Progress>,
    within: Duration,
) {
    let until = Instant::now() + within;
    let mut lanes = Lanes { running: JoinSet::new(), of: Vec::new() };
    let profile = profile.map(Arc::new);
    lanes.start(Lane::Pc, async { Part::Pc(Box::new(pc::look().await)) });
    lanes.start(Lane::Keyring, async { Part::Keyring(pc::keyring().await) });
    drop((input, profile));

    let mut told = Told { done: BTreeSet::new(), left: Check::ALL.to_vec(), progress };
    while let Ok(Some(ended)) = timeout_at(until, lanes.running.join_next_with_id()).await {
        let id = match ended {
            Ok((id, part)) => {
                part.put(facts);
                id
            }
            // It panicked: what it would have told stays untold.
            Err(error) => error.id(),
        };
        if let Some((_, lane)) = lanes.of.iter().find(|(task, _)| *task == id) {
            told.ended(*lane);
        }
    }
    lanes.running.abort_all();
    told.the_rest();
}

struct Lanes {
    running: JoinSet<Part>,
    of: Vec<(tokio::task::Id, Lane)>,
}

impl Lanes {
    fn start(&mut self, lane: Lane, look: impl Future<Output = Part> + Send + 'static) {
        let task = self.running.spawn(look);
        self.of.push((task.id(), lane));
    }
}

impl Part {
    fn put(self, facts: &mut Facts) {
        match self {
            Self::Pc(pc) => {
                let Pc { clock_ahead, spare_handles, keyring, .. } = facts.pc.clone();
                facts.pc = Pc { clock_ahead, spare_handles, keyring, ..*pc };
            }
            Self::Keyring(keyring) => facts.pc.keyring = keyring,
        }
    }
}

/// Which checks have been told.
struct Told<'a> {
    done: BTreeSet<Lane>,
    left: Vec<Check>,
    progress: &'a UnboundedSender<Progress>,
}

impl Told<'_> {
    fn ended(&mut self, lane: Lane) {
        self.done.insert(lane);
        let (done, progress) = (&self.done, self.progress);
        self.left.retain(|check| {
            let ready = needs(*check).iter().all(|lane| done.contains(lane));
            if ready {
                tell(progress, *check);
            }
            !ready
        });
    }

    fn the_rest(&mut self) {
        self.left.drain(..).for_each(|check| tell(self.progress, check));
    }
}

fn tell(progress: &UnboundedSender<Progress>, check: Check) {
    // Nobody may be watching.
    let _ = progress.send(Progress { check });
}

/// Whose facts a check reads.
const fn needs(check: Check) -> &'static [Lane] {
    match check {
        Check::Keyring => &[Lane::Keyring],
        Check::System | Check::Protection | Check::Room => &[Lane::Pc],
        Check::Clock
        | Check::Service
        | Check::Leftovers
        | Check::StandAlone
        | Check::Adapter
        | Check::Address
        | Check::Router
        | Check::Internet
        | Check::CaptivePortal
        | Check::Proxy
        | Check::Names
        | Check::Quality
        | Check::PacketSize
        | Check::Reach
        | Check::Tls
        | Check::Gateway
        | Check::Udp
        | Check::SignIn
        | Check::Tunnel
        | Check::InnerNames
        | Check::Portal => Lane::ALL,
    }
}
