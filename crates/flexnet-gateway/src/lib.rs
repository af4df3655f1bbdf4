//! `kv-flexnet-gateway`: the KV's side. Sign-in with lockout, sessions, WireGuard peers, admin commands, the example portal.
//! The lockout is enforced here, in the database; whatever a client shows is only a mirror of it.
//! Read `sign_in` first, then `guard` (one statement), `tokens`, `sessions`; `api` is how it looks from outside, `network` how it looks from inside.

mod accounts;
mod admin;
mod api;
mod attempts;
mod audit;
mod budgets;
mod carriers;
pub mod cli;
mod clock;
mod config;
mod connections;
mod db;
mod error;
mod follow;
mod gateway;
mod gateways;
mod grants;
mod guard;
mod housekeeping;
mod init;
mod leases;
pub mod network;
mod os;
mod passwords;
pub mod portal;
mod portal_hosts;
mod resume;
mod seal;
mod serve;
mod sessions;
mod sign_in;
mod tls;
mod tokens;
mod waits;

#[cfg(test)]
mod tests;
