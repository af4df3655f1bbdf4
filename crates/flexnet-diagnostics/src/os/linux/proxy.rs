//! The proxy of the system: `/etc/environment`, which `pam_env(8)` gives every session. Desktops keep theirs in stores that only their programs read.

use std::fs;

use flexnet_protocol::profile::Profile;

use crate::collect::proxy::{Setting, by_variables};

/// Those that concern the way to the gateway.
pub(crate) fn settings(profile: &Profile) -> Vec<Setting> {
    let text = fs::read_to_string("/etc/environment").unwrap_or_default();
    by_variables("system", |name| variable(&text, name), profile).into_iter().collect()
}

fn variable(text: &str, name: &str) -> Option<String> {
    let value =
        |line: &str| line.trim().trim_start_matches("export ").strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
    text.lines().find_map(value).map(|value| value.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_pam_does() {
        let text = "PATH=/bin\nexport https_proxy=\"http://proxy.example:3128\"\nno_proxy=localhost\n";
        assert_eq!(variable(text, "https_proxy").as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(variable(text, "no_proxy").as_deref(), Some("localhost"));
        assert_eq!(variable(text, "proxy"), None);
    }
}
