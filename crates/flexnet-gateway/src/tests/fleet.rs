//! Gateways as processes of their own over one database: this test program started once more for each, over real HTTPS, so that they can be killed.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Stdio},
    sync::Mutex,
};

use super::*;
use crate::{
    db::Database,
    seal::Keys,
    steps::{self, Step},
};

const CONFIG: &str = "KV_FLEXNET_TEST_GATEWAY";
const LISTENS: &str = "the gateway listens on ";

/// The gateway of a child process; without a configuration there is nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_a_fleet() {
    let Ok(path) = std::env::var(CONFIG) else { return };
    let config = Config::load(path.as_ref()).unwrap();
    let tls = tls::config(&config.files.certificate, &config.files.certificate_key).unwrap();
    let public_key = gateway::wireguard_key(&config.files.wireguard).unwrap().public_key();
    let listener = TcpListener::bind(config.listen).await.unwrap();
    let address = listener.local_addr().unwrap();
    let start = async |leases| Ok(Network::over(Tunnel::default(), leases).await);
    let gateway = Gateway::start(config, public_key, start).await.unwrap();
    println!("{LISTENS}{address}");
    let (stop, stopped) = oneshot::channel();
    std::thread::spawn(move || {
        // Until the parent is gone.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = stop.send(());
    });
    serve::run(gateway, listener, tls, async { drop(stopped.await) }).await;
}

/// Several gateways.
pub struct Fleet {
    pub folder: PathBuf,
    _dir: tempfile::TempDir,
    _fresh: Option<postgres::Fresh>,
    pub database: Database,
    pub keys: Keys,
    /// Where they listen, in all their lives.
    pub addresses: Vec<SocketAddr>,
    processes: Vec<Mutex<Process>>,
}

/// Where a browser is led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub location: String,
    /// Of the hand-off: the page's secret and the ticket.
    pub cookie: Option<String>,
}

/// One gateway; killed when it is dropped.
struct Process {
    config: PathBuf,
    witness: PathBuf,
    address: SocketAddr,
    child: Child,
}

impl Fleet {
    /// So many gateways, all running.
    pub async fn new(store: Store, count: usize) -> Self {
        let fresh = match store {
            Store::Sqlite => None,
            Store::Postgres => Some(postgres().await),
        };
        Self::over(fresh, count).await
    }

    /// The same over a database that is there, or over a SQLite.
    pub async fn over(fresh: Option<postgres::Fresh>, count: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("gateway");
        init::run(&init::tests::options(&folder, "127.0.0.1:0")).await.unwrap();
        let mut processes = Vec::new();
        for number in 0..count {
            let config = folder.join(format!("gateway-{number}.toml"));
            std::fs::write(&config, configuration(&folder, number, fresh.as_ref())).unwrap();
            processes.push(Process::start(config, folder.join("witness")));
        }
        let addresses = processes.iter().map(|process| process.address).collect();
        let processes = processes.into_iter().map(Mutex::new).collect();
        let config = Config::load(&folder.join("gateway-0.toml")).unwrap();
        let database = Database::open(&config.database).await.unwrap();
        let keys = Keys::load(&config.files.keys).unwrap();
        Self { folder, _dir: dir, _fresh: fresh, database, keys, addresses, processes }
    }

    /// Adds an account with one HOTP token.
    pub async fn member(&self, username: &str) -> Member {
        add_member(&self.database, &self.keys, username, 0).await
    }

    /// SIGKILL for one of them.
    pub fn kill(&self, number: usize) {
        let mut process = self.processes[number].lock().unwrap();
        process.child.kill().unwrap();
        process.child.wait().unwrap();
    }

    /// Waits for the end that a step has brought.
    pub fn wait(&self, number: usize) {
        self.processes[number].lock().unwrap().child.wait().unwrap();
    }

    /// One of them will die at the next step of this name.
    pub fn die_at(&self, number: usize, step: Step) {
        std::fs::write(die_at(&self.processes[number].lock().unwrap().config), format!("{step:?}")).unwrap();
    }

    /// The next life of a dead one.
    pub fn restart(&self, number: usize) {
        let mut process = self.processes[number].lock().unwrap();
        let _ = std::fs::remove_file(die_at(&process.config));
        *process = tokio::task::block_in_place(|| process.next());
    }

    /// A connection to one of them; nothing if it is not there.
    pub async fn connect(&self, address: SocketAddr) -> Option<Client> {
        connect(&self.folder, address).await
    }

    /// A request to one of them; nothing if the connection broke.
    pub async fn call(
        &self,
        at: usize,
        method: &str,
        path: &str,
        token: Option<&Secret>,
        body: &str,
    ) -> Option<Answer> {
        let mut client = self.connect(self.addresses[at]).await?;
        let (status, headers, bytes) = client.raw(request(method, path, token), body).await?;
        Some(Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    /// What a browser without a script sends when a button is pressed; nothing if the connection broke.
    pub async fn submit(&self, at: usize, path: &str, cookie: &str, form: &str) -> Option<Page> {
        let mut client = self.connect(self.addresses[at]).await?;
        let request = request("POST", path, None).header("sec-fetch-site", "same-origin").header("cookie", cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let (status, headers, _) = client.raw(request, form).await?;
        assert_eq!(status, 303, "{path}: {headers:?}");
        let cookies = headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookie = cookies.filter(|cookie| cookie.contains("hand-off")).map(String::from).next();
        Some(Page { location: headers["location"].to_str().unwrap().into(), cookie })
    }

    /// The steps that requests have come to, at all of them, in all their lives.
    pub fn steps(&self) -> Vec<Step> {
        let step = |line: &str| {
            let name = line.split(' ').next().unwrap();
            Step::ALL.into_iter().find(|step| format!("{step:?}") == name).unwrap()
        };
        self.witness().lines().map(step).collect()
    }

    /// Entries that were judged.
    pub fn judged(&self) -> usize {
        self.steps().into_iter().filter(|step| *step == Step::Judged).count()
    }

    /// Entries of one name that were judged.
    pub fn judged_of(&self, username: &str) -> usize {
        let line = steps::line_of_judged(&self.keys.guard(username));
        self.witness().lines().filter(|told| *told == line).count()
    }

    fn witness(&self) -> String {
        std::fs::read_to_string(self.folder.join("witness")).unwrap_or_default()
    }

    /// Rows of the audit with this event, of one name.
    pub async fn audited(&self, event: &str, username: &str) -> Vec<audit::Row> {
        let rows = audit::last(self.database.read(), Some(username), 100_000).await.unwrap();
        rows.into_iter().filter(|row| row.event == event).collect()
    }

    /// Attempts of all names without an outcome.
    pub async fn open(&self) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM attempt WHERE outcome IS NULL");
        count.fetch_one(self.database.read()).await.unwrap()
    }

    /// Where a name stands.
    pub async fn standing(&self, username: &str) -> Option<guard::Standing> {
        let mut write = self.database.write().await.unwrap();
        guard::standing(&mut write, &self.keys.guard(username)).await.unwrap()
    }

    /// What was told, by status and fault.
    pub fn told(answers: &[Answer]) -> HashMap<(u16, Option<FaultCode>), usize> {
        let mut told = HashMap::new();
        for answer in answers {
            let fault = (answer.status >= 400).then(|| answer.fault());
            *told.entry((answer.status, fault)).or_default() += 1;
        }
        told
    }
}

impl Process {
    /// Starts a gateway and waits until it listens.
    fn start(config: PathBuf, witness: PathBuf) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["tests::fleet::one_of_a_fleet", "--exact", "--nocapture", "--test-threads=1"]);
        command.env(CONFIG, &config).env(steps::WITNESS, &witness).env(steps::DIE_AT, die_at(&config));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        // The test harness writes its own words before it, on the same line.
        let listens = lines.find_map(|line| Some(line.split_once(LISTENS)?.1.trim().parse().unwrap()));
        let address: SocketAddr = listens.expect("a gateway that does not start");
        // The next life has the same address.
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, text.replace("listen = \"127.0.0.1:0\"", &format!("listen = \"{address}\""))).unwrap();
        // Nobody reads what it says from now on, and it must not stop over that.
        std::thread::spawn(move || lines.for_each(drop));
        Self { config, witness, address, child }
    }

    fn next(&self) -> Self {
        Self::start(self.config.clone(), self.witness.clone())
    }
}

/// Where a gateway reads at which step it dies.
fn die_at(config: &Path) -> PathBuf {
    config.with_extension("die-at")
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(folder: &Path, number: usize, fresh: Option<&postgres::Fresh>) -> String {
    let text = std::fs::read_to_string(folder.join("gateway.toml")).unwrap();
    let mut config: toml::Table = text.parse().unwrap();
    config.insert(
        "gateway".into(),
        toml::Value::Table([("id".into(), format!("gw{number}").into())].into_iter().collect()),
    );
    if let Some(fresh) = fresh {
        let file = fresh.url_file.display().to_string();
        config.insert("database".into(), toml::Value::Table([("url_file".into(), file.into())].into_iter().collect()));
    }
    let much: toml::Table = "per_minute = 1000000\nburst = 1000000".parse().unwrap();
    let limits = config.entry("limits").or_insert_with(|| toml::Table::new().into()).as_table_mut().unwrap();
    for budget in ["address", "network"] {
        limits.insert(budget.into(), much.clone().into());
    }
    toml::to_string(&config).unwrap()
}

async fn connect(folder: &Path, address: SocketAddr) -> Option<Client> {
    let stream = TcpStream::connect(address).await.ok()?;
    let stream = secure(folder, stream, &[aws_lc_rs::kx_group::X25519MLKEM768]).await.ok()?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    Some(Client(sender))
}
