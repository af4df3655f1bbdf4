//! What a check found, before the chain knows what it means.

use flexnet_protocol::{FaultCode, diagnosis::Finding, fault::Severity};

/// Characters of a subject.
const SUBJECT: usize = 48;

/// A finding, and whether a connection can come to stand beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// What the verdict will tell.
    pub(super) finding: Finding,
    /// Nothing works until it is mended.
    pub(super) stops: bool,
}

impl Found {
    /// As bad as the catalogue says.
    pub(super) fn new(code: FaultCode, detail: impl Into<String>) -> Self {
        let finding = Finding { code, subject: String::new(), detail: detail.into() };
        Self { finding, stops: code.severity() == Severity::Stop }
    }

    /// With the name of a product, adapter or program: a word of somebody else in the member's text, so it is short and of one line.
    pub(super) fn of(mut self, subject: &str) -> Self {
        // U+202A to U+202E and U+2066 to U+2069 turn the direction of what is read (Unicode TR 9).
        let shown = |c: &char| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        self.finding.subject = subject.chars().filter(shown).take(SUBJECT).collect();
        self
    }

    /// As bad as the facts around it say.
    pub(super) const fn stopping(mut self, stops: bool) -> Self {
        self.stops = stops;
        self
    }
}
