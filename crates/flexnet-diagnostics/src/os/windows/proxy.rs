//! The proxy of the system, which this person's settings keep for all programs. Type-checked, not run.

use flexnet_protocol::profile::Profile;
use windows_registry::CURRENT_USER;

use crate::collect::proxy::Setting;

const SETTINGS: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";

/// Those that concern the way to the gateway. Windows asks the script first.
pub(crate) fn settings(_profile: &Profile) -> Vec<Setting> {
    let Ok(key) = CURRENT_USER.open(SETTINGS) else { return Vec::new() };
    let script = key.get_string("AutoConfigURL").ok().filter(|url| !url.is_empty());
    let script = script.map(|url| Setting::Script { source: "pac", url });
    let on = key.get_u32("ProxyEnable").is_ok_and(|on| on == 1);
    let server = key.get_string("ProxyServer").ok().filter(|_| on).and_then(|list| of_https(&list));
    script.into_iter().chain(server.map(|text| Setting::Address { source: "system", text })).collect()
}

/// Either one for everything, or a list such as `http=a:1;https=b:2`.
fn of_https(list: &str) -> Option<String> {
    if !list.contains('=') {
        return (!list.is_empty()).then(|| list.to_owned());
    }
    list.split(';').find_map(|entry| entry.trim().strip_prefix("https=")).map(str::to_owned)
}
