//! The application put together: what it keeps, what it does when the service speaks, how it begins and ends.
//! Decides nothing about the session: it hands snapshots to the ui and opens and closes windows after them.

use std::sync::{Mutex, PoisonError};

use flexnet_protocol::{
    Fault, FaultCode,
    snapshot::{Snapshot, State, Warning},
};
use tauri::{AppHandle, Emitter as _, Manager as _, Runtime};
use tauri_plugin_window_state::StateFlags;
use tokio::{sync::oneshot, time};

use crate::{
    commands,
    diagnosis::Diagnosis,
    handoff,
    keyring::Keyring,
    link::{Keeper, Link},
    main_window::{self, Widened},
    os,
    portal::{self, Move, Moves, Portal},
    remember::{Entry, Remember},
    reminders::Reminders,
    report::Reports,
    settings::{Settings, SettingsFile},
    system::{Real, System},
    words::Words,
};

/// Signing out takes a second; a service that hangs must not keep the window open.
const LEAVE_WITHIN: time::Duration = time::Duration::from_secs(10);

/// What the application keeps while it runs.
pub struct Desktop {
    /// The link to the service.
    pub keeper: Keeper,
    /// Where passwords are kept.
    pub keyring: Keyring,
    /// "Wo hängt es?".
    pub diagnosis: Diagnosis,
    /// Reports of it.
    pub reports: Reports,
    /// Dialling, folders, start with the PC.
    pub system: Box<dyn System>,
    remember: Mutex<Remember>,
    file: SettingsFile,
    settings: Mutex<Settings>,
}

impl Desktop {
    /// With the settings as they lie in this file.
    pub fn new(
        keeper: Keeper,
        keyring: Keyring,
        (diagnosis, reports): (Diagnosis, Reports),
        system: Box<dyn System>,
        file: SettingsFile,
    ) -> Self {
        let settings = Mutex::new(file.load());
        Self { keeper, keyring, diagnosis, reports, system, remember: Mutex::default(), file, settings }
    }

    /// The settings that hold now.
    pub fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The entry on its way.
    pub(crate) fn remembering<T>(&self, with: impl FnOnce(&mut Remember) -> T) -> T {
        with(&mut self.remember.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the settings, in the file first: what could not be saved does not hold.
    ///
    /// # Errors
    /// [`FaultCode::SettingsUnsaved`].
    pub fn change(&self, change: impl FnOnce(&mut Settings)) -> Result<Settings, Fault> {
        let mut settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = settings.clone();
        change(&mut changed);
        if changed != *settings {
            self.file.save(&changed)?;
            *settings = changed;
        }
        Ok(settings.clone())
    }
}

/// Runs the application until it is left.
///
/// # Errors
/// The system gives no window.
pub fn run() -> tauri::Result<()> {
    let context = context();
    // Before there is a window or a second thread.
    os::speak(&context.config().identifier);
    tauri::Builder::default()
        // First of all: a second start must not get further than this.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            main_window::show(app);
            handoff::started(app, arguments.into_iter().skip(1).collect());
        }))
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .plugin(tauri_plugin_autostart::Builder::new().app_name("KV-FlexNet").build())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(StateFlags::POSITION | StateFlags::SIZE | StateFlags::MAXIMIZED)
                .with_filename("windows.json")
                .with_filter(|label| label == main_window::LABEL || label == portal::LABEL)
                .build(),
        )
        .invoke_handler(commands::handler())
        .on_window_event(main_window::on_event)
        .setup(|app| {
            let app = app.handle();
            let settings = SettingsFile::new(&app.path().app_config_dir()?);
            let keeper = Keeper::new(flexnet_ipc::default_socket(), os::PROFILE.into());
            let system = Box::new(Real::new(app));
            let diagnosis = (Diagnosis::installed(), Reports::installed());
            begin(app, Desktop::new(keeper, Keyring::default(), diagnosis, system, settings))?;
            handoff::started(app, std::env::args().skip(1).collect());
            Ok(())
        })
        .build(context)?
        .run(|app, event| {
            if let Some(links) = os::opened(&event) {
                main_window::show(app);
                handoff::started(app, links);
            }
        });
    Ok(())
}

/// tauri.conf.json, the capability and the built ui, as the build put them in.
#[expect(clippy::disallowed_methods, reason = "Tauri's macro leaves the process where its context cannot be read")]
pub(crate) fn context<R: Runtime>() -> tauri::Context<R> {
    tauri::generate_context!()
}

/// Makes the window and follows the service.
///
/// # Errors
/// The system gives no window.
pub fn begin<R: Runtime>(app: &AppHandle<R>, desktop: Desktop) -> tauri::Result<()> {
    let settings = desktop.settings();
    app.manage(desktop);
    app.manage(Portal::default());
    app.manage(Widened::default());
    main_window::create(app)?;
    main_window::wear(app, &settings);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let (mut moves, mut reminders) = (Moves::default(), Reminders::default());
        app.state::<Desktop>().keeper.run(|link| seen(&app, &mut moves, &mut reminders, link)).await;
    });
    Ok(())
}

/// Signs out where there is a session, then ends the application.
pub(crate) async fn leave<R: Runtime>(app: &AppHandle<R>) {
    let desktop = app.state::<Desktop>();
    if let Some(request) = desktop.keeper.peek().as_ref().and_then(Link::leaving) {
        let over = async {
            match desktop.keeper.ask(request).await {
                Ok(_) => drop(desktop.keeper.wait_for(Link::is_over).await),
                Err(fault) => tracing::warn!(%fault, "left without signing out"),
            }
        };
        if time::timeout(LEAVE_WITHIN, over).await.is_err() {
            tracing::warn!("the service did not end the session in time");
        }
    }
    // A diagnosis is wide; the size that is kept is the one before it.
    main_window::narrow(app).await;
    desktop.system.end();
}

/// Opens the portal for the session that stands.
///
/// # Errors
/// There is no session, or no window.
pub(crate) async fn open_portal<R: Runtime>(app: &AppHandle<R>) -> Result<(), Fault> {
    standing(app)?;
    opening(app).await
}

/// The snapshot of the session that stands.
fn standing<R: Runtime>(app: &AppHandle<R>) -> Result<Box<Snapshot>, Fault> {
    match app.state::<Desktop>().keeper.peek() {
        Some(Link::Up { snapshot })
            if matches!(snapshot.state, State::Connected { .. } | State::Reconnecting { .. }) =>
        {
            Ok(snapshot)
        }
        Some(Link::Up { .. }) | None => Err(Fault::new(FaultCode::BadRequest, "the portal needs a session")),
        Some(Link::Down { fault, .. }) => Err(fault),
    }
}

/// Begins to open the portal, on the main thread: elsewhere, restoring a window's place holds a lock that the main thread takes
/// when another window is closed. What comes of it is in the future; it happens whether that is awaited or not.
fn opening<R: Runtime>(app: &AppHandle<R>) -> impl Future<Output = Result<(), Fault>> + Send + 'static {
    let (tell, told) = oneshot::channel();
    let handle = app.clone();
    let begun = app.run_on_main_thread(move || {
        // Looked at here: a session that has ended on the way has closed its windows, and nothing would close this one.
        let opened = standing(&handle).and_then(|snapshot| {
            let words = Words::of(handle.state::<Desktop>().settings().language);
            portal::open(&handle, &snapshot, &words)
        });
        // Nobody may be listening any more.
        drop(tell.send(opened));
    });
    async move {
        begun.map_err(|error| Fault::new(FaultCode::Internal, format!("portal window: {error}")))?;
        told.await.unwrap_or_else(|_| Err(Fault::new(FaultCode::Internal, "the application is ending")))
    }
}

/// What each change of the link brings about. Called in order, none left out.
fn seen<R: Runtime>(app: &AppHandle<R>, moves: &mut Moves, reminders: &mut Reminders, link: &Link) {
    let desktop = app.state::<Desktop>();
    let state = match link {
        Link::Up { snapshot } => Some(&snapshot.state),
        Link::Down { .. } => None,
    };
    match state {
        None => desktop.remembering(Remember::drop_it),
        Some(state) => {
            if let Some(entry) = desktop.remembering(|remember| remember.next(state)) {
                // Before the ui hears of it, so that settings asked for then have the name.
                keep(app, entry);
            }
        }
    }
    drop(app.emit_to(main_window::LABEL, "link", link));
    if let Some(warning) = reminders.next(state) {
        remind(app, &warning);
    }
    match moves.next(state) {
        Move::Stay => {}
        Move::Close => {
            // After whatever is being opened, on the same thread.
            let handle = app.clone();
            if let Err(error) = app.run_on_main_thread(move || portal::close(&handle)) {
                tracing::warn!(%error, "the portal's windows could not be closed");
            }
        }
        Move::Open => {
            let (opened, app) = (opening(app), app.clone());
            tauri::async_runtime::spawn(async move {
                // A session that is gone already is told of as such.
                if let (Err(fault), Ok(_)) = (opened.await, standing(&app)) {
                    main_window::notice(&app, &fault);
                }
            });
        }
    }
}

/// Tells of a near end, and in its last minute brings the window to the front: what can be done about it is there.
fn remind<R: Runtime>(app: &AppHandle<R>, warning: &Warning) {
    if warning.last_minute {
        main_window::show(app);
    } else if let Err(reason) = app.state::<Desktop>().system.remind() {
        tracing::info!(reason, "nobody was reminded");
    }
}

/// Keeps what was asked for of an entry that has been right.
fn keep<R: Runtime>(app: &AppHandle<R>, entry: Entry) {
    let Entry { username, keep } = entry;
    let remembered = app.state::<Desktop>().change(|settings| {
        if settings.remember_username {
            settings.username = Some(username.clone());
        }
    });
    if let Err(fault) = remembered {
        main_window::notice(app, &fault);
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let keyring = &app.state::<Desktop>().keyring;
        let done = match keep {
            Some(password) => keyring.keep(&username, password).await.map_err(Some),
            // No key store, nothing kept in it: not worth a word.
            None => keyring.forget(&username).await.map_err(|_| None),
        };
        if let Err(Some(fault)) = done {
            main_window::notice(&app, &fault);
        }
    });
}
