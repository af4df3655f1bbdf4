//! Windows: not built yet, as the way to the service is not.

use std::io;

/// Drops the lines that wait at the terminal on standard input.
///
/// # Errors
/// Always: nothing may be asked then.
pub(crate) fn drop_pending() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
