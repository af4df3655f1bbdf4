//! The steps of whatever changes who may be inside, named, so that a test can let the gateway die at each of them (`tests::crashes`).
//! Outside the tests nothing is here but the names.

/// Where a request is. Of a sign-in: in the order in which one that opens a session comes by, then what only a refused one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// The ticket of a sign-in on a page is there.
    TicketIssued,
    /// The session that the member had is ended.
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
    /// The peers are in the device; only the answer is missing.
    PeersSettled,
    /// A failure is counted, the transaction is open.
    Failing,
    /// A failure is committed; only the answer is missing.
    Failed,

    /// A hand-off: an application has the ticket, the transaction is open.
    TicketRedeemed,
    /// The audit has its row; only the commit is missing.
    Redeeming,
    /// Committed.
    Redeemed,
    /// The member has said yes, the transaction is open.
    TicketConfirmed,
    /// Only the commit is missing.
    Confirming,
    /// Committed.
    Confirmed,
    /// The ticket is used, the transaction is open; the session begins as in a sign-in.
    TicketUsed,
    /// The answer is there for whoever loses it.
    AnswerKept,
    /// Only the commit is missing.
    Beginning,
    /// Committed.
    Begun,
    /// The ticket is dead; only the commit is missing.
    Refusing,
    /// Committed.
    Refused,

    /// A resume: the session has other keys, the transaction is open.
    SessionMoved,
    /// Only the commit is missing.
    Resuming,
    /// Committed.
    Resumed,

    /// A lost token: it opens nothing, the transaction is open.
    TokensLost,
    /// Nothing under way opens anything.
    TicketsRevoked,
    /// Only the commit is missing.
    Reporting,
    /// Committed.
    Reported,

    /// A resynchronisation: only the commit is missing.
    Resynchronising,
    /// Committed.
    Resynchronised,

    /// A sign-out: only the commit is missing.
    Ending,
    /// Committed.
    Ended,
}

/// A request has come to a step.
#[cfg(not(test))]
pub const fn reached(_: Step) {}

/// An entry of the name that the lockout knows by this key has come to [`Step::Judged`].
#[cfg(not(test))]
pub const fn judged(_: &[u8; 32]) {
    reached(Step::Judged);
}

#[cfg(test)]
pub use with_tests::{DIE_AT, WITNESS, judged, line_of_judged, reached};

#[cfg(test)]
mod with_tests {
    use std::{env, fs, io::Write as _};

    use super::Step;

    /// The file that names the step at which the process dies. Without it none is fatal.
    pub const DIE_AT: &str = "KV_FLEXNET_TEST_DIE_AT";
    /// The file that hears of every step, one line each that begins with its name: what was done, whatever became of it.
    pub const WITNESS: &str = "KV_FLEXNET_TEST_WITNESS";

    impl Step {
        /// All of them.
        pub const ALL: [Self; 39] = [
            Self::Admitted,
            Self::Counting,
            Self::Counted,
            Self::Judged,
            Self::GuardMoved,
            Self::TanSpent,
            Self::TicketIssued,
            Self::OlderEnded,
            Self::AddressTaken,
            Self::SessionBegun,
            Self::OutcomeNoted,
            Self::Opening,
            Self::Opened,
            Self::PeersSettled,
            Self::Failing,
            Self::Failed,
            Self::TicketRedeemed,
            Self::Redeeming,
            Self::Redeemed,
            Self::TicketConfirmed,
            Self::Confirming,
            Self::Confirmed,
            Self::TicketUsed,
            Self::AnswerKept,
            Self::Beginning,
            Self::Begun,
            Self::Refusing,
            Self::Refused,
            Self::SessionMoved,
            Self::Resuming,
            Self::Resumed,
            Self::TokensLost,
            Self::TicketsRevoked,
            Self::Reporting,
            Self::Reported,
            Self::Resynchronising,
            Self::Resynchronised,
            Self::Ending,
            Self::Ended,
        ];
    }

    /// A request has come to a step.
    pub fn reached(step: Step) {
        witnessed(step, &format!("{step:?}"));
    }

    /// An entry of this name has been judged.
    pub fn judged(guard: &[u8; 32]) {
        witnessed(Step::Judged, &line_of_judged(guard));
    }

    /// What the witness hears then.
    pub fn line_of_judged(guard: &[u8; 32]) -> String {
        format!("{:?} {guard:?}", Step::Judged)
    }

    fn witnessed(step: Step, line: &str) {
        let Ok(witness) = env::var(WITNESS) else { return };
        let mut witness = fs::OpenOptions::new().append(true).create(true).open(witness).unwrap();
        witness.write_all(format!("{line}\n").as_bytes()).unwrap();
        if env::var(DIE_AT).is_ok_and(|file| fs::read_to_string(file).is_ok_and(|name| name == format!("{step:?}"))) {
            // As SIGKILL: nothing is unwound, nothing is written.
            std::process::abort();
        }
    }
}
