//! Linux: the Secret Service, and the fence that WebKitGTK puts around the portal's pages.
//! Never loads a page before the fence stands.

mod filter;
mod keys;
mod locale;
mod toolbar;
mod upload;

use std::{path::Path, sync::Arc};

use flexnet_protocol::{Fault, FaultCode};
use gtk::{glib, prelude::WidgetExt as _};
use keyring_core::CredentialStore;
use tauri::{RunEvent, Runtime, WebviewWindow};
use webkit2gtk::{
    NetworkError, NetworkProxyMode, NetworkProxySettings, PolicyError, SettingsExt as _, UserContentManagerExt as _,
    WebContextExt as _, WebView, WebViewExt, WebsiteDataManagerExt as _,
};

pub(crate) use self::locale::speak;
use crate::portal::Fence;

/// Where the administrator's profile lies.
pub(crate) const PROFILE: &str = "/etc/kv-flexnet/profile.toml";

/// Nothing listens there, and only root could change that: what is not the portal's goes nowhere.
const NOWHERE: &str = "http://127.0.0.1:1";

/// The Secret Service of the desktop session.
pub(crate) fn keyring_store() -> keyring_core::Result<Arc<CredentialStore>> {
    zbus_secret_service_keyring_store::Store::new().map(|store| store as Arc<CredentialStore>)
}

/// Links that the system hands to an application that runs. Here they come as arguments of another start.
pub(crate) const fn opened(_event: &RunEvent) -> Option<Vec<String>> {
    None
}

/// Puts the fence around a portal window, then loads its first page.
///
/// # Errors
/// The window is gone.
pub(crate) fn fence<R: Runtime>(window: &WebviewWindow<R>, fence: Fence) -> Result<(), Fault> {
    let handle = window.clone();
    window
        .with_webview(move |webview| put(&webview.inner(), handle, fence))
        .map_err(|error| Fault::new(FaultCode::Internal, format!("portal window: {error}")))
}

fn put<R: Runtime>(view: &WebView, window: WebviewWindow<R>, fence: Fence) {
    take_program_away(view);
    // One network session for all windows of a session; the first one sets its rules.
    if fence.first.is_some() {
        route_elsewhere_to_nowhere(view, &fence);
    }
    if let Some(settings) = WebViewExt::settings(view) {
        settings.set_enable_dns_prefetching(false);
    }
    show_trouble(view, &fence);
    toolbar::put_above(view, &fence.tools);
    keys::listen(view);
    upload::offer(view, fence.chooser.clone());
    // `window.close()` of a page destroys the view and leaves an empty window behind.
    view.connect_destroy(move |_| {
        let window = window.clone();
        glib::idle_add_local_once(move || drop(window.destroy()));
    });
    let Fence { rules, folder, first, failed, .. } = fence;
    filter::add(view, &rules, Path::new(&folder), move |view, outcome| match outcome {
        Ok(()) => first.iter().for_each(|address| view.load_uri(address.as_str())),
        Err(reason) => failed(Fault::new(FaultCode::Internal, format!("content filter: {reason}"))),
    });
}

/// Takes Tauri's scripts and message handler out, so that not even their names are there for a page.
fn take_program_away(view: &WebView) {
    if let Some(manager) = view.user_content_manager() {
        manager.unregister_script_message_handler("ipc");
        manager.remove_all_scripts();
    }
}

/// Everything that is not a host of the portal gets a proxy that does not exist: frames, scripts, sockets, preconnects alike.
fn route_elsewhere_to_nowhere(view: &WebView, fence: &Fence) {
    let hosts: Vec<&str> = fence.hosts.names().iter().map(String::as_str).collect();
    let mut nowhere = NetworkProxySettings::new(Some(NOWHERE), &hosts);
    if let Some(manager) = view.context().and_then(|context| context.website_data_manager()) {
        manager.set_network_proxy_settings(NetworkProxyMode::Custom, Some(&mut nowhere));
    }
}

/// Shows our page where a page did not load, under the address that did not.
fn show_trouble(view: &WebView, fence: &Fence) {
    let trouble = fence.trouble.clone();
    view.connect_load_failed(move |view, _, address, error| {
        let given_up = error.matches(NetworkError::Cancelled);
        let became_a_download = error.matches(PolicyError::FrameLoadInterruptedByPolicyChange);
        if !given_up && !became_a_download {
            tracing::info!(%error, "a page of the portal did not load");
            view.load_alternate_html(&trouble.for_address(address), address, None);
        }
        true
    });
    let trouble = fence.trouble.clone();
    view.connect_web_process_terminated(move |view, reason| {
        tracing::warn!(?reason, "the portal's web process ended");
        let address = view.uri().unwrap_or_default();
        view.load_alternate_html(&trouble.for_address(&address), &address, None);
    });
}
