//! See `flexnet_fuzz::web::answers`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if flexnet_fuzz::web::answers(bytes) { Corpus::Keep } else { Corpus::Reject }
});
