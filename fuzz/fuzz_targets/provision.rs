//! See `flexnet_fuzz::tokens`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::tokens(bytes));
