//! A service that hangs is ended by itself, its log says where each thread stood, and what it left is taken back. Picture: ../src/world.rs.

use std::{fs, path::Path, time::Duration};

use anyhow::{Result, ensure};
use flexnet_lab::{Host, command::run, eventually, in_world, parts::PATIENCE, traces::Traces};

/// Writing a line of the log never ends while that file is there, as with a terminal or a disk that does not answer.
const HANGS: &str = r#"
#include <sys/syscall.h>
#include <unistd.h>
ssize_t write(int fd, const void *bytes, size_t length) {
  if (fd == 2 && access("/run/lab/hang", F_OK) == 0) for (;;) pause();
  return syscall(SYS_write, fd, bytes, length);
}
"#;

#[test]
fn a_service_that_hangs_is_ended_with_its_stacks_and_nothing_is_left() -> Result<()> {
    in_world("a_service_that_hangs_is_ended_with_its_stacks_and_nothing_is_left", |world| {
        world.found()?;
        let (_gateway, _portal) = (world.gateway()?, world.portal()?);
        fs::write("/run/lab/hangs.c", HANGS)?;
        run("cc", &["-shared", "-fPIC", "-o", "/run/lab/hangs.so", "/run/lab/hangs.c"])?.expect_ok("cc")?;
        let mut service = world.service_under(&["env", "LD_PRELOAD=/run/lab/hangs.so"])?;
        let mut member = world.member("m.haengt", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        world.sign_in(&mut member)?;

        fs::write("/run/lab/hang", "")?;
        let cli = world.binary("kv-flexnet")?;
        let _waits = world.start(Host::Client, "disconnect", &[&cli, "disconnect"])?;
        let ended = service.ended(Duration::from_secs(90))?;
        ensure!(
            ended.to_string().starts_with("signal: 6 "),
            "it ended with {ended}, not by its own word:\n{}",
            service.log()
        );
        let log = service.log();
        for part in ["stands still", "\"kv-flexnet-serv\"", "flexnet_service::service::Service", "\"watchdog\""] {
            ensure!(log.contains(part), "{part} is not in the log:\n{log}");
        }
        ensure!(Traces::take(world)? != before, "a session that hangs leaves no trace: the picture is blind");

        fs::remove_file("/run/lab/hang")?;
        let _service = world.service()?;
        Traces::take(world)?.expect_same(&before)
    })
}

/// Prints what it hears, a word a line.
const MANAGER: &str = "
import socket
ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
ear.bind('/run/lab/notify')
while True:
    print(ear.recv(256).decode().strip(), flush=True)
";

#[test]
fn the_service_manager_hears_from_the_event_loop() -> Result<()> {
    in_world("the_service_manager_hears_from_the_event_loop", |world| {
        world.found()?;
        let manager = world.start(Host::Client, "manager", &["/usr/bin/python3", "-c", MANAGER])?;
        eventually("the service manager", PATIENCE, || {
            ensure!(Path::new("/run/lab/notify").exists(), "{}", manager.log());
            Ok(())
        })?;
        let hear = |wanted: &str| {
            eventually(wanted, PATIENCE, || {
                ensure!(manager.log().contains(wanted), "heard {:?}", manager.log());
                Ok(())
            })
        };
        let mut service = world.service_under(&["env", "NOTIFY_SOCKET=/run/lab/notify"])?;
        hear("READY=1")?;
        hear("WATCHDOG=1\nWATCHDOG=1\n")?;
        service.stop()?;
        hear("STOPPING=1")?;
        eventually("its end", PATIENCE, || {
            ensure!(!service.runs()?, "it runs");
            Ok(())
        })
    })
}
