//! Two gateways over one PostgreSQL: the host of one dies, and its member's session goes on at the other, without a TAN. Picture: ../src/several.rs.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use flexnet_lab::{World, eventually, in_world, world::PORTAL};
use flexnet_protocol::snapshot::State;

/// Whoever takes connections away says nothing: until that is noticed on both ways, and the other gateway is asked.
const MOVED: Duration = Duration::from_secs(90);

#[test]
fn a_session_survives_the_death_of_its_gateway_without_a_tan() -> Result<()> {
    in_world("a_session_survives_the_death_of_its_gateway_without_a_tan", |world| {
        let mut several = world.several()?;
        let _portal = world.portal()?;
        let _service = world.service()?;
        let mut member = world.member("m.muster", &["--kind", "hotp"])?;
        world.sign_in(&mut member)?;
        let before = session(world)?;
        world.fetch(&format!("http://{PORTAL}/"))?.expect_ok("the portal by the first gateway")?;

        world.first_host_dies(&mut several)?;
        eventually("the portal by the second gateway", MOVED, || {
            world.fetch(&format!("http://{PORTAL}/"))?.expect_ok("the portal")?;
            Ok(())
        })?;
        world.wait_for_state("connected")?;
        ensure!(session(world)? == before, "another session: {before}");

        let audit = world.audit_of("/var/lib/kv-flexnet-gateway-2")?;
        let events = |name: &str| audit.iter().filter(|row| row["event"] == name).collect::<Vec<_>>();
        ensure!(events("attempt").len() == 1, "a TAN was used: {audit:?}");
        ensure!(events("session_started").len() == 1 && events("session_ended").is_empty(), "{audit:?}");
        let resumed = events("session_resumed");
        ensure!(resumed.iter().any(|row| row["gateway"] == "gw2"), "nobody resumed at the second: {audit:?}");
        Ok(())
    })
}

/// The name of the session that lives.
fn session(world: &World) -> Result<i64> {
    let State::Connected { session } = world.snapshot()?.state else { bail!("not connected") };
    Ok(session.started)
}
