//! The world itself: it has the wires of the picture, and nothing of it is seen outside.

use anyhow::{Result, ensure};
use flexnet_lab::{Host, command::run, enter::is_inside, in_world, traces::Traces};

#[test]
fn the_world_has_the_wires_of_its_picture() -> Result<()> {
    in_world("the_world_has_the_wires_of_its_picture", |world| {
        let before = Traces::take(world)?;
        let reached = ["curl", "-sS", "--max-time", "2", "http://203.0.113.10/"];
        let refused = world.on(Host::Client, &reached)?;
        ensure!(refused.stderr.contains("refused") || refused.stderr.contains("connect"), "{}", refused.stderr);
        let route = world.on(Host::Client, &["ip", "route", "get", "10.210.0.10"])?.expect_ok("route")?;
        ensure!(
            route.contains("via 192.168.178.1"),
            "without a session the portal's address is one of the internet: {route}"
        );
        Traces::take(world)?.expect_same(&before)
    })
}

#[test]
fn nothing_of_a_world_is_seen_outside() -> Result<()> {
    const NAME: &str = "nothing_of_a_world_is_seen_outside";
    if is_inside() {
        return in_world(NAME, |_| Ok(()));
    }
    let before = outside()?;
    in_world(NAME, |_| Ok(()))?;
    ensure!(outside()? == before, "before:\n{before}\nafter:\n{}", outside()?);
    Ok(())
}

/// The machine's own network, and whatever of a world's files would lie about.
fn outside() -> Result<String> {
    let script = "ip -o link; ip -o addr | sed 's/valid_lft.*//'; ip route; ip rule; nft list ruleset 2>/dev/null
        cat /etc/hosts /etc/resolv.conf; ls -d /run/lab /run/kv-flexnet /run/netns/client 2>/dev/null";
    Ok(run("sh", &["-c", script])?.stdout)
}
