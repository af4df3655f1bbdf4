//! macOS. Type-checked, not run.

pub(crate) mod icmp;
