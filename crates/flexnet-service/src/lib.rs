//! The privileged side of the PC: one event loop that feeds the session machine and does what it wants.
//! Decides nothing that the machine can decide, and takes nothing from a local user but the requests of `flexnet_protocol::local`.
//! Start at [`service`]; [`network`] is the seam to the system, [`gateway`] the way to the KV, [`clients`] the local socket.

pub mod clients;
pub mod early;
pub mod gateway;
pub mod journal;
pub mod lock;
pub mod network;
pub mod os;
mod prepared;
pub mod profile;
pub mod service;
mod session;
pub mod watchdog;
