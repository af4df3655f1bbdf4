//! The last events of the service, for the report: as it tells them, and from its ring where it does not answer.

use std::{path::Path, time::Duration};

use flexnet_ipc::Client;
use flexnet_protocol::{
    events::Event,
    local::{Reply, Request},
};
use tokio::time::timeout;

/// The service is not waited for longer.
const WITHIN: Duration = Duration::from_secs(2);

/// The last events, oldest first; empty where nobody and nothing tells any. The ring is read only where the service does not answer.
pub async fn last_events(socket: &Path, ring: &Path) -> Vec<Event> {
    match timeout(WITHIN, asked(socket)).await {
        Ok(Some(events)) => events,
        // Redacted before it was written, and it survives a service that was killed.
        Ok(None) | Err(_) => flexnet_events::read(ring).unwrap_or_default(),
    }
}

async fn asked(socket: &Path) -> Option<Vec<Event>> {
    let (client, _snapshots) = Client::connect(socket).await.ok()?;
    let Ok(Reply::Events(events)) = client.request(Request::Events).await else { return None };
    Some(events)
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::events::Level;

    use super::*;

    #[tokio::test]
    async fn a_dead_service_is_told_of_by_its_ring() {
        let folder = tempfile::tempdir().unwrap();
        let (socket, ring) = (folder.path().join("service.sock"), folder.path().join(flexnet_events::RING));
        assert_eq!(last_events(&socket, &ring).await, Vec::new());
        let event = Event { number: 1, at_ms: 2, level: Level::Warn, place: "service".into(), text: "stopping".into() };
        std::fs::write(&ring, flexnet_events::ring::record(&event)).unwrap();
        assert_eq!(last_events(&socket, &ring).await, [event]);
    }
}
