//! See `flexnet_fuzz::tokens::provision`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if flexnet_fuzz::tokens::provision(bytes) { Corpus::Keep } else { Corpus::Reject }
});
