//! Imports point down only. Each test is a sentence of ARCHITECTURE.md.

use std::{collections::BTreeSet, io};

use flexnet_laws::linked_by;

/// Everything of a browser toolkit.
fn is_toolkit(name: &str) -> bool {
    name == "tauri" || name.starts_with("tauri-") || ["wry", "tao", "gtk", "webkit2gtk"].contains(&name)
}

fn ours(linked: &BTreeSet<String>) -> BTreeSet<&str> {
    linked.iter().map(String::as_str).filter(|name| name.starts_with("flexnet-")).collect()
}

fn must_only_link(package: &str, allowed: &[&str]) -> io::Result<()> {
    let linked = linked_by(package)?;
    let mut allowed: BTreeSet<&str> = allowed.iter().copied().collect();
    allowed.insert(package);
    let wrong: Vec<_> = ours(&linked).difference(&allowed).copied().collect();
    if wrong.is_empty() { Ok(()) } else { Err(io::Error::other(format!("{package} must not link {wrong:?}"))) }
}

#[test]
fn imports_point_down_only() {
    must_only_link("flexnet-protocol", &[]).unwrap();
    must_only_link("flexnet-session", &["flexnet-protocol"]).unwrap();
    must_only_link("flexnet-wireguard", &["flexnet-protocol"]).unwrap();
    must_only_link("flexnet-masque", &["flexnet-protocol"]).unwrap();
    must_only_link("flexnet-ipc", &["flexnet-protocol"]).unwrap();
    must_only_link("flexnet-events", &["flexnet-protocol"]).unwrap();
    let below_the_service =
        ["flexnet-session", "flexnet-wireguard", "flexnet-masque", "flexnet-events", "flexnet-ipc", "flexnet-protocol"];
    must_only_link("flexnet-service", &below_the_service).unwrap();
    must_only_link("flexnet-diagnostics", &["flexnet-events", "flexnet-ipc", "flexnet-protocol"]).unwrap();
    must_only_link("flexnet-cli", &["flexnet-diagnostics", "flexnet-events", "flexnet-ipc", "flexnet-protocol"])
        .unwrap();
    must_only_link("flexnet-gateway", &["flexnet-wireguard", "flexnet-masque", "flexnet-protocol"]).unwrap();
    must_only_link("flexnet-desktop", &["flexnet-diagnostics", "flexnet-events", "flexnet-ipc", "flexnet-protocol"])
        .unwrap();
    must_only_link("flexnet-bench", &["flexnet-lab", "flexnet-protocol"]).unwrap();
    let both_ends = [&below_the_service[..], &["flexnet-service", "flexnet-gateway"]].concat();
    must_only_link("flexnet-fuzz", &both_ends).unwrap();
    must_only_link("flexnet-lab", &["flexnet-protocol"]).unwrap();
    must_only_link("flexnet-laws", &["flexnet-protocol"]).unwrap();
}

#[test]
fn only_the_desktop_links_a_browser_toolkit() {
    for package in
        ["flexnet-service", "flexnet-gateway", "flexnet-cli", "flexnet-ipc", "flexnet-wireguard", "flexnet-session"]
    {
        let toolkit: Vec<_> = linked_by(package).unwrap().into_iter().filter(|name| is_toolkit(name)).collect();
        assert!(toolkit.is_empty(), "{package} links {toolkit:?}");
    }
    assert!(linked_by("flexnet-desktop").unwrap().contains("tauri"), "this law looks at the wrong names");
}

#[test]
fn the_session_and_the_shared_words_do_no_io() {
    for package in ["flexnet-session", "flexnet-protocol"] {
        let linked = linked_by(package).unwrap();
        for io in ["tokio", "mio", "async-io", "hyper", "rustls", "socket2", "nix", "zbus", "gotatun"] {
            assert!(!linked.contains(io), "{package} links {io}");
        }
    }
}

#[test]
fn totp_is_computed_by_the_gateway_only() {
    for package in ["flexnet-service", "flexnet-session", "flexnet-cli", "flexnet-desktop"] {
        assert!(!linked_by(package).unwrap().contains("totp-rs"), "{package} could compute a TAN");
    }
}
