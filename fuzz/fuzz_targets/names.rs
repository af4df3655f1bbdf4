//! See `flexnet_fuzz::os::names`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus { if flexnet_fuzz::os::names(bytes) { Corpus::Keep } else { Corpus::Reject } });
