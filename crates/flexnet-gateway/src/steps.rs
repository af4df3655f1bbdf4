//! The steps of a sign-in, named, so that a test can let the gateway die at each of them. Outside the tests nothing is here but the names.

/// Where a sign-in is. In the order in which one that opens a session comes by, then what only a refused one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Let in, nothing written.
    Admitted,
    /// Counted in a transaction that is open.
    Counting,
    /// Counted.
    Counted,
    /// The verdict stands, in memory only.
    Judged,
    /// The count was set back, the transaction is open. So are those that follow.
    GuardMoved,
    /// The TAN is spent.
    TanSpent,
    /// The older session is ended.
    OlderEnded,
    /// An address is taken.
    AddressTaken,
    /// The session's row is there.
    SessionBegun,
    /// The outcome is there.
    OutcomeNoted,
    /// The audit has its rows; only the commit is missing.
    Opening,
    /// Committed.
    Opened,
    /// The peer is in the device; only the answer is missing.
    PeerInstalled,
    /// A failure is counted, the transaction is open.
    Failing,
    /// A failure is committed; only the answer is missing.
    Failed,
}

/// A sign-in has come to a step.
#[cfg(not(test))]
pub const fn reached(_: Step) {}

#[cfg(test)]
pub use with_tests::{DIE_AT, WITNESS, reached};

#[cfg(test)]
mod with_tests {
    use std::{env, fs, io::Write as _};

    use super::Step;

    /// The step at which the process dies.
    pub const DIE_AT: &str = "KV_FLEXNET_TEST_DIE_AT";
    /// The file that hears of every verdict, one byte each: what was evaluated, whatever became of it.
    pub const WITNESS: &str = "KV_FLEXNET_TEST_WITNESS";

    impl Step {
        /// All of them.
        pub const ALL: [Self; 15] = [
            Self::Admitted,
            Self::Counting,
            Self::Counted,
            Self::Judged,
            Self::GuardMoved,
            Self::TanSpent,
            Self::OlderEnded,
            Self::AddressTaken,
            Self::SessionBegun,
            Self::OutcomeNoted,
            Self::Opening,
            Self::Opened,
            Self::PeerInstalled,
            Self::Failing,
            Self::Failed,
        ];
    }

    /// A sign-in has come to a step.
    pub fn reached(step: Step) {
        if step == Step::Judged
            && let Ok(file) = env::var(WITNESS)
        {
            fs::OpenOptions::new().append(true).create(true).open(file).unwrap().write_all(b".").unwrap();
        }
        if env::var(DIE_AT).is_ok_and(|name| name == format!("{step:?}")) {
            // As SIGKILL: nothing is unwound, nothing is written.
            std::process::abort();
        }
    }
}
