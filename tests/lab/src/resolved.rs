//! systemd-resolved on the member's PC, by hand: a system bus of its own and the daemon from Debian's package, unpacked and not installed.
//! The bus is this world's /run/dbus; the machine's own is not seen from here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    command::{Process, eventually, run},
    enter::WORLD_BIN,
    parts::PATIENCE,
    world::{Host, World},
};

/// Names the folder where `./dev setup` unpacked the package.
pub const FOLDER: &str = "KV_RESOLVED";

/// That folder, or where it is by default.
pub fn folder() -> PathBuf {
    let named = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
    named(FOLDER).unwrap_or_else(|| {
        let cache = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")));
        cache.unwrap_or_default().join("kv-flexnet/resolved")
    })
}

/// Bus and name service; they end with this.
#[derive(Debug)]
pub struct Resolved {
    _bus: Process,
    _daemon: Process,
}

impl World {
    /// Starts it as a Debian PC has it: /etc/resolv.conf is its stub, the router its server for every name.
    ///
    /// # Errors
    /// It was not unpacked, or does not start.
    pub fn resolved(&self) -> Result<Resolved> {
        let folder = folder();
        let place = |name: &str| {
            let places = ["usr/bin", "lib/systemd", "usr/lib/systemd"].map(|place| folder.join(place).join(name));
            let told = || format!("{name} is not in {}: ./dev setup", folder.display());
            places.into_iter().find(|path| path.is_file()).with_context(told)
        };
        let (daemon, tool) = (place("systemd-resolved")?, place("resolvectl")?);
        let libraries = run("find", &[&folder.display().to_string(), "-name", "libsystemd-shared-*.so"])?.stdout;
        let libraries = Path::new(libraries.trim()).parent().context("libsystemd-shared is not unpacked")?;
        let libraries = format!("LD_LIBRARY_PATH={}", libraries.display());
        let tool = format!("#!/bin/sh\nexec env {libraries} {} \"$@\"\n", tool.display());
        fs::write(format!("{WORLD_BIN}/resolvectl"), tool)?;
        run("chmod", &["755", &format!("{WORLD_BIN}/resolvectl")])?.expect_ok("chmod")?;

        append("/etc/passwd", "systemd-resolve:x:64124:64124::/:/usr/sbin/nologin\n")?;
        append("/etc/group", "systemd-resolve:x:64124:\n")?;
        fs::create_dir_all("/etc/systemd/resolved.conf.d")?;
        let settings = "[Resolve]\nDNS=192.168.178.1\nFallbackDNS=\nLLMNR=no\nMulticastDNS=no\nDNSSEC=no\nCache=no\n";
        fs::write("/etc/systemd/resolved.conf.d/lab.conf", settings)?;
        let stub = ["-sf", "/run/systemd/resolve/stub-resolv.conf", "/etc/resolv.conf"];
        run("ln", &stub)?.expect_ok("the stub")?;
        fs::create_dir_all("/run/systemd")?;
        let bus = self.bus()?;
        let daemon = daemon.display().to_string();
        let daemon = self.start(Host::Client, "resolved", &["env", &libraries, &daemon])?;
        eventually("systemd-resolved", PATIENCE, || {
            let asked = self.quietly(Host::Client, &["resolvectl", "--no-pager", "query", "flexnet.example"], "")?;
            ensure!(asked.stdout.contains("203.0.113.10"), "{}{}{}", asked.stdout, asked.stderr, daemon.log());
            Ok(())
        })?;
        Ok(Resolved { _bus: bus, _daemon: daemon })
    }

    /// A system bus on the member's PC.
    ///
    /// # Errors
    /// It does not start.
    pub fn bus(&self) -> Result<Process> {
        fs::create_dir_all("/run/dbus")?;
        fs::write("/run/dbus/lab.conf", BUS)?;
        let line = ["dbus-daemon", "--config-file=/run/dbus/lab.conf", "--nofork", "--nopidfile"];
        let bus = self.start(Host::Client, "dbus", &line)?;
        eventually("a system bus", PATIENCE, || {
            ensure!(Path::new("/run/dbus/system_bus_socket").exists(), "{}", bus.log());
            Ok(())
        })?;
        Ok(bus)
    }
}

/// Everybody on this bus is root of this world.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_type="method_return"/>
    <allow send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="signal"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
  </policy>
</busconfig>
"#;

fn append(file: &str, line: &str) -> Result<()> {
    let text = fs::read_to_string(file)?;
    fs::write(file, format!("{text}{line}"))?;
    Ok(())
}
