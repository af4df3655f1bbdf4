//! The password, in the operating system's key store, only when the person asks for it.
//! Never on an async thread: the stores block, and one of them panics there. Nothing here reaches the webview.

use std::sync::{Arc, Mutex, PoisonError};

use flexnet_protocol::{Fault, FaultCode, Secret};
use keyring_core::{CredentialStore, Entry, Error};

use crate::os;

/// Under this name the person finds the entries in the system's own key manager.
const SERVICE: &str = "KV-FlexNet";

type Open = fn() -> keyring_core::Result<Arc<CredentialStore>>;

/// The key store. Opened at first use, and once more after it failed.
#[derive(Clone)]
pub struct Keyring {
    open: Open,
    store: Arc<Mutex<Option<Arc<CredentialStore>>>>,
}

impl Default for Keyring {
    fn default() -> Self {
        Self::with(os::keyring_store)
    }
}

impl Keyring {
    /// A key store that is opened by this function.
    pub fn with(open: Open) -> Self {
        Self { open, store: Arc::default() }
    }

    /// The password kept for this name.
    ///
    /// # Errors
    /// [`FaultCode::KeyringLocked`].
    pub async fn password(&self, username: &str) -> Result<Option<Secret>, Fault> {
        self.with_entry(username, |entry| match entry.get_password() {
            Ok(password) => Ok(Some(Secret::new(password))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    /// Keeps a password.
    ///
    /// # Errors
    /// [`FaultCode::KeyringLocked`].
    pub async fn keep(&self, username: &str, password: Secret) -> Result<(), Fault> {
        self.with_entry(username, move |entry| entry.set_password(password.expose())).await
    }

    /// Removes the password of this name, if there is one.
    ///
    /// # Errors
    /// [`FaultCode::KeyringLocked`].
    pub async fn forget(&self, username: &str) -> Result<(), Fault> {
        self.with_entry(username, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
        .await
    }

    async fn with_entry<T: Send + 'static>(
        &self,
        username: &str,
        work: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T, Fault> {
        let (keyring, username) = (self.clone(), username.trim().to_lowercase());
        let done = tokio::task::spawn_blocking(move || {
            let store = keyring.store()?;
            store.build(SERVICE, &username, None).and_then(|entry| work(&entry)).inspect_err(|_| keyring.close())
        })
        .await;
        match done {
            Ok(Ok(value)) => Ok(value),
            // Display, never Debug: the latter prints the bytes of a password that is not UTF-8.
            Ok(Err(error)) => Err(Fault::new(FaultCode::KeyringLocked, error.to_string())),
            Err(_) => Err(Fault::new(FaultCode::KeyringLocked, "the key store's library failed")),
        }
    }

    fn store(&self) -> keyring_core::Result<Arc<CredentialStore>> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        match store.as_ref() {
            Some(store) => Ok(store.clone()),
            None => Ok(store.insert((self.open)()?).clone()),
        }
    }

    /// A store that failed may be gone; the next use opens it anew.
    fn close(&self) {
        self.store.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> keyring_core::Result<Arc<CredentialStore>> {
        keyring_core::mock::Store::new().map(|store| store as Arc<CredentialStore>)
    }

    fn absent() -> keyring_core::Result<Arc<CredentialStore>> {
        Err(Error::NoStorageAccess("no secret service".into()))
    }

    #[tokio::test]
    async fn a_password_is_kept_and_forgotten_by_name() {
        let keyring = Keyring::with(memory);
        assert_eq!(keyring.password("m.muster").await, Ok(None));
        keyring.keep("M.Muster ", Secret::new("geheim")).await.unwrap();
        assert_eq!(keyring.password("m.muster").await, Ok(Some(Secret::new("geheim"))));
        assert_eq!(keyring.password("other").await, Ok(None));
        keyring.forget("m.muster").await.unwrap();
        keyring.forget("m.muster").await.unwrap();
        assert_eq!(keyring.password("m.muster").await, Ok(None));
    }

    #[tokio::test]
    async fn without_a_key_store_there_is_a_fault_and_no_panic() {
        let keyring = Keyring::with(absent);
        assert_eq!(keyring.password("m.muster").await.unwrap_err().code, FaultCode::KeyringLocked);
        assert_eq!(keyring.keep("m.muster", Secret::new("geheim")).await.unwrap_err().code, FaultCode::KeyringLocked);
        assert_eq!(keyring.forget("m.muster").await.unwrap_err().code, FaultCode::KeyringLocked);
    }
}
