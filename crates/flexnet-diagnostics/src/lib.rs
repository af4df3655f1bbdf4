//! "Wo hängt es?": looks at the whole way from this PC to the portal without any privilege, and names the first thing that must be mended.
//! [`collect`] writes [`facts`], [`checks`] makes a [`flexnet_protocol::diagnosis::Verdict`] of them and does no IO, [`report`] makes both into one signed file.
//! Works without the service, without a network and without a home directory.

pub mod checks;
pub mod collect;
pub mod facts;
pub mod os;
pub mod report;
pub mod show;
