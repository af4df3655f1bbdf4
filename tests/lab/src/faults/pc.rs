//! Area 1: this PC.

use anyhow::Result;

use super::{Fault, Scene, scene::HOME};
use crate::world::Host;

/// A clock that is moved for the diagnosis alone. Its waits go by the other clock, which stays as it is.
pub(super) const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "clock_two_minutes_ahead",
        words: "Uhr des PCs 2 min vor (libfaketime)",
        code: "KVF-101-0",
        inject: |scene| clock(scene, "+2m"),
    },
    Fault {
        name: "clock_ten_minutes_ahead",
        words: "Uhr des PCs 10 min vor",
        code: "KVF-102-9",
        inject: |scene| clock(scene, "+10m"),
    },
    Fault {
        name: "clock_ten_minutes_behind",
        words: "Uhr des PCs 10 min nach",
        code: "KVF-102-9",
        inject: |scene| clock(scene, "-10m"),
    },
    Fault {
        name: "clock_two_days_ahead",
        words: "Uhr des PCs 2 Tage vor",
        code: "KVF-102-9",
        inject: |scene| clock(scene, "+2d"),
    },
    Fault {
        name: "clock_two_days_behind",
        words: "Uhr des PCs 2 Tage nach",
        code: "KVF-102-9",
        inject: |scene| clock(scene, "-2d"),
    },
    Fault {
        name: "clock_ten_years_behind",
        words: "Uhr des PCs 10 Jahre nach: kein Zertifikat gilt schon",
        code: "KVF-102-9",
        inject: |scene| clock(scene, "-10y"),
    },
    Fault {
        name: "keyring_locked",
        words: "Schlüsselspeicher gesperrt (gnome-keyring)",
        code: "KVF-107-8",
        inject: keyring_locked,
    },
    Fault {
        name: "firewall_udp",
        words: "Firewall des PCs verwirft UDP zum Gateway (nft output drop)",
        code: "KVF-108-6",
        inject: |scene| scene.filter(Host::Client, "output", &["udp dport 51820 drop"]),
    },
    Fault {
        name: "firewall_tcp",
        words: "Firewall des PCs verbietet TCP und UDP 443 (nft output reject)",
        code: "KVF-108-6",
        inject: |scene| {
            let rule = "meta l4proto { tcp, udp } th dport 443 reject with icmpx admin-prohibited";
            scene.filter(Host::Client, "output", &[rule])
        },
    },
    Fault {
        name: "disk_full",
        words: "Benutzerordner voll (tmpfs von 64 KiB, randvoll)",
        code: "KVF-110-8",
        inject: |scene| {
            let fill = format!("dd if=/dev/zero of={HOME}/full bs=1k count=64 2>/dev/null || true");
            let mount = format!("mount -t tmpfs -o size=64k,uid=1000,mode=700 tmpfs {HOME}; {fill}");
            scene.on(Host::Client, &mount)
        },
    },
    Fault {
        name: "home_read_only",
        words: "Benutzerordner schreibgeschützt (mount -o ro)",
        code: "KVF-114-3",
        inject: |scene| scene.on(Host::Client, &format!("mount --bind {HOME} {HOME}; mount -o remount,ro,bind {HOME}")),
    },
    Fault {
        name: "home_missing",
        words: "Benutzerordner fehlt",
        code: "KVF-114-3",
        inject: |scene| {
            scene.asked.home = "/nonexistent".to_owned();
            Ok(())
        },
    },
    Fault {
        name: "few_handles",
        words: "Nur 24 offene Dateien erlaubt (prlimit)",
        code: "KVF-113-5",
        inject: |scene| {
            scene.asked.wrapper = ["prlimit", "--nofile=24"].map(String::from).to_vec();
            Ok(())
        },
    },
];

fn clock(scene: &mut Scene, shift: &str) -> Result<()> {
    let preload = format!("LD_PRELOAD={FAKETIME}");
    scene.asked.environment.extend([preload, "FAKETIME_DONT_FAKE_MONOTONIC=1".to_owned(), format!("FAKETIME={shift}")]);
    Ok(())
}

/// The member's session has a bus with a store of keys, and nobody has typed its password.
fn keyring_locked(scene: &mut Scene) -> Result<()> {
    let lock = "dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
                org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login";
    let script = format!(
        "set -e; mkdir -p $HOME/run; export XDG_RUNTIME_DIR=$HOME/run; \
         printf geheim | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; {lock} >/dev/null; exec \"$@\""
    );
    scene.asked.wrapper = ["dbus-run-session", "--", "sh", "-c", &script, "keyring"].map(String::from).to_vec();

    Ok(())
}
