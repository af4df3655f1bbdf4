//! The service against a gateway in the same process: `twin` is that gateway, `bench` the service on trial; `gateway` the client alone, `service` the whole loop, `standing` a session that lives,
//! `early` the packet that travels before the answer, `handoff` a sign-in that a browser hands over, `token` what is done about the token,
//! `several` gateways behind one name.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "all of it is a test"
)]

mod bench;
mod early;
mod gateway;
mod handoff;
mod service;
mod several;
mod standing;
mod token;
mod twin;
