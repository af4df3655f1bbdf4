//! The desktop application: shows the service's last snapshot and opens the portal in a window of its own.
//! Never decides anything about the session, never sends a kept password to the webview, opens no socket to the outside but for a diagnosis that the member asks for.
//! Start at [`app`]; [`link`] follows the service, [`commands`] is all that the ui may ask, [`portal`] is the other window.

pub mod app;
pub mod commands;
pub mod diagnosis;
mod handoff;
pub mod keyring;
pub mod link;
mod main_window;
mod os;
pub mod portal;
mod remember;
mod reminders;
pub mod report;
pub mod settings;
pub mod system;
pub mod words;

pub use app::run;
