//! What `check` has found: one line a finding, each with how bad it is.

use std::fmt;

use crate::{cli, error::Error};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    /// As it should be.
    Fine,
    /// Worth knowing.
    Note,
    /// It will be an error, or may be one.
    Warning,
    /// The gateway does not start like that, or nobody gets in.
    Error,
}

#[derive(Debug)]
pub(super) struct Finding {
    pub severity: Severity,
    text: String,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(pub Vec<Finding>);

impl Findings {
    pub fn fine(&mut self, text: impl Into<String>) {
        self.add(Severity::Fine, text.into());
    }

    pub fn note(&mut self, text: impl Into<String>) {
        self.add(Severity::Note, text.into());
    }

    pub fn warning(&mut self, text: impl Into<String>) {
        self.add(Severity::Warning, text.into());
    }

    pub fn error(&mut self, text: impl Into<String>) {
        self.add(Severity::Error, text.into());
    }

    pub fn wrong(&mut self, error: &Error) {
        self.error(cli::chain(error));
    }

    fn add(&mut self, severity: Severity, text: String) {
        self.0.push(Finding { severity, text });
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Fine => "fine",
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        // One line a finding, whatever a parser has to say.
        write!(f, "{severity}: {}", self.text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}
