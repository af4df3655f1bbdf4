//! The packet filter: table `inet kv_flexnet_gateway`, replaced as a whole in one transaction by nft's JSON interface.
//!
//! ```text
//!            ┌ forward ──────────────────────────────────────────────────────────────┐
//!  members ──┤ to the portal's servers, to the name servers on 53  ── accept ──► portal
//!   (tunnel) │ to another member, to anything else                 ── drop
//!  members ◄─┤ replies                                             ◄─ accept ── portal
//!            │ anything new into the tunnel                           drop
//!            │ between the portal's devices and anything else         drop
//!            ├ input ────────────────────────────────────────────────────────────────┤
//!  members ──┤ to the gateway itself                                  drop
//! ```
//! WireGuard itself sees to it that a member's packets carry the member's own address.

use std::{borrow::Cow, collections::HashSet, net::IpAddr};

use ipnet::IpNet;
use nftables::{
    batch::Batch,
    expr::{CT, Expression, Meta, MetaKey, NamedExpression, Payload, PayloadField, Prefix, SetItem},
    helper::apply_ruleset_async,
    schema::{Chain, NfListObject, Nftables, Rule, Set, SetFlag, SetType, SetTypeValue, Table},
    stmt::{Accept, Drop, JumpTarget, Match, Operator, Statement},
    types::{NfChainPolicy, NfChainType, NfFamily, NfHook},
};

use crate::network::{Error, Settings};

/// The table's name.
const TABLE: &str = "kv_flexnet_gateway";

/// Sets the filter; one that a killed gateway left is replaced.
pub(super) async fn set(settings: &Settings, inside: &[String]) -> Result<(), Error> {
    apply(&table(settings, inside)).await
}

/// Removes the filter. It is no error if there is none.
pub(super) async fn remove() -> Result<(), Error> {
    let mut batch = Batch::new();
    clear(&mut batch);
    apply(&batch.to_nftables()).await
}

async fn apply(wanted: &Nftables<'_>) -> Result<(), Error> {
    apply_ruleset_async(wanted).await.map_err(|error| Error::Filter(Box::new(error)))
}

/// Within one transaction: `add` makes the `delete` succeed on a machine that has no such table.
fn clear(batch: &mut Batch<'_>) {
    batch.add(NfListObject::Table(named_table()));
    batch.delete(NfListObject::Table(named_table()));
}

fn table(settings: &Settings, inside: &[String]) -> Nftables<'static> {
    let mut batch = Batch::new();
    clear(&mut batch);
    batch.add(NfListObject::Table(named_table()));
    let servers: Vec<IpNet> = settings.dns_servers.iter().copied().map(IpNet::from).collect();
    for (name, networks) in [("portal", &settings.portal_networks), ("names", &servers)] {
        batch.add(address_set(name, SetType::Ipv4Addr, networks));
        batch.add(address_set(name, SetType::Ipv6Addr, networks));
    }
    batch.add(chain("from_members"));
    batch.add(chain("into_tunnel"));
    batch.add(hook("forward", NfHook::Forward));
    batch.add(hook("input", NfHook::Input));

    let tunnel = settings.device.as_str();
    let mut rule = |chain: &'static str, expr: Vec<Statement<'static>>| {
        let rule = Rule {
            family: NfFamily::INet,
            table: TABLE.into(),
            chain: chain.into(),
            expr: expr.into(),
            ..Rule::default()
        };
        batch.add(NfListObject::Rule(rule));
    };
    rule("from_members", vec![device(MetaKey::Oifname, tunnel), drop()]);
    for server in &settings.portal_servers {
        let protocol = if server.is_ipv4() { "ip" } else { "ip6" };
        rule("from_members", vec![destination(protocol, server.ip().to_string()), tcp_port(server.port()), accept()]);
    }
    for (protocol, suffix) in [("ip", "4"), ("ip6", "6")] {
        if settings.portal_servers.is_empty() {
            rule("from_members", vec![destination(protocol, format!("@portal{suffix}")), accept()]);
        }
        rule("from_members", vec![destination(protocol, format!("@names{suffix}")), udp_or_tcp(), port_53(), accept()]);
    }
    rule("from_members", vec![drop()]);
    rule("into_tunnel", vec![reply(), accept()]);
    rule("into_tunnel", vec![drop()]);
    rule("forward", vec![device(MetaKey::Iifname, tunnel), goto("from_members")]);
    rule("forward", vec![device(MetaKey::Oifname, tunnel), goto("into_tunnel")]);
    for name in inside {
        rule("forward", vec![device(MetaKey::Iifname, name), drop()]);
        rule("forward", vec![device(MetaKey::Oifname, name), drop()]);
    }
    rule("input", vec![device(MetaKey::Iifname, tunnel), drop()]);
    batch.to_nftables()
}

fn named_table() -> Table<'static> {
    Table { family: NfFamily::INet, name: TABLE.into(), handle: None }
}

fn chain(name: &'static str) -> NfListObject<'static> {
    NfListObject::Chain(Chain { family: NfFamily::INet, table: TABLE.into(), name: name.into(), ..Chain::default() })
}

fn hook(name: &'static str, hook: NfHook) -> NfListObject<'static> {
    NfListObject::Chain(Chain {
        family: NfFamily::INet,
        table: TABLE.into(),
        name: name.into(),
        _type: Some(NfChainType::Filter),
        hook: Some(hook),
        prio: Some(0),
        policy: Some(NfChainPolicy::Accept),
        ..Chain::default()
    })
}

/// `portal4`, `portal6`, `names4`, `names6`. Overlapping networks are joined, for nft refuses overlapping intervals.
fn address_set(name: &str, kind: SetType, networks: &Vec<IpNet>) -> NfListObject<'static> {
    let v4 = kind == SetType::Ipv4Addr;
    let networks = IpNet::aggregate(networks).into_iter().filter(|net| net.addr().is_ipv4() == v4);
    let elements: Vec<_> = networks.map(prefix).collect();
    NfListObject::Set(Box::new(Set {
        family: NfFamily::INet,
        table: TABLE.into(),
        name: format!("{name}{}", if v4 { 4 } else { 6 }).into(),
        set_type: SetTypeValue::Single(kind),
        flags: Some(HashSet::from([SetFlag::Interval])),
        elem: (!elements.is_empty()).then(|| Cow::Owned(elements)),
        ..Set::default()
    }))
}

fn prefix(net: IpNet) -> Expression<'static> {
    let address: IpAddr = net.network();
    let addr = Box::new(Expression::String(address.to_string().into()));
    Expression::Named(NamedExpression::Prefix(Prefix { addr, len: net.prefix_len().into() }))
}

fn is(left: NamedExpression<'static>, op: Operator, right: Expression<'static>) -> Statement<'static> {
    Statement::Match(Match { left: Expression::Named(left), right, op })
}

fn any_of<const N: usize>(words: [&'static str; N]) -> Expression<'static> {
    let item = |word: &'static str| SetItem::Element(Expression::String(word.into()));
    Expression::Named(NamedExpression::Set(words.into_iter().map(item).collect()))
}

fn device(key: MetaKey, name: &str) -> Statement<'static> {
    is(NamedExpression::Meta(Meta { key }), Operator::EQ, Expression::String(name.to_owned().into()))
}

fn field(protocol: &'static str, field: &'static str) -> NamedExpression<'static> {
    NamedExpression::Payload(Payload::PayloadField(PayloadField { protocol: protocol.into(), field: field.into() }))
}

fn destination(protocol: &'static str, of: String) -> Statement<'static> {
    is(field(protocol, "daddr"), Operator::EQ, Expression::String(of.into()))
}

fn udp_or_tcp() -> Statement<'static> {
    is(NamedExpression::Meta(Meta { key: MetaKey::L4proto }), Operator::EQ, any_of(["tcp", "udp"]))
}

fn port_53() -> Statement<'static> {
    is(field("th", "dport"), Operator::EQ, Expression::Number(53))
}

fn tcp_port(port: u16) -> Statement<'static> {
    is(field("tcp", "dport"), Operator::EQ, Expression::Number(port.into()))
}

fn reply() -> Statement<'static> {
    let state = NamedExpression::CT(CT { key: "state".into(), family: None, dir: None });
    is(state, Operator::IN, any_of(["established", "related"]))
}

fn goto(chain: &'static str) -> Statement<'static> {
    Statement::Goto(JumpTarget { target: chain.into() })
}

fn accept() -> Statement<'static> {
    Statement::Accept(Some(Accept {}))
}

fn drop() -> Statement<'static> {
    Statement::Drop(Some(Drop {}))
}
