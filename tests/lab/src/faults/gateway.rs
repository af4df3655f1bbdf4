//! Area 5: the gateway itself.

use std::path::Path;

use anyhow::{Result, ensure};

use super::{Fault, Scene};
use crate::{
    command::eventually,
    parts::{GATEWAY_DIR, PATIENCE, change, gateway_config},
    world::{Host, LAB},
};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "maintenance",
        words: "Wartung angesagt (gw admin maintenance on)",
        code: "KVF-501-2",
        inject: |scene| {
            scene.world.admin(&["maintenance", "on"])?.expect_ok("maintenance")?;
            says_maintenance(scene)
        },
    },
    Fault {
        name: "maintenance_of_its_own",
        words: "Wartung in der Konfiguration eines Gateways",
        code: "KVF-501-2",
        inject: |scene| {
            scene.gateway_again("sed -i '/^.maintenance.$/,$ s/^on = false/on = true/' gateway.toml")?;
            says_maintenance(scene)
        },
    },
    Fault {
        name: "draining",
        words: "Gateway wird geräumt (SIGTERM mit Räumzeit)",
        code: "KVF-502-0",
        inject: |scene| {
            scene.gateway_again("sed -i 's/^drain_seconds = 0/drain_seconds = 60/' gateway.toml")?;
            scene.signal(scene.gateway.as_ref(), "TERM")?;
            ready_says(scene, "draining")
        },
    },
    Fault {
        name: "database_gone",
        words: "Datenbank fort (PostgreSQL unter dem Gateway beendet)",
        code: "KVF-503-6",
        inject: database_gone,
    },
    Fault {
        name: "gateway_hangs",
        words: "Gateway angehalten (SIGSTOP): TCP ja, Antwort nein",
        code: "KVF-504-8",
        inject: |scene| scene.signal(scene.gateway.as_ref(), "STOP"),
    },
    Fault {
        name: "gateway_says_nothing",
        words: "Gateway spricht TLS und beantwortet keine Frage",
        code: "KVF-504-8",
        inject: |scene| instead(scene, "0"),
    },
    Fault {
        name: "gateway_fails",
        words: "Gateway antwortet 500",
        code: "KVF-505-7",
        inject: |scene| instead(scene, "500"),
    },
    Fault {
        name: "client_too_old",
        words: "Gateway verlangt eine neuere Version (min_client_version)",
        code: "KVF-506-1",
        inject: |scene| {
            scene.gateway_again("sed -i 's/^min_client_version = .*/min_client_version = \"99.0.0\"/' gateway.toml")
        },
    },
];

/// Waits until the gateway's own health says so.
fn ready_says(scene: &Scene, word: &str) -> Result<()> {
    eventually(word, PATIENCE, || {
        let line = ["curl", "-sS", "--max-time", "2", "http://127.0.0.1:9180/readyz"];
        let told = scene.world.quietly(Host::Gateway, &line, "")?;
        ensure!(told.stdout.contains(word), "{}{}", told.stdout, told.stderr);
        Ok(())
    })
}

/// Waits until clients are told: a note for all gateways is read once a second.
fn says_maintenance(scene: &Scene) -> Result<()> {
    eventually("a note of maintenance", PATIENCE, || {
        let line = ["curl", "-sSk", "--max-time", "2", "https://203.0.113.10/v1/info"];
        let told = scene.world.quietly(Host::Gateway, &line, "")?;
        ensure!(told.stdout.contains("\"maintenance\":{"), "{}{}", told.stdout, told.stderr);
        Ok(())
    })
}

/// Something with the gateway's own certificate in its place; port 80 is as dead as the gateway.
fn instead(scene: &mut Scene, status: &str) -> Result<()> {
    scene.gateway = None;
    let (certificate, key) = (format!("{GATEWAY_DIR}/server.pem"), format!("{GATEWAY_DIR}/server-key.pem"));
    let mut line = vec!["web", "--listen", "[::]:443", "--status", status];
    line.extend(["--certificate", &certificate, "--key", &key]);
    scene.stand_in(Host::Gateway, &line)
}

/// As with two gateways (docs/operations.md), with one.
fn database_gone(scene: &mut Scene) -> Result<()> {
    let mut database = scene.world.postgresql()?;
    scene.gateway = None;
    let named = format!("\n[database]\nurl_file = \"{LAB}/pg/database.url\"\n\n[api]\n");
    change(Path::new(&gateway_config()), "\n[api]\n", &named)?;
    scene.gateway = Some(scene.world.gateway()?);
    // As after a failure of its host: its processes end at once.
    database.kill()?;
    scene.on(Host::Gateway, "pkill -9 -x postgres || true")?;
    ready_says(scene, "database")
}
