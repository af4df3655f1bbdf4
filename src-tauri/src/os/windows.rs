//! Windows: the Credential Manager; the fence around the portal's pages is not built yet, so no portal window opens.

use std::sync::Arc;

use flexnet_protocol::{Fault, FaultCode};
use keyring_core::CredentialStore;
use tauri::{RunEvent, Runtime, WebviewWindow};

use crate::portal::Fence;

/// Where the administrator's profile lies.
pub(crate) const PROFILE: &str = r"C:\ProgramData\KV-FlexNet\profile.toml";

/// The Credential Manager.
pub(crate) fn keyring_store() -> keyring_core::Result<Arc<CredentialStore>> {
    windows_native_keyring_store::Store::new().map(|store| store as Arc<CredentialStore>)
}

/// Nothing to do: the dialogues of the system and its engine speak the language of the system here.
pub(crate) const fn speak(_identifier: &str) {}

/// Links that the system hands to an application that runs. Here they come as arguments of another start.
pub(crate) const fn opened(_event: &RunEvent) -> Option<Vec<String>> {
    None
}

/// Without it a page could load from anywhere: the window must not stay open.
pub(crate) fn fence<R: Runtime>(_window: &WebviewWindow<R>, _fence: Fence) -> Result<(), Fault> {
    Err(Fault::new(FaultCode::NotOnThisSystem, "the portal window is not built for Windows yet"))
}
