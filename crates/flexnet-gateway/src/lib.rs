//! `kv-flexnet-gateway`: the KV's side. Sign-in with lockout, sessions, WireGuard peers, pages for browsers, the service desk's console, `admin`, the example portal.
//! The lockout is enforced here, in the database; whatever a client shows is only a mirror of it.
//! Read `sign_in` first, then `guard` (count before verify), `tokens`, `sessions`; `api` is how it looks from outside, `network` how it looks from inside;
//! `acts` is what the desk does, from the console (`desk`) and from `admin` alike, `audit` what is written down of it. Public is what the program and the fuzz targets call.

mod accounts;
mod acts;
mod admin;
mod admission;
mod api;
mod attempts;
mod audit;
mod browser;
mod budgets;
mod carriers;
pub mod cli;
mod clock;
mod config;
mod connections;
mod counted;
mod db;
mod desk;
mod erase;
mod error;
mod follow;
#[doc(hidden)]
pub mod fuzz;
mod gateway;
mod gateways;
mod grants;
mod guard;
mod handoff;
mod housekeeping;
mod init;
mod leases;
mod lost;
mod members;
mod metrics;
// Public, for where it is not built nobody reads its settings.
pub mod network;
mod opening;
mod operations;
mod os;
mod pages;
mod passwords;
mod plain;
mod portal;
mod portal_hosts;
pub mod provision;
mod reports;
mod restore;
mod resume;
mod resync;
mod seal;
mod serve;
mod sessions;
mod sign_in;
mod staff;
mod steps;
mod tls;
mod tokens;
pub mod verifier;
mod waits;

#[cfg(test)]
mod tests;
