//! What the gateway says of itself.

use flexnet_protocol::FaultCode;

use super::found::Found;
use crate::facts::{Facts, InfoAnswer};

/// Whether it takes sign-ins, and from this program.
pub(super) fn readiness(facts: &Facts) -> Option<Found> {
    Some(match facts.gateway.answer.as_ref()? {
        InfoAnswer::Ready { too_old: false, .. } => return None,
        InfoAnswer::Ready { min_client, .. } => {
            Found::new(FaultCode::ClientTooOld, format!("it takes {min_client} and newer"))
        }
        InfoAnswer::Maintenance { until } => {
            let end = until.map_or_else(|| "no end told".to_owned(), |until| format!("until {until}"));
            Found::new(FaultCode::Maintenance, end)
        }
        InfoAnswer::Draining => Found::new(FaultCode::GatewayDraining, "it is being emptied"),
        InfoAnswer::Database => Found::new(FaultCode::GatewayDatabase, "its database does not answer"),
        InfoAnswer::Busy => Found::new(FaultCode::GatewayBusy, "its line of sign-ins is full"),
        InfoAnswer::Strange { status } => Found::new(FaultCode::GatewayAnswer, format!("/v1/info: status {status}")),
        InfoAnswer::Silent => Found::new(FaultCode::GatewayHangs, "TLS stands, /v1/info is silent"),
    })
}
