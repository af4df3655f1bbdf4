//! A PostgreSQL for the tests: one cluster a test program, unprivileged, on a Unix socket in a folder of its own; a fresh database for whoever asks.
//! It ends with the program, however that ends, and takes its folder along.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::config::Place;

/// Lives as long as its standard input. Says `ready` when it takes connections.
const KEEPER: &str = r#"
set -e
dir=$(mktemp -d /tmp/kv-flexnet-pg.XXXXXX)
echo "$dir"
"$1/initdb" --no-sync --auth=trust --username=kv --locale=C.UTF-8 -D "$dir/data" >"$dir/log" 2>&1
"$1/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c max_connections=300 >>"$dir/log" 2>&1 </dev/null &
until "$1/pg_isready" -q -h "$dir"; do kill -0 $! || { cat "$dir/log"; exit 1; }; sleep 0.05; done
echo ready
cat >/dev/null
kill -QUIT $!
wait $! || true
rm -rf "$dir"
"#;

struct Cluster {
    folder: String,
    _keeper: Child,
}

/// A fresh database; it stays until the test program ends.
pub struct Fresh {
    _dir: tempfile::TempDir,
    /// As a configuration names it.
    pub place: Place,
    /// The file with its URL.
    pub url_file: PathBuf,
    /// Its URL.
    pub url: String,
}

impl Fresh {
    /// One that is there.
    pub fn at(url: String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url_file = dir.path().join("database.url");
        crate::os::write_private(&url_file, format!("{url}\n").as_bytes()).unwrap();
        Self { _dir: dir, place: Place::Url(url_file.clone()), url_file, url }
    }
}

/// Makes a fresh database.
pub async fn postgres() -> Fresh {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    let cluster = tokio::task::spawn_blocking(|| CLUSTER.get_or_init(start)).await.unwrap();
    let name = format!("t{}", NUMBER.fetch_add(1, Ordering::SeqCst));
    let url = |name: &str| format!("postgres://kv@{}/{name}", cluster.folder.replace('/', "%2F"));
    let mut connection = PgConnection::connect(&url("postgres")).await.unwrap();
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    Fresh::at(url(&name))
}

fn start() -> Cluster {
    let folder = folder();
    let mut command = unprivileged();
    let command = command.args(["-c", KEEPER, "postgres"]).arg(&folder);
    let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir("/tmp").spawn().unwrap();
    let mut lines = BufReader::new(keeper.stdout.take().unwrap()).lines().map(Result::unwrap);
    let folder = lines.next().expect("PostgreSQL's folder");
    let said: Vec<String> = lines.by_ref().take_while(|line| line != "ready").collect();
    assert!(said.is_empty(), "PostgreSQL did not start: {said:#?}");
    Cluster { folder, _keeper: keeper }
}

/// A shell that is not root.
pub fn unprivileged() -> Command {
    let user = Command::new("id").arg("-u").output().unwrap().stdout;
    match user.trim_ascii() {
        // PostgreSQL refuses to be root: it is somebody else in a user namespace of its own.
        b"0" => {
            let mut command = Command::new("unshare");
            command.args(["--user", "--map-user=1000", "--map-group=1000", "sh"]);
            command
        }
        _ => Command::new("sh"),
    }
}

/// Where Debian has the programs, or where `./dev setup` has unpacked them; the newest version.
pub fn folder() -> PathBuf {
    let place = std::env::var("KV_POSTGRESQL").unwrap_or_else(|_| "/usr/lib/postgresql".into());
    let versions = std::fs::read_dir(place).expect("PostgreSQL is there after ./dev setup");
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    versions.map(|entry| entry.unwrap().path()).max_by_key(number).unwrap().join("bin")
}
