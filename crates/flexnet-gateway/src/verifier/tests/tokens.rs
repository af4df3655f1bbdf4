//! Against FreeRADIUS: what it says is believed where it is signed, and means nothing where it is not.

use super::{
    daemons::{Answers, FreeRadius},
    *,
};

fn tans() -> Vec<String> {
    vec!["111111".into(), "22222222".into()]
}

#[tokio::test]
async fn freeradius_judges_a_members_tan() {
    let dir = tempfile::tempdir().unwrap();
    let server = FreeRadius::start(Answers::Signed, &[("m.muster", &tans()), ("ä.ärztin", &tans())]);
    let verifier = verifier(Some(radius(dir.path(), &[server.address], 4_000)), None);
    assert_eq!(tan(&verifier, "m.muster", "111111").await, Verdict::Right);
    assert_eq!(tan(&verifier, "m.muster", "22222222").await, Verdict::Right);
    assert_eq!(tan(&verifier, "ä.ärztin", "111111").await, Verdict::Right);
    assert_eq!(tan(&verifier, "m.muster", "333333").await, Verdict::Wrong);
    assert_eq!(tan(&verifier, "n.niemand", "111111").await, Verdict::Wrong);
    assert_eq!(
        tan(&verifier, "challenged", "111111").await,
        Verdict::NoVerdict,
        "it is no verdict to be asked for more"
    );
    let (presented, nobody) = (Secret::new("111111"), None);
    assert_eq!(
        verifier.tan(Some("m.muster"), &presented, false).await,
        Some(Verdict::Wrong),
        "it was presented before"
    );
    assert_eq!(verifier.tan(nobody, &presented, true).await, Some(Verdict::Wrong));
    assert_eq!(verifier.password(Some("m.muster"), &presented).await, None, "passwords are ours");
}

#[tokio::test]
async fn a_freeradius_that_does_not_sign_its_answers_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = FreeRadius::start(Answers::AsDebianHasIt, &[("m.muster", &tans())]);
    let verifier = verifier(Some(radius(dir.path(), &[server.address], 200)), None);
    assert_eq!(tan(&verifier, "m.muster", "111111").await, Verdict::NoVerdict);
}

#[tokio::test]
async fn a_dead_server_is_no_verdict_and_later_attempts_go_to_the_second() {
    let dir = tempfile::tempdir().unwrap();
    let dead = FreeRadius::start(Answers::Signed, &[("m.muster", &tans())]).stop();
    let second = FreeRadius::start(Answers::Signed, &[("m.muster", &tans())]);
    let verifier = verifier(Some(radius(dir.path(), &[dead, second.address], 200)), None);
    for _ in 0..3 {
        assert!(verifier.ready());
        assert_eq!(tan(&verifier, "m.muster", "111111").await, Verdict::NoVerdict);
    }
    assert_eq!(tan(&verifier, "m.muster", "22222222").await, Verdict::Right);
}

#[tokio::test]
async fn a_secret_that_others_can_read_or_guess_is_refused_at_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = radius(dir.path(), &["127.0.0.1:9".parse().unwrap()], 100);
    config.secret_file = dir.path().join("short");
    os::write_private(&config.secret_file, b"testing123\n").unwrap();
    let told =
        |config: config::Radius| Verifier::open(&configuration(Some(config), None), "x").unwrap_err().to_string();
    assert_eq!(told(config.clone()), "verifier.tan.radius.secret_file: the shared secret must have at least 16 bytes");
    config.secret_file = dir.path().join("absent");
    assert!(told(config).starts_with("cannot read "));
}
