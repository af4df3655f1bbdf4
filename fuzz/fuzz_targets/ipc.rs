//! See `flexnet_fuzz::local::ipc`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus { if flexnet_fuzz::local::ipc(bytes) { Corpus::Keep } else { Corpus::Reject } });
