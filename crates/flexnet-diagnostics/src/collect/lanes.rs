//! The lanes side by side: who looks at what, which checks wait for whom, and what happens to a lane that is late or dies (its facts stay as they were).

use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

use flexnet_protocol::{diagnosis::Check, profile::Profile};
use tokio::{
    sync::{mpsc::UnboundedSender, oneshot},
    task::JoinSet,
    time::{Instant, timeout_at},
};

use super::{Input, Progress, inside, line, names, network, outside, pc, program, proxy, way};
use crate::facts::{Facts, Inside, Keyring, Line, Names, Network, Outside, Pc, Program, SessionFacts};

/// One lane. Each ends by itself; none waits for another but [`Lane::Inside`] for the service's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Pc,
    Keyring,
    Network,
    Outside,
    Names,
    Line,
    Way,
    Program,
    Inside,
}

/// What a lane brings.
enum Part {
    Pc(Box<Pc>),
    Keyring(Option<Keyring>),
    Network(Box<Network>),
    Outside(Box<Outside>),
    Names(Box<Names>),
    Line(Box<Line>),
    Way(way::Seen),
    Program(Box<Program>),
    Inside(Box<Inside>),
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
    let known = profile.clone();
    lanes.start(Lane::Network, async move { Part::Network(Box::new(network::look(known.as_deref()).await)) });
    let (known, anchors) = (profile.clone(), input.anchors.clone());
    lanes.start(Lane::Outside, async move { Part::Outside(Box::new(outside::look(known.as_deref(), &anchors).await)) });
    let known = profile.clone();
    lanes.start(Lane::Names, async move { Part::Names(Box::new(names::look(known.as_deref()).await)) });
    let known = profile.clone();
    lanes.start(Lane::Line, async move { Part::Line(Box::new(line::look(known.as_deref()).await)) });
    if let Some(profile) = profile.clone() {
        let version = input.version.clone();
        let proxy = proxy::setting(&profile);
        lanes.start(Lane::Way, async move { Part::Way(way::look(&profile, &version, proxy).await) });
    }
    let (socket, version) = (input.socket.clone(), input.version.clone());
    let (tell_session, session) = oneshot::channel();
    lanes.start(Lane::Program, async move {
        let program::Seen { program, session } = program::look(&socket, &version).await;
        // Nobody waits if that lane has died.
        let _ = tell_session.send(session);
        Part::Program(Box::new(program))
    });
    lanes.start(Lane::Inside, async move {
        let session: Option<SessionFacts> = session.await.ok().flatten();
        let lives =
            session.as_ref().is_some_and(|session| ["connected", "reconnecting"].contains(&session.state.as_str()));
        let inside = match profile.filter(|_| lives) {
            Some(profile) => inside::look(&profile).await,
            None => Inside::default(),
        };
        Part::Inside(Box::new(Inside { session, ..inside }))
    });

    let started: BTreeSet<Lane> = lanes.of.iter().map(|(_, lane)| *lane).collect();
    let mut told = Told { waiting: started, left: Check::ALL.to_vec(), progress };
    told.tell_ready();
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
            Self::Network(network) => facts.network = *network,
            Self::Outside(outside) => facts.outside = *outside,
            Self::Names(names) => facts.names = *names,
            // Whether an echo is offered is the gateway's word.
            Self::Line(line) => facts.line = Line { offered: facts.line.offered, ..*line },
            Self::Way(seen) => {
                facts.way = seen.way;
                facts.gateway = seen.gateway;
                facts.pc.clock_ahead = seen.clock_ahead;
                facts.line.offered = seen.offered;
            }
            Self::Program(program) => facts.program = *program,
            Self::Inside(inside) => facts.inside = *inside,
        }
    }
}

/// Which checks have been told.
struct Told<'a> {
    waiting: BTreeSet<Lane>,
    left: Vec<Check>,
    progress: &'a UnboundedSender<Progress>,
}

impl Told<'_> {
    fn ended(&mut self, lane: Lane) {
        self.waiting.remove(&lane);
        self.tell_ready();
    }

    fn tell_ready(&mut self) {
        let (waiting, progress) = (&self.waiting, self.progress);
        self.left.retain(|check| {
            let ready = !needs(*check).iter().any(|lane| waiting.contains(lane));
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

/// Whose facts a check reads. A lane that was not started is not waited for: without a profile there is no way to look at.
const fn needs(check: Check) -> &'static [Lane] {
    match check {
        Check::Keyring => &[Lane::Keyring],
        Check::System | Check::Protection | Check::Room => &[Lane::Pc],
        Check::Clock | Check::Reach | Check::Tls | Check::Gateway => &[Lane::Way],
        Check::Service | Check::Leftovers => &[Lane::Program],
        Check::SignIn | Check::Tunnel | Check::InnerNames | Check::Portal => &[Lane::Inside],
        Check::StandAlone => &[Lane::Pc, Lane::Network],
        Check::Adapter | Check::Address | Check::Router => &[Lane::Network],
        Check::Internet | Check::CaptivePortal | Check::Proxy => &[Lane::Outside],
        Check::Names => &[Lane::Names],
        Check::Quality | Check::PacketSize => &[Lane::Line],
        Check::Udp => &[Lane::Line, Lane::Way],
    }
}
