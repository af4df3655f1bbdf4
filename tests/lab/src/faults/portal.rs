//! Area 8: what is inside, with a session that stands.

use anyhow::Result;

use super::{Fault, Scene};
use crate::world::Host;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "inside_names_silent",
        words: "Namensdienst im KV-Netz schweigt",
        code: "KVF-801-8",
        inject: |scene| {
            scene.sign_in()?;
            scene.names.inside = None;
            scene.filter(Host::Portal, "input", &["meta l4proto { tcp, udp } th dport 53 drop"])
        },
    },
    Fault {
        name: "inside_name_missing",
        words: "Namensdienst im KV-Netz kennt das Portal nicht",
        code: "KVF-802-6",
        inject: |scene| {
            scene.sign_in()?;
            scene.inside_names(&[])
        },
    },
    Fault {
        name: "portal_down",
        words: "Portal beendet",
        code: "KVF-803-9",
        inject: |scene| {
            scene.sign_in()?;
            scene.portal.clear();
            Ok(())
        },
    },
    Fault {
        name: "portal_maintenance",
        words: "Portal antwortet 503",
        code: "KVF-804-7",
        inject: |scene| instead(scene, "503"),
    },
    Fault {
        name: "portal_silent",
        words: "Portal nimmt an und sagt nichts (SIGSTOP)",
        code: "KVF-805-2",
        inject: |scene| {
            scene.sign_in()?;
            scene.portal.iter().try_for_each(|process| scene.signal(Some(process), "STOP"))
        },
    },
    Fault {
        name: "inside_large_dropped",
        words: "Große Pakete im Tunnel verworfen (über 1000 Bytes zum Mitglied)",
        code: "KVF-806-0",
        inject: |scene| {
            scene.sign_in()?;
            scene.filter(Host::Gateway, "pass", &["oifname kvgw0 meta length > 1000 drop"])
        },
    },
];

/// Something else where the portal was, in both families.
fn instead(scene: &mut Scene, status: &str) -> Result<()> {
    scene.sign_in()?;
    scene.portal.clear();
    scene.stand_in(Host::Portal, &["web", "--listen", "[::]:80", "--status", status])
}
