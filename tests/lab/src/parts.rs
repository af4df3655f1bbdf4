//! What runs on the hosts: the product's own binaries, started as an administrator would start them.
//! Nothing here knows the inside of a program; it uses command lines, files and sockets only.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::{
    command::{Finished, Process, eventually, run, run_with},
    world::{Host, PORTAL, World},
};

/// The gateway's folder.
pub const GATEWAY_DIR: &str = "/var/lib/kv-flexnet-gateway";
/// Where the service reads its profile.
pub const PROFILE: &str = "/etc/kv-flexnet/profile.toml";
/// Where the service keeps its state.
pub const STATE: &str = "/var/lib/kv-flexnet";
/// The local socket.
pub const SOCKET: &str = "/run/kv-flexnet/service.sock";
/// How long anything may take here, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A member with a password and a token. The token counts presses, as a real one does (HOTP), or reads the clock (TOTP).
#[derive(Debug)]
pub struct Member {
    /// User name of meine KVid.
    pub username: String,
    /// Password of meine KVid.
    pub password: String,
    /// The token's seed, base32.
    pub seed: String,
    /// The token's serial number.
    pub serial: String,
    presses: u64,
}

impl Member {
    /// The next TAN of an event-based token, from Debian's oathtool.
    ///
    /// # Errors
    /// There is no oathtool.
    pub fn press(&mut self) -> Result<String> {
        let tan = self.hotp(self.presses)?;
        self.presses += 1;
        Ok(tan)
    }

    /// The TAN of a time-based token now.
    ///
    /// # Errors
    /// There is no oathtool.
    pub fn now(&self) -> Result<String> {
        Ok(run("oathtool", &["--totp", "-b", &self.seed])?.expect_ok("oathtool")?.trim().to_owned())
    }

    /// A TAN that the token does not show within its next hundred presses.
    ///
    /// # Errors
    /// There is no oathtool.
    pub fn wrong(&self) -> Result<String> {
        let counter = self.presses.saturating_sub(20).to_string();
        let all = run("oathtool", &["--hotp", "-b", "-c", &counter, "-w", "200", &self.seed])?.expect_ok("oathtool")?;
        let wrong = (0..1_000_000_u32).map(|n| format!("{:06}", (n * 7919 + 123_456) % 1_000_000));
        wrong.into_iter().find(|tan| !all.lines().any(|line| line == tan)).context("every TAN is right")
    }

    fn hotp(&self, counter: u64) -> Result<String> {
        let tan = run("oathtool", &["--hotp", "-b", "-c", &counter.to_string(), &self.seed])?.expect_ok("oathtool")?;
        Ok(tan.trim().to_owned())
    }
}

impl World {
    /// Writes the gateway's folder and installs the client's profile, as a KV and an administrator would.
    ///
    /// # Errors
    /// What `init` says.
    pub fn found(&self) -> Result<()> {
        let gateway = self.binary("kv-flexnet-gateway")?;
        let mut line: Vec<&str> = vec![&gateway, "init", "--dir", GATEWAY_DIR, "--name", "flexnet.example"];
        line.extend(["--organisation", "Muster-KV", "--api", "203.0.113.10:443", "--endpoint", "203.0.113.10:51820"]);
        line.extend(["--pool", "10.200.0.0/16", "--portal-url", "http://portal.snk.example/"]);
        line.extend(["--portal-network", "10.210.0.0/24", "--portal-address", "10.210.0.10:80"]);
        line.extend(["--dns", "10.210.0.53", "--dns-domain", "snk.example"]);
        self.on(Host::Gateway, &line)?.expect_ok("kv-flexnet-gateway init")?;
        let install = ["install", "-D", "-m", "644", "/var/lib/kv-flexnet-gateway/profile.toml", PROFILE];
        self.on(Host::Client, &install)?.expect_ok("installing the profile").map(drop)
    }

    /// Starts the gateway and waits until it answers.
    ///
    /// # Errors
    /// It does not.
    pub fn gateway(&self) -> Result<Process> {
        let gateway = self.binary("kv-flexnet-gateway")?;
        let mut process = self.start(Host::Gateway, "gateway", &[&gateway, "serve", "--config", &gateway_config()])?;
        self.wait_for_port(&mut process, Host::Client, "203.0.113.10", "443")?;
        Ok(process)
    }

    /// Starts the example portal and waits until it answers.
    ///
    /// # Errors
    /// It does not.
    pub fn portal(&self) -> Result<Process> {
        let gateway = self.binary("kv-flexnet-gateway")?;
        let mut process = self.start(Host::Portal, "portal", &[&gateway, "portal", "--listen", "10.210.0.10:80"])?;
        self.wait_for_port(&mut process, Host::Portal, PORTAL, "80")?;
        Ok(process)
    }

    /// Starts the service and waits for its socket.
    ///
    /// # Errors
    /// It ends or does not listen.
    pub fn service(&self) -> Result<Process> {
        self.service_under(&[])
    }

    /// The same under another program, such as strace.
    ///
    /// # Errors
    /// It ends or does not listen.
    pub fn service_under(&self, wrapper: &[&str]) -> Result<Process> {
        let mut process = self.start_service(wrapper)?;
        eventually("the service's socket", PATIENCE, || {
            ensure!(process.runs()?, "the service ended:\n{}", process.log());
            let status = self.cli_quietly(&["status", "--json"], "")?;
            ensure!(status.ok(), "{}{}", status.stdout, status.stderr);
            Ok(())
        })?;
        Ok(process)
    }

    /// Starts the service and waits for nothing.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start_service(&self, wrapper: &[&str]) -> Result<Process> {
        let service = self.binary("kv-flexnet-service")?;
        let mut line = wrapper.to_vec();
        line.extend([service.as_str(), "run", "--profile", PROFILE, "--state", STATE, "--socket", SOCKET]);
        self.start(Host::Client, "service", &line)
    }

    /// Gateway, portal and service, all running.
    ///
    /// # Errors
    /// One of them does not start.
    pub fn everything(&self) -> Result<Running> {
        self.found()?;
        Ok(Running { gateway: self.gateway()?, portal: self.portal()?, service: self.service()? })
    }

    /// Adds an account with one token, by the admin commands.
    ///
    /// # Errors
    /// What they say.
    pub fn member(&self, username: &str, token: &[&str]) -> Result<Member> {
        let password = format!("Praxis-{username}-2026");
        let add = ["account", "add", username, "--display-name", "Dr. Martina Muster", "--json"];
        self.admin_with(&add, &format!("{password}\n"))?.expect_ok("account add")?;
        let (serial, seed) = self.token(username, token)?;
        Ok(Member { username: username.to_owned(), password, seed, serial, presses: 0 })
    }

    /// Adds a token to an account; its serial number and seed.
    ///
    /// # Errors
    /// What the admin command says.
    pub fn token(&self, username: &str, kind: &[&str]) -> Result<(String, String)> {
        let mut line = vec!["token", "add", username];
        line.extend(kind);
        line.push("--json");
        let answer = self.admin(&line)?;
        let token = answer.json()?;
        ensure!(answer.ok(), "token add: {token}");
        let text = |name: &str| {
            token.get(name).and_then(Value::as_str).map(String::from).context(format!("no {name}: {token}"))
        };
        Ok((text("serial")?, text("seed")?))
    }

    /// `kv-flexnet-gateway admin`.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn admin(&self, arguments: &[&str]) -> Result<Finished> {
        self.admin_with(arguments, "")
    }

    /// `kv-flexnet-gateway admin` with standard input.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn admin_with(&self, arguments: &[&str], input: &str) -> Result<Finished> {
        let gateway = self.binary("kv-flexnet-gateway")?;
        let config = gateway_config();
        let mut line = vec![gateway.as_str(), "admin", "--config", &config];
        line.extend(arguments);
        self.on_with(Host::Gateway, &line, input)
    }

    /// `kv-flexnet` on the member's PC.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn cli(&self, arguments: &[&str], input: &str) -> Result<Finished> {
        let cli = self.binary("kv-flexnet")?;
        let mut line = vec![cli.as_str()];
        line.extend(arguments);
        self.on_with(Host::Client, &line, input)
    }

    /// The same without printing it.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn cli_quietly(&self, arguments: &[&str], input: &str) -> Result<Finished> {
        let cli = self.binary("kv-flexnet")?;
        let mut line = vec![cli.as_str()];
        line.extend(arguments);
        self.quietly(Host::Client, &line, input)
    }

    /// `kv-flexnet connect`: name, password and TAN on standard input.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn connect(&self, username: &str, password: &str, tan: &str) -> Result<Finished> {
        self.cli(&["connect", "--stdin", "--json"], &format!("{username}\n{password}\n{tan}\n"))
    }

    /// Signs in and must be connected in the end.
    ///
    /// # Errors
    /// It is not.
    pub fn sign_in(&self, member: &mut Member) -> Result<()> {
        let tan = member.press()?;
        let answer = self.connect(&member.username, &member.password, &tan)?;
        ensure!(answer.ok(), "sign-in: {}{}", answer.stdout, answer.stderr);
        self.wait_for_state("connected")
    }

    /// The state's name in the present snapshot.
    ///
    /// # Errors
    /// There is no snapshot.
    pub fn state(&self) -> Result<Value> {
        let status = self.cli_quietly(&["status", "--json"], "")?;
        let snapshot = status.json()?;
        snapshot.get("state").cloned().context(format!("no state in {snapshot}"))
    }

    /// Waits for a state by its name.
    ///
    /// # Errors
    /// It does not come.
    pub fn wait_for_state(&self, name: &str) -> Result<()> {
        eventually(&format!("state {name}"), PATIENCE, || {
            let state = self.state()?;
            ensure!(state.get("name").and_then(Value::as_str) == Some(name), "the state is {state}");
            Ok(())
        })
    }

    /// Fetches a page on the member's PC.
    ///
    /// # Errors
    /// curl cannot be started.
    pub fn fetch(&self, url: &str) -> Result<Finished> {
        self.on(Host::Client, &["curl", "-sS", "--max-time", "5", url])
    }

    fn wait_for_port(&self, process: &mut Process, from: Host, address: &str, port: &str) -> Result<()> {
        let open = format!("exec 3<>/dev/tcp/{address}/{port}");
        eventually(&format!("{address}:{port}"), PATIENCE, || {
            if !process.runs()? {
                bail!("it ended:\n{}", process.log());
            }
            let attempt = self.quietly(from, &["timeout", "2", "bash", "-c", &open], "")?;
            ensure!(attempt.ok(), "closed\n{}", process.log());
            Ok(())
        })
    }
}

/// The three programs of a working world; dropping it kills them.
#[derive(Debug)]
pub struct Running {
    /// `kv-flexnet-gateway serve`.
    pub gateway: Process,
    /// `kv-flexnet-gateway portal`.
    pub portal: Process,
    /// `kv-flexnet-service run`.
    pub service: Process,
}

/// Path of the gateway's configuration.
pub fn gateway_config() -> String {
    Path::new(GATEWAY_DIR).join("gateway.toml").display().to_string()
}

/// Rewrites the installed profile.
///
/// # Errors
/// It cannot be read or written, or does not hold `from`.
pub fn change_profile(from: &str, to: &str) -> Result<()> {
    let text = fs::read_to_string(PROFILE)?;
    ensure!(text.contains(from), "the profile does not hold {from}");
    fs::write(PROFILE, text.replace(from, to))?;
    Ok(())
}

/// A packet capture; [`Capture::finish`] ends it and gives the file.
#[derive(Debug)]
pub struct Capture {
    process: Process,
    file: PathBuf,
}

impl Capture {
    /// Everything that passes the router, on both sides of it.
    ///
    /// # Errors
    /// There is no tcpdump.
    pub fn on_router(world: &World) -> Result<Self> {
        let file = Path::new(crate::world::LAB).join("router.pcap");
        let path = file.display().to_string();
        let line = ["tcpdump", "-Z", "root", "-i", "wan", "-U", "-s", "0", "--immediate-mode", "-w", &path];
        let process = world.start(Host::Router, "tcpdump", &line)?;
        eventually("tcpdump", PATIENCE, || {
            ensure!(process.log().contains("listening on"), "{}", process.log());
            Ok(())
        })?;
        Ok(Self { process, file })
    }

    /// Packets so far that match a filter, one line each.
    ///
    /// # Errors
    /// tcpdump does not understand the filter.
    pub fn matching(&self, filter: &str) -> Result<String> {
        let path = self.file.display().to_string();
        // A packet being written at this moment is a truncated record at the end: that is no error.
        let seen = run_with("tcpdump", &["-n", "-r", &path, filter], "")?;
        ensure!(seen.ok() || seen.stderr.contains("truncated"), "tcpdump: {}", seen.stderr);
        Ok(seen.stdout)
    }

    /// Ends the capture; the bytes of the whole file.
    ///
    /// # Errors
    /// tcpdump does not end.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        self.process.stop()?;
        Ok(fs::read(&self.file)?)
    }
}
