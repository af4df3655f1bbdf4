//! Windows. Type-checked, not run.

pub(crate) mod icmp;
pub(crate) mod names;
pub(crate) mod network;
pub(crate) mod pc;
pub(crate) mod proxy;
pub(crate) mod service;
