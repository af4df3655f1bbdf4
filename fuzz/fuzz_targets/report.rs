//! See `flexnet_fuzz::web::report`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::web::report(bytes));
