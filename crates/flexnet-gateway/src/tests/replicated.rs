//! Two PostgreSQLs for the tests, a primary and the standby that follows it, and the one name by which gateways reach whichever it leads to (as HAProxy or
//! a virtual address would). Unprivileged, on loopback, in a folder that goes with the test.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Stdio},
    sync::{Arc, Mutex},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::postgres;

/// Obeys one word a line and says `done` after each. Lives as long as its standard input.
const KEEPER: &str = r#"
set -e
bin=$1 primary_port=$2 standby_port=$3 names=$4
dir=$(mktemp -d /tmp/kv-flexnet-pair.XXXXXX)
begin() {
  "$bin/postgres" -D "$dir/$1" -k "$dir" -p "$2" -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200 \
    -c hot_standby_feedback=off -c "synchronous_standby_names=$3" >>"$dir/log" 2>&1 </dev/null &
  until "$bin/pg_isready" -q -h "$dir" -p "$2"; do kill -0 $! || { cat "$dir/log"; exit 1; }; sleep 0.05; done
}
ask() { "$bin/psql" -h "$dir" -p "$1" -U kv -d postgres -Atqc "$2"; }
"$bin/initdb" --no-sync --auth=trust --username=kv --locale=C.UTF-8 -D "$dir/primary" >"$dir/log" 2>&1
begin primary "$primary_port" "$names"; primary=$!
"$bin/pg_basebackup" --no-sync --checkpoint=fast -X stream -R -h "$dir" -p "$primary_port" -U kv -D "$dir/standby" >>"$dir/log" 2>&1
# The one who is promoted has no standby of its own: Patroni takes the setting away then.
begin standby "$standby_port" ''; standby=$!
until [ "$(ask "$primary_port" "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")" = 1 ]; do sleep 0.05; done
echo done
while read -r word; do
  case $word in
    # As the loss of its machine: nobody of its processes says anything to anybody. One of them may end by itself meanwhile.
    kill) kill -9 "$primary" $(cat "/proc/$primary/task/$primary/children") 2>/dev/null || true; wait "$primary" || true ;;
    promote) "$bin/pg_ctl" promote -w -D "$dir/standby" >>"$dir/log" 2>&1 ;;
    revive) rm -f "$dir/primary/postmaster.pid"; begin primary "$primary_port" "$names"; primary=$! ;;
    # What the primary writes from now on does not come to the standby.
    caught_up)
      end=$(ask "$primary_port" "SELECT pg_current_wal_lsn()")
      until [ "$(ask "$standby_port" "SELECT pg_last_wal_replay_lsn() >= '$end'")" = t ]; do sleep 0.05; done ;;
    lag)
      ask "$standby_port" "ALTER SYSTEM SET primary_conninfo = ''"
      ask "$standby_port" "SELECT pg_reload_conf()" >/dev/null
      until [ "$(ask "$standby_port" "SELECT count(*) FROM pg_stat_wal_receiver")" = 0 ]; do sleep 0.05; done ;;
  esac
  echo done
done
kill -QUIT "$primary" "$standby" 2>/dev/null || true
wait || true
rm -rf "$dir"
"#;

/// A primary, and its standby.
pub struct Pair {
    pub primary: u16,
    pub standby: u16,
    keeper: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    _child: Child,
}

impl Pair {
    /// `names` is the primary's `synchronous_standby_names`.
    pub async fn new(names: &'static str) -> Self {
        tokio::task::spawn_blocking(move || Self::start(names)).await.unwrap()
    }

    fn start(names: &str) -> Self {
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (one, other) = (free(), free());
        let (primary, standby) = (one.local_addr().unwrap().port(), other.local_addr().unwrap().port());
        drop((one, other));
        let mut command = postgres::unprivileged();
        command.args(["-c", KEEPER, "postgres"]).arg(postgres::folder());
        command.args([&primary.to_string(), &standby.to_string(), names]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir("/tmp").spawn().unwrap();
        let keeper = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let pair = Self { primary, standby, keeper: Mutex::new(keeper), _child: child };
        pair.done();
        pair
    }

    /// SIGKILL for the primary and all its processes.
    pub fn kill_primary(&self) {
        self.order("kill");
    }

    /// Makes the standby a primary.
    pub fn promote(&self) {
        self.order("promote");
    }

    /// The old primary comes back, and believes that it still is one.
    pub fn revive(&self) {
        self.order("revive");
    }

    /// Waits until the standby has what the primary has written.
    pub fn caught_up(&self) {
        self.order("caught_up");
    }

    /// Keeps from the standby what the primary writes.
    pub fn lag(&self) {
        self.order("lag");
    }

    fn order(&self, word: &str) {
        tokio::task::block_in_place(|| {
            writeln!(self.keeper.lock().unwrap().0, "{word}").unwrap();
            self.done();
        });
    }

    fn done(&self) {
        let mut keeper = self.keeper.lock().unwrap();
        let mut said = String::new();
        while !said.ends_with("done\n") {
            assert_ne!(keeper.1.read_line(&mut said).unwrap(), 0, "PostgreSQL ended: {said}");
        }
        assert_eq!(said, "done\n", "PostgreSQL");
    }
}

/// A name that leads to one server, or to none. When it moves, connections to the old one end.
pub struct Name {
    pub port: u16,
    target: Arc<Mutex<Target>>,
    carried: Arc<Mutex<JoinSet<()>>>,
    task: JoinHandle<()>,
}

/// Where connections go, until its host loses power.
struct Target {
    port: Option<u16>,
    off: CancellationToken,
}

impl Target {
    fn new(port: Option<u16>) -> Self {
        Self { port, off: CancellationToken::new() }
    }
}

impl Name {
    /// Leads to this port of loopback.
    pub async fn of(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let target = Arc::new(Mutex::new(Target::new(Some(port))));
        let carried: Arc<Mutex<JoinSet<()>>> = Arc::default();
        let task = tokio::spawn(carry(listener, Arc::clone(&target), Arc::clone(&carried)));
        Self { port: own, target, carried, task }
    }

    /// Leads there from now on.
    pub fn move_to(&self, port: Option<u16>) {
        *self.target.lock().unwrap() = Target::new(port);
        self.carried.lock().unwrap().abort_all();
    }

    /// The host that it leads to loses power, and it leads there from now on: connections stay open, and nothing comes of them, not even an end.
    pub fn lose_power(&self, port: u16) {
        std::mem::replace(&mut *self.target.lock().unwrap(), Target::new(Some(port))).off.cancel();
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(listener: TcpListener, target: Arc<Mutex<Target>>, carried: Arc<Mutex<JoinSet<()>>>) {
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        // Under one lock with the move: none to the old one begins behind it.
        let target = target.lock().unwrap();
        let Some(port) = target.port else { continue };
        let off = target.off.clone();
        let mut carried = carried.lock().unwrap();
        while carried.try_join_next().is_some() {}
        carried.spawn(async move {
            if let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await {
                tokio::select! {
                    _ = copy_bidirectional(&mut near, &mut far) => {}
                    () = off.cancelled() => std::future::pending().await,
                }
            }
        });
    }
}
