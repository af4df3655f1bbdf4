//! Too late, over a restart, at two gateways.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn each_step_has_a_minute() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let over = async |request: &str| {
        let answer = redeem(&stage, request).await;
        assert_eq!((answer.status, answer.fault()), (410, FaultCode::HandoffOver));
    };
    let late = issued(&stage, &mut member).await;
    stage.gateway.clock.shift(61);
    over(&request_for(&late.ticket)).await;
    assert_eq!(state(&stage, &late).await, PageState::Expired);

    let unconfirmed = issued(&stage, &mut member).await;
    let request = request_for(&unconfirmed.ticket);
    stage.gateway.clock.shift(50);
    digits(&redeem(&stage, &request).await);
    stage.gateway.clock.shift(50);
    digits(&redeem(&stage, &request).await);
    stage.gateway.clock.shift(11);
    over(&request).await;
    assert_eq!(confirm(&stage, &unconfirmed).await, PageState::Expired);

    let unfetched = issued(&stage, &mut member).await;
    let request = request_for(&unfetched.ticket);
    digits(&redeem(&stage, &request).await);
    assert_eq!(confirm(&stage, &unfetched).await, PageState::Done);
    stage.gateway.clock.shift(61);
    over(&request).await;
    assert_eq!(state(&stage, &unfetched).await, PageState::Expired);
    assert_eq!(sessions(&stage).await, 0);

    let answered = issued(&stage, &mut member).await;
    let request = request_for(&answered.ticket);
    digits(&redeem(&stage, &request).await);
    confirm(&stage, &answered).await;
    redeem(&stage, &request).await.grant();
    stage.gateway.clock.shift(61);
    over(&request).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_dies_between_two_steps_goes_on_where_it_was() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let issued = issued(&stage, &mut member).await;
    let stage = stage.restart().await;
    let request = request_for(&issued.ticket);
    let shown = digits(&redeem(&stage, &request).await);
    let stage = stage.restart().await;
    assert!(matches!(state(&stage, &issued).await, PageState::Redeemed { digits, .. } if digits == shown));
    assert_eq!(confirm(&stage, &issued).await, PageState::Done);
    let stage = stage.restart().await;
    let grant = redeem(&stage, &request).await.grant();
    let stage = stage.restart().await;
    assert_eq!(redeem(&stage, &request).await.grant(), grant);
    assert_eq!(sessions(&stage).await, 1);
}

/// On PostgreSQL the one hears of the other by its news; on SQLite news do not leave the process, and the look once a second finds it.
#[tokio::test(flavor = "multi_thread")]
async fn page_and_application_may_stand_at_two_gateways() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.muster").await;
    let mut config = Config::load(&stage.folder.join("gateway.toml")).unwrap();
    config.database = stage.gateway.config.database.clone();
    config.id = "beside".into();
    let tunnel = Tunnel::default();
    let fake = tunnel.clone();
    let network = async |leases| Ok(Network::over(fake, leases).await);
    let beside = Gateway::start(config, stage.gateway.public_key.clone(), network).await.unwrap();
    let issued = issued(&stage, &mut member).await;
    let request = request_for(&issued.ticket);
    digits(&redeem(&stage, &request).await);
    let waiting = waiting(&stage, &request).await;
    let yes = handoff::confirm(&beside, &issued.page_cookie, NETWORK).await.unwrap();
    assert_eq!(yes, PageState::Done);
    waiting.await.unwrap().grant();
    assert_eq!(
        (stage.tunnel.installed().len(), tunnel.installed().len()),
        (1, 0),
        "it begins where the application stands"
    );
    beside.stop().await;
}
