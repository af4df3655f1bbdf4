//! See `flexnet_fuzz::api`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::api(bytes));
