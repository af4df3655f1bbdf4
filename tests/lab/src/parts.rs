//! What runs on the hosts: the product's own binaries, started as an administrator would start them.
//! Nothing here knows the inside of a program; it uses command lines, files and sockets only.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use flexnet_protocol::{FaultCode, snapshot::Snapshot};
use serde_json::Value;

use crate::{
    command::{Finished, Process, eventually},
    member::Member,
    world::{GATEWAYS, Host, PORTAL, PORTAL_NETWORKS, PORTAL_V6, World},
};

/// The gateway's folder.
pub const GATEWAY_DIR: &str = "/var/lib/kv-flexnet-gateway";
/// Where the service reads its profile.
pub const PROFILE: &str = "/etc/kv-flexnet/profile.toml";
/// Whom members telephone.
pub(crate) const DESK: [&str; 8] = [
    "--desk-phone",
    "0231 94 32 99 00",
    "--desk-hours",
    "mon-thu 08:00-17:00",
    "--desk-hours",
    "fri 08:00-14:00",
    "--desk-holidays",
    "nordrhein-westfalen",
];
/// Where the service keeps its state.
pub const STATE: &str = "/var/lib/kv-flexnet";
/// Where it keeps its log and the ring of its last events.
pub const LOG: &str = "/run/kv-flexnet/log";
/// The local socket.
pub const SOCKET: &str = "/run/kv-flexnet/service.sock";
/// How long anything may take here, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

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
        line.extend(DESK);
        self.on(Host::Gateway, &line)?.expect_ok("kv-flexnet-gateway init")?;
        let install = ["install", "-D", "-m", "644", "/var/lib/kv-flexnet-gateway/profile.toml", PROFILE];
        self.on(Host::Client, &install)?.expect_ok("installing the profile").map(drop)
    }

    /// The same with everything twice: both families, both of the gateway's addresses. The API listens on all of them.
    ///
    /// # Errors
    /// What `init` says.
    pub fn found_wide(&self) -> Result<()> {
        let gateway = self.binary("kv-flexnet-gateway")?;
        let mut line: Vec<&str> = vec![&gateway, "init", "--dir", GATEWAY_DIR, "--name", "flexnet.example"];
        line.extend(["--organisation", "Muster-KV", "--portal-url", "http://portal.snk.example/"]);
        let ends = |port: u16| GATEWAYS.map(|address| socket(address, port));
        let (api, endpoints) = (ends(443), ends(51820));
        line.extend(api.iter().flat_map(|end| ["--api", end]));
        line.extend(endpoints.iter().flat_map(|end| ["--endpoint", end]));
        line.extend(["--pool", "10.200.0.0/16", "--pool", "2001:db8:200::/64"]);
        line.extend(PORTAL_NETWORKS.iter().flat_map(|net| ["--portal-network", net]));
        line.extend(["--portal-address", "10.210.0.10:80", "--portal-address", "[2001:db8:210::10]:80"]);
        line.extend(["--dns", "10.210.0.53", "--dns", "2001:db8:210::53", "--dns-domain", "snk.example"]);
        line.extend(DESK);
        self.on(Host::Gateway, &line)?.expect_ok("kv-flexnet-gateway init")?;
        // As the gateway demands of whoever runs it.
        let forwarding = ["sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"];
        self.on(Host::Gateway, &forwarding)?.expect_ok("forwarding")?;
        change(Path::new(&gateway_config()), "listen = \"203.0.113.10:443\"", "listen = \"[::]:443\"")?;
        let install = ["install", "-D", "-m", "644", "/var/lib/kv-flexnet-gateway/profile.toml", PROFILE];
        self.on(Host::Client, &install)?.expect_ok("installing the profile").map(drop)
    }

    /// Starts the gateway and waits until it answers.
    ///
    /// # Errors
    /// It does not.
    pub fn gateway(&self) -> Result<Process> {
        self.gateway_under(&[])
    }

    /// The same, asked on its own host: whatever happens to the network between.
    ///
    /// # Errors
    /// It does not listen.
    pub fn gateway_wide(&self) -> Result<Process> {
        let (gateway, config) = (self.binary("kv-flexnet-gateway")?, gateway_config());
        let mut process = self.start(Host::Gateway, "gateway", &[&gateway, "serve", "--config", &config])?;
        self.wait_for_port(&mut process, Host::Gateway, "203.0.113.10", "443")?;
        Ok(process)
    }

    /// The same under another program, such as env.
    ///
    /// # Errors
    /// It does not answer.
    pub fn gateway_under(&self, wrapper: &[&str]) -> Result<Process> {
        let (gateway, config) = (self.binary("kv-flexnet-gateway")?, gateway_config());
        let mut line = wrapper.to_vec();
        line.extend([gateway.as_str(), "serve", "--config", &config]);
        let mut process = self.start(Host::Gateway, "gateway", &line)?;
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

    /// The same over IPv6, as a second process.
    ///
    /// # Errors
    /// It does not.
    pub fn portal_v6(&self) -> Result<Process> {
        let (gateway, listen) = (self.binary("kv-flexnet-gateway")?, socket(PORTAL_V6, 80));
        let mut process = self.start(Host::Portal, "portal6", &[&gateway, "portal", "--listen", &listen])?;
        self.wait_for_port(&mut process, Host::Portal, PORTAL_V6, "80")?;
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
        line.extend([
            service.as_str(),
            "run",
            "--profile",
            PROFILE,
            "--state",
            STATE,
            "--log",
            LOG,
            "--socket",
            SOCKET,
        ]);
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
        self.cli(&["connect", "--json"], &format!("{username}\n{password}\n{tan}\n"))
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

    /// The present snapshot.
    ///
    /// # Errors
    /// There is none.
    pub fn snapshot(&self) -> Result<Snapshot> {
        let status = self.cli_quietly(&["status", "--json"], "")?;
        Ok(serde_json::from_value(status.json()?)?)
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

    /// Waits until a TCP port on an address is open, seen from a host.
    ///
    /// # Errors
    /// It does not open, or the process behind it ends.
    pub fn wait_for_port(&self, process: &mut Process, from: Host, address: &str, port: &str) -> Result<()> {
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

impl Finished {
    /// The fault that `kv-flexnet --json` tells in its last line: on its own, or in the snapshot's state.
    ///
    /// # Errors
    /// It tells none, or one that is not in the catalogue.
    pub fn fault(&self) -> Result<FaultCode> {
        let last = self.last_json()?;
        let state = last.get("state").unwrap_or(&last);
        let places = [state.get("fault"), state.get("refused").and_then(|r| r.get("fault")), Some(&last)];
        let fault = places.into_iter().flatten().find_map(|place| place.get("code"));
        let fault = fault.with_context(|| format!("`{}` tells no fault: {last}\n{}", self.line, self.stderr))?;
        Ok(serde_json::from_value(fault.clone())?)
    }

    /// Must have told this fault.
    ///
    /// # Errors
    /// It told another one, or none.
    pub fn expect_fault(&self, wanted: FaultCode) -> Result<()> {
        let told = self.fault()?;
        ensure!(told == wanted, "`{}` told {told:?} instead of {wanted:?}:\n{}", self.line, self.stdout);
        Ok(())
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

/// Address and port in one word.
pub fn socket(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
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
    change(Path::new(PROFILE), from, to)
}

/// Rewrites a file.
///
/// # Errors
/// It cannot be read or written, or does not hold `from`.
pub fn change(file: &Path, from: &str, to: &str) -> Result<()> {
    let text = fs::read_to_string(file)?;
    ensure!(text.contains(from), "{} does not hold {from}:\n{text}", file.display());
    fs::write(file, text.replace(from, to))?;
    Ok(())
}
