//! All that the window may ask, one function a command; build.rs makes a permission of each and capabilities/main.json lists them.
//! Each one rejects with a [`Fault`]. None gives a kept password back, none takes an address, a path or a number to call.

use flexnet_diagnostics::report::Preview;
use flexnet_protocol::{
    Fault, FaultCode, Secret, VERSION,
    local::{Credentials, Reply, Request},
    repair::{RepairPlan, Repaired},
    report::Kept,
    snapshot::WrongEntry,
    text::Language,
};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Emitter as _, Runtime, State, ipc::Invoke};

use crate::{
    app::{self, Desktop},
    diagnosis::Diagnosed,
    link::Link,
    main_window, portal,
    remember::{self, Remember},
    report::Written,
    settings::{Settings, TextSize},
    words,
};

/// The percentages between which text stays readable and screens stay whole.
const TEXT_SIZES: std::ops::RangeInclusive<u16> = 100..=200;

/// All commands.
pub fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        link,
        ask,
        repair_plan,
        sign_in,
        confirm_identity,
        report_token_lost,
        resync_token,
        remembered,
        forget,
        settings,
        save_settings,
        open_portal,
        about,
        call_desk,
        show_folder,
        diagnose,
        stop_diagnosis,
        report_preview,
        report_save,
        report_send,
        widen,
        ui_ready,
        quit
    ]
}

/// What the window may ask of the service besides signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    Prepare,
    Cancel,
    Extend,
    SignOut,
    Acknowledge,
    Repair,
}

/// What the member typed.
#[derive(Debug, Deserialize)]
struct Entry {
    username: String,
    /// `None`: the kept one.
    password: Option<Secret>,
    tan: Secret,
    keep_password: bool,
}

/// What the About screen says.
#[derive(Debug, Serialize)]
struct About {
    version: &'static str,
    service_version: Option<String>,
    organisation: Option<String>,
    system: String,
    system_language: &'static str,
}

#[tauri::command]
async fn link(desktop: State<'_, Desktop>) -> Result<Link, Fault> {
    Ok(desktop.keeper.current().await)
}

#[tauri::command]
async fn ask(desktop: State<'_, Desktop>, question: Question) -> Result<Option<Repaired>, Fault> {
    let request = match question {
        Question::Prepare => Request::Prepare,
        Question::Cancel => Request::Cancel,
        Question::Extend => Request::Extend,
        Question::SignOut => Request::SignOut,
        Question::Acknowledge => Request::Acknowledge,
        Question::Repair => Request::Repair,
    };
    match desktop.keeper.ask(request).await? {
        Reply::Repaired(repaired) => Ok(Some(repaired)),
        Reply::Accepted
        | Reply::Done
        | Reply::WrongEntry(_)
        | Reply::Hello { .. }
        | Reply::RepairPlan(_)
        | Reply::Health(_)
        | Reply::Events(_) => Ok(None),
        Reply::Refused(fault) => Err(fault),
    }
}

/// What a repair would do now, and what it would leave alone. Changes nothing.
#[tauri::command]
async fn repair_plan(desktop: State<'_, Desktop>) -> Result<RepairPlan, Fault> {
    match desktop.keeper.ask(Request::RepairPreview).await? {
        Reply::RepairPlan(plan) => Ok(plan),
        Reply::Refused(fault) => Err(fault),
        Reply::Hello { .. }
        | Reply::Accepted
        | Reply::Done
        | Reply::WrongEntry(_)
        | Reply::Repaired(_)
        | Reply::Health(_)
        | Reply::Events(_) => Err(unexpected()),
    }
}

/// The member has read whose access a link opens, and it is their own: the name as it was on the screen.
#[tauri::command]
async fn confirm_identity(desktop: State<'_, Desktop>, display_name: Option<String>) -> Result<(), Fault> {
    match desktop.keeper.ask(Request::ConfirmIdentity { display_name }).await? {
        Reply::Accepted => Ok(()),
        Reply::Refused(fault) => Err(fault),
        Reply::Hello { .. }
        | Reply::Done
        | Reply::WrongEntry(_)
        | Reply::Repaired(_)
        | Reply::RepairPlan(_)
        | Reply::Health(_)
        | Reply::Events(_) => Err(unexpected()),
    }
}

/// Done when it answers: then no token of the member opens anything, and the session ends.
#[tauri::command]
async fn report_token_lost(desktop: State<'_, Desktop>) -> Result<(), Fault> {
    match desktop.keeper.ask(Request::ReportTokenLost).await? {
        Reply::Done => Ok(()),
        Reply::Refused(fault) => Err(fault),
        Reply::Hello { .. }
        | Reply::Accepted
        | Reply::WrongEntry(_)
        | Reply::Repaired(_)
        | Reply::RepairPlan(_)
        | Reply::Health(_)
        | Reply::Events(_) => Err(unexpected()),
    }
}

/// Answers with what the gateway made of the two TANs: nothing if it took them.
#[tauri::command]
async fn resync_token(desktop: State<'_, Desktop>, first: Secret, second: Secret) -> Result<Option<WrongEntry>, Fault> {
    match desktop.keeper.ask(Request::ResyncToken { first, second }).await? {
        Reply::Done => Ok(None),
        Reply::WrongEntry(wrong) => Ok(Some(wrong)),
        Reply::Refused(fault) => Err(fault),
        Reply::Hello { .. }
        | Reply::Accepted
        | Reply::Repaired(_)
        | Reply::RepairPlan(_)
        | Reply::Health(_)
        | Reply::Events(_) => Err(unexpected()),
    }
}

fn unexpected() -> Fault {
    Fault::new(FaultCode::Internal, "an unexpected reply")
}

#[tauri::command]
async fn sign_in(desktop: State<'_, Desktop>, entry: Entry) -> Result<(), Fault> {
    let Entry { username, password, tan, keep_password } = entry;
    let password = match password {
        Some(password) => password,
        None => desktop
            .keyring
            .password(&username)
            .await?
            .ok_or_else(|| Fault::new(FaultCode::EntryShape, "no password is kept for this name"))?,
    };
    let keep = keep_password.then(|| password.clone());
    desktop.remembering(|remember| remember.sent(remember::Entry { username: username.trim().to_owned(), keep }));
    let begun = desktop.keeper.ask(Request::SignIn(Credentials { username, password, tan })).await;
    begun.map(drop).inspect_err(|_| desktop.remembering(Remember::drop_it))
}

#[tauri::command]
async fn remembered(desktop: State<'_, Desktop>, username: String) -> Result<bool, Fault> {
    if username.trim().is_empty() {
        return Ok(false);
    }
    Ok(desktop.keyring.password(&username).await?.is_some())
}

#[tauri::command]
async fn forget(desktop: State<'_, Desktop>, username: String) -> Result<(), Fault> {
    desktop.keyring.forget(&username).await
}

#[tauri::command]
async fn settings(desktop: State<'_, Desktop>) -> Result<Settings, Fault> {
    Ok(desktop.settings())
}

#[tauri::command]
async fn save_settings<R: Runtime>(
    app: AppHandle<R>,
    desktop: State<'_, Desktop>,
    settings: Settings,
) -> Result<Settings, Fault> {
    if let TextSize::Percent(size) = settings.text_size
        && !TEXT_SIZES.contains(&size)
    {
        return Err(Fault::new(FaultCode::BadRequest, format!("text size {size} %")));
    }
    let before = desktop.settings();
    if settings.start_with_system != before.start_with_system {
        desktop
            .system
            .start_with_system(settings.start_with_system)
            .map_err(|reason| Fault::new(FaultCode::SettingsUnsaved, format!("start with the PC: {reason}")))?;
    }
    let saved = desktop.change(|now| {
        // The name is written after a right entry only; the window may be older than that.
        let username = now.username.take().filter(|_| settings.remember_username);
        *now = Settings { username, ..settings };
    })?;
    main_window::wear(&app, &saved);
    if let (Some(forgotten), None) = (before.username, &saved.username) {
        // A name that is not to be remembered leaves no password behind either.
        desktop.keyring.forget(&forgotten).await.or_else(|fault| {
            tracing::info!(%fault, "no key store to forget a password in");
            Ok::<(), Fault>(())
        })?;
    }
    Ok(saved)
}

#[tauri::command]
async fn open_portal<R: Runtime>(app: AppHandle<R>) -> Result<(), Fault> {
    app::open_portal(&app).await
}

#[tauri::command]
async fn about(desktop: State<'_, Desktop>) -> Result<About, Fault> {
    let (service_version, organisation) = match desktop.keeper.peek() {
        Some(Link::Up { snapshot }) => (Some(snapshot.version), Some(snapshot.organisation)),
        Some(Link::Down { organisation, .. }) => (None, organisation),
        None => (None, None),
    };
    Ok(About {
        version: VERSION,
        service_version,
        organisation,
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        system_language: match words::system_language() {
            Language::German => "de",
            Language::English => "en",
        },
    })
}

#[tauri::command]
async fn call_desk(desktop: State<'_, Desktop>) -> Result<(), Fault> {
    let number = match desktop.keeper.current().await {
        Link::Up { snapshot } => snapshot.desk.contact.phone_uri,
        Link::Down { desk: Some(desk), .. } => desk.contact.phone_uri,
        Link::Down { fault, desk: None, .. } => return Err(fault),
    };
    if !is_number(&number) {
        return Err(Fault::new(FaultCode::ProfileBroken, "desk.phone_uri is not a number like +4923194329900"));
    }
    desktop.system.dial(&number).map_err(|reason| Fault::new(FaultCode::Internal, format!("dialling: {reason}")))
}

#[tauri::command]
async fn show_folder<R: Runtime>(app: AppHandle<R>, desktop: State<'_, Desktop>) -> Result<(), Fault> {
    let folder = portal::downloads(&app)?;
    desktop
        .system
        .show_folder(&folder)
        .map_err(|reason| Fault::new(FaultCode::Internal, format!("showing the folder: {reason}")))
}

/// Looks at the whole way, for the ui's number `run`; the one before is given up. `None`: this one was.
#[tauri::command]
async fn diagnose<R: Runtime>(
    app: AppHandle<R>,
    desktop: State<'_, Desktop>,
    run: u32,
) -> Result<Option<Diagnosed>, Fault> {
    let seen = |looked| drop(app.emit_to(main_window::LABEL, "diagnosis", looked));
    Ok(desktop.diagnosis.run(run, seen).await)
}

#[tauri::command]
async fn stop_diagnosis(desktop: State<'_, Desktop>) -> Result<(), Fault> {
    desktop.diagnosis.stop();
    Ok(())
}

/// Makes the report of the diagnosis `run`, which must be the last one, and says all that stands in it.
#[tauri::command]
async fn report_preview(desktop: State<'_, Desktop>, run: u32) -> Result<Preview, Fault> {
    let seen = desktop.diagnosis.seen(run)?;
    desktop.reports.preview(&seen, words::language(desktop.settings().language)).await
}

/// Writes it into the Downloads folder.
#[tauri::command]
async fn report_save<R: Runtime>(app: AppHandle<R>, desktop: State<'_, Desktop>, run: u32) -> Result<Written, Fault> {
    let seen = desktop.diagnosis.seen(run)?;
    let folder = portal::downloads(&app)?;
    desktop.reports.save(&seen, words::language(desktop.settings().language), &folder).await
}

/// Hands it to the KV's gateway.
#[tauri::command]
async fn report_send(desktop: State<'_, Desktop>, run: u32) -> Result<Kept, Fault> {
    let seen = desktop.diagnosis.seen(run)?;
    desktop.reports.send(&seen).await
}

/// As wide as a diagnosis wants to be, or as before.
#[tauri::command]
async fn widen<R: Runtime>(app: AppHandle<R>, wide: bool) -> Result<(), Fault> {
    if wide {
        main_window::widen(&app);
    } else {
        main_window::narrow(&app).await;
    }
    Ok(())
}

#[tauri::command]
async fn ui_ready<R: Runtime>(app: AppHandle<R>) -> Result<(), Fault> {
    main_window::show_first(&app);
    Ok(())
}

#[tauri::command]
async fn quit<R: Runtime>(app: AppHandle<R>) -> Result<(), Fault> {
    app::leave(&app).await;
    Ok(())
}

/// RFC 3966 §3 knows more; a desk has a global number of digits.
fn is_number(text: &str) -> bool {
    text.strip_prefix('+')
        .is_some_and(|rest| (3..=15).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
