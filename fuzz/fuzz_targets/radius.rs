//! See `flexnet_fuzz::radius::radius`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::radius::radius(bytes));
