//! Entries for the fuzz targets of `tests/fuzz`, and for nothing else: a stranger's bytes in, what the gateway would act on out. No IO, no clock.

pub use crate::{api::fuzz as api, desk::fuzz as desk, pages::fuzz as pages};
