//! Area 6: UDP to the gateway. The tunnel goes by 443 then, so most of these are hints.

use super::{Fault, scene::Scene};
use crate::world::Host;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "udp_dropped",
        words: "UDP zum Gateway verworfen",
        code: "KVF-601-5",
        inject: |scene| scene.filter(Host::Router, "pass", &["oifname wan udp dport 51820 drop"]),
    },
    Fault {
        name: "udp_dropped_on_return",
        words: "UDP vom Gateway verworfen",
        code: "KVF-601-5",
        inject: |scene| scene.filter(Host::Router, "pass", &["iifname wan udp sport 51820 drop"]),
    },
    Fault {
        name: "udp_rejected",
        words: "UDP zum Gateway abgelehnt (ICMP port unreachable)",
        code: "KVF-601-5",
        inject: |scene| scene.filter(Host::Router, "pass", &["oifname wan udp dport 51820 reject"]),
    },
    Fault {
        name: "only_a_proxy_leads_out",
        words: "Nur ein eingestellter Proxy führt hinaus: der Tunnel geht über 443",
        code: "KVF-601-5",
        inject: only_a_proxy,
    },
    Fault {
        name: "udp_throttled",
        words: "UDP auf 5 Pakete je Sekunde gedrosselt",
        code: "KVF-603-1",
        inject: |scene| {
            let rule = "udp dport 51820 limit rate over 5/second burst 3 packets drop";
            scene.filter(Host::Router, "pass", &[rule])
        },
    },
    Fault {
        name: "udp_large_dropped",
        words: "Große UDP-Pakete verworfen (über 1300 Bytes), TCP gut",
        code: "KVF-604-4",
        inject: |scene| scene.filter(Host::Router, "pass", &["udp dport 51820 meta length > 1300 drop"]),
    },
];

fn only_a_proxy(scene: &mut Scene) -> anyhow::Result<()> {
    scene.without_v6()?;
    super::outside::proxy(scene, "")?;
    scene.asked.environment.push(super::outside::PROXY.to_owned());
    scene.filter(Host::Router, "pass", &["oifname wan drop"])
}
