//! `[gateway]`: which one this is, of several with the same name over one database.

use serde::Deserialize;

use super::wrong;
use crate::error::Error;

/// `[gateway]` as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GatewayFile {
    id: Option<String>,
}

impl GatewayFile {
    /// The gateway's own name; the one of its certificate, where it is the only one.
    ///
    /// # Errors
    /// [`Error::Value`].
    pub(super) fn id(self, name: &str) -> Result<String, Error> {
        let id = self.id.unwrap_or_else(|| name.to_owned());
        if id.is_empty() || id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("gateway.id", "must have 1 to 64 visible ASCII characters"));
        }
        Ok(id)
    }
}
