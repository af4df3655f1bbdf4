//! What carries the tunnel: what the rest of the network asks of it and hears from it. [`driver`] does it, by the way that `os::carriers` chooses.

mod driver;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use flexnet_protocol::{Fault, gateway::TunnelGrant, snapshot::Carrier};
use flexnet_wireguard::Device;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, timeout},
};

use self::driver::Driver;
use crate::network::ByHttps;

/// How long an echo may take that somebody asks for.
const ECHO: Duration = Duration::from_secs(2);
/// Words to the driver on their way; more are the same word again.
const QUEUE: usize = 8;

/// The driver's end that the rest of the network holds.
pub(super) struct Carry {
    words: mpsc::Sender<Word>,
    state: watch::Receiver<State>,
    /// What was told last by [`Carry::another`].
    told: Mutex<Carrier>,
    driver: JoinHandle<()>,
}

/// What is known of the tunnel's way.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) carrier: Carrier,
    /// The gateway's address, for the detail of a fault.
    pub(super) by: String,
    /// WireGuard believed something last then.
    pub(super) heard: Option<Instant>,
    /// An endpoint echoed last then.
    echoed: Option<Instant>,
}

/// What the driver is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// The network is another one.
    Race,
    /// Somebody waits for an answer.
    Shake,
    /// Or for an echo.
    Echo,
    /// It is over.
    End,
}

impl Carry {
    /// Begins with the first endpoint that this PC has a way to. `begun`: its handshake is on its way already.
    pub(super) async fn start(
        device: Arc<Device>,
        grant: TunnelGrant,
        https: Option<ByHttps>,
        begun: bool,
    ) -> Result<Self, Fault> {
        let (driver, first) = Driver::begin(device, grant, https, begun).await?;
        let (words, heard) = mpsc::channel(QUEUE);
        let state = driver.state.subscribe();
        Ok(Self { words, state, told: Mutex::new(Carrier::Udp), driver: tokio::spawn(driver.run(first, heard)) })
    }

    /// Tries every way anew.
    pub(super) fn race(&self) {
        // Full: it is about to.
        let _ = self.words.try_send(Word::Race);
    }

    /// Asks for a handshake by the way that is used.
    pub(super) fn shake(&self) {
        let _ = self.words.try_send(Word::Shake);
    }

    /// What is known now.
    pub(super) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Waits until WireGuard believes something that came after `since`.
    pub(super) async fn heard(&self, since: Instant) {
        let mut state = self.state.clone();
        if state.wait_for(|state| state.heard.is_some_and(|at| at >= since)).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether the endpoint that is used, or any other, echoes now. Takes at most two seconds.
    pub(super) async fn echo(&self) -> bool {
        let since = Instant::now();
        let _ = self.words.try_send(Word::Echo);
        let mut state = self.state.clone();
        let echoed = state.wait_for(|state| state.echoed.is_some_and(|at| at >= since));
        timeout(ECHO, echoed).await.is_ok_and(|echoed| echoed.is_ok())
    }

    /// Waits until something else carries the tunnel than was told last.
    pub(super) async fn another(&self) -> Carrier {
        let mut state = self.state.clone();
        let told = || self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let another = state.wait_for(|state| state.carrier != *told()).await.map(|state| state.carrier);
        let Ok(carrier) = another else { return std::future::pending().await };
        *told() = carrier;
        carrier
    }

    /// Ends; afterwards nothing of it holds the device.
    pub(super) async fn end(mut self) {
        if self.words.send(Word::End).await.is_ok() {
            drop((&mut self.driver).await);
        }
    }
}

impl Drop for Carry {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
