//! See `flexnet_fuzz::os::packets`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus { if flexnet_fuzz::os::packets(bytes) { Corpus::Keep } else { Corpus::Reject } });
