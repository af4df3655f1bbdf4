//! The session as a pure state machine: inputs and outputs, no clock, no IO, no async runtime.
//! One owner of the truth; windows and CLI render what it publishes. Start at [`Machine`]; [`input`] and [`output`] are its words.

pub mod input;
mod machine;
pub mod output;
mod policy;

pub use input::{Command, Counters, Input, Now, Proof};
pub use machine::{Facts, Machine};
pub use output::{NetworkConfig, Output};
pub use policy::{FirewallPolicy, policy};
