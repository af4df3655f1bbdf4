//! Two gateways behind one name, over one PostgreSQL: a second host beside the first, with a way of its own to the router and to the portal.
//!
//! ```text
//!  router                 gateway2                 portal
//! ┌───────────────┐    ┌───────────────────┐    ┌──────────────────┐
//! │ wan2          │    │ eth0          snk │    │ eth1             │
//! │ 198.51.100.1  ├────┤ .100.10  .211.1   ├────┤ 10.211.0.2       │
//! └───────────────┘    └───────────────────┘    └──────────────────┘
//! ```

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};

use crate::{
    command::Process,
    parts::{DESK, GATEWAY_DIR, PATIENCE, PROFILE, change},
    world::{Host, LAB, World, ip, wire},
};

/// The second gateway's folder.
pub const SECOND_DIR: &str = "/var/lib/kv-flexnet-gateway-2";
const SECOND: &str = "198.51.100.10";

/// Two gateways and their database; dropping it kills them.
#[derive(Debug)]
pub struct Several {
    /// `gw1`, on the host that is always there.
    pub first: Process,
    /// `gw2`.
    pub second: Process,
    _database: Process,
}

impl World {
    /// Both gateways, running. The profile names both, the first before the second.
    ///
    /// # Errors
    /// A part does not start.
    pub fn several(&self) -> Result<Several> {
        second_host()?;
        let nat = "add rule ip nat post oifname wan2 masquerade";
        self.on(Host::Router, &["nft", nat])?.expect_ok("NAT")?;
        let database = self.postgresql()?;
        self.found_two()?;
        let (first, second) =
            (self.one_of(Host::Gateway, "gateway", GATEWAY_DIR)?, self.one_of(Host::Second, "gateway2", SECOND_DIR)?);
        let mut several = Several { first, second, _database: database };
        self.wait_for_port(&mut several.first, Host::Client, "203.0.113.10", "443")?;
        self.wait_for_port(&mut several.second, Host::Client, SECOND, "443")?;
        Ok(several)
    }

    /// The host of the first gateway goes down with everything on it.
    ///
    /// # Errors
    /// A command failed.
    pub fn first_host_dies(&self, several: &mut Several) -> Result<()> {
        several.first.kill()?;
        ip("-n gateway link set eth0 down")?;
        ip("-n gateway link set snk down")
    }

    fn one_of(&self, host: Host, name: &str, folder: &str) -> Result<Process> {
        let (gateway, config) = (self.binary("kv-flexnet-gateway")?, format!("{folder}/gateway.toml"));
        self.start(host, name, &[&gateway, "serve", "--config", &config])
    }

    fn found_two(&self) -> Result<()> {
        let gateway = self.binary("kv-flexnet-gateway")?;
        let mut line: Vec<&str> = vec![&gateway, "init", "--dir", GATEWAY_DIR, "--name", "flexnet.example"];
        line.extend(["--organisation", "Muster-KV", "--api", "203.0.113.10:443", "--api", "198.51.100.10:443"]);
        line.extend(["--endpoint", "203.0.113.10:51820", "--pool", "10.200.0.0/16"]);
        line.extend(["--portal-url", "http://portal.snk.example/", "--portal-network", "10.210.0.0/24"]);
        line.extend(["--portal-address", "10.210.0.10:80", "--dns", "10.210.0.53", "--dns-domain", "snk.example"]);
        line.extend(DESK);
        self.on(Host::Gateway, &line)?.expect_ok("kv-flexnet-gateway init")?;
        // As docs/operations.md says: the same keys and certificate, another WireGuard key, other addresses.
        self.on(Host::Second, &["cp", "-a", GATEWAY_DIR, SECOND_DIR])?.expect_ok("the second folder")?;
        let key = self.on(Host::Second, &["wg", "genkey"])?.expect_ok("wg genkey")?;
        fs::write(Path::new(SECOND_DIR).join("wireguard.key"), key)?;
        for (folder, id) in [(GATEWAY_DIR, "gw1"), (SECOND_DIR, "gw2")] {
            let config = Path::new(folder).join("gateway.toml");
            let several =
                format!("\n[gateway]\nid = \"{id}\"\n\n[database]\nurl_file = \"{LAB}/pg/database.url\"\n\n[api]\n");
            change(&config, "\n[api]\n", &several)?;
        }
        let config = Path::new(SECOND_DIR).join("gateway.toml");
        change(&config, "listen = \"203.0.113.10:443\"", "listen = \"198.51.100.10:443\"")?;
        change(&config, "203.0.113.10:51820", "198.51.100.10:51820")?;
        change(&config, "10.200.0.0/16", "10.201.0.0/16")?;
        let install = ["install", "-D", "-m", "644", "/var/lib/kv-flexnet-gateway/profile.toml", PROFILE];
        self.on(Host::Client, &install)?.expect_ok("installing the profile").map(drop)
    }

    /// On a Unix socket that both gateways see. It refuses to be root, so it is somebody else in a user namespace of its own.
    pub(crate) fn postgresql(&self) -> Result<Process> {
        let folder = format!("{LAB}/pg");
        fs::create_dir_all(&folder)?;
        let url = format!("postgres://kv@{}/kv\n", folder.replace('/', "%2F"));
        let file = Path::new(&folder).join("database.url");
        fs::write(&file, url)?;
        self.on(Host::Gateway, &["chmod", "600", &file.display().to_string()])?.expect_ok("chmod")?;
        let programs = programs()?;
        let start = format!(
            "set -e; {programs}/initdb --no-sync --auth=trust --username=kv --locale=C.UTF-8 -D {folder}/data; \
             echo 'CREATE DATABASE kv;' | {programs}/postgres --single -D {folder}/data postgres; \
             exec {programs}/postgres -D {folder}/data -k {folder} -c listen_addresses= -c fsync=off"
        );
        let line = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "sh", "-c", &start];
        let mut process = self.start(Host::Portal, "postgresql", &line)?;
        crate::eventually("PostgreSQL", PATIENCE, || {
            ensure!(process.runs()?, "it ended:\n{}", process.log());
            let ready = self.quietly(Host::Gateway, &[&format!("{programs}/pg_isready"), "-q", "-h", &folder], "")?;
            ensure!(ready.ok(), "{}", process.log());
            Ok(())
        })?;
        Ok(process)
    }
}

/// Where Debian has PostgreSQL's programs, or where `./dev setup` has unpacked them.
fn programs() -> Result<String> {
    let place = std::env::var("KV_POSTGRESQL").unwrap_or_else(|_| "/usr/lib/postgresql".into());
    let versions = fs::read_dir(&place).context("PostgreSQL is there after ./dev setup")?;
    let newest = versions.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok()).max();
    Ok(format!("{place}/{}/bin", newest.context("no PostgreSQL")?))
}

fn second_host() -> Result<()> {
    ip("netns add gateway2")?;
    ip("-n gateway2 link set lo up")?;
    wire(Host::Router, "wan2", Host::Second, "eth0")?;
    wire(Host::Second, "snk", Host::Portal, "eth1")?;
    for line in [
        "-n router addr add 198.51.100.1/24 dev wan2",
        "-n gateway2 addr add 198.51.100.10/24 dev eth0",
        "-n gateway2 addr add 10.211.0.1/24 dev snk",
        "-n portal addr add 10.211.0.2/24 dev eth1",
        "-n gateway2 route add default via 198.51.100.1",
        "-n gateway2 route add 10.210.0.0/24 via 10.211.0.2",
        "-n portal route add 10.201.0.0/16 via 10.211.0.1",
    ] {
        ip(line)?;
    }
    Ok(())
}
