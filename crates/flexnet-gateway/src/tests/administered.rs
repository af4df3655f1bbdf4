//! The `admin` commands over PostgreSQL, in this process: what the database takes back is done again, what cannot be reached is named, and nothing else is said.

use clap::Parser as _;

use super::*;
use crate::{admin, cli, config::Place, error::Error, operations, reports::samples};

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    options: admin::Options,
}

/// A gateway over PostgreSQL whose folder says so.
async fn founded() -> Stage {
    let stage = Stage::on(Store::Postgres).await;
    let (path, file) = (stage.folder.join("gateway.toml"), &stage.fresh.as_ref().unwrap().url_file);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}\n[database]\nurl_file = {:?}\n", file.display().to_string())).unwrap();
    stage
}

async fn admin(stage: &Stage, line: &[&str]) -> Result<(), Error> {
    let config = stage.folder.join("gateway.toml").display().to_string();
    let line = [&["admin", "--config", config.as_str()], line].concat();
    admin::run(Line::parse_from(line).options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_the_database_takes_back_is_done_again() {
    /// As if another transaction had been in the way, once; a sequence is not taken back.
    const ONCE: &str = "CREATE SEQUENCE taken_back; \
        CREATE FUNCTION take_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
          IF nextval('taken_back') = 1 THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END IF; RETURN NEW; \
        END $$; \
        CREATE TRIGGER taken_back BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION take_back();";
    let stage = founded().await;
    stage.member("m.muster").await;
    let run = async |sql: &'static str| {
        let mut write = stage.gateway.database.write().await.unwrap();
        sqlx::raw_sql(sql).execute(&mut *write).await.unwrap();
        write.commit().await.unwrap();
    };
    run(ONCE).await;
    for line in [
        &["account", "unlock", "m.muster", "--reason", "Rückruf", "--caller-verified"][..],
        &["account", "disable", "m.muster"],
        &["account", "enable", "m.muster"],
        &["token", "add", "m.muster", "--serial", "A1"],
        &["token", "lost", "A1"],
        &["token", "withdraw", "T-m.muster"],
        &["maintenance", "on"],
        &["keys", "rotate"],
        &["after-restore", "--gateways-are-stopped"],
    ] {
        run("ALTER SEQUENCE taken_back RESTART").await;
        admin(&stage, line).await.unwrap_or_else(|error| panic!("{line:?}: {}", cli::chain(&error)));
        let select = "SELECT last_value FROM taken_back";
        let tries: i64 = sqlx::query_scalar(select).fetch_one(stage.gateway.database.read()).await.unwrap();
        assert!(tries > 1, "{line:?} was not in the way of anything");
    }
}

#[tokio::test]
async fn why_a_database_cannot_be_reached_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let reason = async |name: &str, url: String| {
        let file = dir.path().join(name);
        crate::os::write_private(&file, url.as_bytes()).unwrap();
        cli::chain(&Database::open(&Place::Url(file)).await.unwrap_err())
    };
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = reason("closed", format!("postgres://gw@127.0.0.1:{closed}/kv")).await;
    assert!(refused.to_lowercase().contains("refused"), "{refused}");
    let fresh = postgres().await;
    let unknown = reason("unknown", format!("{}_gone", fresh.url)).await;
    assert!(unknown.contains("does not exist"), "{unknown}");
}

/// In a process of its own, because its log is a matter of the whole process.
#[test]
fn a_command_says_nothing_but_its_answer() {
    const ALONE: &str = "KV_ADMIN_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let name = "tests::administered::a_command_says_nothing_but_its_answer";
        let mut alone = Command::new(std::env::current_exe().unwrap());
        let alone =
            alone.args(["--exact", name, "--nocapture"]).env(ALONE, "1").env_remove("RUST_LOG").output().unwrap();
        let log = String::from_utf8(alone.stderr).unwrap();
        assert!(alone.status.success() && log.contains("the log has begun"), "{log}");
        let (_, after) = log.split_once("the log has begun").unwrap();
        assert!(!after.contains("schema_version") && !after.contains("exists"), "{after}");
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stage = founded().await;
        operations::begin_log(crate::config::LogFormat::Text);
        tracing::info!("the log has begun");
        admin(&stage, &["account", "list"]).await.unwrap();
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_listed_opened_and_deleted_by_its_number() {
    let stage = founded().await;
    let body = String::from_utf8(samples::sealed(1, "KVF-102-9")).unwrap();
    let kept = stage.connect().await.call("POST", "/v1/reports", None, &body).await;
    assert_eq!(kept.status, 201, "{kept:?}");
    let number = kept.body["number"].as_str().unwrap().to_owned();
    admin(&stage, &["reports", "list"]).await.unwrap();
    admin(&stage, &["reports", "show", &number]).await.unwrap();
    admin(&stage, &["reports", "show", &number, "--json"]).await.unwrap();
    let absent = if number == "12345" { "54321" } else { "12345" };
    for line in [["reports", "show", absent], ["reports", "delete", absent]] {
        assert!(matches!(admin(&stage, &line).await, Err(Error::Unknown(_))), "{line:?}");
    }
    admin(&stage, &["reports", "delete", &number]).await.unwrap();
    assert!(matches!(admin(&stage, &["reports", "show", &number]).await, Err(Error::Unknown(_))));
    let subjects = async |event: &str| -> Vec<Option<String>> {
        stage.audited(event).await.into_iter().map(|row| row.subject).collect()
    };
    assert_eq!(subjects("report_shown").await, [Some(number.clone()), Some(number.clone())]);
    assert_eq!(subjects("report_deleted").await, [Some(number)]);
    let select = "SELECT reports + bytes FROM report_room";
    let room: i64 = sqlx::query_scalar(select).fetch_one(stage.gateway.database.read()).await.unwrap();
    assert_eq!(room, 0, "its place is free");
}
