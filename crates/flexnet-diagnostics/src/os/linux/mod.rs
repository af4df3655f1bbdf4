//! Linux.

pub(crate) mod icmp;
pub(crate) mod pc;
