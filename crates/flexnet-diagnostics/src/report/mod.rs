//! One file with everything that one run saw and says: HTML that opens anywhere, JSON inside, signed.
//! What goes in passes one gate ([`gate`]), where every text is scrubbed unless it is a constant of this program; there is no other way in.
//! [`make`] seals, [`page`] and [`preview`] show, [`verify`] finds out whether a file is whole, [`send`] hands it to the service desk.

mod gate;
mod key;
mod os;
mod page;
mod preview;
mod redact;
mod seal;
mod send;
mod verify;
mod words;

use flexnet_protocol::{
    diagnosis::Verdict,
    events::Event,
    report::{Envelope, MAX_REPORT},
};
use serde::Serialize;

use crate::facts::Facts;

pub use self::{
    key::{BadKey, Fingerprint, InstallationKey, KeyLife},
    page::page,
    preview::{NotAReport, Preview, Row, Section, preview},
    redact::{Redacted, Scrubber},
    send::send,
    verify::{NotWhole, Shape, Verified, verify},
};

/// 1: what [`flexnet_protocol::report::Head::format`] says.
const FORMAT: u32 = 1;
/// The last events that go in.
const EVENTS: usize = 200;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Something that is neither a number, a constant nor a text: a defect.
    #[error("the report cannot be written: {0}")]
    Write(#[from] gate::Refused),
    /// It is too large although events were left out: a defect.
    #[error("the report has {0} bytes, at most {MAX_REPORT} are taken")]
    TooLarge(usize),
    /// No key can be made: the system has no randomness.
    #[error("no key for the report")]
    Key(#[from] BadKey),
    /// The library's words.
    #[error("the report cannot be made canonical: {0}")]
    Canonical(#[from] serde_json::Error),
}

/// The members of a report. Every text in it is scrubbed while it is written.
#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    made_at: i64,
    version: &'a str,
    verdict: &'a Verdict,
    facts: &'a Facts,
    events: &'a [Event],
    key: KeyLife,
}

/// Makes the report of one run and seals it. Of the events only the last 200 go in, and fewer where they would make it too large.
///
/// # Errors
/// [`ReportError`]; each is a defect of this program, none a condition of the PC.
pub fn make(
    facts: &Facts,
    verdict: &Verdict,
    events: &[Event],
    key: &InstallationKey,
    scrubber: &Scrubber,
) -> Result<Envelope, ReportError> {
    let mut events = events.get(events.len().saturating_sub(EVENTS)..).unwrap_or_default();
    loop {
        let report = Report {
            format: FORMAT,
            made_at: facts.at,
            version: flexnet_protocol::VERSION,
            verdict,
            facts,
            events,
            key: key.life(),
        };
        let text = serde_json_canonicalizer::to_string(&gate::pass(&report, scrubber)?)?;
        let envelope = key.seal(text);
        let size = serde_json::to_string(&envelope)?.len();
        if size <= MAX_REPORT {
            return Ok(envelope);
        }
        if events.is_empty() {
            return Err(ReportError::TooLarge(size));
        }
        events = events.get(events.len().div_ceil(2)..).unwrap_or_default();
    }
}

/// [`make`] with this person's key and what this PC is known to hold.
///
/// # Errors
/// As for [`make`], and [`ReportError::Key`].
pub fn make_here(facts: &Facts, verdict: &Verdict, events: &[Event]) -> Result<Envelope, ReportError> {
    make(facts, verdict, events, &InstallationKey::of_this_person()?, &Scrubber::of_this_pc())
}

/// A name for a report's file that tells nothing but its Prüfcode: `kv-flexnet-bericht-HW77-C9CC.html`.
pub fn file_name(envelope: &Envelope) -> String {
    let code = seal::names(envelope).map(|names| format!("-{}", names.check_code));
    format!("kv-flexnet-bericht{}.html", code.unwrap_or_default())
}

#[cfg(test)]
mod tests;
