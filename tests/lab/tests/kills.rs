//! kill -9 of the service at each step of its journal, and while connected: the next start, or `repair`, leaves nothing of ours.
//! Asserted from outside with ip, nft, resolvectl and the bytes of files. Picture: ../src/world.rs.

use std::{fs, path::Path};

use anyhow::{Result, bail, ensure};
use flexnet_lab::{
    Host, Member, World,
    command::Process,
    eventually, in_world,
    keepers::Resolvconf,
    parts::{PATIENCE, STATE, change, gateway_config},
    traces::Traces,
    world::LAB,
};

/// More steps than any session has.
const TOO_MANY: u32 = 60;

#[test]
fn killed_at_each_journal_step_the_next_start_leaves_nothing() -> Result<()> {
    in_world("killed_at_each_journal_step_the_next_start_leaves_nothing", |world| {
        at_each_step(world, "fsync,fdatasync", 1, |world| drop_service(world.service()?))
    })
}

#[test]
fn killed_at_each_journal_step_repair_leaves_nothing() -> Result<()> {
    in_world("killed_at_each_journal_step_repair_leaves_nothing", |world| {
        at_each_step(world, "fsync,fdatasync", 1, repair)
    })
}

/// The name service is a change of its own where systemd-resolved runs.
#[test]
fn killed_at_each_journal_step_beside_systemd_resolved_nothing_is_left() -> Result<()> {
    in_world("killed_at_each_journal_step_beside_systemd_resolved_nothing_is_left", |world| {
        let _resolved = world.resolved()?;
        at_each_step(world, "fsync,fdatasync", 1, repair)
    })
}

/// Under `exclusive` the name service is another change, a different one with each keeper of resolv.conf.
#[test]
fn killed_at_each_journal_step_under_exclusive_beside_networkmanager_nothing_is_left() -> Result<()> {
    in_world("killed_at_each_journal_step_under_exclusive_beside_networkmanager_nothing_is_left", |world| {
        let _keeper = world.network_manager()?;
        at_each_step_exclusively(world, repair)
    })
}

#[test]
fn killed_at_each_journal_step_under_exclusive_beside_resolvconf_nothing_is_left() -> Result<()> {
    in_world("killed_at_each_journal_step_under_exclusive_beside_resolvconf_nothing_is_left", |world| {
        world.resolvconf(Resolvconf::Debian)?;
        at_each_step_exclusively(world, |world| drop_service(world.service()?))
    })
}

#[test]
fn killed_at_each_journal_step_under_exclusive_beside_openresolv_nothing_is_left() -> Result<()> {
    in_world("killed_at_each_journal_step_under_exclusive_beside_openresolv_nothing_is_left", |world| {
        world.resolvconf(Resolvconf::Open)?;
        at_each_step_exclusively(world, repair)
    })
}

#[test]
fn killed_at_each_journal_step_under_exclusive_with_a_plain_resolv_conf_nothing_is_left() -> Result<()> {
    in_world("killed_at_each_journal_step_under_exclusive_with_a_plain_resolv_conf_nothing_is_left", |world| {
        at_each_step_exclusively(world, |world| drop_service(world.service()?))
    })
}

/// Between two journal steps lie many calls to the kernel; each third of them is as good a moment to die.
#[test]
fn killed_between_the_steps_the_next_start_leaves_nothing() -> Result<()> {
    in_world("killed_between_the_steps_the_next_start_leaves_nothing", |world| {
        at_each_step(world, "sendto,sendmsg,rename,ftruncate", 3, |world| drop_service(world.service()?))
    })
}

#[test]
fn killed_while_connected_nothing_is_left() -> Result<()> {
    in_world("killed_while_connected_nothing_is_left", |world| {
        let mut running = world.everything()?;
        let mut member = world.member("m.abriss", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        for mend in [(|world| drop_service(world.service()?)) as fn(&World) -> Result<()>, repair] {
            world.sign_in(&mut member)?;
            ensure!(Traces::take(world)? != before, "a session leaves no trace: the picture is blind");
            running.service.kill()?;
            mend(world)?;
            Traces::take(world)?.expect_same(&before)?;
            running.service = world.service()?;
        }
        // Twice is as good as once, and with nothing to do it says so.
        repair(world)?;
        Traces::take(world)?.expect_same(&before)
    })
}

/// A journal that nobody can read is no reason to leave anything: everything of ours is found by its name.
#[test]
fn a_broken_journal_hides_nothing() -> Result<()> {
    in_world("a_broken_journal_hides_nothing", |world| {
        let mut running = world.everything()?;
        let mut member = world.member("m.journal", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        for contents in ["", "garbage\n"] {
            world.sign_in(&mut member)?;
            running.service.kill()?;
            fs::write(format!("{STATE}/journal"), contents)?;
            repair(world)?;
            Traces::take(world)?.expect_same(&before)?;
            running.service = world.service()?;
        }
        Ok(())
    })
}

fn at_each_step_exclusively(world: &World, mend: impl Fn(&World) -> Result<()>) -> Result<()> {
    world.found()?;
    change(Path::new(&gateway_config()), "portal_only_routes", "exclusive")?;
    at_each_step_founded(world, "fsync,fdatasync", 1, mend)
}

fn at_each_step(world: &World, calls: &str, stride: u32, mend: impl Fn(&World) -> Result<()>) -> Result<()> {
    world.found()?;
    at_each_step_founded(world, calls, stride, mend)
}

/// Kills the service at the first, the second, ... of these system calls, until a session passes without.
fn at_each_step_founded(world: &World, calls: &str, stride: u32, mend: impl Fn(&World) -> Result<()>) -> Result<()> {
    let (_gateway, _portal) = (world.gateway()?, world.portal()?);
    let mut member = world.member("m.schritt", &["--kind", "hotp"])?;
    let before = Traces::take(world)?;
    let mut killed = 0;
    let (trace, traced) = (format!("{LAB}/strace"), format!("trace={calls}"));
    for step in (1..).step_by(stride as usize) {
        ensure!(step < TOO_MANY * stride, "still killed at step {step}");
        let inject = format!("inject={calls}:signal=SIGKILL:when={step}");
        // strace counts the calls of each thread by itself: the one that changes the network must always be the same.
        // And it traces from beside (-D), so that the word to stop goes to the service and not to strace.
        let mut one = vec!["env", "TOKIO_WORKER_THREADS=1", "strace", "-D", "-f", "-q", "-o", &trace];
        one.extend(["-e", &traced, "-e", &inject]);
        let mut service = world.start_service(&one)?;
        let stood = session(world, &mut service, &mut member)?;
        if stood {
            service.stop()?;
        } else {
            killed += 1;
            service.ended(PATIENCE)?;
        }
        mend(world)?;
        Traces::take(world)?.expect_same(&before).map_err(|e| e.context(format!("killed at step {step}")))?;
        println!("step {step}: {}", if stood { "the session stood" } else { "killed, and nothing is left" });
        if stood {
            // The filter, the device, the names, and the end: fewer would mean that strace looks at the wrong calls.
            ensure!(killed >= 4, "only {killed} steps");
            // Of the journal's, none may have been passed over.
            let calls = fs::read_to_string(&trace)?.lines().filter(|line| line.contains('(')).count();
            ensure!(stride > 1 || killed >= calls, "{calls} calls, and only {killed} of them killed it");
            return Ok(());
        }
    }
    bail!("never")
}

/// Sign-in and sign-out; `false` if the service was killed on the way.
fn session(world: &World, service: &mut Process, member: &mut Member) -> Result<bool> {
    let listens = eventually("the service's socket, or its end", PATIENCE, || {
        if !service.runs()? {
            return Ok(false);
        }
        ensure!(world.cli_quietly(&["status", "--json"], "")?.ok(), "{}", service.log());
        Ok(true)
    })?;
    if !listens {
        return Ok(false);
    }
    let tan = member.press()?;
    let connected = world.connect(&member.username, &member.password, &tan)?;
    if connected.ok() {
        world.cli(&["disconnect"], "")?;
    }
    // strace ends with its child; whether it does is known once the socket is closed.
    let alive = eventually("the service, alive or dead", PATIENCE, || {
        if !service.runs()? {
            return Ok(false);
        }
        ensure!(world.state()?.get("name").is_some_and(|name| name == "signed_out"), "{}", world.state()?);
        Ok(true)
    })?;
    ensure!(
        !alive || connected.ok(),
        "it lives, and the sign-in did not work: {}{}",
        connected.stdout,
        connected.stderr
    );
    Ok(alive)
}

fn drop_service(mut service: Process) -> Result<()> {
    service.stop()?;
    Ok(())
}

fn repair(world: &World) -> Result<()> {
    let binary = world.binary("kv-flexnet")?;
    world.on(Host::Client, &[&binary, "repair", "--json"])?.expect_ok("repair").map(drop)
}
