//! A gateway's leave: first the load balancer hears of it, then new sign-ins are sent away uncounted, then those that run come to their end.
//! Sessions stay in the database: they go on at another gateway, or here after the start.

use std::time::Duration;

use tokio::time::timeout;

use crate::{
    gateway::Gateway,
    os::{self, Word},
};

/// How long the running attempts may take.
const ATTEMPTS_LIMIT: Duration = Duration::from_secs(20);

/// Returns when nothing runs any more. Whoever asks to stop a second time cuts the first delay short.
pub async fn drain(gateway: &Gateway) {
    os::tell_manager(Word::Stopping);
    gateway.pulse.drain();
    let delay = Duration::from_secs(u64::from(gateway.config.operations.drain_seconds));
    if !delay.is_zero() {
        tracing::info!(seconds = delay.as_secs(), "the gateway is about to stop and tells it");
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = os::asked_to_stop() => tracing::info!("asked again: without delay"),
        }
    }
    gateway.admission.close();
    gateway.tasks.close();
    if timeout(ATTEMPTS_LIMIT, gateway.tasks.wait()).await.is_err() {
        tracing::warn!("some attempts did not come to their end in time");
    }
}
