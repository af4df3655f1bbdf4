//! See `flexnet_fuzz::os::packets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| flexnet_fuzz::os::packets(bytes));
