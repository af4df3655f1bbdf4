//! After a restore from an older copy, made by the database's own tools: no TAN that was spent since then opens anything, and nothing of then goes on.

use std::process::Stdio;

use super::*;
use crate::{
    acts::Hand,
    restore::{self, Since},
};

/// A copy as an administrator makes it.
struct Copy {
    file: PathBuf,
    store: Store,
}

impl Copy {
    fn make(stage: &Stage) -> Self {
        let file = stage._dir.path().join("copy");
        match (&stage.fresh, STORE) {
            (Some(fresh), store) => {
                let dump = run("pg_dump", &["--format=custom", &fresh.url]);
                std::fs::write(&file, dump).unwrap();
                Self { file, store }
            }
            (None, store) => {
                let database = stage.folder.join("gateway.sqlite").display().to_string();
                run("sqlite3", &[&database, &format!(".backup '{}'", file.display())]);
                Self { file, store }
            }
        }
    }

    /// Puts it back while no gateway runs.
    fn restore(&self, folder: &std::path::Path, fresh: Option<&postgres::Fresh>) {
        match (self.store, fresh) {
            (Store::Postgres, Some(fresh)) => {
                let file = self.file.display().to_string();
                run("pg_restore", &["--clean", "--if-exists", "--dbname", &fresh.url, &file]);
            }
            (Store::Postgres, None) | (Store::Sqlite, _) => {
                for name in ["gateway.sqlite-wal", "gateway.sqlite-shm"] {
                    drop(std::fs::remove_file(folder.join(name)));
                }
                std::fs::copy(&self.file, folder.join("gateway.sqlite")).unwrap();
            }
        }
    }
}

fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let newest = std::fs::read_dir("/usr/lib/postgresql").unwrap().map(|entry| entry.unwrap().path().join("bin"));
    let path = newest.filter(|bin| bin.join(program).exists()).max().map_or(program.into(), |bin| bin.join(program));
    let output = Command::new(path).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{program}: {output:?}");
    output.stdout
}

/// Stops, puts the copy back, says so if asked, and starts again.
async fn restored(stage: Stage, copy: &Copy, since: Option<Since>) -> Stage {
    let Stage { folder, _dir, fresh, gateway, stop, served, .. } = stage;
    drop(gateway);
    stop.send(()).unwrap();
    served.await.unwrap();
    copy.restore(&folder, fresh.as_ref());
    if let Some(since) = since {
        let config = Config::load(&folder.join("gateway.toml")).unwrap();
        let keys = Keys::load(&config.files.keys).unwrap();
        let place = fresh.as_ref().map_or(config.database, |fresh| fresh.place.clone());
        let database = Database::open(&place).await.unwrap().sealed_by(keys.audit()).await.unwrap();
        let now = crate::clock::Clock::new(0).now();
        let hand = Hand { gateway: "gw", keys: &keys, actor: "b.admin", network: None, now };
        let mut write = database.write().await.unwrap();
        restore::done(&mut write, hand, since).await.unwrap();
        write.commit().await.unwrap();
        database.close().await;
    }
    Stage::start(_dir, folder, fresh, |_| {}).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_tan_that_was_spent_since_the_copy_opens_anything() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.kopie").await;
    let before = stage.enter(&mut member).await;
    let copy = Copy::make(&stage);
    let mut spent = Vec::new();
    for _ in 0..6 {
        let tan = member.press();
        stage.sign_in("m.kopie", PASSWORD, &tan).await.grant();
        spent.push(tan);
    }
    let stage = restored(stage, &copy, Some(Since::default())).await;
    for tan in &spent {
        assert_eq!(stage.sign_in("m.kopie", PASSWORD, tan).await.fault(), FaultCode::Refused, "{tan}");
        unlock(&stage, "m.kopie").await;
    }
    let old = stage.connect().await.call("GET", "/v1/session", Some(&before.session_token), "").await;
    assert_ne!(old.status, 200, "the copy's session is over: {old:?}");
    assert_eq!(stage.audited("restored").await.len(), 1);
    // Twenty presses after the copy the token is in step again.
    member.presses = 21;
    stage.enter(&mut member).await;
    let mut read = stage.gateway.database.read().acquire().await.unwrap();
    audit::verify(&mut read, stage.gateway.keys.audit(), &[]).await.unwrap().unwrap();
}

/// Or the test above could not fail.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_command_a_spent_tan_would_open_once_more() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.kopie").await;
    stage.enter(&mut member).await;
    let copy = Copy::make(&stage);
    let tan = member.press();
    stage.sign_in("m.kopie", PASSWORD, &tan).await.grant();
    let stage = restored(stage, &copy, None).await;
    stage.sign_in("m.kopie", PASSWORD, &tan).await.grant();
}

#[tokio::test(flavor = "multi_thread")]
async fn floors_go_up_for_time_and_for_presses_and_numbers_never_come_again() {
    let stage = Stage::on(STORE).await;
    let mut member = stage.member("m.boden").await;
    stage.enter(&mut member).await;
    let now = stage.gateway.clock.now();
    let hand = Hand { gateway: "gw", keys: &stage.gateway.keys, actor: "b.admin", network: None, now };
    let mut write = stage.gateway.database.write().await.unwrap();
    let insert = "INSERT INTO token (account, serial, kind, algorithm, digits, period, seed, last, drift, state, created) \
                  VALUES (1, $1, 'totp', 'sha1', 6, $2, $3, $4, $5, 'active', 0)";
    for (serial, period, last, drift) in [("T30", 30, 5, 0), ("T60", 60, 5, -3), ("TF", 30, now, 0)] {
        let seed = stage.gateway.keys.seal(&tokens::place(serial), &[1; 20]).unwrap();
        let insert = sqlx::query(insert).bind(serial).bind(period).bind(seed).bind(last).bind(drift);
        insert.execute(&mut *write).await.unwrap();
    }
    let numbers = "SELECT seq, ok_seq FROM guard";
    let before = sqlx::query_as::<_, (i64, i64)>(numbers).fetch_one(&mut *write).await.unwrap();
    let done =
        restore::done(&mut write, hand, Since { hotp_jump: Some(7), no_resync: true, another: false }).await.unwrap();
    assert_eq!((done.sessions_ended, done.totp, done.hotp, done.hotp_jump), (1, 2, 1, 7));
    let after = sqlx::query_as::<_, (i64, i64)>(numbers).fetch_one(&mut *write).await.unwrap();
    assert!(after.0 > before.0 + 1000 && after.0 - after.1 == before.0 - before.1, "{before:?} {after:?}");
    let last = async |write: &mut crate::db::Write, serial: &str| {
        sqlx::query_scalar::<_, i64>("SELECT last FROM token WHERE serial = $1")
            .bind(serial.to_owned())
            .fetch_one(&mut **write)
            .await
            .unwrap()
    };
    assert_eq!(last(&mut write, "T-m.boden").await, 7);
    assert_eq!(last(&mut write, "T30").await, now / 30 + 4);
    assert_eq!(last(&mut write, "T60").await, now / 60 + 4 - 3);
    assert_eq!(last(&mut write, "TF").await, now, "a floor never falls");
    let again = restore::done(&mut write, hand, Since::default()).await.unwrap_err();
    assert!(again.to_string().contains("--another-restore"), "{again}");
    assert_eq!(last(&mut write, "T-m.boden").await, 7, "not once more for the same restore");
    restore::done(&mut write, hand, Since { another: true, ..Since::default() }).await.unwrap();
    assert_eq!(
        last(&mut write, "T60").await,
        now / 60 + tokens::MAX_DRIFT + 1,
        "a resynchronisation since the copy is thought of"
    );
    assert_eq!(last(&mut write, "T-m.boden").await, 27, "twenty for a day that began");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_once_ran_ahead_makes_no_copy_young() {
    let stage = Stage::on(STORE).await;
    let now = stage.gateway.clock.now();
    let hand = Hand { gateway: "gw", keys: &stage.gateway.keys, actor: "b.admin", network: None, now };
    let mut write = stage.gateway.database.write().await.unwrap();
    let row = async |write: &mut crate::db::Write, days: i64| {
        let at = now + days * 24 * 3600;
        Hand { now: at, ..hand }.note(write, audit::Event::Maintenance, "", "on").await.unwrap();
    };
    row(&mut write, 365).await;
    audit::accept_clock(&mut write, now).await.unwrap();
    row(&mut write, -60).await;
    let done = restore::done(&mut write, hand, Since::default()).await.unwrap();
    assert_eq!(done.hotp_jump, 61 * 20, "the void row of next year does not count");
    row(&mut write, 1).await;
    let another = Since { another: true, ..Since::default() };
    let untold = restore::done(&mut write, hand, another).await.unwrap_err();
    assert!(untold.to_string().contains("--hotp-jump"), "{untold}");
    let told = restore::done(&mut write, hand, Since { hotp_jump: Some(7), ..another }).await.unwrap();
    assert_eq!(told.hotp_jump, 7);
}

/// Locked or not.
async fn unlock(stage: &Stage, username: &str) {
    let mut write = stage.gateway.database.write().await.unwrap();
    guard::unlock(&mut write, &stage.gateway.keys.guard(username)).await.unwrap();
    write.commit().await.unwrap();
}
