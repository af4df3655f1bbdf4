//! The window of the ui: made hidden, shown when its first screen is drawn, and what its close button means.
//! Never leaves the ui's own pages.

use std::time::Duration;

use flexnet_protocol::Fault;
use tauri::{
    AppHandle, Emitter as _, Manager as _, Runtime, WebviewUrl, WebviewWindowBuilder, Window, WindowEvent,
    webview::NewWindowResponse,
};
use url::Url;

use crate::{
    app,
    app::Desktop,
    link::Link,
    settings::{Settings, Theme},
};

/// Its label, in capabilities/main.json too.
pub(crate) const LABEL: &str = "main";

/// A page that says nothing for so long is shown as it is: better an empty window than none.
const SHOWN_AFTER: Duration = Duration::from_secs(5);

/// What closing the window means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Close {
    /// The application ends.
    Quit,
    /// A session goes on: out of the way, but in the task bar.
    Minimise,
    /// A session would end: the ui asks.
    Ask,
}

/// Makes the window.
///
/// # Errors
/// The system gives no window.
pub(crate) fn create<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let dev = app.config().build.dev_url.clone().filter(|_| tauri::is_dev());
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("KV-FlexNet")
        .inner_size(440.0, 640.0)
        .min_inner_size(360.0, 480.0)
        .visible(false)
        .disable_drag_drop_handler()
        .on_navigation(move |url| is_ours(url, dev.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOWN_AFTER).await;
        show_first(&app);
    });
    Ok(())
}

/// The first screen is drawn.
pub(crate) fn show_first<R: Runtime>(app: &AppHandle<R>) {
    if app.get_webview_window(LABEL).is_some_and(|window| !window.is_visible().unwrap_or(false)) {
        show(app);
    }
}

/// Brings the window to the front.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    if let Err(error) = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus()) {
        tracing::warn!(%error, "the window could not be shown");
    }
}

/// Tells the ui of something that went wrong beside the session.
pub(crate) fn notice<R: Runtime>(app: &AppHandle<R>, fault: &Fault) {
    tracing::warn!(%fault, "told to the person");
    drop(app.emit_to(LABEL, "notice", fault));
}

/// Light or dark, for the frame and by it for the pages.
pub(crate) fn wear<R: Runtime>(app: &AppHandle<R>, settings: &Settings) {
    let theme = match settings.theme {
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
        Theme::System => None,
    };
    for window in app.webview_windows().values() {
        if let Err(error) = window.set_theme(theme) {
            tracing::warn!(%error, "the window keeps its colours");
        }
    }
}

/// What happens to any window of the application.
pub(crate) fn on_event<R: Runtime>(window: &Window<R>, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    if window.label() != LABEL {
        return;
    }
    api.prevent_close();
    let app = window.app_handle();
    let desktop = app.state::<Desktop>();
    let done = match on_close(desktop.keeper.peek().as_ref(), &desktop.settings()) {
        Close::Minimise => window.minimize(),
        Close::Ask => app.emit_to(LABEL, "leaving", ()),
        Close::Quit => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move { app::leave(&app).await });
            Ok(())
        }
    };
    if let Err(error) = done {
        tracing::warn!(%error, "the window could not be closed");
    }
}

fn on_close(link: Option<&Link>, settings: &Settings) -> Close {
    match (link.is_some_and(Link::has_session), settings.keep_running) {
        (false, _) => Close::Quit,
        (true, true) => Close::Minimise,
        (true, false) => Close::Ask,
    }
}

/// Pages inside the application: `tauri://localhost` or, on Windows, `http://tauri.localhost`.
fn is_ours(url: &Url, dev: Option<&Url>) -> bool {
    let inside = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    inside || dev.is_some_and(|dev| dev.origin() == url.origin())
}

/// The window, for tests of what it may call.
#[cfg(test)]
pub(crate) fn window<R: Runtime>(app: &AppHandle<R>) -> tauri::WebviewWindow<R> {
    app.get_webview_window(LABEL).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_on_its_own_pages() {
        let dev = Url::parse("http://localhost:5173").unwrap();
        for (url, ours, in_dev) in [
            ("tauri://localhost/", true, true),
            ("http://tauri.localhost/index.html", true, true),
            ("http://localhost:5173/src/main.ts", false, true),
            ("http://localhost:5174/", false, false),
            ("https://example.com/", false, false),
            ("http://portal.snk.example/", false, false),
            ("tauri://elsewhere/", false, false),
            ("file:///etc/passwd", false, false),
            ("data:text/html,x", false, false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!((is_ours(&url, None), is_ours(&url, Some(&dev))), (ours, in_dev), "{url}");
        }
    }
}
