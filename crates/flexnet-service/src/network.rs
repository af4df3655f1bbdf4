//! The seam to the system's network: what a session needs of it, and the task that owns it.
//! `os/linux` is the real one, `os/fake.rs` its twin in memory. Never decides anything: it does jobs and tells facts.

use std::{future::Future, net::SocketAddr, pin::Pin, time::Duration};

use flexnet_protocol::{
    Fault, FaultCode, Secret,
    profile::Profile,
    repair::{RepairKind, RepairPlan, RepairStep, Repaired},
    snapshot::Carrier,
};
use flexnet_session::{Counters, Input, NetworkConfig, Proof};
use flexnet_wireguard::PrivateKey;
use ipnet::IpNet;
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

use crate::{early::Early, gateway::Gateway};

/// How long a job may take. Longer than each part that has a limit of its own and says more: `nft`, the name service.
pub const LIMIT: Duration = Duration::from_secs(15);

/// The detail of a job that did not end in time.
const SILENT: &str = "the system's network does not answer";

/// The whole wanted state of the PC's network.
pub struct Wanted {
    /// Device, addresses, routes, names and packet filter.
    pub config: NetworkConfig,
    /// Made for this session, and never written down.
    pub private_key: PrivateKey,
    /// What must stay reachable beside the tunnel.
    pub gateway: Vec<SocketAddr>,
    /// The way by TCP 443, for where UDP does not get through.
    pub https: Option<ByHttps>,
    /// What must be reachable through it.
    pub portal: Portal,
}

/// What the tunnel needs to travel by TCP 443.
#[derive(Clone)]
pub struct ByHttps {
    /// Where to.
    pub gateway: Gateway,
    /// Of the session.
    pub token: Secret,
}

/// The portal as it is looked for through the tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    /// Host of the first page.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// Whether it speaks TLS first.
    pub tls: bool,
    /// All its hosts.
    pub hosts: Vec<String>,
}

impl From<&Profile> for Portal {
    fn from(profile: &Profile) -> Self {
        Self {
            host: profile.portal_host.clone(),
            port: profile.portal_port,
            tls: profile.portal.url.starts_with("https:"),
            hosts: profile.portal.hosts.clone(),
        }
    }
}

/// What happened to the PC while a network stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Its own addresses, or its way to the gateway, are others now.
    Changed,
    /// It was asleep.
    Woke,
    /// Something else carries the tunnel.
    Carried(Carrier),
}

/// The system's network. One owner calls it; dropping a future does no harm: what it began is in the journal.
pub trait Network: Send + Sync + 'static {
    /// Could a session be built now? Asked before the entry is sent, so that no TAN is lost on it. Takes back leftovers first.
    /// With `early` the tunnel's first packet is on its way when this returns, from a device without addresses and routes, which
    /// [`Network::apply`] takes over or replaces and [`Network::undo`] takes back. It only saves time: what fails about it is no failure.
    fn ready(&mut self, portal: &[IpNet], early: Option<Early>) -> impl Future<Output = Result<(), Fault>> + Send;
    /// Makes it so. After a failure [`Network::undo`] takes back what was begun.
    fn apply(&mut self, wanted: Wanted) -> impl Future<Output = Result<(), Fault>> + Send;
    /// Takes everything back. Does no harm where nothing was changed.
    fn undo(&mut self) -> impl Future<Output = Repaired> + Send;
    /// Takes back everything that carries our name, whatever the journal says, and has the system forget what it remembers of names.
    /// `portal`: the hosts of the profile, to tell what others have written about them.
    fn repair(&mut self, portal: &[String]) -> impl Future<Output = Repaired> + Send;
    /// What [`Network::repair`] would do now. Changes nothing.
    fn plan(&self, portal: &[String]) -> impl Future<Output = RepairPlan> + Send;
    /// What an earlier session left, a line each; nothing while a network stands. Costs one look into the journal.
    fn leftovers(&self) -> impl Future<Output = Vec<String>> + Send;
    /// Looks through the tunnel; `whole`: the portal must also speak, not only take a connection.
    fn probe(&self, whole: bool) -> impl Future<Output = Proof> + Send;
    /// Whether the gateway's end of the tunnel gives an echo beside the tunnel, within two seconds. Where none can be had: no.
    fn echo(&self) -> impl Future<Output = bool> + Send {
        std::future::ready(false)
    }
    /// Counters of the tunnel, if it stands.
    fn counters(&self) -> impl Future<Output = Option<Counters>> + Send;
    /// Waits for the next event.
    fn event(&self) -> impl Future<Output = Event> + Send;
}

/// What the owner of the network is told to do. Jobs are done in order; a probe gives way to every other job.
pub enum Job {
    /// [`Network::ready`].
    Ready(Vec<IpNet>, Option<Early>, oneshot::Sender<Result<(), Fault>>),
    /// The sign-in for which [`Job::Ready`] was given came to nothing: [`Network::undo`], answered by nobody.
    Withdraw,
    /// [`Network::apply`], answered by [`Input::Applied`] or [`Input::ApplyFailed`].
    Apply(Box<Wanted>),
    /// [`Network::undo`], answered by [`Input::Undone`] or [`Input::UndoFailed`].
    Undo,
    /// [`Network::repair`].
    Repair(Vec<String>, oneshot::Sender<Repaired>),
    /// [`Network::plan`].
    Plan(Vec<String>, oneshot::Sender<RepairPlan>),
    /// [`Network::leftovers`].
    Leftovers(oneshot::Sender<Vec<String>>),
    /// [`Network::probe`], answered by [`Input::Probed`]. One that runs is begun anew: what it has seen is from before.
    Probe {
        /// Whether the portal must also speak.
        whole: bool,
    },
    /// [`Network::echo`], answered by [`Input::Echoed`].
    Echo,
}

/// Does jobs until there is nobody left to give any. None takes longer than `limit`, so whoever gives one gets an answer.
pub async fn own<N: Network>(
    mut network: N,
    mut jobs: mpsc::Receiver<Job>,
    tell: mpsc::Sender<Input>,
    limit: Duration,
) {
    let mut stands = false;
    loop {
        let job = if stands { watch(&network, &mut jobs, &tell).await } else { jobs.recv().await };
        let answer = match job {
            None => return,
            Some(Job::Ready(portal, early, answer)) => {
                // Whoever asked may have given up.
                drop(answer.send(built(limit, network.ready(&portal, early)).await));
                continue;
            }
            Some(Job::Withdraw) => {
                let withdrawn = taken_back(limit, network.undo()).await;
                if !withdrawn.failed.is_empty() {
                    // It is in the journal, and the next sign-in takes it back first or says why not.
                    tracing::warn!(failed = withdrawn.reasons(), "not everything of the sign-in was taken back");
                }
                continue;
            }
            Some(Job::Repair(portal, answer)) => {
                drop(answer.send(taken_back(limit, network.repair(&portal)).await));
                stands = false;
                continue;
            }
            Some(Job::Plan(portal, answer)) => {
                // Whoever waits hears of it by the answer that does not come.
                drop(timeout(limit, network.plan(&portal)).await.map(|plan| answer.send(plan)));
                continue;
            }
            Some(Job::Leftovers(answer)) => {
                drop(timeout(limit, network.leftovers()).await.map(|left| answer.send(left)));
                continue;
            }
            Some(Job::Apply(wanted)) => match built(limit, network.apply(*wanted)).await {
                Ok(()) => {
                    stands = true;
                    Input::Applied
                }
                Err(fault) => Input::ApplyFailed(fault),
            },
            Some(Job::Undo) => {
                stands = false;
                let repaired = taken_back(limit, network.undo()).await;
                if repaired.failed.is_empty() {
                    Input::Undone
                } else {
                    Input::UndoFailed(Fault::new(FaultCode::Leftovers, repaired.reasons()))
                }
            }
            Some(Job::Echo) => Input::Echoed(false),
            Some(Job::Probe { .. }) => Input::Probed(Proof {
                handshake: false,
                network_ms: None,
                portal: Err(Fault::new(FaultCode::TunnelNoHandshake, "no tunnel stands")),
                carrier: Carrier::Udp,
            }),
        };
        if tell.send(answer).await.is_err() {
            return;
        }
    }
}

/// What builds, in time or [`FaultCode::NetworkSettings`].
async fn built(limit: Duration, work: impl Future<Output = Result<(), Fault>>) -> Result<(), Fault> {
    timeout(limit, work).await.unwrap_or_else(|_| Err(Fault::new(FaultCode::NetworkSettings, SILENT)))
}

/// What takes back, in time or as a failure.
pub async fn taken_back(limit: Duration, work: impl Future<Output = Repaired>) -> Repaired {
    timeout(limit, work).await.unwrap_or_else(|_| Repaired {
        failed: vec![RepairStep::new(RepairKind::Device, SILENT)],
        ..Repaired::default()
    })
}

/// Measures, probes and listens while the network stands, until there is another job.
/// All of it side by side: what waits for the device must not keep another from letting go of it.
async fn watch<N: Network>(network: &N, jobs: &mut mpsc::Receiver<Job>, tell: &mpsc::Sender<Input>) -> Option<Job> {
    let mut measured = Box::pin(measure(network));
    let mut event = Box::pin(network.event());
    let mut probe: Option<Asked<'_, Proof>> = None;
    let mut echo: Option<Asked<'_, bool>> = None;
    loop {
        let input = tokio::select! {
            job = jobs.recv() => match job {
                Some(Job::Probe { whole }) => {
                    probe = Some(Box::pin(network.probe(whole)));
                    continue;
                }
                Some(Job::Echo) => {
                    echo = Some(Box::pin(network.echo()));
                    continue;
                }
                other => return other,
            },
            proof = answered(&mut probe) => {
                probe = None;
                Input::Probed(proof)
            }
            answered = answered(&mut echo) => {
                echo = None;
                Input::Echoed(answered)
            }
            happened = &mut event => {
                event = Box::pin(network.event());
                match happened {
                    Event::Changed => Input::NetworkChanged,
                    Event::Woke => Input::Woke,
                    Event::Carried(carrier) => Input::Carried(carrier),
                }
            }
            counters = &mut measured => {
                measured = Box::pin(measure(network));
                Input::Measured(counters)
            }
        };
        tell.send(input).await.ok()?;
    }
}

/// Counters, about once a second.
async fn measure<N: Network>(network: &N) -> Counters {
    loop {
        sleep(Duration::from_secs(1)).await;
        if let Some(counters) = network.counters().await {
            return counters;
        }
    }
}

type Asked<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Waits for the answer to what was asked; for ever if nothing was.
async fn answered<T>(asked: &mut Option<Asked<'_, T>>) -> T {
    match asked {
        Some(asked) => asked.as_mut().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Mutex;

    use super::*;

    /// A device that answers one question at a time, as the real one does, and a probe that is only done once the counters were asked for.
    #[derive(Default)]
    struct OneAtATime {
        device: Mutex<()>,
        counting: tokio::sync::Notify,
    }

    impl Network for OneAtATime {
        async fn ready(&mut self, _portal: &[IpNet], _early: Option<Early>) -> Result<(), Fault> {
            Ok(())
        }

        async fn apply(&mut self, _wanted: Wanted) -> Result<(), Fault> {
            Ok(())
        }

        async fn undo(&mut self) -> Repaired {
            Repaired::default()
        }

        async fn repair(&mut self, _portal: &[String]) -> Repaired {
            Repaired::default()
        }

        async fn plan(&self, _portal: &[String]) -> RepairPlan {
            RepairPlan::default()
        }

        async fn leftovers(&self) -> Vec<String> {
            Vec::new()
        }

        async fn probe(&self, _whole: bool) -> Proof {
            let _device = self.device.lock().await;
            self.counting.notified().await;
            Proof { handshake: true, network_ms: Some(1), portal: Ok(()), carrier: Carrier::Udp }
        }

        async fn counters(&self) -> Option<Counters> {
            self.counting.notify_one();
            let _device = self.device.lock().await;
            Some(Counters::default())
        }

        async fn event(&self) -> Event {
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn a_probe_and_the_counters_do_not_wait_for_each_other_for_ever() {
        let network = OneAtATime::default();
        let (jobs, mut todo) = mpsc::channel(1);
        let (tell, mut told) = mpsc::channel(8);
        jobs.send(Job::Probe { whole: true }).await.unwrap();
        let watched = async { watch(&network, &mut todo, &tell).await };
        let heard = async {
            let (mut probed, mut measured) = (false, false);
            while !(probed && measured) {
                match told.recv().await {
                    Some(Input::Probed(_)) => probed = true,
                    Some(Input::Measured(_)) => measured = true,
                    other => panic!("{other:?}"),
                }
            }
        };
        tokio::select! {
            _ = watched => panic!("nobody gave it another job"),
            heard = timeout(Duration::from_secs(20), heard) => heard.unwrap(),
        }
    }
    /// Nothing comes to an end.
    struct Hangs;

    impl Network for Hangs {
        async fn ready(&mut self, _portal: &[IpNet], _early: Option<Early>) -> Result<(), Fault> {
            std::future::pending().await
        }

        async fn apply(&mut self, _wanted: Wanted) -> Result<(), Fault> {
            std::future::pending().await
        }

        async fn undo(&mut self) -> Repaired {
            std::future::pending().await
        }

        async fn repair(&mut self, _portal: &[String]) -> Repaired {
            std::future::pending().await
        }

        async fn plan(&self, _portal: &[String]) -> RepairPlan {
            std::future::pending().await
        }

        async fn leftovers(&self) -> Vec<String> {
            std::future::pending().await
        }

        async fn probe(&self, _whole: bool) -> Proof {
            std::future::pending().await
        }

        async fn counters(&self) -> Option<Counters> {
            std::future::pending().await
        }

        async fn event(&self) -> Event {
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn a_system_that_hangs_costs_every_job_its_limit_and_no_answer() {
        let (jobs, todo) = mpsc::channel(8);
        let (tell, mut told) = mpsc::channel(8);
        let owner = tokio::spawn(own(Hangs, todo, tell, Duration::from_millis(20)));
        let asked = async {
            let (answer, ready) = oneshot::channel();
            jobs.send(Job::Ready(Vec::new(), None, answer)).await.unwrap();
            assert_eq!(ready.await.unwrap().unwrap_err().code, FaultCode::NetworkSettings);
            let (answer, repaired) = oneshot::channel();
            jobs.send(Job::Repair(Vec::new(), answer)).await.unwrap();
            assert_eq!(repaired.await.unwrap().reasons(), SILENT);
            let (answer, planned) = oneshot::channel();
            jobs.send(Job::Plan(Vec::new(), answer)).await.unwrap();
            assert!(planned.await.is_err());
            let (answer, left) = oneshot::channel();
            jobs.send(Job::Leftovers(answer)).await.unwrap();
            assert!(left.await.is_err());
            jobs.send(Job::Undo).await.unwrap();
            let undone = told.recv().await.unwrap();
            assert!(matches!(&undone, Input::UndoFailed(fault) if fault.code == FaultCode::Leftovers), "{undone:?}");
            drop(jobs);
            owner.await.unwrap();
        };
        timeout(Duration::from_secs(20), asked).await.unwrap();
    }
}
