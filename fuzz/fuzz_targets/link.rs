//! See `flexnet_fuzz::deep_link`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::deep_link(bytes));
