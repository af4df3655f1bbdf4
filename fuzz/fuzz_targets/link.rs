//! See `flexnet_fuzz::local::link`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus { if flexnet_fuzz::local::link(bytes) { Corpus::Keep } else { Corpus::Reject } });
