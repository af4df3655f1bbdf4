//! See `flexnet_fuzz::web::api`.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus { if flexnet_fuzz::web::api(bytes) { Corpus::Keep } else { Corpus::Reject } });
