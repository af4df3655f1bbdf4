//! The proxy of the system. Not told on this system yet.

use flexnet_protocol::profile::Profile;

use crate::collect::proxy::Setting;

/// Those that concern the way to the gateway.
pub(crate) const fn settings(_profile: &Profile) -> Vec<Setting> {
    Vec::new()
}
