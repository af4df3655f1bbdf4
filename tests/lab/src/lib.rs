//! The lab: client, router, gateway and portal as network namespaces on one machine, with the real binaries in them.
//! It never touches the machine's own network or files: [`enter`] makes private namespaces first, and everything dies with them.
//! Next: [`world`] for the picture, [`parts`] for what runs in it, [`traces`] for what must not be left, ../tests for the scenarios;
//! [`faults`] for what the diagnosis must name; [`soak`] for the same by the hundred, with [`network`] for what happens and [`wire`] for what must not leave.

pub mod burst;
pub mod capture;
pub mod command;
pub mod demo;
pub mod enter;
pub mod fake;
pub mod faults;
pub mod guess;
pub mod keepers;
pub mod member;
pub mod network;
pub mod parts;
pub mod resolved;
pub mod several;
pub mod soak;
pub mod traces;
pub mod traffic;
pub mod watch;
pub mod wire;
pub mod world;

pub use command::{Finished, Process, eventually};
pub use enter::in_world;
pub use member::Member;
pub use world::{Host, World};
