//! The service against a gateway in the same process: `twin` is that gateway, `gateway` the client alone, `service` the whole loop, `standing` a session that lives,
//! `early` the packet that travels before the answer.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "all of it is a test"
)]

mod early;
mod gateway;
mod service;
mod standing;
mod twin;
