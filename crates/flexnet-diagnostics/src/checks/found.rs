//! What a check found, before the chain knows what it means.

use flexnet_protocol::{FaultCode, diagnosis::Finding, fault::Severity};

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

    /// With the name of a product, adapter or program.
    pub(super) fn of(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.finding.subject);
        self
    }

    /// As bad as the facts around it say.
    pub(super) const fn stopping(mut self, stops: bool) -> Self {
        self.stops = stops;
        self
    }
}
