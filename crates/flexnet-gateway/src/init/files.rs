//! Configuration and profile in words. Writes no file: `init` does, when both were read back.

use std::net::{IpAddr, SocketAddr};

use flexnet_protocol::{
    desk::DeskContact,
    gateway::PortalHost,
    profile::{GatewayFile, PortalFile, ProfileFile},
};
use serde::Serialize;

use super::Options;
use crate::{error::Error, portal_hosts};

/// `gateway.toml`.
pub(super) fn configuration(options: &Options) -> Result<String, Error> {
    let (listen, listen_port) = match (options.api.first(), options.endpoint.first()) {
        (Some(api), Some(endpoint)) => (*api, endpoint.port()),
        _ => return Err(Error::Value { field: "api, endpoint", reason: "needs at least one address".into() }),
    };
    #[derive(Serialize)]
    struct Desk {
        desk: DeskContact,
    }
    let addresses: Vec<IpAddr> = options.portal_address.iter().map(SocketAddr::ip).collect();
    let hosts: Vec<PortalHost> = portal_hosts::of_first_page(&options.portal_url, &addresses).into_iter().collect();
    let desk = toml::to_string_pretty(&Desk { desk: options.desk.contact() }).map_err(Error::Toml)?;
    Ok(format!(
        "# The gateway's configuration. Read at start; after a change: `kv-flexnet-gateway check`, then restart. SIGHUP reads certificate and maintenance again.
# Keys, certificates and the database lie beside this file. No secret belongs into it.

# Name in the certificate, and in every row of the audit.
name = {name}
# Shown to members.
organisation = {organisation}

# Which one this is, of several with the same name over one database (docs/operations.md, \"Several gateways\"). Without the section: the name above.
#[gateway]
#id = \"gw-1\"

# Without the section the database is the SQLite file beside this one, for one gateway. A PostgreSQL is for one or several: the file named here
# holds its URL, may hold a password and must be its owner's alone (mode 0600).
#[database]
#url_file = \"database.url\"

[api]
# HTTPS, TLS 1.3.
listen = {listen}

# Plain HTTP that says \"kv-flexnet\" and nothing else: by it members' diagnosis tells a blocked port 443 from a line that leads nowhere. Empty or absent: off.
[plain]
listen = {plain}

[tunnel]
# The WireGuard device that the gateway makes and removes.
device = \"kvgw0\"
listen_port = {listen_port}
# UDP addresses as members reach them, best first.
endpoints = {endpoints}
# Members' addresses. The first of each pool is the gateway's own.
pools = {pools}
mtu = 1420
keepalive_seconds = 25
# What a member's PC may do beside the tunnel: \"portal_only_routes\" leaves it alone, \"exclusive\" allows nothing else.
traffic = \"portal_only_routes\"

[portal]
url = {url}
# Routed into the tunnel; must lie inside the networks of the installed profiles.
networks = {networks}
# TCP servers inside these networks that members reach, and no others. Empty: all of the networks.
addresses = {addresses}
dns_servers = {dns_servers}
dns_domains = {dns_domains}
# Hosts whose addresses members are told, so that nobody need ask for them; hosts of the profiles only.
hosts = {hosts}

[policy]
# Five wrong entries in a row lock; that is no setting.
# A session ends after so many seconds without a packet inside, and at the latest after so many in all.
idle_seconds = 1800
absolute_seconds = 36000
# Older clients are asked to update.
min_client_version = \"0.1.0\"

# How much is served at once. These are the defaults; they bound load, the lockout bounds guessing.
#[limits]
#address = {{ per_minute = 600, burst = 5000 }}       # sign-ins of one /32 or /56
#network = {{ per_minute = 3000, burst = 20000 }}     # of one /24 or /48
#hashes = 0                    # Argon2id computations at once, 19 MiB each; 0: one a processor
#waiting = 200                 # sign-ins that may wait for one; more are told to come back, uncounted
#connections = 800
#connections_per_address = 250   # of one /32 or /56
#connections_per_network = 400   # of one /24 or /48
#carriers = 1000               # connections that carry WireGuard where UDP is blocked; 0 for none
#connection_seconds = 120      # then a connection takes no further request

# Where /metrics, /healthz and /readyz are answered, in clear text and without anything of members. Without `listen`: nowhere.
[operations]
listen = \"127.0.0.1:9180\"
# Before it stops, /readyz says 503 for so many seconds while sign-ins go on: for a load balancer. 0 without one.
drain_seconds = 0

# \"text\" for people, \"json\" for machines. Neither holds anything of members.
[log]
format = \"text\"

# The service desk's web console (docs/console.md). Without the section there is none. It listens on 127.0.0.1:9443 with the certificate above;
# any other address needs `client_authority`: browsers must show a certificate of it.
#[console]
#listen = \"127.0.0.1:9443\"
#certificate = \"console.pem\"
#certificate_key = \"console-key.pem\"
#client_authority = \"console-ca.pem\"

# Reports of diagnoses that members send in, without a sign-in: kept sealed for thirty days, then deleted. These are the defaults; 0 kept takes none.
#[reports]
#kept = 2000                   # then new ones are refused; none is deleted early
#megabytes = 200
#address = {{ per_minute = 2, burst = 10 }}     # of one /32 or /56
#network = {{ per_minute = 6, burst = 30 }}     # of one /24 or /48

# For how long the audit knows whom it is about. These are the defaults. Full addresses are written nowhere.
#[retention]
#sign_in_days = 90             # then rows about sign-ins and sessions lose name and network, and ended sessions go
#admin_days = 365              # then rows are deleted from the oldest on; the chain still verifies

# Nobody can sign in while it is on; sessions go on. `until`, in seconds since 1970 UTC, is shown to members.
[maintenance]
on = false
#until = 1795600000

# Who judges TANs and passwords, if not this gateway (docs/foreign-token-server.md). It counts all the same.
#[verifier.tan.radius]
#servers = [\"192.0.2.10:1812\"]
#secret_file = \"radius.secret\"
#[verifier.password.ldap]
#urls = [\"ldaps://ldap.kv.example\"]
#ca_file = \"ldap-ca.pem\"
#dn = \"uid={{name}},ou=people,dc=kv,dc=example\"

# Packages for members' PCs (.deb, .rpm, .exe, .msi, .pkg, .dmg) that everybody may download on the gateway's pages.
#[pages]
#downloads = \"downloads\"

# Whom members telephone. Profiles hold the same.
{desk}",
        name = value(&options.name)?,
        organisation = value(&options.organisation)?,
        listen = value(&listen)?,
        plain = value(&[SocketAddr::new(listen.ip(), 80)])?,
        endpoints = value(&options.endpoint)?,
        pools = value(&options.pool)?,
        url = value(&options.portal_url)?,
        networks = value(&options.portal_network)?,
        addresses = value(&options.portal_address)?,
        dns_servers = value(&options.dns)?,
        dns_domains = value(&options.dns_domain)?,
        hosts = value(&hosts)?,
    ))
}

/// `profile.toml`, the authority inline.
pub(super) fn profile(options: &Options, authority: &str) -> Result<String, Error> {
    let host = portal_hosts::host(&options.portal_url).to_lowercase();
    let mut hosts = vec![host];
    hosts.extend(options.portal_host.iter().cloned());
    let file = ProfileFile {
        organisation: options.organisation.clone(),
        gateway: GatewayFile {
            name: options.name.clone(),
            endpoints: options.api.clone(),
            ca: authority.to_owned(),
            udp: options.endpoint.clone(),
            anchors: options.anchor.clone(),
        },
        portal: PortalFile {
            url: options.portal_url.clone(),
            hosts,
            networks: options.portal_network.clone(),
            name_servers: options.dns.clone(),
        },
        desk: options.desk.contact(),
    };
    let text = toml::to_string_pretty(&file).map_err(Error::Toml)?;
    Ok(format!(
        "# The profile of {} for KV-FlexNet. Belongs to the administrator: /etc/kv-flexnet/profile.toml\n{text}",
        file.organisation
    ))
}

fn value<T: Serialize>(value: &T) -> Result<String, Error> {
    let mut text = String::new();
    value.serialize(toml::ser::ValueSerializer::new(&mut text)).map_err(Error::Toml)?;
    Ok(text)
}
