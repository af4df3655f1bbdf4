//! docs/security.md against [`crate::policy`]: the same rows.

use flexnet_protocol::{
    FaultCode,
    gateway::TrafficPolicy,
    snapshot::{Counted, State, Step},
};

use super::{Told, to_connected};
use crate::{FirewallPolicy, policy};

const DOCUMENT: &str = include_str!("../../../../docs/security.md");

/// One of each state, by its name.
fn states() -> Vec<(&'static str, State)> {
    let State::Connected { session } = Told::new(to_connected()).state() else { panic!("not connected") };
    vec![
        ("SignedOut", State::SignedOut { ended: None, refused: None }),
        ("SigningIn", State::SigningIn { step: Step::Gateway }),
        ("Confirming", State::Confirming { display_name: None, digits: None, expires: 0 }),
        ("Connecting", State::Connecting { step: Step::Tunnel }),
        ("Connected", State::Connected { session: session.clone() }),
        ("Reconnecting", State::Reconnecting { session, since: 0, next_try: 0 }),
        ("Ending", State::Ending),
        ("Locked", State::Locked { username: String::new(), fault: FaultCode::Locked.into() }),
        ("Failed", State::Failed { fault: FaultCode::DiskFull.into(), counted: Counted::No, until: None }),
    ]
}

/// The rows of the table of states, without its head.
fn rows() -> Vec<Vec<&'static str>> {
    let table = DOCUMENT.split_once("| state |").unwrap().1.split("\n\n").next().unwrap();
    let rows = table.lines().skip(2);
    rows.map(|row| row.trim_matches(['|', ' ']).split('|').map(str::trim).collect()).collect()
}

#[test]
fn the_document_says_what_the_policy_does() {
    for (name, state) in states() {
        let rows = rows();
        let mut of_state = rows.iter().filter(|row| row[0].split(", ").any(|n| n == name));
        let (Some(row), None) = (of_state.next(), of_state.next()) else { panic!("{name} needs one row") };
        let bound = row[1].starts_with("by the tunnel device or not at all");
        let expected = if bound { FirewallPolicy::PortalOnlyRoutes } else { FirewallPolicy::None };
        assert_eq!(policy(&state, TrafficPolicy::PortalOnlyRoutes), expected, "{name}: {}", row[1]);
        assert_eq!(row[2], "as before", "{name}: this policy leaves the rest alone");
        let open = row[3] == "as before";
        let expected = if open { FirewallPolicy::None } else { FirewallPolicy::Exclusive };
        assert_eq!(policy(&state, TrafficPolicy::Exclusive), expected, "{name}: {}", row[3]);
        assert_eq!(bound, !open, "{name}: both policies bind the portal to the tunnel, or neither");
    }
}

#[test]
fn the_table_names_nothing_else() {
    let known: Vec<_> = states().into_iter().map(|(name, _)| name).collect();
    for row in rows() {
        assert_eq!(row.len(), 4, "{row:?}");
        assert!(row[0].split(", ").all(|name| known.contains(&name)), "{row:?}");
    }
}
