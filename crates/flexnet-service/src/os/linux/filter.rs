//! The packet filter: one nftables table of ours, set and removed in one transaction each.
//! Portal addresses leave by the tunnel device or not at all; with the exclusive policy nothing else leaves or enters either.
//! Out of the tunnel come answers only, whatever the policy.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use flexnet_protocol::Fault;
use flexnet_session::{FirewallPolicy, NetworkConfig};
use ipnet::IpNet;
use serde_json::{Value, json};

use super::{DEVICE, nft, settings, told};

/// The table, of family `inet`.
const TABLE: &str = "kv_flexnet";

/// Sets the table to what the policy wants, replacing an older one without a gap.
pub(super) async fn set(config: &NetworkConfig, gateway: &[SocketAddr]) -> Result<(), Fault> {
    let Some(rules) = rules(config, gateway) else { return Ok(()) };
    nft::apply(&rules).await.map_err(|e| settings("packet filter", &e))
}

/// Fails where there is no `nft`, no nftables in the kernel or no permission, before anything depends on it.
pub(super) async fn usable() -> Result<(), Fault> {
    stands().await.map(drop).map_err(|e| settings("packet filter", &e))
}

/// Removes the table, if it is there.
pub(super) async fn remove() -> Result<Option<String>, String> {
    let failed = |error| format!("packet filter table {TABLE}: {}", told(&error));
    match stands().await {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        // Without the program nothing was set: the package depends on it, and a session does not begin without.
        Err(nft::Error::Run { source }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    let batch = json!({ "nftables": [delete()] });
    nft::apply(&batch).await.map_err(failed)?;
    Ok(Some(format!("packet filter table inet {TABLE}")))
}

/// Whether the table is there.
async fn stands() -> Result<bool, nft::Error> {
    let listed = nft::tables().await?;
    let objects = listed.pointer("/nftables").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(objects.iter().any(|object| object.pointer("/table/name").and_then(Value::as_str) == Some(TABLE)))
}

/// The whole transaction in nft's JSON (libnftables-json(5)).
fn rules(config: &NetworkConfig, gateway: &[SocketAddr]) -> Option<Value> {
    let mut batch = vec![add_table(), delete(), add_table()];
    match config.firewall {
        FirewallPolicy::None => return None,
        FirewallPolicy::PortalOnlyRoutes => portal_only(&mut batch, &config.tunnel.portal_networks),
        FirewallPolicy::Exclusive => exclusive(&mut batch, &config.tunnel.endpoints, gateway),
    }
    Some(json!({ "nftables": batch }))
}

fn portal_only(batch: &mut Vec<Value>, networks: &[IpNet]) {
    for hook in ["output", "forward"] {
        batch.push(chain(hook, "accept"));
        for (protocol, set) in by_family(networks) {
            let portal = matching("==", &payload(protocol, "daddr"), &set);
            batch
                .push(rule(hook, &[matching("!=", &meta("oifname"), &json!(DEVICE)), portal, json!({ "drop": null })]));
        }
    }
    batch.push(chain("input", "accept"));
    answers_only(batch);
}

/// From the tunnel comes what this PC has asked for, and errors about it. Nobody there may begin: not the portal, not another member.
fn answers_only(batch: &mut Vec<Value>) {
    let accept = || json!({ "accept": null });
    let answers = matching("in", &json!({ "ct": { "key": "state" } }), &json!(["established", "related"]));
    let v4 = json!({ "set": ["destination-unreachable", "time-exceeded", "parameter-problem"] });
    let v6 = json!({ "set": ["destination-unreachable", "packet-too-big", "time-exceeded", "parameter-problem"] });
    for (what, verdict) in [
        (Some(answers), accept()),
        (Some(matching("==", &payload("icmp", "type"), &v4)), accept()),
        (Some(matching("==", &payload("icmpv6", "type"), &v6)), accept()),
        (None, json!({ "drop": null })),
    ] {
        let device = matching("==", &meta("iifname"), &json!(DEVICE));
        let expr: Vec<Value> = [Some(device), what, Some(verdict)].into_iter().flatten().collect();
        batch.push(rule("input", &expr));
    }
}

fn exclusive(batch: &mut Vec<Value>, endpoints: &[SocketAddr], gateway: &[SocketAddr]) {
    let accept = || json!({ "accept": null });
    let is = |left: Value, right: Value| matching("==", &left, &right);
    for (hook, interface, address, port) in
        [("output", "oifname", "daddr", "dport"), ("input", "iifname", "saddr", "sport")]
    {
        batch.push(chain(hook, "drop"));
        batch.push(rule(hook, &[is(meta(interface), json!("lo")), accept()]));
        if hook == "output" {
            batch.push(rule(hook, &[is(meta(interface), json!(DEVICE)), accept()]));
        } else {
            // Before what is let in for the line beside the tunnel.
            answers_only(batch);
        }
        let ways = endpoints.iter().map(|e| ("udp", e)).chain(gateway.iter().map(|e| ("tcp", e)));
        for (protocol, end) in ways {
            let family = if end.is_ipv4() { "ip" } else { "ip6" };
            let host = is(payload(family, address), json!(end.ip().to_string()));
            batch.push(rule(hook, &[host, is(payload(protocol, port), json!(end.port())), accept()]));
        }
        // DHCP (RFC 2131 §4.1, RFC 8415 §7.2): a client's port here, a server's there.
        for (client, server) in [(68, 67), (546, 547)] {
            let (theirs, ours) = if hook == "output" { ("dport", "sport") } else { ("sport", "dport") };
            let there = is(payload("udp", theirs), json!(server));
            batch.push(rule(hook, &[there, is(payload("udp", ours), json!(client)), accept()]));
        }
        let neighbours =
            json!({ "set": ["nd-router-solicit", "nd-router-advert", "nd-neighbor-solicit", "nd-neighbor-advert"] });
        batch.push(rule(hook, &[is(payload("icmpv6", "type"), neighbours), accept()]));
    }
    // The way to the gateway may have a smaller packet size than the line (RFC 8899 §1, RFC 1191).
    batch.push(rule("input", &[is(payload("icmp", "type"), json!("destination-unreachable")), accept()]));
    let errors = json!({ "set": ["destination-unreachable", "packet-too-big"] });
    batch.push(rule("input", &[is(payload("icmpv6", "type"), errors), accept()]));
    batch.push(chain("forward", "drop"));
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

fn delete() -> Value {
    json!({ "delete": { "table": { "family": "inet", "name": TABLE } } })
}

fn chain(hook: &str, policy: &str) -> Value {
    json!({ "add": { "chain": {
        "family": "inet", "table": TABLE, "name": hook, "type": "filter", "hook": hook, "prio": 0, "policy": policy,
    } } })
}

fn rule(chain: &str, expr: &[Value]) -> Value {
    json!({ "add": { "rule": { "family": "inet", "table": TABLE, "chain": chain, "expr": expr } } })
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
        rules(&NetworkConfig { tunnel: grant(), firewall }, &gateway).map(|rules| rules.to_string()).unwrap_or_default()
    }

    #[test]
    fn both_families_and_both_directions_are_bound_to_the_tunnel() {
        let rules = text(FirewallPolicy::PortalOnlyRoutes);
        for chain in ["output", "forward"] {
            assert_eq!(rules.matches(&format!("\"chain\":\"{chain}\"")).count(), 2, "{rules}");
        }
        assert!(rules.contains("10.210.0.0") && rules.contains("2001:db8:210::"), "{rules}");
        assert!(!rules.contains("\"policy\":\"drop\""), "{rules}");
    }

    /// The rules of the input chain that the tunnel's packets meet, in order: the parts of each beside the device.
    fn from_the_tunnel(firewall: FirewallPolicy) -> Vec<String> {
        let batch: Value = serde_json::from_str(&text(firewall)).unwrap();
        let rules = batch["nftables"].as_array().unwrap().iter().filter_map(|object| object.pointer("/add/rule"));
        let inward = rules.filter(|rule| rule["chain"] == "input").map(|rule| rule["expr"].as_array().unwrap());
        let device = matching("==", &meta("iifname"), &json!(DEVICE));
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
