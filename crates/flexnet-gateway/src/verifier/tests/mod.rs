//! The foreign judges against Debian's FreeRADIUS and slapd, and against a server that lies.

pub mod daemons;
mod directory;
mod forged;
mod tokens;

use std::{net::SocketAddr, path::Path};

use flexnet_protocol::Secret;

use super::{Verdict, Verifier};
use crate::{config, os};

/// What gateway and token server share.
pub const SHARED: &str = "a shared secret of some length";

/// The configuration for token servers, with their secret in `folder`.
pub fn radius(folder: &Path, servers: &[SocketAddr], wait_ms: u32) -> config::Radius {
    let secret_file = folder.join("radius.secret");
    if !secret_file.exists() {
        os::write_private(&secret_file, SHARED.as_bytes()).unwrap();
    }
    config::Radius { servers: servers.to_vec(), secret_file, wait_ms, tries: 2, dead_seconds: 3600 }
}

/// With token servers or a directory, or both.
pub fn configuration(radius: Option<config::Radius>, ldap: Option<config::Ldap>) -> config::Verifier {
    config::Verifier { radius, ldap, refusal_step_ms: 100 }
}

fn verifier(radius: Option<config::Radius>, ldap: Option<config::Ldap>) -> Verifier {
    Verifier::open(&configuration(radius, ldap), "flexnet.example").unwrap()
}

/// What the token servers say of a member's TAN.
async fn tan(verifier: &Verifier, name: &str, tan: &str) -> Verdict {
    verifier.tan(Some(name), &Secret::new(tan), true).await.unwrap()
}
