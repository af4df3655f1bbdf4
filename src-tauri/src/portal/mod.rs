//! The portal's windows: private, fresh, and able to reach the portal's hosts only. No capability lists them, so no command of
//! ours answers them. Never sees what is typed there. [`hosts`] and [`rules`] say where they may go, [`moves`] when they come and go.

mod hosts;
mod moves;
mod rules;
mod saved;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use flexnet_protocol::{Fault, FaultCode, snapshot::Snapshot};
use serde::Serialize;
use tauri::{
    AppHandle, Emitter as _, Manager as _, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    webview::{DownloadEvent, NewWindowFeatures, NewWindowResponse, PermissionResponse},
};
use url::Url;

pub use hosts::Hosts;
pub use moves::{Move, Moves};
pub use rules::rules;
pub use saved::Saving;

use crate::{
    main_window, os,
    words::{ChooserWords, ToolWords, TroublePage, Words},
};

/// Label of the first window; further ones have a number behind it.
pub const LABEL: &str = "portal";

/// More windows than a person opens.
const MOST: usize = 10;

/// What a file that the portal sent has become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// Its name in the Downloads folder.
    pub name: String,
    /// `false` if it broke off.
    pub whole: bool,
}

/// What the operating system must keep around a window, and where the window begins.
pub struct Fence {
    /// Where it may go.
    pub hosts: Hosts,
    /// The content filter.
    pub rules: String,
    /// Where the compiled filter is kept.
    pub folder: PathBuf,
    /// The page for when nothing loads.
    pub trouble: TroublePage,
    /// Words of the dialogue in which a file is chosen.
    pub chooser: ChooserWords,
    /// Words of the bar above the page.
    pub tools: ToolWords,
    /// What to load once the fence stands; `None` where the engine loads by itself.
    pub first: Option<Url>,
    /// The fence does not stand.
    pub failed: Box<dyn FnOnce(Fault) + Send>,
}

/// The portal's windows.
#[derive(Debug, Default)]
pub struct Portal {
    further: AtomicU32,
    saving: Mutex<Vec<(Url, PathBuf)>>,
    names: Mutex<Saving>,
}

/// What all windows of one session have in common.
struct Visit {
    hosts: Hosts,
    title: String,
    trouble: TroublePage,
    chooser: ChooserWords,
    tools: ToolWords,
    filters: PathBuf,
    downloads: PathBuf,
}

/// Opens the portal, or brings it to the front. On the main thread.
///
/// # Errors
/// The window cannot be made, or not on this system.
pub fn open<R: Runtime>(app: &AppHandle<R>, snapshot: &Snapshot, words: &Words) -> Result<(), Fault> {
    if let Some(window) = app.get_webview_window(LABEL) {
        return window.unminimize().and_then(|()| window.set_focus()).map_err(|error| no_window(&error));
    }
    let first = Url::parse(&snapshot.portal.url)
        .map_err(|error| Fault::new(FaultCode::ProfileBroken, format!("portal.url: {error}")))?;
    let cache = app.path().app_cache_dir().map_err(|error| no_window(&error))?;
    let visit = Arc::new(Visit {
        hosts: Hosts::new(&snapshot.portal.hosts),
        title: words.portal_title(&snapshot.organisation),
        trouble: words.trouble_page(Some(&snapshot.desk)),
        chooser: words.chooser(),
        tools: words.tools(),
        filters: cache.join("portal-filter"),
        downloads: downloads(app)?,
    });
    let window = build(app, LABEL, &visit, None).map_err(|error| no_window(&error))?;
    visit.fence(&window, Some(first)).inspect_err(|_| drop(window.destroy()))
}

/// Closes every window of the portal: the session is over, and with it what was typed and seen there.
pub fn close<R: Runtime>(app: &AppHandle<R>) {
    for window in windows(app) {
        if let Err(error) = window.destroy() {
            tracing::warn!(%error, "a portal window could not be closed");
        }
    }
}

/// The folder that the portal's files go to.
///
/// # Errors
/// There is none, not even a home.
pub fn downloads<R: Runtime>(app: &AppHandle<R>) -> Result<PathBuf, Fault> {
    let path = app.path();
    path.download_dir()
        .or_else(|_| path.home_dir().map(|home| home.join("Downloads")))
        .map_err(|error| Fault::new(FaultCode::Internal, format!("Downloads folder: {error}")))
}

impl Visit {
    fn fence<R: Runtime>(&self, window: &WebviewWindow<R>, first: Option<Url>) -> Result<(), Fault> {
        let doomed = window.clone();
        let failed = move |fault: Fault| {
            tracing::error!(%fault, "the portal window is closed: its fence does not stand");
            main_window::notice(doomed.app_handle(), &fault);
            drop(doomed.destroy());
        };
        os::fence(
            window,
            Fence {
                hosts: self.hosts.clone(),
                rules: rules(&self.hosts),
                folder: self.filters.clone(),
                trouble: self.trouble.clone(),
                chooser: self.chooser.clone(),
                tools: self.tools.clone(),
                first,
                failed: Box::new(failed),
            },
        )
    }
}

fn build<R: Runtime>(
    app: &AppHandle<R>,
    label: &str,
    visit: &Arc<Visit>,
    opener: Option<NewWindowFeatures>,
) -> tauri::Result<WebviewWindow<R>> {
    let (navigation, opened, saving, titled) = (visit.clone(), visit.clone(), visit.clone(), visit.clone());
    let handle = app.clone();
    let mut builder = WebviewWindowBuilder::new(app, label, WebviewUrl::External(blank()?))
        .title(&visit.title)
        .inner_size(900.0, 640.0)
        .min_inner_size(640.0, 480.0)
        .incognito(true)
        .devtools(false)
        // The page itself takes files that are dropped on it.
        .disable_drag_drop_handler()
        .on_navigation(move |url| {
            let may = navigation.hosts.may_visit(url);
            if !may {
                tracing::info!(host = url.host_str(), scheme = url.scheme(), "not a page of the portal");
            }
            may
        })
        .on_new_window(move |url, features| further(&handle, &opened, &url, features))
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_document_title_changed(move |window, page| drop(window.set_title(&titled.title_with(&page))))
        .on_download(move |webview, event| download(webview.app_handle(), &saving, event));
    if let Some(opener) = opener {
        builder = builder.window_features(opener);
    }
    builder.build()
}

/// A page of the portal opens a window: under the same rules, in the same private session.
fn further<R: Runtime>(
    app: &AppHandle<R>,
    visit: &Arc<Visit>,
    url: &Url,
    features: NewWindowFeatures,
) -> NewWindowResponse<R> {
    if !visit.hosts.may_visit(url) || windows(app).len() >= MOST {
        tracing::info!(host = url.host_str(), scheme = url.scheme(), "no window for this");
        return NewWindowResponse::Deny;
    }
    let number = app.state::<Portal>().further.fetch_add(1, Ordering::Relaxed) + 2;
    let built = build(app, &format!("{LABEL}-{number}"), visit, Some(features)).map_err(|error| no_window(&error));
    match built.and_then(|window| visit.fence(&window, None).map(|()| window)) {
        Ok(window) => NewWindowResponse::Create { window },
        Err(fault) => {
            main_window::notice(app, &fault);
            NewWindowResponse::Deny
        }
    }
}

impl Visit {
    fn title_with(&self, page: &str) -> String {
        // Direction marks and line breaks of a page could make a title look like another program's.
        let page: String = page.chars().filter(|c| !c.is_control() && !saved::turns_round(*c)).take(80).collect();
        // Many pages name the portal themselves.
        let name = self.title.split(" – ").next().unwrap_or_default();
        let page = page.trim().trim_end_matches(name).trim_end_matches([' ', '–', '-', '|', '·']);
        if page.is_empty() { self.title.clone() } else { format!("{page} – {}", self.title) }
    }
}

/// Whether a download may begin; and what has become of it.
fn download<R: Runtime>(app: &AppHandle<R>, visit: &Visit, event: DownloadEvent<'_>) -> bool {
    let portal = app.state::<Portal>();
    match event {
        DownloadEvent::Requested { url, destination } => {
            if !visit.hosts.may_save(&url) {
                return false;
            }
            // Nobody else makes it; without it the engine gives up.
            if let Err(error) = std::fs::create_dir_all(&visit.downloads) {
                tracing::warn!(%error, "no folder for downloads");
            }
            let name = destination.file_name().unwrap_or_default().to_string_lossy().into_owned();
            *destination = portal.begin(&visit.downloads, url, &name);
            true
        }
        DownloadEvent::Finished { url, success, .. } => {
            if let Some(name) = portal.end(&url) {
                let saved = Saved { name, whole: success };
                tracing::info!(whole = success, "a file of the portal was saved");
                drop(app.emit_to(main_window::LABEL, "saved", saved));
            }
            true
        }
        _ => false,
    }
}

impl Portal {
    fn begin(&self, folder: &Path, url: Url, name: &str) -> PathBuf {
        let path = self.names.lock().unwrap_or_else(PoisonError::into_inner).begin(folder, name);
        self.saving.lock().unwrap_or_else(PoisonError::into_inner).push((url, path.clone()));
        path
    }

    /// The name of the file that came from here.
    fn end(&self, url: &Url) -> Option<String> {
        let mut saving = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, path) = saving.iter().position(|(from, _)| from == url).map(|at| saving.remove(at))?;
        self.names.lock().unwrap_or_else(PoisonError::into_inner).end(&path);
        path.file_name().map(|name| name.to_string_lossy().into_owned())
    }
}

fn windows<R: Runtime>(app: &AppHandle<R>) -> Vec<WebviewWindow<R>> {
    app.webview_windows().into_iter().filter(|(label, _)| is_portal(label)).map(|(_, window)| window).collect()
}

/// Whether a window with this label shows the portal.
pub fn is_portal(label: &str) -> bool {
    label.strip_prefix(LABEL).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn blank() -> tauri::Result<Url> {
    "about:blank".parse().map_err(tauri::Error::InvalidUrl)
}

fn no_window(error: &tauri::Error) -> Fault {
    Fault::new(FaultCode::Internal, format!("portal window: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit() -> Visit {
        let words = Words::of(crate::settings::LanguageChoice::De);
        Visit {
            hosts: Hosts::new(&["portal.snk.example".into()]),
            title: "Mitgliederportal – Muster-KV".into(),
            trouble: words.trouble_page(None),
            chooser: words.chooser(),
            tools: words.tools(),
            filters: PathBuf::new(),
            downloads: PathBuf::from("/home/m/Downloads"),
        }
    }

    #[test]
    fn the_title_names_the_page_and_always_the_portal() {
        let titles = [
            ("", "Mitgliederportal – Muster-KV"),
            (" \n", "Mitgliederportal – Muster-KV"),
            ("Anmelden", "Anmelden – Mitgliederportal – Muster-KV"),
            ("Anmelden – Mitgliederportal", "Anmelden – Mitgliederportal – Muster-KV"),
            ("Mitgliederportal", "Mitgliederportal – Muster-KV"),
            ("a\u{202e}b\nc", "abc – Mitgliederportal – Muster-KV"),
        ];
        for (page, title) in titles {
            assert_eq!(visit().title_with(page), title);
        }
        assert!(visit().title_with(&"x".repeat(5000)).ends_with("x – Mitgliederportal – Muster-KV"));
    }

    #[test]
    fn a_download_goes_to_the_folder_and_is_told_once() {
        let (portal, from) = (Portal::default(), Url::parse("http://portal.snk.example/bescheid").unwrap());
        let path = portal.begin(Path::new("/nowhere/Downloads"), from.clone(), "../bescheid.pdf");
        assert_eq!(path, Path::new("/nowhere/Downloads/bescheid.pdf"));
        assert_eq!(portal.end(&from).as_deref(), Some("bescheid.pdf"));
        assert_eq!(portal.end(&from), None);
    }

    #[test]
    fn windows_of_the_portal_are_known_by_their_label() {
        assert!(is_portal("portal") && is_portal("portal-2"));
        assert!(!is_portal("main") && !is_portal("portals"));
    }
}
