//! See `flexnet_fuzz::web::form`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::web::form(bytes));
