//! Linux.

pub(crate) mod icmp;
