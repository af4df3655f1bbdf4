//! The slow wire of the round trips, in a world of its own: it carries TCP, UDP and both families, and it is slow. No time is asserted upwards.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use flexnet_bench::path::slow_down;
use flexnet_lab::{Host, in_world, world::GATEWAY};

#[test]
fn a_slow_wire_carries_everything_late() -> Result<()> {
    in_world("a_slow_wire_carries_everything_late", |world| {
        let fast = ping(world, GATEWAY)?;
        let _wire = slow_down(world, Duration::from_millis(25))?;
        for address in [GATEWAY, "2001:db8:113::10"] {
            let slow = ping(world, address)?;
            ensure!(slow >= 50.0, "{address}: {slow} ms there and back (before: {fast} ms)");
        }
        let server = ["python3", "-m", "http.server", "8000", "-b", "::", "-d", "/usr/share/common-licenses"];
        let _server = world.start(Host::Gateway, "web", &server)?;
        let url = format!("http://{GATEWAY}:8000/GPL-3");
        let line = ["curl", "-sS", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", &url];
        let page = world.on(Host::Client, &line)?.expect_ok("TCP over the slow wire")?;
        let whole = std::fs::read_to_string("/usr/share/common-licenses/GPL-3")?;
        ensure!(page == whole, "{} bytes of {} came over the slow wire", page.len(), whole.len());
        Ok(())
    })
}

/// The shortest of three round trips, in milliseconds.
fn ping(world: &flexnet_lab::World, address: &str) -> Result<f64> {
    let said = world.on(Host::Client, &["ping", "-nqc", "3", "-i", "0.2", address])?.expect_ok("ping")?;
    let figures = said.rsplit_once(" = ").with_context(|| said.clone())?.1;
    figures.split('/').next().unwrap_or_default().parse().with_context(|| said.clone())
}
