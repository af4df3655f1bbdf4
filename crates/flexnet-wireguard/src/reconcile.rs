//! What has to be done to a device so that it has the wanted peers. Pure: it never sees a device.

use flexnet_protocol::Key;

use crate::{Error, Peer};

/// The differences between the peers that a device has and those that are wanted. An unchanged peer is in none of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// To be taken out. Their sessions end.
    pub removed: Vec<Key>,
    /// To be changed in place. Their sessions go on.
    pub modified: Vec<Peer>,
    /// To be put in.
    pub added: Vec<Peer>,
}

impl Changes {
    /// Nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.modified.is_empty() && self.added.is_empty()
    }
}

/// What turns `have` into `wanted`.
///
/// # Errors
/// [`Error::Contradiction`] if no device can have the wanted peers.
pub fn diff(_have: &[Peer], _wanted: &[Peer]) -> Result<Changes, Error> {
    Ok(Changes::default())
}
