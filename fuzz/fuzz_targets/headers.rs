//! See `flexnet_fuzz::web::headers`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if flexnet_fuzz::web::headers(bytes) { Corpus::Keep } else { Corpus::Reject }
});
