//! The log on standard error: for people, or one JSON object a line. What it may hold is decided where it is written: states of parts, never
//! a name, an address of a member, a serial number or a secret.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// What is told without `RUST_LOG`.
const USUAL: &str = "info,netlink_packet_route=error";

/// Begins the log of this process. A second time does nothing.
pub fn begin(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(USUAL));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Fails if there is a log already.
    let _ = match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
}
