//! The report of the last diagnosis: made and sealed once, shown, saved into the Downloads folder, sent to the KV's gateway.
//! Leaves the PC by [`Reports::send`] alone; takes no path and no address from the ui.

use std::{fs::OpenOptions, io::Write as _, path::Path};

use flexnet_diagnostics::{
    collect::{Input, last_events},
    report::{self, InstallationKey, Preview, Scrubber},
};
use flexnet_protocol::{
    Fault, FaultCode,
    events::Event,
    profile::Profile,
    report::{Envelope, Kept},
    text::Language,
};
use futures_util::{FutureExt as _, future::BoxFuture};
use serde::Serialize;

use crate::{diagnosis::Seen, os, portal::Saving};

/// The key that signs, and the person's own values that must not be in a report.
pub type Signer = Box<dyn Fn() -> Result<(InstallationKey, Scrubber), Fault> + Send + Sync>;

/// Hands a report to the gateway.
pub type Sender = Box<dyn Fn(Envelope) -> BoxFuture<'static, Result<Kept, Fault>> + Send + Sync>;

/// Tells the last events of the service.
pub type Teller = Box<dyn Fn() -> BoxFuture<'static, Vec<Event>> + Send + Sync>;

/// Makes reports and takes them where they are wanted.
pub struct Reports {
    signer: Signer,
    sender: Sender,
    teller: Teller,
}

/// A file that was written. As a download of the portal tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Written {
    name: String,
    whole: bool,
}

impl Reports {
    /// Signed by this person's key, sent to the gateway of the installed profile.
    pub fn installed() -> Self {
        let signer = || {
            let key = InstallationKey::of_this_person().map_err(|error| internal(&error))?;
            Ok((key, Scrubber::of_this_pc()))
        };
        let sender = |envelope| async move { report::send(&profile()?, &envelope).await }.boxed();
        let teller = || {
            let here = Input::installed();
            async move { last_events(&here.socket, &here.ring).await }.boxed()
        };
        Self::with(Box::new(signer), Box::new(sender), Box::new(teller))
    }

    /// Signed, sent and told of in this way.
    pub fn with(signer: Signer, sender: Sender, teller: Teller) -> Self {
        Self { signer, sender, teller }
    }

    /// Everything that would be sent.
    ///
    /// # Errors
    /// The report cannot be made: a defect.
    pub(crate) async fn preview(&self, seen: &Seen, language: Language) -> Result<Preview, Fault> {
        report::preview(self.sealed(seen).await?, language).map_err(|error| internal(&error))
    }

    /// Writes the page of the report into this folder, under a name that is free.
    ///
    /// # Errors
    /// [`FaultCode::HomeUnwritable`].
    pub(crate) async fn save(&self, seen: &Seen, language: Language, folder: &Path) -> Result<Written, Fault> {
        let page = report::page(self.sealed(seen).await?, language).map_err(|error| internal(&error))?;
        let path = Saving::default().begin(folder, file_name(language));
        let written = std::fs::create_dir_all(folder)
            .and_then(|()| OpenOptions::new().write(true).create_new(true).open(&path))
            .and_then(|mut file| file.write_all(page.as_bytes()).and_then(|()| file.sync_all()));
        written
            .map_err(|error| Fault::new(FaultCode::HomeUnwritable, format!("Downloads folder: {}", error.kind())))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Written { name, whole: true })
    }

    /// Hands the report to the gateway, as it was shown.
    ///
    /// # Errors
    /// The fault of the way or of the gateway.
    pub(crate) async fn send(&self, seen: &Seen) -> Result<Kept, Fault> {
        (self.sender)(self.sealed(seen).await?.clone()).await
    }

    async fn sealed<'a>(&self, seen: &'a Seen) -> Result<&'a Envelope, Fault> {
        seen.report
            .get_or_try_init(|| async {
                let events = (self.teller)().await;
                let (key, scrubber) = (self.signer)()?;
                report::make(&seen.facts, &seen.verdict, &events, &key, &scrubber).map_err(|error| internal(&error))
            })
            .await
    }
}

fn profile() -> Result<Profile, Fault> {
    let broken = |error: String| Fault::new(FaultCode::ProfileBroken, format!("profile.toml: {error}"));
    let text = std::fs::read_to_string(os::PROFILE).map_err(|error| broken(error.to_string()))?;
    Profile::parse(&text).map_err(|error| broken(error.to_string()))
}

const fn file_name(language: Language) -> &'static str {
    match language {
        Language::German => "KV-FlexNet-Bericht.html",
        Language::English => "KV-FlexNet-Report.html",
    }
}

fn internal(error: &dyn std::error::Error) -> Fault {
    Fault::new(FaultCode::Internal, format!("report: {error}"))
}
