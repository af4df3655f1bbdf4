//! Whether a file is a report as it was made, to the last byte. The page is a pure function of what stands sealed inside it, so it is made once more and compared.

use flexnet_protocol::{
    VERSION,
    report::{CheckCode, Envelope, Head},
    text::Language,
};

use super::{
    key::Fingerprint,
    page::{BEGIN, END, page},
    seal,
};

/// A file is at most that large: the sealed report, and its page around it.
const MOST: usize = 8 * 1024 * 1024;

/// A report that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What every reader understands.
    pub head: Head,
    /// Sealed, as it can be sent.
    pub envelope: Envelope,
    /// Of the report's text.
    pub sha256: [u8; 32],
    /// To read aloud.
    pub check_code: CheckCode,
    /// Of the installation's key.
    pub key: Fingerprint,
    /// What the file is beside the report.
    pub shape: Shape,
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// The page, unchanged, in this language.
    Page(Language),
    /// The sealed report alone.
    Sealed,
    /// The sealed report is whole. The page around it is not one of this program's making and cannot be compared: another version made it.
    OtherVersion(String),
}

/// Why a file is not a report, or no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotWhole {
    /// There is no sealed report in it, or more than one.
    #[error("there is no sealed report in this file")]
    NoReport,
    /// The signature is not the key's over the report.
    #[error("the signature does not fit: the report was changed")]
    Signature,
    /// Signed, but the report has not the members that every report has, or knows faults that this program does not.
    #[error("this program does not understand the report: it is of a newer version")]
    NotUnderstood,
    /// The report is whole and the page around it is another.
    #[error("the page was changed")]
    Changed,
}

/// Verifies a page, or a sealed report alone.
///
/// # Errors
/// [`NotWhole`].
pub fn verify(file: &[u8]) -> Result<Verified, NotWhole> {
    let text = Some(file).filter(|file| file.len() <= MOST).and_then(|file| std::str::from_utf8(file).ok());
    let text = text.ok_or(NotWhole::NoReport)?;
    let inside = between(text);
    let envelope: Envelope = serde_json::from_str(inside.unwrap_or(text)).map_err(|_| NotWhole::NoReport)?;
    if !seal::is_signed(&envelope) {
        return Err(NotWhole::Signature);
    }
    let head: Head = serde_json::from_str(&envelope.report).map_err(|_| NotWhole::NotUnderstood)?;
    let names = seal::names(&envelope).ok_or(NotWhole::Signature)?;
    let shape =
        if inside.is_some() { shape_of_page(text, &envelope, &head)? } else { shape_of_sealed(text, &envelope)? };
    Ok(Verified { head, sha256: names.sha256, check_code: names.check_code, key: names.key, envelope, shape })
}

fn shape_of_page(text: &str, envelope: &Envelope, head: &Head) -> Result<Shape, NotWhole> {
    for language in [Language::German, Language::English] {
        if page(envelope, language).is_ok_and(|page| page == text) {
            return Ok(Shape::Page(language));
        }
    }
    if head.version == VERSION { Err(NotWhole::Changed) } else { Ok(Shape::OtherVersion(head.version.clone())) }
}

/// One spelling, and at most one line's end behind it.
fn shape_of_sealed(text: &str, envelope: &Envelope) -> Result<Shape, NotWhole> {
    let same = |made: String| made == text.strip_suffix('\n').unwrap_or(text);
    if serde_json::to_string(envelope).is_ok_and(same) { Ok(Shape::Sealed) } else { Err(NotWhole::Changed) }
}

/// The JSON of a page. Whatever comes from outside is escaped in a page, so only the page itself can say these words.
fn between(text: &str) -> Option<&str> {
    let (_, behind) = text.split_once(BEGIN)?;
    let (inside, _) = behind.split_once(END)?;
    Some(inside)
}
