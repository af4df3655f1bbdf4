//! The content filter of the portal window, as the rules that WebKit compiles: everything is blocked but the portal's hosts.
//! Pure. Navigation is decided by [`Hosts::may_visit`]; these rules hold for whatever a page loads.

use serde_json::{Value, json};

use super::Hosts;

/// The rules as JSON. The last matching rule wins.
pub fn rules(hosts: &Hosts) -> String {
    let pass = |filter: String| json!({"trigger": {"url-filter": filter}, "action": {"type": "ignore-previous-rules"}});
    let mut rules = vec![json!({"trigger": {"url-filter": ".*"}, "action": {"type": "block"}})];
    // What the page itself carries: nothing is fetched for it.
    rules.extend(["^data:", "^about:"].map(|filter| pass(filter.to_owned())));
    for host in hosts.names() {
        let host = host.replace('.', r"\.");
        rules.extend(
            ["^https?://", "^wss?://", "^blob:https?://"].map(|scheme| pass(format!("{scheme}{host}(:[0-9]+)?/"))),
        );
    }
    Value::Array(rules).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_blocked_before_anything_passes() {
        let rules: Vec<Value> = serde_json::from_str(&rules(&Hosts::new(&["portal.snk.example".into()]))).unwrap();
        assert_eq!(rules[0], json!({"trigger": {"url-filter": ".*"}, "action": {"type": "block"}}));
        let passes: Vec<_> = rules[1..].iter().map(|rule| rule["trigger"]["url-filter"].as_str().unwrap()).collect();
        assert_eq!(
            passes,
            [
                "^data:",
                "^about:",
                r"^https?://portal\.snk\.example(:[0-9]+)?/",
                r"^wss?://portal\.snk\.example(:[0-9]+)?/",
                r"^blob:https?://portal\.snk\.example(:[0-9]+)?/",
            ]
        );
        assert!(rules[1..].iter().all(|rule| rule["action"]["type"] == "ignore-previous-rules"));
    }

    #[test]
    fn without_hosts_nothing_of_the_network_passes() {
        assert!(!rules(&Hosts::new(&[])).contains("http"));
    }
}
