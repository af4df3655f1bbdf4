//! Area 9: our own program on the PC.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result, ensure};

use super::{Fault, Scene};
use crate::{
    command::eventually,
    parts::{PATIENCE, PROFILE, SOCKET, STATE},
    world::Host,
};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "not_installed",
        words: "Dienst nicht installiert",
        code: "KVF-901-1",
        inject: |scene| {
            scene.service = None;
            scene.on(Host::Client, &format!("rm -f {SOCKET} {}", super::scene::UNIT))
        },
    },
    Fault {
        name: "service_killed",
        words: "Dienst getötet (SIGKILL), sein Socket liegt noch da",
        code: "KVF-902-2",
        inject: |scene| {
            scene.service = None;
            ensure!(fs::exists(SOCKET)?, "the socket went with the service");
            Ok(())
        },
    },
    Fault {
        name: "socket_gone",
        words: "Dienst getötet, Socket gelöscht",
        code: "KVF-902-2",
        inject: |scene| {
            scene.service = None;
            Ok(fs::remove_file(SOCKET)?)
        },
    },
    Fault {
        name: "service_hangs",
        words: "Dienst angehalten (SIGSTOP)",
        code: "KVF-903-3",
        inject: |scene| scene.signal(scene.service.as_ref(), "STOP"),
    },
    Fault {
        name: "service_too_old",
        words: "Dienst einer älteren Version",
        code: "KVF-904-0",
        inject: service_too_old,
    },
    Fault {
        name: "socket_squatted",
        words: "Ein fremdes Programm (anderer Benutzer) bedient den Socket",
        code: "KVF-905-4",
        inject: squatted,
    },
    Fault {
        name: "leftovers",
        words: "Dienst in der Sitzung getötet; beim nächsten Start kann er nichts zurücknehmen",
        code: "KVF-906-5",
        inject: leftovers,
    },
    Fault {
        name: "profile_missing",
        words: "Einstellungsdatei der KV fehlt",
        code: "KVF-907-9",
        inject: |_| Ok(fs::remove_file(PROFILE)?),
    },
    Fault {
        name: "profile_broken",
        words: "Einstellungsdatei der KV abgeschnitten",
        code: "KVF-907-9",
        inject: |_| {
            let whole = fs::read_to_string(PROFILE)?;
            Ok(fs::write(PROFILE, whole.get(..whole.len() / 2).context("a profile")?)?)
        },
    },
    Fault {
        name: "not_permitted",
        words: "Benutzer darf den Socket nicht öffnen (Rechte 600)",
        code: "KVF-908-7",
        inject: |scene| scene.on(Host::Client, &format!("chmod 600 {SOCKET}")),
    },
];

/// The program as it is, with an older number in it: half an update.
fn service_too_old(scene: &mut Scene) -> Result<()> {
    scene.service = None;
    let version = flexnet_protocol::VERSION;
    let (whole, old) = (fs::read(scene.world.binary("kv-flexnet-service")?)?, older(version)?);
    let mut patched = whole.clone();
    let (mut at, mut count) = (0, 0);
    while let Some(found) = patched.get(at..).and_then(|rest| find(rest, version.as_bytes())) {
        let place = patched.get_mut(at + found..at + found + old.len()).context("a place")?;
        place.copy_from_slice(old.as_bytes());
        at += found + old.len();
        count += 1;
    }
    ensure!(count > 0, "the service holds no {version}");
    fs::write("/run/lab/bin/kv-flexnet-service", patched)?;
    scene.on(Host::Client, "chmod 755 /run/lab/bin/kv-flexnet-service")?;
    let mut line = vec!["/run/lab/bin/kv-flexnet-service", "run", "--profile", PROFILE];
    line.extend(["--state", STATE, "--socket", SOCKET]);
    let before = fs::metadata(SOCKET).and_then(|m| m.modified()).ok();
    scene.start(Host::Client, "old-service", &line)?;
    eventually("the older service", PATIENCE, || {
        let now = fs::metadata(SOCKET).and_then(|m| m.modified())?;
        ensure!(Some(now) != before, "the socket is still the former service's");
        Ok(())
    })
}

fn find(all: &[u8], wanted: &[u8]) -> Option<usize> {
    all.windows(wanted.len()).position(|each| each == wanted)
}

/// As long, and older.
fn older(version: &str) -> Result<String> {
    let digit = version.rfind(|c: char| c.is_ascii_digit()).context("a version")?;
    let mut old = version.to_owned();
    old.replace_range(digit..=digit, if version.get(digit..=digit) == Some("0") { "9" } else { "0" });
    Ok(old)
}

/// The folder is somebody's, which only root can have done.
fn squatted(scene: &mut Scene) -> Result<()> {
    scene.service = None;
    let listen = "import socket,time\ns=socket.socket(socket.AF_UNIX);s.bind('/run/kv-flexnet/service.sock');s.listen(8)\n\
                  k=[]\nwhile 1: k.append(s.accept()[0])";
    fs::write("/run/lab/squat.py", listen)?;
    scene.on(Host::Client, &format!("rm -f {SOCKET}; chown 1001 /run/kv-flexnet"))?;
    let line = ["setpriv", "--reuid", "1001", "--regid", "1001", "--clear-groups", "python3", "/run/lab/squat.py"];
    scene.start(Host::Client, "squatter", &line)?;
    eventually("a squatter", PATIENCE, || {
        ensure!(fs::exists(SOCKET)?, "no socket");
        Ok(())
    })
}

/// The next start sees `/etc` as it cannot be written, so what the session has put there stays.
fn leftovers(scene: &mut Scene) -> Result<()> {
    scene.sign_in()?;
    scene.signal(scene.service.as_ref(), "KILL")?;
    scene.service.as_mut().context("a service")?.ended(Duration::from_secs(10))?;
    scene.service = None;
    let run = "mount --bind /etc /etc; mount -o remount,ro,bind /etc; exec \"$@\"";
    let wrapper = ["unshare", "--mount", "sh", "-ec", run, "service"];
    scene.service = Some(scene.world.service_under(&wrapper)?);
    Ok(())
}
