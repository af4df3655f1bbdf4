//! The window of the ui: made hidden, shown when its first screen is drawn, and what its close button means.
//! Never leaves the ui's own pages.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use flexnet_protocol::Fault;
use tauri::{
    AppHandle, Emitter as _, LogicalPosition, LogicalSize, Manager as _, Runtime, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder, Window, WindowEvent, webview::NewWindowResponse,
};
use tokio::time;
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

/// What two columns want, in logical pixels.
const WIDE: LogicalSize<f64> = LogicalSize { width: 900.0, height: 640.0 };

/// A window that was asked for its former size has it by then.
const NARROW_WITHIN: Duration = Duration::from_millis(500);

/// What the window was before it was widened, while it is wide.
#[derive(Default)]
pub(crate) struct Widened(Mutex<Option<Before>>);

#[derive(Debug, Clone, Copy)]
struct Before {
    was: Place,
    given: Place,
}

/// Where a window stands and how large it is inside, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    at: LogicalPosition<f64>,
    size: LogicalSize<f64>,
}

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
        time::sleep(SHOWN_AFTER).await;
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

/// Makes the window wide enough for two columns, where the screen has room for them and the person has not chosen more already.
pub(crate) fn widen<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let widened = app.state::<Widened>();
    let mut before = widened.0.lock().unwrap_or_else(PoisonError::into_inner);
    if before.is_some() {
        return;
    }
    *before = spread(&window).unwrap_or_else(|error| {
        tracing::warn!(%error, "the window keeps its size");
        None
    });
}

fn spread<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<Option<Before>> {
    let Some(monitor) = window.current_monitor()? else { return Ok(None) };
    if window.is_maximized()? || window.is_fullscreen()? {
        return Ok(None);
    }
    let (scale, area) = (monitor.scale_factor(), *monitor.work_area());
    let screen = Place { at: area.position.to_logical(scale), size: area.size.to_logical(scale) };
    let was = place(window)?;
    let Some(given) = wider(was, screen) else { return Ok(None) };
    window.set_size(given.size)?;
    if given.at != was.at {
        window.set_position(given.at)?;
    }
    Ok(Some(Before { was, given }))
}

/// Gives the window its former size, unless the person has chosen another meanwhile.
pub(crate) async fn narrow<R: Runtime>(app: &AppHandle<R>) {
    let before = app.state::<Widened>().0.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (Some(Before { was, given }), Some(window)) = (before, app.get_webview_window(LABEL)) else { return };
    let back = || -> tauri::Result<bool> {
        let now = place(&window)?;
        if !alike(now.size, given.size) || window.is_maximized()? {
            return Ok(false);
        }
        window.set_size(was.size)?;
        if given.at != was.at && now.at == given.at {
            window.set_position(was.at)?;
        }
        Ok(true)
    };
    match back() {
        Ok(false) => {}
        Ok(true) => {
            let arrived = async {
                while place(&window).is_ok_and(|now| !alike(now.size, was.size)) {
                    time::sleep(Duration::from_millis(10)).await;
                }
            };
            // The window manager may have its own mind.
            drop(time::timeout(NARROW_WITHIN, arrived).await);
        }
        Err(error) => tracing::warn!(%error, "the window stays wide"),
    }
}

fn place<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<Place> {
    let scale = window.scale_factor()?;
    Ok(Place { at: window.outer_position()?.to_logical(scale), size: window.inner_size()?.to_logical(scale) })
}

/// Where a window stands that has become wide enough. `None`: it is, or the screen is too small.
fn wider(now: Place, screen: Place) -> Option<Place> {
    if now.size.width >= WIDE.width || screen.size.width < WIDE.width {
        return None;
    }
    let size = LogicalSize { height: now.size.height.max(WIDE.height.min(screen.size.height)), ..WIDE };
    // Back into the screen where it would stand out at the right or below; never out of it at the left or above.
    let within = |at: f64, length: f64, from: f64, room: f64| at.min(from + room - length).max(from.min(at));
    let at = LogicalPosition {
        x: within(now.at.x, size.width, screen.at.x, screen.size.width),
        y: within(now.at.y, size.height, screen.at.y, screen.size.height),
    };
    Some(Place { at, size })
}

/// Within what rounding to whole pixels does.
fn alike(a: LogicalSize<f64>, b: LogicalSize<f64>) -> bool {
    (a.width - b.width).abs() < 2.0 && (a.height - b.height).abs() < 2.0
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

    fn stands(x: f64, y: f64, width: f64, height: f64) -> Place {
        Place { at: LogicalPosition { x, y }, size: LogicalSize { width, height } }
    }

    #[test]
    fn a_window_becomes_wide_where_the_screen_has_room() {
        let screen = stands(0.0, 0.0, 1280.0, 900.0);
        assert_eq!(wider(stands(100.0, 50.0, 440.0, 640.0), screen), Some(stands(100.0, 50.0, 900.0, 640.0)));
        assert_eq!(wider(stands(800.0, 400.0, 440.0, 640.0), screen), Some(stands(380.0, 260.0, 900.0, 640.0)));
        assert_eq!(wider(stands(100.0, 50.0, 440.0, 800.0), screen), Some(stands(100.0, 50.0, 900.0, 800.0)));
        assert_eq!(wider(stands(100.0, 50.0, 1000.0, 500.0), screen), None, "wide enough");
        assert_eq!(wider(stands(100.0, 50.0, 440.0, 640.0), stands(0.0, 0.0, 800.0, 600.0)), None, "no room");
        let low = stands(0.0, 0.0, 1024.0, 600.0);
        assert_eq!(wider(stands(0.0, 0.0, 440.0, 560.0), low), Some(stands(0.0, 0.0, 900.0, 600.0)));
        let second = stands(1280.0, 0.0, 1280.0, 900.0);
        assert_eq!(wider(stands(2000.0, 0.0, 440.0, 640.0), second), Some(stands(1660.0, 0.0, 900.0, 640.0)));
    }

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
