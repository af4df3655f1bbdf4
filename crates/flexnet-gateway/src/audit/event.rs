//! What the audit tells of. An event's word is part of a row's hash, so it never changes; new ones are added at will.

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// An attempt was evaluated. The detail says how it ended.
    Attempt,
    /// The fifth wrong entry.
    Lock,
    /// The desk opened an access.
    Unlock,
    /// A token was given out.
    TokenAdded,
    /// A token was reported lost.
    TokenLost,
    /// Somebody brought tokens, which another must let in.
    TokensBrought,
    /// Another let them in: they are in stock.
    TokensAccepted,
    /// They were turned away.
    TokensRefused,
    /// A token of the stock was given to an account.
    TokenAssigned,
    /// A token was taken out of use.
    TokenWithdrawn,
    /// A token was brought back into step.
    TokenResynchronised,
    /// An application came with the ticket of a sign-in on a page.
    HandoffRedeemed,
    /// The member has confirmed it on the page.
    HandoffConfirmed,
    /// It led to nothing. The detail says why.
    HandoffRefused,
    /// A session began.
    SessionStarted,
    /// A session's idle end was put off by its member.
    SessionExtended,
    /// A session got other keys.
    SessionResumed,
    /// A session ended. The detail says why.
    SessionEnded,
    /// The sign-in was closed or opened for everybody.
    Maintenance,
    /// An account was added.
    AccountAdded,
    /// The desk gave an account a new password.
    PasswordChanged,
    /// An account was switched off.
    AccountDisabled,
    /// An account was switched on again.
    AccountEnabled,
    /// An account and what was known of its member are gone.
    AccountErased,
    /// One of the staff was added.
    StaffAdded,
    /// An attempt of one of the staff was evaluated.
    StaffAttempt,
    /// The fifth wrong entry of one of the staff.
    StaffLock,
    /// An administrator opened the console to one of the staff.
    StaffUnlock,
    /// One of the staff got a new password.
    StaffPasswordChanged,
    /// One of the staff was switched off.
    StaffDisabled,
    /// One of the staff was switched on again.
    StaffEnabled,
    /// One of the staff left the console.
    StaffSignedOut,
    /// Everything is sealed under a new key.
    KeysRotated,
    /// The database was restored from an older copy, and its floors were raised.
    Restored,
    /// Times that a wrong clock had written were declared void.
    ClockAccepted,
    /// The end of the audit was changed from outside, and an administrator let it go on from there.
    AuditResealed,
    /// Somebody at the desk has opened a report.
    ReportShown,
    /// A report was deleted before its time.
    ReportDeleted,
}

/// The sign-ins and sessions of members: kept for a shorter time than what administrators do.
const MEMBERS: [Event; 9] = [
    Event::Attempt,
    Event::Lock,
    Event::HandoffRedeemed,
    Event::HandoffConfirmed,
    Event::HandoffRefused,
    Event::SessionStarted,
    Event::SessionExtended,
    Event::SessionResumed,
    Event::SessionEnded,
];

impl Event {
    /// All there are.
    pub const ALL: [Self; 38] = [
        Self::Attempt,
        Self::Lock,
        Self::Unlock,
        Self::TokenAdded,
        Self::TokenLost,
        Self::TokensBrought,
        Self::TokensAccepted,
        Self::TokensRefused,
        Self::TokenAssigned,
        Self::TokenWithdrawn,
        Self::TokenResynchronised,
        Self::HandoffRedeemed,
        Self::HandoffConfirmed,
        Self::HandoffRefused,
        Self::SessionStarted,
        Self::SessionExtended,
        Self::SessionResumed,
        Self::SessionEnded,
        Self::Maintenance,
        Self::AccountAdded,
        Self::PasswordChanged,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::AccountErased,
        Self::StaffAdded,
        Self::StaffAttempt,
        Self::StaffLock,
        Self::StaffUnlock,
        Self::StaffPasswordChanged,
        Self::StaffDisabled,
        Self::StaffEnabled,
        Self::StaffSignedOut,
        Self::KeysRotated,
        Self::Restored,
        Self::ClockAccepted,
        Self::AuditResealed,
        Self::ReportShown,
        Self::ReportDeleted,
    ];

    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::TokenAdded => "token_added",
            Self::TokenLost => "token_lost",
            Self::TokensBrought => "tokens_brought",
            Self::TokensAccepted => "tokens_accepted",
            Self::TokensRefused => "tokens_refused",
            Self::TokenAssigned => "token_assigned",
            Self::TokenWithdrawn => "token_withdrawn",
            Self::TokenResynchronised => "token_resynchronised",
            Self::HandoffRedeemed => "handoff_redeemed",
            Self::HandoffConfirmed => "handoff_confirmed",
            Self::HandoffRefused => "handoff_refused",
            Self::SessionStarted => "session_started",
            Self::SessionExtended => "session_extended",
            Self::SessionResumed => "session_resumed",
            Self::SessionEnded => "session_ended",
            Self::Maintenance => "maintenance",
            Self::AccountAdded => "account_added",
            Self::PasswordChanged => "password_changed",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::AccountErased => "account_erased",
            Self::StaffAdded => "staff_added",
            Self::StaffAttempt => "staff_attempt",
            Self::StaffLock => "staff_lock",
            Self::StaffUnlock => "staff_unlock",
            Self::StaffPasswordChanged => "staff_password_changed",
            Self::StaffDisabled => "staff_disabled",
            Self::StaffEnabled => "staff_enabled",
            Self::StaffSignedOut => "staff_signed_out",
            Self::KeysRotated => "keys_rotated",
            Self::Restored => "restored",
            Self::ClockAccepted => "clock_accepted",
            Self::AuditResealed => "audit_resealed",
            Self::ReportShown => "report_shown",
            Self::ReportDeleted => "report_deleted",
        }
    }

    /// Whether a row with this word tells of members' sign-ins and sessions. A word of a newer version does not: it is kept longer.
    pub fn is_of_members(name: &str) -> bool {
        MEMBERS.iter().any(|event| event.name() == name)
    }
}
