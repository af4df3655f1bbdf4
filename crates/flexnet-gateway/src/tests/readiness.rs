//! What `GET /v1/info` says of whether sign-ins are taken: the same that `/readyz` knows, and as fast while nothing answers behind it.

use std::time::{Duration, Instant};

use super::*;
use crate::{config::Maintenance, operations};

/// The word, asked over a connection of its own.
async fn readiness(stage: &Stage) -> String {
    let mut client = stage.connect().await;
    let asked = Instant::now();
    let answer = client.call("GET", "/v1/info", None, "").await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["readiness"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_told_what_hinders_sign_ins() {
    let stage = Stage::on_with(STORE, |config| config.limits.waiting = 1).await;
    assert_eq!(readiness(&stage).await, "ready", "from the first answer on");
    stage.gateway.clock.shift(-3600);
    assert_eq!(readiness(&stage).await, "closed", "its clock cannot be believed");
    stage.gateway.clock.shift(3600);
    stage.tunnel.refuse(true);
    assert!(stage.gateway.network.settled().await.is_err());
    assert_eq!(readiness(&stage).await, "closed", "its device takes no peers");
    stage.tunnel.refuse(false);
    stage.gateway.network.settled().await.unwrap();
    stage.gateway.note.configure(Maintenance { on: true, until: None });
    assert_eq!(readiness(&stage).await, "ready", "maintenance is told beside it");
    stage.gateway.note.configure(Maintenance::default());
    let mut write = stage.gateway.database.write().await.unwrap();
    sqlx::query("UPDATE audit_head SET hash = seal").execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    operations::look(&stage.gateway).await;
    assert_eq!(readiness(&stage).await, "closed", "nobody could be written down");
    stage.gateway.pulse.drain();
    assert_eq!(readiness(&stage).await, "draining", "whatever else there is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_is_told_without_waiting_for_it() {
    let stage = Stage::on(STORE).await;
    assert_eq!(readiness(&stage).await, "ready");
    stage.gateway.database.close().await;
    let patience = Instant::now();
    while readiness(&stage).await == "ready" {
        assert!(patience.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(readiness(&stage).await, "database");
}
