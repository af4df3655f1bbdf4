//! Measures, never judges: throughput and its cost, round trips, the fallback on 443, an idle service. No test asserts on a time.
//! Everything runs in namespaces of its own and ends with them. `./dev bench` starts it; docs/performance.md says what the figures mean.
//! Next: [`throughput`], [`subject`] for who is compared, [`reading`] for where the figures come from.

pub mod delay;
pub mod fallback;
pub mod ground;
pub mod idle;
pub mod iperf;
pub mod os;
pub mod path;
pub mod reading;
pub mod roundtrips;
pub mod statistics;
pub mod subject;
pub mod table;
pub mod throughput;
pub mod tun_copy;
pub mod turns;
