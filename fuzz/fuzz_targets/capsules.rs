//! See `flexnet_fuzz::carrier::capsules`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::carrier::capsules(bytes));
