//! The lab's world with a slow wire between the router and the gateway: what a member far away has.

use std::time::Duration;

use anyhow::Result;
use flexnet_lab::{Host, Process, World, enter::private_ground, eventually};

/// What the lab says of the wire between router and gateway, to be said again of the slow one.
const ADDRESSES: [(Host, &str); 10] = [
    (Host::Router, "link set wan up"),
    (Host::Gateway, "link set eth0 up"),
    (Host::Router, "addr add 203.0.113.1/24 dev wan"),
    (Host::Gateway, "addr add 203.0.113.10/24 dev eth0"),
    (Host::Gateway, "addr add 203.0.113.11/24 dev eth0"),
    (Host::Router, "addr add 2001:db8:113::1/64 dev wan"),
    (Host::Gateway, "addr add 2001:db8:113::10/64 dev eth0"),
    (Host::Gateway, "addr add 2001:db8:113::11/64 dev eth0 preferred_lft 0"),
    (Host::Gateway, "route add default via 203.0.113.1"),
    (Host::Gateway, "-6 route add default via 2001:db8:113::1"),
];

/// The lab's world as it is.
///
/// # Errors
/// A command failed, or this does not run in namespaces of its own.
pub fn world() -> Result<World> {
    private_ground()?;
    World::build()
}

/// Exchanges the wire between router and gateway for one that takes so long in each direction. It lasts as long as the process.
///
/// # Errors
/// A command failed.
pub fn slow_down(world: &World, one_way: Duration) -> Result<Process> {
    world.on(Host::Router, &["ip", "link", "del", "wan"])?.expect_ok("taking the fast wire away")?;
    let program = world.binary("kv-flexnet-bench")?;
    let milliseconds = one_way.as_millis().to_string();
    let line = [&program, "delay", "--one-way-ms", &milliseconds, "router/wan", "gateway/eth0"];
    let wire = world.start(Host::Router, "delay", &line)?;
    for (host, device) in [(Host::Router, "wan"), (Host::Gateway, "eth0")] {
        eventually("the slow wire", Duration::from_secs(10), || {
            world.quietly(host, &["ip", "link", "show", device], "")?.expect_ok(&wire.log()).map(drop)
        })?;
    }
    for (host, line) in ADDRESSES {
        let mut words = vec!["ip"];
        words.extend(line.split(' '));
        world.on(host, &words)?.expect_ok("the slow wire")?;
    }
    Ok(wire)
}
