//! What happens in a sequence, drawn from a seed. An event that comes and goes is drawn again to go.

use std::{thread, time::Duration};

use anyhow::Result;
use fastrand::Rng;

use super::stand::Stand;
use crate::network::{BOTH, Dropped, FIRST_HOST, Family, Uplink};

/// How the member's network stands.
#[derive(Debug, Clone)]
pub struct Conditions {
    uplink: Uplink,
    host: u8,
    families: Vec<Family>,
    dropped: Vec<Dropped>,
    portal: bool,
}

impl Default for Conditions {
    fn default() -> Self {
        Self { uplink: Uplink::Cable, host: FIRST_HOST, families: BOTH.to_vec(), dropped: Vec::new(), portal: true }
    }
}

/// One thing that happens. Times are milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The lease gives another address.
    AddressChanges,
    /// Cable to wireless, or back.
    UplinkMoves,
    /// The plug is out for so long.
    LinkFalls(u64),
    /// A family goes, or comes back.
    Family(Family),
    /// The router maps to other ports.
    NatRebinds(u16),
    /// The router drops something, or lets it pass again.
    Drops(Dropped),
    /// The router forwards nothing for so long.
    Silence(u64),
    /// The line behind the router takes smaller packets.
    Narrows(u16),
    /// kill -9 of the gateway, and its return after so long.
    GatewayDies(u64),
    /// The portal is silent, or answers again.
    Portal,
    /// The service is stopped for so long, as in a sleep.
    Sleeps(u64),
    /// kill -9 of the service, then a start.
    ServiceDies(u64),
    /// kill -9 of the service, then repair and a start.
    ServiceDiesRepaired(u64),
    /// The member signs in; nothing waits for it.
    SignsIn,
    /// The member signs out.
    SignsOut,
    /// The desk ends the session.
    DeskEnds,
    /// The member signs in somewhere else.
    NewerSignIn,
}

impl Conditions {
    /// Whether the portal's network can answer at all.
    pub fn portal_answers(&self) -> bool {
        self.portal
    }
}

impl Event {
    /// Draws one.
    pub fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..20) {
            0 | 1 => Self::AddressChanges,
            2 | 3 => Self::UplinkMoves,
            4 | 5 => Self::LinkFalls(rng.u64(50..2500)),
            6 => Self::Family(Family::V4),
            7 => Self::Family(Family::V6),
            8 => Self::NatRebinds(rng.u16(10..60) * 1000),
            9 | 10 => Self::Drops(Dropped::Udp),
            11 => Self::Drops(Dropped::Tcp),
            12 => Self::Drops(Dropped::Address(rng.usize(0..2))),
            13 => Self::Silence(rng.u64(100..4000)),
            14 => Self::GatewayDies(rng.u64(50..2000)),
            15 if rng.bool() => Self::Portal,
            15 => Self::Narrows(rng.u16(1280..1500)),
            16 if rng.bool() => Self::Drops(Dropped::TooBig),
            16 => Self::Sleeps(rng.u64(100..3000)),
            17 if rng.bool() => Self::ServiceDies(rng.u64(0..800)),
            17 => Self::ServiceDiesRepaired(rng.u64(0..800)),
            18 => Self::SignsIn,
            _ => match rng.u8(0..4) {
                0 | 1 => Self::SignsOut,
                2 => Self::DeskEnds,
                _ => Self::NewerSignIn,
            },
        }
    }

    /// Whether the system tells it, or a sleep ends with it: the truth must stand soon after.
    pub fn is_told(self) -> bool {
        match self {
            Self::AddressChanges | Self::UplinkMoves | Self::LinkFalls(_) | Self::Family(_) | Self::Sleeps(_) => true,
            Self::NatRebinds(_)
            | Self::Drops(_)
            | Self::Silence(_)
            | Self::Narrows(_)
            | Self::GatewayDies(_)
            | Self::Portal
            | Self::ServiceDies(_)
            | Self::ServiceDiesRepaired(_)
            | Self::SignsIn
            | Self::SignsOut
            | Self::DeskEnds
            | Self::NewerSignIn => false,
        }
    }

    /// Makes it happen.
    ///
    /// # Errors
    /// A command failed, or a program did not come back.
    pub fn happen(self, stand: &mut Stand) -> Result<()> {
        let now = stand.conditions.clone();
        let (uplink, host, families) = (now.uplink, now.host, now.families.as_slice());
        match self {
            Self::AddressChanges => {
                let next = if host >= FIRST_HOST + 9 { FIRST_HOST } else { host + 1 };
                stand.world.address_changes(uplink, host, next, families)?;
                stand.conditions.host = next;
            }
            Self::UplinkMoves => {
                let next = if uplink == Uplink::Cable { Uplink::Wifi } else { Uplink::Cable };
                stand.world.uplink_moves(next, FIRST_HOST, families)?;
                stand.conditions.uplink = next;
                stand.conditions.host = FIRST_HOST;
            }
            Self::LinkFalls(time) => {
                stand.world.link_falls(uplink)?;
                wait(time);
                stand.world.link_returns(uplink, host, families)?;
            }
            Self::Family(family) => {
                if families.contains(&family) {
                    stand.world.family_goes(uplink, family)?;
                } else {
                    stand.world.family_returns(uplink, host, family)?;
                }
                toggle(&mut stand.conditions.families, family);
            }
            Self::NatRebinds(port) => stand.world.nat_rebinds(port)?,
            Self::Drops(what) => {
                toggle(&mut stand.conditions.dropped, what);
                stand.world.router_drops(&stand.conditions.dropped)?;
            }
            Self::Silence(time) => {
                stand.world.router_drops(&[Dropped::All])?;
                wait(time);
                stand.world.router_drops(&now.dropped)?;
            }
            Self::Narrows(mtu) => stand.world.line_narrows(mtu)?,
            Self::GatewayDies(time) => {
                stand.gateway.kill()?;
                wait(time);
                stand.gateway = stand.world.gateway_wide()?;
            }
            Self::Portal => {
                stand.conditions.portal = !now.portal;
                stand.world.portal_answers(stand.conditions.portal)?;
            }
            Self::Sleeps(time) => {
                stand.signal_service("-STOP")?;
                wait(time);
                stand.signal_service("-CONT")?;
            }
            Self::ServiceDies(time) => stand.service_dies(time, false)?,
            Self::ServiceDiesRepaired(time) => stand.service_dies(time, true)?,
            Self::SignsIn => stand.signs_in()?,
            Self::SignsOut => stand.signs_out()?,
            Self::DeskEnds => stand.desk_ends()?,
            Self::NewerSignIn => stand.newer_sign_in()?,
        }
        Ok(())
    }
}

/// So many milliseconds of an event's own length; never for something to come about.
pub fn wait(milliseconds: u64) {
    thread::sleep(Duration::from_millis(milliseconds));
}

fn toggle<T: PartialEq>(all: &mut Vec<T>, one: T) {
    let before = all.len();
    all.retain(|each| *each != one);
    if all.len() == before {
        all.push(one);
    }
}
