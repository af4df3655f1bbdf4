//! See `flexnet_fuzz::radius::radius`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if flexnet_fuzz::radius::radius(bytes) { Corpus::Keep } else { Corpus::Reject }
});
