//! macOS: the Keychain; the fence around the portal's pages is not built yet, so no portal window opens.

use std::sync::Arc;

use flexnet_protocol::{Fault, FaultCode};
use keyring_core::CredentialStore;
use tauri::{RunEvent, Runtime, WebviewWindow};

use crate::portal::Fence;

/// Where the administrator's profile lies.
pub(crate) const PROFILE: &str = "/Library/Application Support/KV-FlexNet/profile.toml";

/// The login keychain.
pub(crate) fn keyring_store() -> keyring_core::Result<Arc<CredentialStore>> {
    apple_native_keyring_store::keychain::Store::new().map(|store| store as Arc<CredentialStore>)
}

/// Nothing to do: the dialogues of the system and its engine speak the language of the system here.
pub(crate) const fn speak(_identifier: &str) {}

/// Links that the system hands to an application that runs, or that it has started for them.
pub(crate) fn opened(event: &RunEvent) -> Option<Vec<String>> {
    let RunEvent::Opened { urls } = event else { return None };
    Some(urls.iter().map(ToString::to_string).collect())
}

/// Without it a page could load from anywhere: the window must not stay open.
pub(crate) fn fence<R: Runtime>(_window: &WebviewWindow<R>, _fence: Fence) -> Result<(), Fault> {
    Err(Fault::new(FaultCode::NotOnThisSystem, "the portal window is not built for macOS yet"))
}
