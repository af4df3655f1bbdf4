//! The local socket between the privileged service and whoever shows its state: framing, who is who, a typed client.
//! Never interprets a request beyond `Hello` and never logs one. Start at [`Listener`] for the service, [`Client`] for windows and CLI.

mod client;
mod error;
mod frame;
mod os;
mod outbox;
mod seats;
mod server;
#[cfg(test)]
mod tests;

pub use client::{Client, ClientEnd, Snapshots};
pub use error::Error;
pub use os::{Access, Listener, default_socket};
pub use server::{Connection, Peer, Replies, Requests, memory};
