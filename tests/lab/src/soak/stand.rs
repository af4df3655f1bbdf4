//! A world in which everything runs and goes on running: one gateway, one member, one policy, one way to tell names.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use flexnet_protocol::gateway::TrafficPolicy;

use super::event::{Conditions, wait};
use crate::{
    Host, Member, World,
    burst::sign_in_body,
    command::{Process, eventually, run},
    parts::{GATEWAY_DIR, PATIENCE, change, gateway_config},
    resolved::Resolved,
    traces::Traces,
    traffic::{now, passed},
    watch::Watch,
    world::LAB,
};

/// What differs between worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// What the gateway grants beside the tunnel.
    pub policy: TrafficPolicy,
    /// Whether systemd-resolved tells the names, or the file of hosts.
    pub resolved: bool,
}

impl Kind {
    /// The kind of the sequence or kill of this number: four in turn.
    pub fn of(number: u64) -> Self {
        let policy = if number.is_multiple_of(2) { TrafficPolicy::PortalOnlyRoutes } else { TrafficPolicy::Exclusive };
        Self { policy, resolved: number % 4 >= 2 }
    }
}

/// The world with everything that runs in it.
#[derive(Debug)]
pub struct Stand {
    /// The hosts.
    pub world: World,
    /// `kv-flexnet-gateway serve`.
    pub gateway: Process,
    /// How the network stands.
    pub conditions: Conditions,
    /// What is shown.
    pub watch: Watch,
    /// When a session was about to be ended by something that was done here, seconds since 1970.
    pub ended: Vec<f64>,
    /// When the service was about to be killed.
    pub died: Vec<f64>,
    service: Process,
    member: Member,
    before: Traces,
    traffic: Process,
    signing_in: Option<Process>,
    _portal: [Process; 2],
    _names: Option<Resolved>,
}

impl Stand {
    /// Builds it, signed out.
    ///
    /// # Errors
    /// Something does not start.
    pub fn build(kind: Kind) -> Result<Self> {
        let world = World::build()?;
        world.wifi()?;
        world.heal()?;
        let names = kind.resolved.then(|| world.resolved()).transpose()?;
        world.found_wide()?;
        if kind.policy == TrafficPolicy::Exclusive {
            change(Path::new(&gateway_config()), "portal_only_routes", "exclusive")?;
        }
        let gateway = world.gateway_wide()?;
        let portal = [world.portal()?, world.portal_v6()?];
        let member = world.member("m.dauer", &["--kind", "hotp"])?;
        let before = Traces::take(&world)?;
        let service = world.service()?;
        let traffic = world.traffic()?;
        let watch = Watch::begin(&world, traffic.id())?;
        Ok(Self {
            world,
            gateway,
            conditions: Conditions::default(),
            watch,
            ended: Vec::new(),
            died: Vec::new(),
            service,
            member,
            before,
            traffic,
            signing_in: None,
            _portal: portal,
            _names: names,
        })
    }

    /// Signs in beside everything else.
    ///
    /// # Errors
    /// The entry cannot be made.
    pub fn signs_in(&mut self) -> Result<()> {
        // A service that is just dying has no state.
        if self.signing_in.as_mut().is_some_and(|p| p.runs().unwrap_or(false)) || !self.is_signed_out().unwrap_or(false)
        {
            return Ok(());
        }
        let tan = self.fresh_tan()?;
        let (name, password, cli) = (&self.member.username, &self.member.password, self.world.binary("kv-flexnet")?);
        let entry = format!("{LAB}/entry");
        fs::write(&entry, format!("{name}\n{password}\n{tan}\n"))?;
        let line = format!("exec {cli} connect --json <{entry}");
        self.signing_in = Some(self.world.start(Host::Client, "connect", &["sh", "-c", &line])?);
        Ok(())
    }

    /// Signs in over a network that is well, and must be connected.
    ///
    /// # Errors
    /// It is not.
    pub fn connect(&mut self) -> Result<()> {
        eventually("a sign-in", PATIENCE, || {
            if self.is("connected") {
                return Ok(());
            }
            self.signs_in()?;
            anyhow::bail!("{:?}\n{}", self.watch.last(), self.log())
        })
    }

    /// Waits until it is shown connected and something passes that began after this time.
    ///
    /// # Errors
    /// It does not come, or the session ended and would cost a TAN.
    pub fn passes_since(&mut self, from: f64, within: Duration) -> Result<()> {
        eventually("connected, with traffic", within, || {
            let shown = self.watch.last().context("nothing is shown")?;
            let passes = passed()?.iter().any(|each| each.at > from);
            ensure!(shown.name == "connected" && passes, "shown: {}, passes: {passes}\n{}", shown.state, self.log());
            Ok(())
        })?;
        let shown = self.watch.shown_since(from);
        let other = shown.iter().find(|shown| !matches!(shown.name.as_str(), "connected" | "reconnecting"));
        ensure!(other.is_none(), "the session did not come back, another one was begun: {other:?}");
        Ok(())
    }

    /// The time may pass until then, and what is shown must be true: not connected, or something passed that began after the time.
    ///
    /// # Errors
    /// What is shown is not true.
    pub fn is_true_since(&self, from: f64, within: Duration) -> Result<()> {
        eventually("the truth", within, || {
            let passes = passed()?.iter().any(|each| each.at > from);
            ensure!(passes || !self.is("connected"), "connected is shown, and nothing passes\n{}", self.log());
            Ok(())
        })
    }

    /// Signs out.
    ///
    /// # Errors
    /// The service does not say how it stands.
    pub fn signs_out(&mut self) -> Result<()> {
        self.ends_now();
        // Refused where there is nothing to end.
        self.world.cli_quietly(&["disconnect"], "")?;
        Ok(())
    }

    /// The desk ends all sessions of the member.
    ///
    /// # Errors
    /// The admin command fails.
    pub fn desk_ends(&mut self) -> Result<()> {
        self.ends_now();
        let gateway = self.world.binary("kv-flexnet-gateway")?;
        let config = gateway_config();
        let line = [&gateway, "admin", "--config", &config, "sessions", "end", &self.member.username];
        self.world.quietly(Host::Gateway, &line, "")?;
        Ok(())
    }

    /// The member signs in on another machine, which ends the session here.
    ///
    /// # Errors
    /// The other program cannot be started.
    pub fn newer_sign_in(&mut self) -> Result<()> {
        let tan = self.fresh_tan()?;
        // An attempt of its own each time.
        let number = (now() * 1e6) as u64;
        let body = sign_in_body(number, &self.member.username, &self.member.password, &tan)?;
        let (program, ca) = (self.world.binary("kv-flexnet-world")?, format!("{GATEWAY_DIR}/ca.pem"));
        let line = [&program, "burst", "--address", "203.0.113.10:443", "--name", "flexnet.example", "--ca", &ca];
        self.ends_now();
        // Refused where the gateway does not run.
        self.world.quietly(Host::Gateway, &line, &body)?;
        Ok(())
    }

    /// kill -9 of the service; after a while repair, if wanted, and a start.
    ///
    /// # Errors
    /// It does not start again.
    pub fn service_dies(&mut self, time: u64, repaired: bool) -> Result<()> {
        self.died.push(now());
        self.service.kill()?;
        wait(time);
        self.ends_now();
        if repaired {
            self.world.cli_quietly(&["repair", "--json"], "")?.expect_ok("repair")?;
        }
        self.service = self.world.service()?;
        Ok(())
    }

    /// Starts the service, under another program if one is given, and waits for nothing.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn starts_service(&mut self, wrapper: &[&str]) -> Result<()> {
        self.service = self.world.start_service(wrapper)?;
        Ok(())
    }

    /// Whether the service lives.
    ///
    /// # Errors
    /// The system does not say.
    pub fn service_runs(&mut self) -> Result<bool> {
        self.service.runs()
    }

    /// kill -9.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill_service(&mut self) -> Result<()> {
        self.service.kill()
    }

    /// SIGTERM, and waits.
    ///
    /// # Errors
    /// It does not end.
    pub fn stop_service(&mut self) -> Result<()> {
        self.service.stop().map(drop)
    }

    /// The same, if it lives.
    ///
    /// # Errors
    /// It does not end.
    pub fn stop_service_if_it_runs(&mut self) -> Result<()> {
        if self.service.runs()? { self.stop_service() } else { Ok(()) }
    }

    /// Whether the service answers.
    pub fn answers(&self) -> bool {
        self.world.state().is_ok()
    }

    /// Whether a sign-in has come to its end, either way.
    pub fn is_connected_or_failed(&self) -> bool {
        let state = self.world.state().unwrap_or_default();
        let name = state.get("name").and_then(serde_json::Value::as_str).unwrap_or_default();
        let refused = state.get("refused").is_some_and(|refused| !refused.is_null());
        matches!(name, "connected" | "failed" | "locked") || refused
    }

    /// The PC before anything ran on it.
    pub fn before(&self) -> &Traces {
        &self.before
    }

    /// Sends the service a signal.
    ///
    /// # Errors
    /// There is no `kill`.
    pub fn signal_service(&self, signal: &str) -> Result<()> {
        run("kill", &[signal, &self.service.id().to_string()])?.expect_ok("a signal").map(drop)
    }

    /// Signed out, and the PC must be as on the first day.
    ///
    /// # Errors
    /// What is left, or that it does not sign out.
    pub fn leave_nothing(&mut self) -> Result<()> {
        self.signs_out()?;
        eventually("the end of the session", PATIENCE, || {
            ensure!(self.is_signed_out()?, "{}", self.world.state()?);
            Ok(())
        })?;
        let (world, before) = (&self.world, &self.before);
        // What systemd-resolved tells of its own lines settles a moment after they came.
        eventually("nothing left", Duration::from_secs(3), || Traces::take(world)?.expect_same(before))
    }

    /// The network as on the first day.
    ///
    /// # Errors
    /// A command failed.
    pub fn heal(&mut self) -> Result<()> {
        self.conditions = Conditions::default();
        self.world.heal()
    }

    /// Whether this state is shown.
    pub fn is(&self, name: &str) -> bool {
        self.watch.last().is_some_and(|shown| shown.name == name)
    }

    /// Whether there is no session and none is coming, as the service says now.
    ///
    /// # Errors
    /// It does not say.
    pub fn is_signed_out(&self) -> Result<bool> {
        let state = self.world.state()?;
        let name = state.get("name").and_then(serde_json::Value::as_str).unwrap_or_default();
        Ok(matches!(name, "signed_out" | "failed" | "locked"))
    }

    /// The service's log.
    pub fn log(&self) -> String {
        crate::command::tail(&self.service.log())
    }

    /// Everything still runs that should.
    ///
    /// # Errors
    /// What does not.
    pub fn expect_alive(&mut self) -> Result<()> {
        ensure!(self.traffic.runs()?, "the programs on the PC ended: {}", self.traffic.log());
        ensure!(self.gateway.runs()?, "the gateway ended: {}", crate::command::tail(&self.gateway.log()));
        ensure!(self.service.runs()?, "the service ended: {}", self.log());
        Ok(())
    }

    fn ends_now(&mut self) {
        self.ended.push(now());
    }

    /// A TAN that was not used. A token whose presses were lost on the way is put in step by hand, and the name is unlocked, as the desk would.
    fn fresh_tan(&mut self) -> Result<String> {
        let database = format!("{GATEWAY_DIR}/gateway.sqlite");
        let ask = |question: &str| -> Result<i64> {
            let answer = run("sqlite3", &["-cmd", ".timeout 10000", &database, question])?.expect_ok("sqlite3")?;
            answer.trim().parse().with_context(|| format!("{question}: {answer}"))
        };
        let last = ask(&format!("SELECT last FROM token WHERE serial = '{}'", self.member.serial))?;
        let presses = i64::try_from(self.member.presses())?;
        if presses - last > 8 {
            ask(&format!("UPDATE token SET last = {} WHERE serial = '{}'; SELECT 0", presses - 1, self.member.serial))?;
        }
        if ask("SELECT coalesce(max(seq - ok_seq), 0) FROM guard")? >= 3 {
            self.world
                .admin(&["account", "unlock", &self.member.username, "--caller-verified", "--reason", "Lab"])?
                .expect_ok("account unlock")?;
        }
        self.member.press()
    }
}
