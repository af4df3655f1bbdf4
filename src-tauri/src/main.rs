//! Starts the desktop application. A second start shows the window of the first; its only argument is a deep link.
#![cfg_attr(windows, windows_subsystem = "windows")]

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO).init();
    flexnet_desktop::run().context("KV-FlexNet cannot show its window")
}
