//! See `flexnet_fuzz::tokens::provision`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::tokens::provision(bytes));
