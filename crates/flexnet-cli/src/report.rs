//! `report`: makes, shows, verifies and sends the file of a diagnosis. All but `send` work without a network, all without the service and without a sign-in.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::Subcommand;
use flexnet_diagnostics::{
    collect::{self, Input},
    report::{self, NotWhole, Preview, Shape, Verified},
    show::Diagnosis,
};
use flexnet_protocol::{Fault, FaultCode, diagnosis::Verdict, profile::Profile};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::{Outcome, show::Show};

/// What can be done with a report.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Look at the whole way and write what was seen into a file.
    Make {
        /// The file, which must not be there yet. Without it a name with the Prüfcode in this folder.
        #[arg(long)]
        out: Option<PathBuf>,
        /// The KV's profile, where it is not the installed one.
        #[arg(long, hide = true)]
        profile: Option<PathBuf>,
    },
    /// Show a report: the verdict, the likely cause and the next question first.
    Show {
        /// The report, a page or its JSON.
        file: PathBuf,
    },
    /// Find out whether a report is unchanged. Exit codes: 0 it is, 1 it is not, 3 the report is, but its page is of another version.
    Verify {
        /// The report, a page or its JSON.
        file: PathBuf,
    },
    /// Send a report to the service desk, without a sign-in, and tell its number.
    Send {
        /// The report, a page or its JSON.
        file: PathBuf,
        /// The KV's profile, where it is not the installed one.
        #[arg(long, hide = true)]
        profile: Option<PathBuf>,
    },
}

pub(crate) async fn run(socket: &Path, command: Command, show: &mut Show) -> anyhow::Result<Outcome> {
    match command {
        Command::Make { out, profile } => make(socket, out, profile, show).await,
        Command::Show { file } => match whole(&file, show)? {
            Ok(verified) => shown(&verified, show),
            Err(why) => told(why, show),
        },
        Command::Verify { file } => match whole(&file, show)? {
            Ok(verified) => verified_in_words(&verified, show),
            Err(why) => told(why, show),
        },
        Command::Send { file, profile } => match whole(&file, show)? {
            Ok(verified) => send(&verified, profile, show).await,
            Err(why) => told(why, show),
        },
    }
}

/// A value for programs: `made`, and what `verify` says.
#[derive(Serialize)]
struct Told<'a> {
    whole: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl<'a> Told<'a> {
    fn of(verified: &'a Verified) -> Self {
        let page_of = match &verified.shape {
            Shape::OtherVersion(version) => Some(version.as_str()),
            Shape::Page(_) | Shape::Sealed => None,
        };
        Self {
            whole: true,
            file: None,
            check_code: Some(verified.check_code.to_string()),
            sha256: Some(hexadecimal(&verified.sha256)),
            key: Some(verified.key.to_string()),
            page_of,
            verdict: Some(&verified.head.verdict),
            why: None,
        }
    }

    fn not(why: NotWhole) -> Self {
        Self {
            whole: false,
            file: None,
            check_code: None,
            sha256: None,
            key: None,
            page_of: None,
            verdict: None,
            why: Some(why.to_string()),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn make(
    socket: &Path,
    out: Option<PathBuf>,
    profile: Option<PathBuf>,
    show: &mut Show,
) -> anyhow::Result<Outcome> {
    let installed = Input::installed();
    let input =
        Input { profile: profile.unwrap_or(installed.profile), socket: socket.to_owned(), ..Input::installed() };
    // Nobody watches.
    let (progress, _) = mpsc::unbounded_channel();
    let diagnosis = Diagnosis::run(&input, progress).await;
    let events = collect::last_events(&input.socket, &input.ring).await;
    let envelope = report::make_here(&diagnosis.facts, &diagnosis.verdict, &events)?;
    let page = report::page(&envelope, show.language())?;
    let file = out.unwrap_or_else(|| report::file_name(&envelope).into());
    if let Err(error) = write_new(&file, &page) {
        eprintln!("{} ({error})", show.text("cli-report-unwritable"));
        return Ok(Outcome::Fault);
    }
    let verified = report::verify(page.as_bytes())?;
    if show.is_json() {
        show.value(&Told { file: Some(&file), ..Told::of(&verified) })?;
    } else {
        let made = show.text_with("cli-report-made", &[("file", &file.display().to_string())]);
        show.print(&made)?;
        let code = show.text_with("cli-report-check-code", &[("code", &verified.check_code.to_string())]);
        show.print(&code)?;
    }
    Ok(Outcome::Done)
}

/// A file that is there is somebody's.
fn write_new(file: &Path, page: &str) -> io::Result<()> {
    let mut file = fs::File::create_new(file)?;
    file.write_all(page.as_bytes())?;
    file.sync_all()
}

/// What a file is; its reading may fail by itself.
fn whole(file: &Path, show: &Show) -> anyhow::Result<Result<Verified, NotWhole>> {
    match fs::read(file) {
        Ok(bytes) => Ok(report::verify(&bytes)),
        Err(error) => {
            eprintln!("{} ({error})", show.text("cli-report-unreadable"));
            Ok(Err(NotWhole::NoReport))
        }
    }
}

fn told(why: NotWhole, show: &mut Show) -> anyhow::Result<Outcome> {
    if show.is_json() {
        show.value(&Told::not(why))?;
        return Ok(Outcome::Fault);
    }
    show.note(match why {
        NotWhole::NoReport => "cli-report-no-report",
        NotWhole::Signature => "cli-report-signature",
        NotWhole::NotUnderstood => "cli-report-not-understood",
        NotWhole::Changed => "cli-report-changed",
    })?;
    Ok(Outcome::Fault)
}

fn verified_in_words(verified: &Verified, show: &mut Show) -> anyhow::Result<Outcome> {
    if show.is_json() {
        show.value(&Told::of(verified))?;
    } else {
        let lines = [
            shape(verified, show),
            show.text_with("cli-report-check-code", &[("code", &verified.check_code.to_string())]),
            show.text_with("cli-report-sha256", &[("hash", &hexadecimal(&verified.sha256))]),
            show.text_with("cli-report-key", &[("key", &verified.key.to_string())]),
        ];
        show.print(&lines.join("\n"))?;
    }
    Ok(outcome(verified))
}

fn shape(verified: &Verified, show: &Show) -> String {
    match &verified.shape {
        Shape::Page(_) | Shape::Sealed => show.text("cli-report-whole"),
        Shape::OtherVersion(version) => show.text_with("cli-report-other-version", &[("version", version)]),
    }
}

const fn outcome(verified: &Verified) -> Outcome {
    match verified.shape {
        Shape::Page(_) | Shape::Sealed => Outcome::Done,
        Shape::OtherVersion(_) => Outcome::UNVERIFIED,
    }
}

fn shown(verified: &Verified, show: &mut Show) -> anyhow::Result<Outcome> {
    let preview = report::preview(&verified.envelope, show.language())?;
    if show.is_json() {
        show.value(&preview)?;
    } else {
        let words = format!("{}\n\n{}", shape(verified, show), in_words(&preview, show));
        show.print(&words)?;
    }
    Ok(outcome(verified))
}

/// The verdict, its cause and the next question; then all the rest.
fn in_words(preview: &Preview, show: &Show) -> String {
    let lead = &preview.lead;
    let mut lines: Vec<String> = lead.code.iter().map(|code| show.text_with("cli-code", &[("code", code)])).collect();
    lines.extend([lead.title.clone(), lead.what.clone()]);
    for (key, name, text) in
        [("cli-report-cause", "cause", &lead.cause), ("cli-report-question", "question", &lead.question)]
    {
        if !text.is_empty() {
            lines.push(show.text_with(key, &[(name, text)]));
        }
    }
    for section in &preview.sections {
        lines.push(format!("\n{}", section.title));
        for row in &section.rows {
            let colon = if row.label.is_empty() || row.value.is_empty() { "" } else { ": " };
            lines.push(format!("  {}{colon}{}", row.label, row.value));
        }
    }
    lines.join("\n")
}

async fn send(verified: &Verified, profile: Option<PathBuf>, show: &mut Show) -> anyhow::Result<Outcome> {
    let profile = profile.unwrap_or_else(|| Input::installed().profile);
    let broken = |what: &str| Fault::new(FaultCode::ProfileBroken, what);
    let text = fs::read_to_string(profile).map_err(|error| broken(&error.kind().to_string()))?;
    let profile = Profile::parse(&text).map_err(|error| broken(&error.to_string()))?;
    let kept = report::send(&profile, &verified.envelope).await?;
    if show.is_json() {
        show.value(&kept)?;
    } else {
        let time = show.day_and_moment(kept.until);
        let lines = [
            show.text_with("cli-report-sent", &[("number", &kept.number)]),
            show.text_with("cli-report-kept", &[("time", &time)]),
        ];
        show.print(&lines.join("\n"))?;
    }
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests;
