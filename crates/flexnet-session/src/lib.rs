//! The session as a pure state machine: inputs and outputs, no clock, no IO, no async runtime.
//! One owner of the truth; windows and CLI render what it publishes. Start at [`Machine`]; [`input`] and [`output`] are its words.

mod desk;
mod ends;
mod entry;
pub mod input;
mod live;
mod liveness;
mod looks;
mod machine;
pub mod output;
mod phase;
mod policy;
mod questions;
#[cfg(test)]
mod tests;
mod traffic;

pub use input::{Command, Counters, Input, Now, Proof};
pub use machine::{Facts, Machine};
pub use output::{NetworkConfig, Output};
pub use policy::{FirewallPolicy, policy};
