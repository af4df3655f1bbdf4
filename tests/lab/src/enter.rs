//! Private namespaces for a scenario: the test starts itself again inside `unshare`, with sudo where it is not root.
//! Nothing outside changes; with the last process of the new process namespace everything is gone.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::{World, command::run, resolved};

/// Set for the process inside.
const INSIDE: &str = "KV_WORLD_INSIDE";
/// Programs that only this world has.
pub const WORLD_BIN: &str = "/run/lab/bin";
/// Network, mount and process namespaces; who dies first takes the rest along.
pub const PRIVATE: [&str; 6] = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];

/// Runs the scenario in a world of its own. `test` is the test's name as the harness prints it.
///
/// # Errors
/// What the scenario or the building of the world says.
pub fn in_world(test: &str, scenario: impl FnOnce(&mut World) -> Result<()>) -> Result<()> {
    on_private_ground(test, || scenario(&mut World::build()?))
}

/// The same for a scenario that builds its world by itself.
///
/// # Errors
/// What the scenario says.
pub fn on_private_ground(test: &str, scenario: impl FnOnce() -> Result<()>) -> Result<()> {
    if is_inside() {
        private_ground()?;
        return scenario();
    }
    let mut child =
        unshared(&[test, "--exact", "--nocapture", "--test-threads=1"], 300)?.stdout(Stdio::piped()).spawn()?;
    let mut told = String::new();
    for line in BufReader::new(child.stdout.take().context("no standard output")?).lines() {
        let line = line?;
        println!("{line}");
        told.push_str(&line);
    }
    let status = child.wait()?;
    ensure!(status.success(), "the scenario failed inside its world: {status}");
    ensure!(told.contains("1 passed"), "no test is called {test}");
    Ok(())
}

/// This program again with other arguments, in private namespaces and for so many seconds at most.
///
/// # Errors
/// The system does not say who we are.
pub fn unshared(arguments: &[&str], seconds: u32) -> Result<Command> {
    let exe = std::env::current_exe()?;
    let mut line: Vec<String> = Vec::new();
    if !is_root()? {
        line.extend(["sudo", "-n"].map(String::from));
    }
    let path = std::env::var("PATH").unwrap_or_default();
    line.extend(["env".into(), format!("{INSIDE}=1"), format!("PATH={WORLD_BIN}:{path}"), "RUST_BACKTRACE=0".into()]);
    line.push(format!("{}={}", resolved::FOLDER, resolved::folder().display()));
    // What hangs must fail, and say how far it came. In this group of processes, so that whoever stops the test stops it too.
    line.extend(["timeout", "--foreground", "--kill-after=5", &seconds.to_string(), "unshare"].map(String::from));
    line.extend(PRIVATE.map(String::from));
    line.extend(["--".into(), exe.display().to_string()]);
    line.extend(arguments.iter().map(ToString::to_string));
    let (program, arguments) = line.split_first().context("empty command line")?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// Whether this process belongs to root.
///
/// # Errors
/// There is no `id`.
pub fn is_root() -> Result<bool> {
    Ok(run("id", &["-u"])?.stdout.trim() == "0")
}

/// Whether this process is the one inside.
pub fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Own `/run`, `/var/lib` and `/etc`: the product uses its real paths, and none of them is the machine's.
///
/// # Errors
/// Not inside namespaces of its own.
pub fn private_ground() -> Result<()> {
    let inside = run("sh", &["-c", "[ $$ -lt 100 ] && mountpoint -q /proc"])?;
    ensure!(inside.ok(), "this must run inside: unshare -nmpf --mount-proc --kill-child");
    let script = "
        set -e
        mount --make-rprivate /
        mount -t tmpfs -o mode=755 tmpfs /mnt
        mkdir /mnt/etc /mnt/keep
        tar -C /etc -cf - --exclude=./ssl/private . 2>/dev/null | tar -C /mnt/etc -xpf - 2>/dev/null || true
        rm -rf /mnt/etc/resolv.conf /mnt/etc/hosts /mnt/etc/kv-flexnet
        mkdir /mnt/etc/kv-flexnet
        printf '127.0.0.1 localhost\\n::1 localhost\\n' >/mnt/etc/hosts
        printf 'nameserver 192.168.178.1\\n' >/mnt/etc/resolv.conf
        mount --bind /mnt/etc /etc
        keep=$KV_WORLD_KEEP_RUN
        [ -n \"$keep\" ] && [ -d \"$keep\" ] || keep=
        [ -z \"$keep\" ] || mount --rbind \"$keep\" /mnt/keep
        mount -t tmpfs -o mode=755 tmpfs /run
        mkdir -p /run/netns /run/lab/bin /run/wireguard
        [ -z \"$keep\" ] || { mkdir -p \"$keep\"; mount --rbind /mnt/keep \"$keep\"; }
        umount -l /mnt
        mount -t tmpfs -o mode=755 tmpfs /var/lib
    ";
    run("sh", &["-c", script])?.expect_ok("making a private ground")?;
    ensure!(Path::new("/run/netns").is_dir(), "no private /run");
    Ok(())
}
