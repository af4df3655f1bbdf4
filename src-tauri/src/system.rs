//! What the desktop asks of the operating system: dial, show a folder, start with the PC, remind, end. [`Real`] does it; tests bring a twin.
//! Never opens an address that a page or the webview names.

use std::path::Path;

use tauri::{AppHandle, Manager as _, Runtime, UserAttentionType};
use tauri_plugin_autostart::ManagerExt as _;
use tauri_plugin_opener::OpenerExt as _;

use crate::main_window;

/// The seam. Errors are technical English for the fold of a fault.
pub trait System: Send + Sync {
    /// Hands a number (RFC 3966, without `tel:`) to the program that dials.
    ///
    /// # Errors
    /// There is none.
    fn dial(&self, number: &str) -> Result<(), String>;

    /// Shows a folder in the file manager.
    ///
    /// # Errors
    /// There is none.
    fn show_folder(&self, folder: &Path) -> Result<(), String>;

    /// Whether the application starts with the PC from now on.
    ///
    /// # Errors
    /// It could not be written down.
    fn start_with_system(&self, wanted: bool) -> Result<(), String>;

    /// Draws attention to the window, over whatever is in front: its entry in the task bar blinks or bounces.
    ///
    /// # Errors
    /// There is no window.
    fn remind(&self) -> Result<(), String>;

    /// Closes every window and ends the application.
    fn end(&self);
}

/// The operating system itself.
pub struct Real<R: Runtime>(AppHandle<R>);

impl<R: Runtime> Real<R> {
    /// Of this application.
    pub fn new(app: &AppHandle<R>) -> Self {
        Self(app.clone())
    }
}

impl<R: Runtime> System for Real<R> {
    fn dial(&self, number: &str) -> Result<(), String> {
        self.0.opener().open_url(format!("tel:{number}"), None::<&str>).map_err(|error| error.to_string())
    }

    fn show_folder(&self, folder: &Path) -> Result<(), String> {
        self.0.opener().open_path(folder.to_string_lossy(), None::<&str>).map_err(|error| error.to_string())
    }

    fn start_with_system(&self, wanted: bool) -> Result<(), String> {
        let autostart = self.0.autolaunch();
        if wanted { autostart.enable() } else { autostart.disable() }.map_err(|error| error.to_string())
    }

    fn remind(&self) -> Result<(), String> {
        let window = self.0.get_webview_window(main_window::LABEL).ok_or("no window")?;
        window.request_user_attention(Some(UserAttentionType::Informational)).map_err(|error| error.to_string())
    }

    fn end(&self) {
        self.0.exit(0);
    }
}
