//! Which name services the system asks: its `resolv.conf(5)`, which macOS writes for programs that look there. Not run.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
};

const CONFIGURED: &str = "/etc/resolv.conf";

/// In the system's order. `None` if it does not tell.
pub(crate) fn resolvers() -> Option<Vec<SocketAddr>> {
    let text = fs::read_to_string(CONFIGURED).ok()?;
    let lines = text.lines().filter_map(|line| line.strip_prefix("nameserver"));
    Some(lines.filter_map(|rest| Some((rest.trim().parse::<IpAddr>().ok()?, 53).into())).collect())
}

/// Names that are put behind a short one.
pub(crate) fn search_domains() -> Vec<String> {
    let text = fs::read_to_string(CONFIGURED).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.strip_prefix("search ").or_else(|| line.strip_prefix("domain ")));
    lines.flat_map(str::split_whitespace).map(str::to_owned).collect()
}

/// Text of the hosts file.
pub(crate) fn hosts_file() -> Option<String> {
    fs::read_to_string("/etc/hosts").ok()
}
