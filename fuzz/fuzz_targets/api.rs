//! See `flexnet_fuzz::web::api`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::web::api(bytes));
