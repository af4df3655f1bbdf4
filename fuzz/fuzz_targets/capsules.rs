//! See `flexnet_fuzz::carrier::capsules`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if flexnet_fuzz::carrier::capsules(bytes) { Corpus::Keep } else { Corpus::Reject }
});
