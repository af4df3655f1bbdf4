//! The demo without a display, as a stranger sees it after building: as root, and as an ordinary user. Its world is that of ../src/world.rs.

use std::{fs, path::PathBuf};

use anyhow::{Result, ensure};
use flexnet_lab::{
    command::{print_command, run},
    enter::{PRIVATE, is_root},
    world::binaries,
};

/// What `./dev demo --headless` starts, besides the world itself.
const PROGRAMS: [&str; 5] =
    ["kv-flexnet-world", "kv-flexnet-gateway", "kv-flexnet-service", "kv-flexnet", "kv-flexnet-token"];
/// An account that owns nothing, on a PC where everybody may make a tunnel, as udev sets it up. Some containers do not.
const NOBODY: [&str; 6] = ["unshare", "--mount", "sh", "-c", NOBODY_SCRIPT, "nobody"];
const NOBODY_SCRIPT: &str = "mount --make-rprivate / && mkdir -p /dev/net && mount -t tmpfs tmpfs /dev/net && \
     mknod -m 666 /dev/net/tun c 10 200 && \
     exec setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent \"$@\"";

#[test]
fn every_step_of_the_headless_demo_comes_out() -> Result<()> {
    let folder = binaries()?.display().to_string();
    let sudo: &[&str] = if is_root()? { &[] } else { &["sudo", "-n"] };
    expect_every_step(&demo(sudo, &["unshare"], &folder)?)
}

/// Root only inside a user namespace of its own; outside it may do nothing that other users may not.
#[test]
fn the_headless_demo_needs_no_root() -> Result<()> {
    let user: &[&str] = if is_root()? { &NOBODY } else { &[] };
    let enter = ["unshare", "--user", "--map-root-user"];
    let tunnel = ["--net", "--", "ip", "tuntap", "add", "dev", "probe", "mode", "tun"];
    let allowed = [user, &enter, &tunnel].concat();
    if let Some((program, arguments)) = allowed.split_first()
        && !run(program, arguments)?.ok()
    {
        // Ubuntu's AppArmor, or a /dev/net/tun for root alone. The demo says so and takes sudo, which is the test above.
        println!("this system does not let ordinary users make namespaces with tunnels");
        return Ok(());
    }
    let copy = Copy::of_programs()?;
    expect_every_step(&demo(user, &enter, &copy.0.display().to_string())?)
}

fn demo(user: &[&str], enter: &[&str], folder: &str) -> Result<String> {
    let program = format!("{folder}/kv-flexnet-world");
    let line = [user, enter, &PRIVATE, &["--", &program, "headless"]].concat();
    let (first, rest) = line.split_first().unwrap_or((&"", &[]));
    print_command(first, rest);
    let told = run(first, rest)?.expect_ok("the demo")?;
    println!("{told}");
    Ok(told)
}

fn expect_every_step(told: &str) -> Result<()> {
    let mut rest = told;
    for step in [
        "Ohne Verbindung ist das Portal nicht erreichbar",
        "Verbunden als",
        "Die Anmeldeseite des Portals kommt durch den Tunnel",
        "Danach ist das Portal wieder nicht erreichbar",
        "endet die ganze Welt",
    ] {
        let Some((_, after)) = rest.split_once(step) else {
            anyhow::bail!("{step:?} is missing, or too early:\n{told}")
        };
        rest = after;
    }
    ensure!(!told.contains("panicked"), "{told}");
    Ok(())
}

/// The programs where everybody may read them: root's own folders are closed to others.
struct Copy(PathBuf);

impl Copy {
    fn of_programs() -> Result<Self> {
        let copy = Self(std::env::temp_dir().join(format!("kv-flexnet-demo-{}", std::process::id())));
        fs::create_dir_all(&copy.0)?;
        for program in PROGRAMS {
            fs::copy(binaries()?.join(program), copy.0.join(program))?;
        }
        run("chmod", &["-R", "a+rX", &copy.0.display().to_string()])?.expect_ok("chmod")?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // A temporary folder that stays is a pity, and no failure.
        let _ = fs::remove_dir_all(&self.0);
    }
}
