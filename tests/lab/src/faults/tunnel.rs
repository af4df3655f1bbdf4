//! Area 6: the tunnel of a session. First byte of a WireGuard message: 1 and 2 a handshake, 4 data; the diagnosis' echoes have none of these.

use anyhow::{Result, ensure};
use flexnet_protocol::FaultCode;

use super::{Fault, Scene};
use crate::{command::eventually, parts::PATIENCE, world::Host};

/// Where the gateway takes no tunnel on 443, a blocked UDP is the end.
const NO_CARRIERS: &str = "sed -i 's/^#\\[limits\\]/[limits]\\ncarriers = 0/' gateway.toml";

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "no_handshake",
        words: "Anmeldung gelingt, der Tunnel nicht: Handschläge verworfen, kein Weg über 443",
        code: "KVF-605-3",
        inject: |scene| {
            scene.gateway_again(NO_CARRIERS)?;
            scene.filter(Host::Router, "pass", &["udp dport 51820 @th,64,8 1 drop"])?;
            scene.fails_to_sign_in(FaultCode::TunnelNoHandshake)
        },
    },
    Fault {
        name: "tunnel_lost",
        words: "Tunnel reißt in der Sitzung ab: WireGuard verworfen, Echos gehen, kein Weg über 443",
        code: "KVF-606-6",
        inject: |scene| {
            scene.gateway_again(NO_CARRIERS)?;
            scene.sign_in()?;
            scene.filter(Host::Router, "pass", &["udp dport 51820 @th,64,8 { 1, 2, 4 } drop"])?;
            eventually("a lost tunnel", 3 * PATIENCE, || {
                scene.asks_portal()?;
                let state = scene.world.state()?;
                ensure!(state.get("name").is_some_and(|name| name == "reconnecting"), "the state is {state}");
                Ok(())
            })
        },
    },
    Fault {
        name: "route_taken",
        words: "Ein anderes Programm hat die Route zum Portal (10.210.0.0/25 über tun7)",
        code: "KVF-607-7",
        inject: route_taken,
    },
];

fn route_taken(scene: &mut Scene) -> Result<()> {
    scene.sign_in()?;
    scene.on(
        Host::Client,
        "ip tuntap add tun7 mode tun; ip link set tun7 up; ip route add 10.210.0.0/25 dev tun7; \
         ip -6 route add 2001:db8:210::/65 dev tun7",
    )
}
