//! What the packet filter holds under each policy, as one transaction in nft's JSON (libnftables-json(5)).
//! Portal addresses leave by the tunnel device or not at all; with the exclusive policy nothing else leaves or enters either.
//! Out of the tunnel come answers only, whatever the policy. Never runs anything; `filter` does.
//!
//! What leaves is looked at in `postrouting`: there the device is final, whatever marks, NAT or rules of other tables have decided, and what is forwarded passes too.

use std::net::{IpAddr, SocketAddr};

use flexnet_session::{FirewallPolicy, NetworkConfig};
use ipnet::IpNet;
use serde_json::{Value, json};

use super::{
    DEVICE,
    filter::TABLE,
    mark::{MARK, MASK},
    questions,
};

/// What the rules are made from.
pub(super) struct Bounds<'a> {
    /// Policy and grant.
    pub(super) config: &'a NetworkConfig,
    /// TCP ends that the service itself must reach beside the tunnel: the gateway, proxies.
    pub(super) gateway: &'a [SocketAddr],
    /// Names of the portal's hosts.
    pub(super) hosts: &'a [String],
}

/// The whole transaction; `None` if the policy wants no table.
pub(super) fn transaction(bounds: &Bounds<'_>) -> Option<Value> {
    let mut batch = vec![add_table(), delete(), add_table()];
    match bounds.config.firewall {
        FirewallPolicy::None => return None,
        FirewallPolicy::PortalOnlyRoutes => portal_only(&mut batch, bounds),
        FirewallPolicy::Exclusive => exclusive(&mut batch, &bounds.config.tunnel.endpoints, bounds.gateway),
    }
    Some(json!({ "nftables": batch }))
}

/// Takes the table out.
pub(super) fn delete() -> Value {
    json!({ "delete": { "table": { "family": "inet", "name": TABLE } } })
}

fn portal_only(batch: &mut Vec<Value>, bounds: &Bounds<'_>) {
    batch.push(chain("postrouting", "accept"));
    for (protocol, set) in by_family(&bounds.config.tunnel.portal_networks) {
        let portal = is(&payload(protocol, "daddr"), &set);
        batch.push(rule("postrouting", &[elsewhere(), portal, drop()]));
    }
    names(batch, &questions::of(&bounds.config.tunnel.dns_domains, bounds.hosts));
    batch.push(chain("input", "accept"));
    answers_only(batch);
}

/// Questions for the portal's names are answered in the tunnel or not at all. Refused and not dropped, so that who asks does not wait.
fn names(batch: &mut Vec<Value>, questions: &[questions::Question]) {
    const NAMES: &str = "portal_names";
    if questions.is_empty() {
        return;
    }
    batch.push(json!({ "add": { "chain": { "family": "inet", "table": TABLE, "name": NAMES } } }));
    let unreachable = json!({ "reject": { "type": "icmpx", "expr": "port-unreachable" } });
    let reset = json!({ "reject": { "type": "tcp reset" } });
    // What comes first over TCP is the length, in the same segment or in one of its own.
    let layers = [("udp", "th", 64, &unreachable), ("tcp", "ih", 16, &reset), ("tcp", "ih", 0, &reset)];
    for (protocol, base, before, refuse) in layers {
        for question in questions {
            let mut expr = vec![is(&meta("l4proto"), &json!(protocol))];
            expr.extend(question.matches(base, before));
            expr.push(refuse.clone());
            let rule = rule(NAMES, &expr);
            // Two bytes further are another place of the same question.
            if !batch.contains(&rule) {
                batch.push(rule);
            }
        }
    }
    let outside = matching("!=", &meta("oifname"), &json!({ "set": [DEVICE, "lo"] }));
    let either = is(&meta("l4proto"), &json!({ "set": ["udp", "tcp"] }));
    let asks = is(&payload("th", "dport"), &json!(53));
    for hook in ["output", "forward"] {
        batch.push(chain(hook, "accept"));
        let jump = json!({ "jump": { "target": NAMES } });
        batch.push(rule(hook, &[outside.clone(), either.clone(), asks.clone(), jump]));
    }
}

/// From the tunnel comes what this PC has asked for, and errors about it. Nobody there may begin: not the portal, not another member.
fn answers_only(batch: &mut Vec<Value>) {
    let answers = matching("in", &json!({ "ct": { "key": "state" } }), &json!(["established", "related"]));
    let v4 = json!({ "set": ["destination-unreachable", "time-exceeded", "parameter-problem"] });
    let v6 = json!({ "set": ["destination-unreachable", "packet-too-big", "time-exceeded", "parameter-problem"] });
    for (what, verdict) in [
        (Some(answers), accept()),
        (Some(is(&payload("icmp", "type"), &v4)), accept()),
        (Some(is(&payload("icmpv6", "type"), &v6)), accept()),
        (None, drop()),
    ] {
        let device = is(&meta("iifname"), &json!(DEVICE));
        let expr: Vec<Value> = [Some(device), what, Some(verdict)].into_iter().flatten().collect();
        batch.push(rule("input", &expr));
    }
}

fn exclusive(batch: &mut Vec<Value>, endpoints: &[SocketAddr], gateway: &[SocketAddr]) {
    for (hook, interface, address, port) in
        [("postrouting", "oifname", "daddr", "dport"), ("input", "iifname", "saddr", "sport")]
    {
        batch.push(chain(hook, "drop"));
        batch.push(rule(hook, &[is(&meta(interface), &json!("lo")), accept()]));
        if hook == "postrouting" {
            batch.push(rule(hook, &[is(&meta(interface), &json!(DEVICE)), accept()]));
        } else {
            // Before what is let in for the line beside the tunnel.
            answers_only(batch);
        }
        // A proxy leads everywhere: it is there for the service, and for no other program of this PC.
        let own = if hook == "postrouting" { is_ours() } else { goes_on() };
        let ways = endpoints.iter().map(|e| ("udp", e, None)).chain(gateway.iter().map(|e| ("tcp", e, Some(&own))));
        for (protocol, end, which) in ways {
            let family = if end.is_ipv4() { "ip" } else { "ip6" };
            let host = is(&payload(family, address), &json!(end.ip().to_string()));
            let mut expr = vec![host, is(&payload(protocol, port), &json!(end.port()))];
            expr.extend(which.cloned());
            expr.push(accept());
            batch.push(rule(hook, &expr));
        }
        // DHCP (RFC 2131 §4.1, RFC 8415 §7.2): a client's port here, a server's there.
        for (client, server) in [(68, 67), (546, 547)] {
            let (theirs, ours) = if hook == "postrouting" { ("dport", "sport") } else { ("sport", "dport") };
            let there = is(&payload("udp", theirs), &json!(server));
            batch.push(rule(hook, &[there, is(&payload("udp", ours), &json!(client)), accept()]));
        }
        // Neighbour discovery, and what switches need to know before they pass its multicasts on (RFC 4861, RFC 2710, RFC 3810).
        for types in [
            json!(["nd-router-solicit", "nd-router-advert", "nd-neighbor-solicit", "nd-neighbor-advert"]),
            json!(["mld-listener-query", "mld-listener-report", "mld-listener-done", "mld2-listener-report"]),
        ] {
            batch.push(rule(hook, &[is(&payload("icmpv6", "type"), &json!({ "set": types })), accept()]));
        }
    }
    // The way to the gateway may have a smaller packet size than the line (RFC 8899 §1, RFC 1191).
    batch.push(rule("input", &[is(&payload("icmp", "type"), &json!("destination-unreachable")), accept()]));
    let errors = json!({ "set": ["destination-unreachable", "packet-too-big"] });
    batch.push(rule("input", &[is(&payload("icmpv6", "type"), &errors), accept()]));
    batch.push(chain("forward", "drop"));
}

/// Of the service's own connections.
fn is_ours() -> Value {
    is(&json!({ "&": [meta("mark"), MASK] }), &json!(MARK))
}

/// TCP that does not begin a connection. Not asked of conntrack, which takes one that is older than itself for new as soon as the other end speaks first.
fn goes_on() -> Value {
    let flags = json!({ "&": [payload("tcp", "flags"), ["syn", "ack"]] });
    matching("!=", &flags, &json!("syn"))
}

/// Networks as one set a family; overlapping ones are merged, because nft refuses them.
fn by_family(networks: &[IpNet]) -> Vec<(&'static str, Value)> {
    let all = IpNet::aggregate(&networks.to_vec());
    let of = |v4: bool| -> Vec<Value> {
        all.iter()
            .filter(|net| matches!(net.addr(), IpAddr::V4(_)) == v4)
            .map(|net| json!({ "prefix": { "addr": net.network().to_string(), "len": net.prefix_len() } }))
            .collect()
    };
    [("ip", of(true)), ("ip6", of(false))]
        .into_iter()
        .filter(|(_, set)| !set.is_empty())
        .map(|(family, set)| (family, json!({ "set": set })))
        .collect()
}

fn add_table() -> Value {
    json!({ "add": { "table": { "family": "inet", "name": TABLE } } })
}

fn chain(hook: &str, policy: &str) -> Value {
    json!({ "add": { "chain": {
        "family": "inet", "table": TABLE, "name": hook, "type": "filter", "hook": hook, "prio": 0, "policy": policy,
    } } })
}

fn rule(chain: &str, expr: &[Value]) -> Value {
    json!({ "add": { "rule": { "family": "inet", "table": TABLE, "chain": chain, "expr": expr } } })
}

fn elsewhere() -> Value {
    matching("!=", &meta("oifname"), &json!(DEVICE))
}

fn accept() -> Value {
    json!({ "accept": null })
}

fn drop() -> Value {
    json!({ "drop": null })
}

fn is(left: &Value, right: &Value) -> Value {
    matching("==", left, right)
}

fn matching(op: &str, left: &Value, right: &Value) -> Value {
    json!({ "match": { "op": op, "left": left, "right": right } })
}

fn meta(key: &str) -> Value {
    json!({ "meta": { "key": key } })
}

fn payload(protocol: &str, field: &str) -> Value {
    json!({ "payload": { "protocol": protocol, "field": field } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::linux::tests::grant;

    fn text(firewall: FirewallPolicy) -> String {
        let gateway = ["203.0.113.10:443".parse().unwrap()];
        let config = NetworkConfig { tunnel: grant(), firewall };
        let hosts = ["portal.snk.example".to_owned()];
        let bounds = Bounds { config: &config, gateway: &gateway, hosts: &hosts };
        transaction(&bounds).map(|rules| rules.to_string()).unwrap_or_default()
    }

    #[test]
    fn both_families_are_bound_to_the_tunnel_where_the_device_is_final() {
        let rules = text(FirewallPolicy::PortalOnlyRoutes);
        assert_eq!(rules.matches("\"chain\":\"postrouting\"").count(), 2, "{rules}");
        assert!(rules.contains("10.210.0.0") && rules.contains("2001:db8:210::"), "{rules}");
        assert!(!rules.contains("\"policy\":\"drop\""), "{rules}");
    }

    #[test]
    fn questions_for_the_portal_are_refused_to_this_pc_and_to_what_it_forwards_for() {
        let rules = text(FirewallPolicy::PortalOnlyRoutes);
        for chain in ["output", "forward"] {
            assert_eq!(rules.matches(&format!("\"chain\":\"{chain}\"")).count(), 1, "{rules}");
        }
        assert!(!text(FirewallPolicy::Exclusive).contains("portal_names"));
    }

    /// The rules of the input chain that the tunnel's packets meet, in order: the parts of each beside the device.
    fn from_the_tunnel(firewall: FirewallPolicy) -> Vec<String> {
        let batch: Value = serde_json::from_str(&text(firewall)).unwrap();
        let rules = batch["nftables"].as_array().unwrap().iter().filter_map(|object| object.pointer("/add/rule"));
        let inward = rules.filter(|rule| rule["chain"] == "input").map(|rule| rule["expr"].as_array().unwrap());
        let device = is(&meta("iifname"), &json!(DEVICE));
        inward.filter(|expr| expr[0] == device).map(|expr| json!(expr[1..]).to_string()).collect()
    }

    #[test]
    fn out_of_the_tunnel_come_answers_only() {
        for firewall in [FirewallPolicy::PortalOnlyRoutes, FirewallPolicy::Exclusive] {
            let rules = from_the_tunnel(firewall);
            let [answers, v4, v6, rest] = &rules[..] else { panic!("{rules:?}") };
            assert!(answers.contains(r#"["established","related"]"#) && answers.contains("accept"), "{answers}");
            assert!(v4.contains(r#""icmp""#) && v4.contains("unreachable") && !v4.contains("echo"), "{v4}");
            assert!(v6.contains(r#""icmpv6""#) && v6.contains("packet-too-big") && !v6.contains("nd-"), "{v6}");
            assert_eq!(rest, r#"[{"drop":null}]"#);
        }
        // Nothing that is let in for the line may be met before.
        let exclusive = text(FirewallPolicy::Exclusive);
        let at = |what: &str| exclusive.find(what).unwrap_or(usize::MAX);
        assert!(at(r#"{"drop":null}"#) < exclusive.rfind("51820").unwrap(), "{exclusive}");
    }

    #[test]
    fn exclusive_drops_what_is_not_named() {
        let rules = text(FirewallPolicy::Exclusive);
        assert_eq!(rules.matches("\"policy\":\"drop\"").count(), 3, "{rules}");
        assert!(rules.contains("51820") && rules.contains("443"), "{rules}");
    }

    #[test]
    fn tcp_beside_the_tunnel_is_the_services_own() {
        let batch: Value = serde_json::from_str(&text(FirewallPolicy::Exclusive)).unwrap();
        let rules = batch["nftables"].as_array().unwrap().iter().filter_map(|object| object.pointer("/add/rule"));
        let tcp: Vec<String> =
            rules.map(Value::to_string).filter(|rule| rule.contains(r#""protocol":"tcp""#)).collect();
        let [out, inward] = &tcp[..] else { panic!("{tcp:?}") };
        assert!(out.contains(&is_ours().to_string()), "{out}");
        assert!(inward.contains(r#""!=""#) && inward.contains(r#""right":"syn""#), "{inward}");
    }

    #[test]
    fn a_question_over_tcp_is_looked_for_behind_its_length_and_without() {
        let rules = text(FirewallPolicy::PortalOnlyRoutes);
        // The first label of a name that stands at the beginning of the question.
        for offset in [96, 96 + 16] {
            let place = format!(r#"{{"base":"ih","len":104,"offset":{offset}}}"#);
            assert_eq!(rules.matches(&place).count(), 1, "{offset}");
        }
    }

    #[test]
    fn no_policy_is_no_table() {
        assert_eq!(text(FirewallPolicy::None), "");
    }

    #[test]
    fn overlapping_networks_are_one() {
        let networks = ["10.210.0.0/24".parse().unwrap(), "10.210.0.128/25".parse().unwrap()];
        assert_eq!(
            by_family(&networks),
            [("ip", json!({ "set": [{ "prefix": { "addr": "10.210.0.0", "len": 24 } }] }))]
        );
    }
}
