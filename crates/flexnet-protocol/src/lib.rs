//! The shared words of KV-FlexNet: gateway API, local requests and events, snapshots, faults, texts, the installed profile.
//! Never does IO, never reads a clock, never holds a secret that Debug could print.
//! Start at [`snapshot`] for what a window shows, [`gateway`] for what crosses the internet, [`local`] for the local socket.

pub mod desk;
pub mod diagnosis;
pub mod events;
pub mod fault;
pub mod gateway;
pub mod link;
pub mod local;
pub mod profile;
pub mod repair;
pub mod report;
pub mod secret;
pub mod snapshot;
pub mod text;

pub use fault::{Fault, FaultCode};
pub use secret::{Key, Secret};

/// The version that `Hello`, `GET /v1/info` and every About box give.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
