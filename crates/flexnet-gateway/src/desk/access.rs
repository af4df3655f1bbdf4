//! Who may do what: one table of every route of the console. A route that is not in it is answered to nobody.

use crate::staff::Role;

/// Whom a route is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Also who is not signed in.
    Everybody,
    /// Signed-in staff with one of these roles.
    Roles(&'static [Role]),
}

use Access::{Everybody, Roles};

const ALL: Access = Roles(&Role::ALL);
const DESK: Access = Roles(&[Role::Desk]);
const TOKENS: Access = Roles(&[Role::TokenOfficer]);
const DESK_AND_TOKENS: Access = Roles(&[Role::Desk, Role::TokenOfficer]);
const AUDIT: Access = Roles(&[Role::Auditor]);

/// Every route. The auditor's are GET, but for what concerns nobody but the auditor.
pub(super) const ROUTES: &[(&str, &str, Access)] = &[
    ("GET", "/desk.css", Everybody),
    ("GET", "/sign-in", Everybody),
    ("POST", "/sign-in", Everybody),
    ("POST", "/language", Everybody),
    ("POST", "/sign-out", ALL),
    ("GET", "/", ALL),
    ("GET", "/members/{id}", ALL),
    ("POST", "/members/{id}/unlock", DESK),
    ("POST", "/members/{id}/end-session", DESK),
    ("POST", "/members/{id}/token-lost", DESK_AND_TOKENS),
    ("POST", "/members/{id}/assign-token", DESK_AND_TOKENS),
    ("POST", "/members/{id}/resync-token", DESK_AND_TOKENS),
    ("GET", "/report", DESK),
    ("POST", "/report", DESK),
    ("GET", "/reports", DESK),
    ("GET", "/reports/{number}", DESK),
    ("GET", "/tokens", TOKENS),
    ("POST", "/imports/{id}/accept", TOKENS),
    ("POST", "/imports/{id}/refuse", TOKENS),
    ("GET", "/audit", AUDIT),
    ("GET", "/audit/verify", AUDIT),
];

/// Whom a route is for; nothing if there is none.
pub(super) fn of(method: &str, path: &str) -> Option<Access> {
    ROUTES.iter().find(|(m, p, _)| *m == method && *p == path).map(|(_, _, access)| *access)
}

/// Whether a role may.
pub(super) fn may(role: Role, method: &str, path: &str) -> bool {
    match of(method, path) {
        Some(Everybody) => true,
        Some(Roles(roles)) => roles.contains(&role),
        None => false,
    }
}
