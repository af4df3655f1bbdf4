//! Our own parts on Windows: the entry of the service manager and the pipe. Type-checked only, not run; the service itself is not built for it yet.

use std::{io::ErrorKind, path::Path};

use tokio::net::windows::named_pipe::ClientOptions;
use windows_registry::LOCAL_MACHINE;
use windows_sys::Win32::Foundation::ERROR_PIPE_BUSY;

use crate::os::{Door, Left};

const SERVICE: &str = r"SYSTEM\CurrentControlSet\Services\kv-flexnet-service";

/// The service manager has it.
pub(crate) fn is_installed() -> Option<bool> {
    Some(LOCAL_MACHINE.open(SERVICE).is_ok())
}

/// Connects once and says nothing.
#[expect(clippy::unused_async, reason = "other systems wait here")]
pub(crate) async fn knock(pipe: &Path) -> Door {
    match ClientOptions::new().open(pipe) {
        Ok(_) => Door::Open,
        Err(error) if error.kind() == ErrorKind::NotFound => Door::NoSocket,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Door::NotPermitted,
        Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY.cast_signed()) => Door::Full,
        Err(_) => Door::Strange,
    }
}

/// The service changes nothing here yet.
pub(crate) fn left() -> Left {
    Left::default()
}
