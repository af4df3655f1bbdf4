//! Our own parts on this PC.

use serde::Serialize;

/// Service and leftovers.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Program {
    /// The service is installed (its unit, its entry of the service manager, or its binary).
    pub installed: Option<bool>,
    /// What its socket said.
    pub service: Option<Service>,
    /// Changes of an earlier session that are still there although nobody is signed in, one line each in technical English.
    pub leftovers: Option<Vec<String>>,
    /// Devices, routes and entries of other programs that stand in the way, each with its owner's name. They are left alone.
    pub foreign: Vec<String>,
    /// The setup runs at this moment.
    pub setup_runs: Option<bool>,
    /// Who asks uses another way: portal-only mode needs no service.
    pub portal_only: bool,
}

/// What the service's socket said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// It answers.
    Answers {
        /// Its version.
        version: String,
        /// It is of the version of this program.
        fits: bool,
    },
    /// No socket.
    NoSocket,
    /// A socket, and nobody behind it.
    Refused,
    /// It takes the connection and says nothing for 2 s.
    Hangs,
    /// This person may not ask it.
    NotPermitted,
    /// Who serves is not the service: another user or another program, by its file name.
    Impostor(String),
    /// It answers something that makes no sense.
    Strange,
}
