//! Statements that decide: each of their conditions keeps a promise. They are run through here, so that a test can leave out one condition after the other
//! and see that somebody notices (`tests::mutants`). Outside the tests nothing happens here.

/// The statement as it is.
#[cfg(not(test))]
pub const fn exact(statement: &'static str) -> &'static str {
    statement
}

/// The statement as it is, or as the running test has changed it.
#[cfg(test)]
pub fn exact(statement: &'static str) -> sqlx::SqlStr {
    use sqlx::{AssertSqlSafe, SqlSafeStr as _};
    let changed = CHANGED.with_borrow(|changed| changed.as_ref().filter(|(from, _)| *from == statement).cloned());
    match changed {
        Some((_, to)) => AssertSqlSafe(to).into_sql_str(),
        None => statement.into_sql_str(),
    }
}

#[cfg(test)]
thread_local! {
    /// A statement, and what it is replaced by on this thread.
    pub static CHANGED: std::cell::RefCell<Option<(&'static str, String)>> = const { std::cell::RefCell::new(None) };
}
