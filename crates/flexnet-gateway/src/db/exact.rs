//! Statements that decide: each of their conditions keeps a promise. They are run through here, so that a test can leave out one condition after the other
//! and see that somebody notices (`tests::mutants`). Outside the tests nothing happens here.

/// The statement as it is.
#[cfg(not(test))]
pub const fn exact(statement: &'static str) -> &'static str {
    statement
}

#[cfg(test)]
pub use with_tests::{CHANGED, RUN, exact};

#[cfg(test)]
mod with_tests {
    use std::{cell::RefCell, collections::BTreeSet};

    use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

    thread_local! {
        /// A statement, and what it is replaced by on this thread.
        pub static CHANGED: RefCell<Option<(&'static str, String)>> = const { RefCell::new(None) };
        /// What has come by on this thread.
        pub static RUN: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
    }

    /// The statement as it is, or as the running test has changed it.
    pub fn exact(statement: &'static str) -> SqlStr {
        RUN.with_borrow_mut(|run| run.insert(statement));
        let changed = CHANGED.with_borrow(|changed| changed.as_ref().filter(|(from, _)| *from == statement).cloned());
        match changed {
            Some((_, to)) => AssertSqlSafe(to).into_sql_str(),
            None => statement.into_sql_str(),
        }
    }
}
