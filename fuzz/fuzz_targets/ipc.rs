//! See `flexnet_fuzz::local::ipc`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::local::ipc(bytes));
