//! See `flexnet_fuzz::local::link`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::local::link(bytes));
