//! A member's system in the provided world, healthy until a fault is injected, and how the diagnosis is asked in it.

use std::{fs, path::Path, time::Instant};

use anyhow::{Context as _, Result, ensure};
use flexnet_protocol::{FaultCode, diagnosis::Verdict};
use serde::Deserialize;
use serde_json::Value;

use super::ground::{ANCHORS, GATEWAY, NameServices};
use crate::{
    Member,
    command::{Process, eventually, run},
    parts::{DESK, GATEWAY_DIR, PATIENCE, PROFILE, change, gateway_config, socket},
    world::{Host, PORTAL, PORTAL_NETWORKS, World, log_of},
};

/// The member's home.
pub const HOME: &str = "/run/lab/home";
/// The member, who is nobody of importance.
const MEMBER: &str = "1000";
/// The diagnosis where that user may run it: the build's own folder belongs to root.
pub const DIAGNOSE: &str = "/run/lab/bin/kv-flexnet-diagnose";
/// What says that the service is installed: its unit, as in installer/linux.
pub const UNIT: &str = "/etc/systemd/system/kv-flexnet-service.service";
/// What the diagnosis may take, milliseconds.
pub const BOUND_MS: u64 = 15_000;

/// Everything that runs; what a fault takes away is dropped.
#[derive(Debug)]
pub struct Scene {
    /// The hosts.
    pub world: World,
    /// Name services.
    pub names: NameServices,
    /// `kv-flexnet-gateway serve`.
    pub gateway: Option<Process>,
    /// `kv-flexnet-service run`.
    pub service: Option<Process>,
    /// The example portal, a process for each family.
    pub portal: Vec<Process>,
    /// Anchors, a process for each family.
    pub anchors: Vec<Process>,
    /// What a fault has started.
    pub more: Vec<Process>,
    /// How the diagnosis is asked.
    pub asked: Asked,
    member: Option<Member>,
}

/// How the diagnosis is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who asks, a user's number.
    pub user: String,
    /// Their home.
    pub home: String,
    /// Variables of their session.
    pub environment: Vec<String>,
    /// What the program runs under, such as prlimit.
    pub wrapper: Vec<String>,
}

/// What the diagnosis said.
#[derive(Debug, Clone, Deserialize)]
pub struct Said {
    /// What was seen.
    pub facts: Value,
    /// What it means.
    pub verdict: Verdict,
}

impl Said {
    /// The first cause, or the first hint where nothing stops a connection; `-` without either.
    pub fn code(&self) -> String {
        let found = self.verdict.first.as_ref().or(self.verdict.hints.first());
        found.map_or_else(|| "-".to_owned(), |finding| finding.code.to_string())
    }

    /// How long it took by its own clock, milliseconds.
    ///
    /// # Errors
    /// It does not say.
    pub fn took_ms(&self) -> Result<u64> {
        self.facts.get("took_ms").and_then(Value::as_u64).context("no took_ms")
    }

    /// Everything that was found, in a line.
    pub fn line(&self) -> String {
        let codes = |findings: &[flexnet_protocol::diagnosis::Finding]| {
            findings.iter().map(|f| format!("{} {}", f.code, f.detail)).collect::<Vec<_>>().join("; ")
        };
        let Verdict { first, hints, later, explained, .. } = &self.verdict;
        let first = first.as_slice();
        format!(
            "first [{}] hints [{}] later [{}] explained [{}]",
            codes(first),
            codes(hints),
            codes(later),
            codes(explained)
        )
    }
}

impl Scene {
    /// A system in which everything is in order and nobody is signed in.
    ///
    /// # Errors
    /// A part does not start.
    pub fn healthy() -> Result<Self> {
        let world = World::provided()?;
        let names = world.named()?;
        found(&world)?;
        let program = world.binary("kv-flexnet-gateway")?;
        let anchors = ANCHORS.iter().map(|end| {
            world.start(Host::Internet, &format!("anchor-{}", end.len()), &[&program, "anchor", "--listen", end])
        });
        let mut anchors = anchors.collect::<Result<Vec<_>>>()?;
        let gateway = world.gateway()?;
        let portal = vec![world.portal()?, world.portal_v6()?];
        let service = world.service()?;
        for (anchor, address) in anchors.iter_mut().zip(["192.0.2.80", "2001:db8:80::80"]) {
            world.wait_for_port(anchor, Host::Client, address, "80")?;
        }
        let script = format!(
            "set -e; install -d -m 700 -o {MEMBER} -g {MEMBER} {HOME}; touch {DIAGNOSE}; mount --bind {} {DIAGNOSE}; \
             install -D -m 644 {} {UNIT}",
            world.binary("kv-flexnet-diagnose")?,
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../installer/linux/systemd/kv-flexnet-service.service"),
        );
        run("sh", &["-c", &script])?.expect_ok("the member's home")?;
        let asked =
            Asked { user: MEMBER.to_owned(), home: HOME.to_owned(), environment: Vec::new(), wrapper: Vec::new() };
        let (gateway, service) = (Some(gateway), Some(service));
        Ok(Self { world, names, gateway, service, portal, anchors, more: Vec::new(), asked, member: None })
    }

    /// Runs the diagnosis as the member would.
    ///
    /// # Errors
    /// It does not print what it must, or takes longer than it may.
    pub fn diagnose(&self) -> Result<Said> {
        let Asked { user, home, environment, wrapper } = &self.asked;
        let home = format!("HOME={home}");
        let mut line = vec!["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "env", "-i", &home];
        line.push("PATH=/usr/bin:/bin");
        line.extend(environment.iter().chain(wrapper).map(String::as_str));
        line.extend([DIAGNOSE, "--json"]);
        let begun = Instant::now();
        let answer = self.world.on(Host::Client, &line)?;
        let lasted = begun.elapsed();
        let said: Said =
            serde_json::from_value(answer.json()?).with_context(|| format!("{}{}", answer.stdout, answer.stderr))?;
        let took = said.took_ms()?;
        ensure!(took <= BOUND_MS, "it took {took} ms of its own, {lasted:?} in all: {}", said.line());
        Ok(said)
    }

    /// Runs a shell line on a host; it must succeed.
    ///
    /// # Errors
    /// It does not.
    pub fn on(&self, host: Host, script: &str) -> Result<()> {
        let script = format!("set -e; {script}");
        self.world.on(host, &["sh", "-c", &script])?.expect_ok("an injection").map(drop)
    }

    /// Adds a rule to a host's packet filter: `chain` is input, output, pass (what is forwarded) or before (prerouting).
    ///
    /// # Errors
    /// nft refuses it.
    pub fn filter(&self, host: Host, chain: &str, rules: &[&str]) -> Result<()> {
        let (hook, priority) = match chain {
            "pass" => ("forward", "0"),
            "before" => ("prerouting", "-150"),
            other => (other, "0"),
        };
        let mut script = format!(
            "add table inet fault; add chain inet fault {chain} {{ type filter hook {hook} priority {priority}; }};"
        );
        for rule in rules {
            script.push_str(&format!("add rule inet fault {chain} {rule};"));
        }
        self.world.on(host, &["nft", &script])?.expect_ok("a packet filter").map(drop)
    }

    /// The router leads TCP that matches, in both families, to a program of its own.
    ///
    /// # Errors
    /// nft refuses it.
    pub fn divert(&self, matching: &str, port: u16) -> Result<()> {
        let script = format!(
            "add table inet divert; add chain inet divert pre {{ type nat hook prerouting priority dstnat; }}; \
             add rule inet divert pre iifname lan {matching} redirect to :{port}"
        );
        self.world.on(Host::Router, &["nft", &script])?.expect_ok("a diversion").map(drop)
    }

    /// Starts a stand-in on a host and waits until it is up.
    ///
    /// # Errors
    /// It does not come up.
    pub fn stand_in(&mut self, host: Host, arguments: &[&str]) -> Result<()> {
        let program = self.world.binary("kv-flexnet-faults")?;
        let name = format!("stand-in-{}", self.more.len());
        let mut line = vec![program.as_str(), "stand-in"];
        line.extend(arguments);
        let mut process = self.world.start(host, &name, &line)?;
        eventually("a stand-in", PATIENCE, || {
            ensure!(process.runs()? && process.log().contains("listening"), "{}", process.log());
            Ok(())
        })?;
        self.more.push(process);
        Ok(())
    }

    /// Starts a program of the system on a host.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(&mut self, host: Host, name: &str, line: &[&str]) -> Result<()> {
        let process = self.world.start(host, name, line)?;
        self.more.push(process);
        Ok(())
    }

    /// The line has no IPv6: as most of today's.
    ///
    /// # Errors
    /// A command failed.
    pub fn without_v6(&self) -> Result<()> {
        self.on(Host::Client, "ip -6 addr flush dev eth0 scope global; ip -6 route flush default")
    }

    /// The router's name service ends, and a lying one takes its place.
    ///
    /// # Errors
    /// It does not come up.
    pub fn lie(&mut self, how: &str) -> Result<()> {
        self.names.router = None;
        self.stand_in(Host::Router, &["names", "--listen", "192.168.178.1:53", "--how", how])
    }

    /// The router's name service with other rules.
    ///
    /// # Errors
    /// It does not start.
    pub fn router_names(&mut self, rules: &[&str]) -> Result<()> {
        self.names.router = None;
        forget(Host::Router)?;
        self.names.router = Some(self.world.router_names(rules)?);
        Ok(())
    }

    /// The name service inside with these rules alone.
    ///
    /// # Errors
    /// It does not start.
    pub fn inside_names(&mut self, rules: &[&str]) -> Result<()> {
        self.names.inside = None;
        forget(Host::Portal)?;
        self.names.inside = Some(self.world.inside_names(rules)?);
        Ok(())
    }

    /// The gateway is stopped, its files change, and it starts again.
    ///
    /// # Errors
    /// It does not.
    pub fn gateway_again(&mut self, script: &str) -> Result<()> {
        self.gateway = None;
        self.on(Host::Gateway, &format!("cd {GATEWAY_DIR}; {script}"))?;
        // What an earlier one has left, its own next start takes away.
        self.gateway = Some(self.world.gateway()?);
        Ok(())
    }

    /// The member, made when first asked for.
    ///
    /// # Errors
    /// The admin commands fail.
    pub fn member(&mut self) -> Result<&mut Member> {
        match &mut self.member {
            Some(_) => {}
            none => *none = Some(self.world.member("m.sperre", &["--kind", "hotp"])?),
        }
        self.member.as_mut().context("a member")
    }

    /// The member signs in, and sees the portal.
    ///
    /// # Errors
    /// They do not.
    pub fn sign_in(&mut self) -> Result<()> {
        self.member()?;
        let Self { world, member, .. } = self;
        world.sign_in(member.as_mut().context("a member")?)?;
        self.portal_opens()
    }

    /// Signs in with what is right, and must be refused with this fault.
    ///
    /// # Errors
    /// It is not.
    pub fn fails_to_sign_in(&mut self, fault: FaultCode) -> Result<()> {
        let tan = self.member()?.press()?;
        self.enters(&tan, fault)
    }

    /// Signs in with this TAN, and must be refused with this fault.
    ///
    /// # Errors
    /// It is not.
    pub fn enters(&mut self, tan: &str, fault: FaultCode) -> Result<()> {
        let member = self.member()?;
        let (name, password) = (member.username.clone(), member.password.clone());
        self.world.connect(&name, &password, tan)?.expect_fault(fault)
    }

    /// Asks the portal for a page, whatever becomes of it: an idle tunnel is left alone.
    ///
    /// # Errors
    /// There is no curl.
    pub fn asks_portal(&self) -> Result<()> {
        let line = ["curl", "-sS", "--max-time", "2", &format!("http://{PORTAL}/")];
        self.world.quietly(Host::Client, &line, "").map(drop)
    }

    /// Waits for the portal's first page.
    ///
    /// # Errors
    /// It does not come.
    pub fn portal_opens(&self) -> Result<()> {
        eventually("the portal", PATIENCE, || {
            let line = ["curl", "-sS", "--max-time", "2", &format!("http://{PORTAL}/")];
            let page = self.world.quietly(Host::Client, &line, "")?;
            ensure!(page.stdout.contains("<title>"), "{}{}", page.stdout, page.stderr);
            Ok(())
        })
    }

    /// Sends a signal to a process by its name, such as STOP.
    ///
    /// # Errors
    /// There is none.
    pub fn signal(&self, process: Option<&Process>, signal: &str) -> Result<()> {
        let id = process.context("no such process")?.id().to_string();
        run("kill", &[&format!("-{signal}"), &id])?.expect_ok("kill").map(drop)
    }
}

/// What dnsmasq wrote before it was started anew would be taken for its readiness.
fn forget(host: Host) -> Result<()> {
    fs::remove_file(log_of(&format!("dns-{}", host.name()))).context("the name service's log")
}

/// The gateway's folder and the member's profile, for both families.
fn found(world: &World) -> Result<()> {
    let gateway = world.binary("kv-flexnet-gateway")?;
    let mut line: Vec<&str> = vec![&gateway, "init", "--dir", GATEWAY_DIR, "--name", "flexnet.example"];
    line.extend(["--organisation", "Muster-KV", "--portal-url", "http://portal.snk.example/"]);
    let ends = |port: u16| GATEWAY.map(|address| socket(address, port));
    let (api, endpoints) = (ends(443), ends(51820));
    line.extend(api.iter().flat_map(|end| ["--api", end]));
    line.extend(endpoints.iter().flat_map(|end| ["--endpoint", end]));
    line.extend(["--pool", "10.200.0.0/16", "--pool", "2001:db8:200::/64"]);
    line.extend(PORTAL_NETWORKS.iter().flat_map(|net| ["--portal-network", net]));
    line.extend(["--portal-address", "10.210.0.10:80", "--portal-address", "[2001:db8:210::10]:80"]);
    line.extend(["--dns", "10.210.0.53", "--dns", "2001:db8:210::53", "--dns-domain", "snk.example"]);
    line.extend(ANCHORS.iter().flat_map(|end| ["--anchor", end]));
    line.extend(DESK);
    world.on(Host::Gateway, &line)?.expect_ok("kv-flexnet-gateway init")?;
    let config = gateway_config();
    let config = Path::new(&config);
    change(config, "listen = \"203.0.113.10:443\"", "listen = \"[::]:443\"")?;
    change(config, "listen = [\"203.0.113.10:80\"]", "listen = [\"[::]:80\"]")?;
    let install = ["install", "-D", "-m", "644", "/var/lib/kv-flexnet-gateway/profile.toml", PROFILE];
    world.on(Host::Client, &install)?.expect_ok("installing the profile").map(drop)
}
