//! Against slapd: who may sign in is who the directory lets in, whatever stands in a name, and nobody learns a password who is not the directory.

use std::{net::Ipv4Addr, sync::Arc};

use tokio::{io::AsyncReadExt as _, net::TcpListener};

use super::{daemons::Slapd, *};

const MEMBERS: &[(&str, &str)] = &[("m.muster", "Verzeichnis-2026"), ("o.otto", "Otto-2026")];

async fn password(verifier: &Verifier, name: &str, password: &str) -> Verdict {
    verifier.password(Some(name), &Secret::new(password)).await.unwrap()
}

/// The things to be true of every way to find an entry.
async fn judges(verifier: &Verifier) {
    assert_eq!(password(verifier, "m.muster", "Verzeichnis-2026").await, Verdict::Right);
    assert_eq!(password(verifier, "m.muster", "verzeichnis-2026").await, Verdict::Wrong);
    assert_eq!(password(verifier, "m.muster", "Otto-2026").await, Verdict::Wrong);
    assert_eq!(password(verifier, "m.muster", "").await, Verdict::Wrong, "slapd lets that in as nobody");
    assert_eq!(password(verifier, "n.niemand", "Otto-2026").await, Verdict::Wrong);
    assert_eq!(verifier.password(None, &Secret::new("Otto-2026")).await, Some(Verdict::Wrong));
    for name in [
        "*",
        "o.*",
        "x)(uid=o.otto",
        "o.otto,ou=people,dc=kv",
        "o.otto+cn=o.otto",
        "\\6f.otto",
        "#6f",
        "\"o.otto\"",
        "o.otto\0",
    ] {
        assert_eq!(password(verifier, name, "Otto-2026").await, Verdict::Wrong, "{name:?}");
    }
    assert_eq!(verifier.tan(Some("m.muster"), &Secret::new("111111"), true).await, None, "TANs are ours");
}

#[tokio::test]
async fn the_directory_judges_by_the_name_of_an_entry() {
    let slapd = Slapd::start(MEMBERS);
    judges(&verifier(None, Some(slapd.by_name()))).await;
    let starttls = config::Ldap { urls: vec![slapd.ldap.clone()], ..slapd.by_name() };
    judges(&verifier(None, Some(starttls))).await;
}

#[tokio::test]
async fn a_check_connects_to_every_server_and_asks_none() {
    let slapd = Slapd::start(MEMBERS);
    let nowhere = "ldap://127.0.0.1:1".to_owned();
    let urls = vec![slapd.ldap.clone(), nowhere];
    let verifier = verifier(None, Some(config::Ldap { urls, ..slapd.by_name() }));
    let reached = verifier.reach().await;
    assert!(matches!(reached.as_slice(), [(_, Ok(())), ("ldap://127.0.0.1:1", Err(_))]), "{reached:?}");
}

#[tokio::test]
async fn the_directory_judges_the_one_entry_that_is_found() {
    let slapd = Slapd::start(MEMBERS);
    judges(&verifier(None, Some(slapd.by_search("(&(objectClass=inetOrgPerson)(uid={name}))")))).await;
    let both = verifier(None, Some(slapd.by_search("(|(uid={name})(objectClass=inetOrgPerson))")));
    assert_eq!(password(&both, "m.muster", "Verzeichnis-2026").await, Verdict::Wrong, "several are nobody");
}

#[tokio::test]
async fn what_hinders_the_gateway_is_no_verdict() {
    let mut slapd = Slapd::start(MEMBERS);
    let dir = tempfile::tempdir().unwrap();
    let wrong = dir.path().join("wrong");
    os::write_private(&wrong, b"falsch").unwrap();
    let mut config = slapd.by_search("(uid={name})");
    if let config::Who::Search { bind_password_file, .. } = &mut config.who {
        *bind_password_file = wrong;
    }
    let not_let_in = verifier(None, Some(config));
    assert_eq!(password(&not_let_in, "m.muster", "Verzeichnis-2026").await, Verdict::NoVerdict);
    let bad_filter = verifier(None, Some(slapd.by_search("(uid={name}")));
    assert_eq!(password(&bad_filter, "m.muster", "Verzeichnis-2026").await, Verdict::NoVerdict);
    let verifier = verifier(None, Some(slapd.by_name()));
    assert_eq!(password(&verifier, "m.muster", "Verzeichnis-2026").await, Verdict::Right);
    slapd.stop();
    for _ in 0..3 {
        assert!(verifier.ready());
        assert_eq!(password(&verifier, "m.muster", "Verzeichnis-2026").await, Verdict::NoVerdict);
    }
    assert!(!verifier.ready(), "it is left alone for a while");
}

#[tokio::test]
async fn another_authority_gets_no_password() {
    let slapd = Slapd::start(MEMBERS);
    let dir = tempfile::tempdir().unwrap();
    daemons::certificates(dir.path());
    let config = config::Ldap { ca_file: dir.path().join("ca.pem"), ..slapd.by_name() };
    assert_eq!(password(&verifier(None, Some(config)), "m.muster", "Verzeichnis-2026").await, Verdict::NoVerdict);
}

#[tokio::test]
async fn who_does_not_speak_tls_gets_no_password_and_who_is_silent_is_no_verdict() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let hears = Arc::clone(&hears);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                    hears.lock().unwrap().extend_from_slice(&buffer[..length]);
                }
            });
        }
    });
    let slapd = Slapd::start(&[]);
    for scheme in ["ldap", "ldaps"] {
        let urls = vec![format!("{scheme}://localhost:{port}")];
        let config = config::Ldap { urls, wait_ms: 300, ..slapd.by_name() };
        let verifier = verifier(None, Some(config));
        for _ in 0..4 {
            assert_eq!(verifier.password(None, &Secret::new("geraten")).await, Some(Verdict::NoVerdict));
        }
        assert!(verifier.ready(), "names that nobody has do not have a server left alone");
        for _ in 0..3 {
            assert_eq!(password(&verifier, "m.muster", "Verzeichnis-2026").await, Verdict::NoVerdict);
        }
        assert!(!verifier.ready(), "members' do");
    }
    let heard = heard.lock().unwrap();
    assert!(!heard.is_empty() && !heard.windows(11).any(|window| window == b"Verzeichnis"));
}
