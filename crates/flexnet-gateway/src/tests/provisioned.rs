//! Tokens that came in by two people, and seeds that go under a new key while the gateway runs.

use super::*;
use crate::{
    acts::Hand,
    audit::Event,
    gateways::Own,
    housekeeping,
    provision::{self, import},
    seal::rotate,
};

fn hand<'a>(stage: &'a Stage, actor: &'a str) -> Hand<'a> {
    Hand { gateway: "gw", keys: &stage.gateway.keys, actor, network: None, now: 7 }
}

/// Two tokens, one of them half used.
fn file(seed: &[u8]) -> String {
    let seed = HEXLOWER.encode(seed);
    format!("serial,kind,seed_hex,counter\nA1,hotp,{seed},0\nA2,hotp,{seed},5\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_brings_another_must_let_in() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.neu").await;
    let database = &stage.gateway.database;
    let file = file(&member.seed);
    let tokens = provision::read(file.as_bytes(), None, 0).unwrap();
    let mut write = database.write().await.unwrap();
    let id = import::bring(&mut write, hand(&stage, "b.eins"), file.as_bytes(), &tokens).await.unwrap().id;
    write.commit().await.unwrap();
    let waiting = import::waiting(database.read(), &stage.gateway.keys).await.unwrap();
    assert_eq!((waiting[0].brought_by.as_str(), waiting[0].tokens[1].serial.as_str()), ("b.eins", "A2"));
    assert_eq!(waiting[0].file_hash, HEXLOWER.encode(&crate::seal::sha256(&[file.as_bytes()])));
    assert!(stage.holds(&member.seed).await.is_empty(), "no seed lies in the open");

    let mut write = database.write().await.unwrap();
    for judged in [
        import::accept(&mut write, hand(&stage, "b.eins"), id).await.map(drop),
        import::refuse(&mut write, hand(&stage, "b.eins"), id).await.map(drop),
    ] {
        assert!(matches!(judged, Err(crate::error::Error::SamePerson { .. })), "{judged:?}");
    }
    write.rollback().await.unwrap();
    let mut write = database.write().await.unwrap();
    assert_eq!(import::accept(&mut write, hand(&stage, "b.zwei"), id).await.unwrap().count, 2);
    write.commit().await.unwrap();
    let mut write = database.write().await.unwrap();
    assert!(import::accept(&mut write, hand(&stage, "b.drei"), id).await.is_err(), "once");
    let again = import::bring(&mut write, hand(&stage, "b.eins"), file.as_bytes(), &tokens).await.unwrap_err();
    assert!(again.to_string().contains("A1, A2"), "{again}");
    write.rollback().await.unwrap();

    // In stock it opens nothing; given out it goes on at its counter.
    let mut write = database.write().await.unwrap();
    let usable = async |write: &mut crate::db::Write| {
        tokens::usable(write, &stage.gateway.keys, Owner::Account(1)).await.unwrap().len()
    };
    assert_eq!(usable(&mut write).await, 1);
    tokens::lose(&mut write, "T-m.neu").await.unwrap();
    hand(&stage, "b.eins").assign_token(&mut write, Owner::Account(1), "m.neu", "A2").await.unwrap();
    assert_eq!(usable(&mut write).await, 1);
    write.commit().await.unwrap();
    member.presses = 4;
    let early = member.press();
    assert_eq!(stage.sign_in("m.neu", PASSWORD, &early).await.fault(), FaultCode::Refused);
    stage.enter(&mut member).await;
    for event in [Event::TokensBrought, Event::TokensAccepted, Event::TokenAssigned] {
        assert_eq!(stage.audited(event.name()).await.len(), 1, "{event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_import_leaves_nothing() {
    let stage = Stage::on(STORE).await;
    let file = file(&[9; 20]);
    let tokens = provision::read(file.as_bytes(), None, 0).unwrap();
    let mut write = stage.gateway.database.write().await.unwrap();
    let id = import::bring(&mut write, hand(&stage, "b.eins"), file.as_bytes(), &tokens).await.unwrap().id;
    import::refuse(&mut write, hand(&stage, "b.zwei"), id).await.unwrap();
    assert!(import::accept(&mut write, hand(&stage, "b.drei"), id).await.is_err());
    assert!(import::refuse(&mut write, hand(&stage, "b.drei"), id).await.is_err());
    let left = "SELECT (SELECT count(*) FROM token) + (SELECT count(*) FROM token_import WHERE tokens IS NOT NULL)";
    assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&mut *write).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_goes_under_a_new_key_while_members_sign_in() {
    let stage = Arc::new(Stage::on(STORE).await);
    let mut member = stage.member("m.vorher").await;
    let session = stage.enter(&mut member).await;
    for name in ["m.eins", "m.zwei", "m.drei"] {
        stage.member(name).await;
    }
    let before = stage.gateway.keys.sealing().unwrap();
    let path = stage.folder.join("secrets.key");
    let guard = stage.gateway.keys.guard("m.vorher");
    // The administrator's process has keys of its own.
    let keys = Keys::load(&path).unwrap();
    let signing = {
        let stage = Arc::clone(&stage);
        tokio::spawn(async move {
            for _ in 0..8 {
                stage.enter(&mut member).await;
            }
        })
    };
    let rotated = rotate::rotate(&stage.gateway.database, &keys, &path).await.unwrap();
    signing.await.unwrap();
    let after = stage.gateway.keys.sealing().unwrap();
    assert_ne!(after, before);
    assert_eq!((after.to_string(), rotated.damaged), (rotated.key.clone(), 0));
    assert!(rotated.resealed >= 4, "{rotated:?}");
    assert_eq!(stage.gateway.keys.guard("m.vorher"), guard, "a lock stays a lock");
    for status in rotate::status(&stage.gateway.database, &keys).await.unwrap() {
        assert_eq!(status.values == 0, !status.seals, "{status:?}");
    }
    rotate::prune(&stage.gateway.database, &keys, &path).await.unwrap();
    assert_eq!(Keys::load(&path).unwrap().ids(), [after], "the old key is gone from the file");
    assert!(stage.gateway.keys.refresh().is_ok());
    let answer = stage.connect().await.call("POST", "/v1/session/extend", Some(&session.session_token), "").await;
    assert_eq!(answer.status, 410, "a newer sign-in ended it: {answer:?}");
    let stage = Arc::into_inner(stage).unwrap().restart().await;
    assert_eq!(stage.gateway.keys.sealing(), Some(after));
    housekeeping::look(&stage.gateway, &std::collections::HashMap::new(), true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_whose_key_file_is_too_old_takes_no_part() {
    let stage = Stage::on(STORE).await;
    let path = stage.folder.join("secrets.key");
    let old = std::fs::read(&path).unwrap();
    let elsewhere = stage.folder.join("elsewhere.key");
    crate::os::write_private(&elsewhere, &old).unwrap();
    let other = Keys::load(&elsewhere).unwrap();
    let database = &stage.gateway.database;
    rotate::follow(database, &other, Some("gw-other")).await.unwrap();
    // Its clock is years behind, and it lives; that of another was years ahead, and it ran once.
    let own = Own::appear(database, "gw-other", 1).await.unwrap();
    Own::appear(database, "gw-gone", i64::MAX - 1).await.unwrap();
    let alive = async {
        for now in 2.. {
            own.beat(database, now).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    let keys = Keys::load(&path).unwrap();
    let sealing = keys.sealing();
    let refused = tokio::select! {
        refused = rotate::rotate(database, &keys, &path) => refused.unwrap_err().to_string(),
        () = alive => unreachable!(),
    };
    assert!(refused.contains("gw-other has not read the new key"), "{refused}");
    assert_eq!(stage.gateway.keys.sealing(), sealing, "nothing is sealed under a key that somebody lacks");
    // The file is copied there, and the same command goes on.
    std::fs::copy(&path, &elsewhere).unwrap();
    let gone_on = async {
        loop {
            rotate::follow(database, &other, Some("gw-other")).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let rotated = tokio::select! {
        rotated = rotate::rotate(database, &keys, &path) => rotated.unwrap(),
        () = gone_on => unreachable!(),
    };
    assert_eq!(other.sealing().map(|id| id.to_string()), Some(rotated.key));
    crate::os::replace_private(&elsewhere, &old).unwrap();
    let old = Keys::load(&elsewhere).unwrap();
    assert!(rotate::follow(database, &old, None).await.is_err(), "and with the old file nothing starts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_of_another_founding_is_not_taken_for_a_changed_audit() {
    let stage = Stage::on(STORE).await;
    let strange = stage.folder.join("strange.key");
    Keys::create(&strange).unwrap();
    let strange = Keys::load(&strange).unwrap();
    let database = &stage.gateway.database;
    for gateway in [None, Some("gw-2")] {
        let refused = rotate::follow(database, &strange, gateway).await.unwrap_err().to_string();
        assert!(refused.contains("copy the file of another gateway"), "{refused}");
    }
    rotate::follow(database, &stage.gateway.keys, Some("gw-2")).await.unwrap();
}
