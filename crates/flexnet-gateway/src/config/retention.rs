//! `[retention]`: for how long the audit knows whom it is about. Full addresses are written nowhere, so there is no time for them.

use serde::Deserialize;

use crate::error::Error;

/// How long is kept what tells of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days after which a row about a member's sign-in or session loses name and network, and an ended session goes.
    pub sign_in_days: u32,
    /// Days after which a row is deleted.
    pub admin_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { sign_in_days: 90, admin_days: 365 }
    }
}

impl Retention {
    /// Checks it.
    ///
    /// # Errors
    /// [`Error::Value`].
    pub fn check(self) -> Result<Self, Error> {
        if self.sign_in_days == 0 || self.admin_days < self.sign_in_days {
            let reason = "sign_in_days must be at least 1, admin_days at least sign_in_days".into();
            return Err(Error::Value { field: "retention", reason });
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_administrators_are_kept_at_least_as_long_as_those_of_members() {
        assert!(Retention::default().check().is_ok());
        assert!(Retention { sign_in_days: 0, admin_days: 365 }.check().is_err());
        assert!(Retention { sign_in_days: 90, admin_days: 89 }.check().is_err());
    }
}
