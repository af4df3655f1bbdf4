//! UDP through TLS 443 (MASQUE, RFC 9298) over an HTTP/1.1 upgrade, for the client's and the gateway's end alike.
//! Carries WireGuard's packets as they are and reads none of them; never dials, never listens beyond loopback.
//! [`upgrade`] is how a connection becomes a carrier, [`capsule`] what then travels on it (RFC 9297), [`Relay`] joins it to a UDP socket.

mod batch;
pub mod capsule;
mod os;
mod relay;
pub mod upgrade;

#[cfg(test)]
mod tests;

pub use os::tune;
pub use relay::{End, Relay};
