//! The gateway API as both sides see it: JSON over HTTPS under `/v1`. Errors are `application/problem+json` (RFC 9457).
//! Secrets are of type [`Secret`] or [`Key`]; nothing here is ever part of a [`crate::snapshot::Snapshot`].

use std::net::{IpAddr, SocketAddr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{FaultCode, Key, Secret, desk::DeskContact};

/// The largest request body that is read, in bytes.
pub const MAX_BODY: usize = 8 * 1024;
/// The longest user name, in bytes, without the blanks around it. A longer one is refused before it is sent.
pub const MAX_USERNAME: usize = 128;
/// The longest password, in bytes. A longer one is refused before it is sent.
pub const MAX_PASSWORD: usize = 256;
/// The longest name by which a member is greeted, in bytes.
pub const MAX_DISPLAY_NAME: usize = 128;

/// Whether a name can be shown as whose access something is: not empty, not too long, and nothing in it that moves or hides what stands beside it.
pub fn is_display_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= MAX_DISPLAY_NAME && !name.chars().any(is_unseen)
}

/// Controls, what ends a line, formats (general category Cf), what is ignored where it cannot be shown (Default_Ignorable_Code_Point, with variation
/// selectors and blank letters), the pattern without a dot, and private letters, which look as a font likes: Unicode 16.0.
fn is_unseen(c: char) -> bool {
    const RANGES: [(char, char); 29] = [
        ('\u{ad}', '\u{ad}'),
        ('\u{34f}', '\u{34f}'),
        ('\u{600}', '\u{605}'),
        ('\u{61c}', '\u{61c}'),
        ('\u{6dd}', '\u{6dd}'),
        ('\u{70f}', '\u{70f}'),
        ('\u{890}', '\u{891}'),
        ('\u{8e2}', '\u{8e2}'),
        ('\u{115f}', '\u{1160}'),
        ('\u{17b4}', '\u{17b5}'),
        ('\u{180b}', '\u{180f}'),
        ('\u{200b}', '\u{200f}'),
        ('\u{2028}', '\u{202e}'),
        ('\u{2060}', '\u{206f}'),
        ('\u{2800}', '\u{2800}'),
        ('\u{3164}', '\u{3164}'),
        ('\u{fe00}', '\u{fe0f}'),
        ('\u{feff}', '\u{feff}'),
        ('\u{ffa0}', '\u{ffa0}'),
        ('\u{fff0}', '\u{fffb}'),
        ('\u{110bd}', '\u{110bd}'),
        ('\u{110cd}', '\u{110cd}'),
        ('\u{13430}', '\u{1343f}'),
        ('\u{1bca0}', '\u{1bca3}'),
        ('\u{1d173}', '\u{1d17a}'),
        ('\u{e000}', '\u{f8ff}'),
        ('\u{e0000}', '\u{e0fff}'),
        ('\u{f0000}', '\u{ffffd}'),
        ('\u{100000}', '\u{10fffd}'),
    ];
    c.is_control() || RANGES.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Answer of `GET /v1/info`. No sign-in needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// Name of the KV's access, shown to members.
    pub name: String,
    /// Version of the gateway.
    pub version: String,
    /// Oldest client version that may sign in, `major.minor.patch`.
    pub min_client_version: String,
    /// Seconds since 1970 UTC.
    pub server_time: i64,
    /// The rules of sign-in and session.
    pub policy: Policy,
    /// Whom to telephone.
    pub desk: DeskContact,
    /// First page of the member portal.
    pub portal_url: String,
    /// Where the tunnel will be, so that its first packet can travel while the sign-in is being answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<TunnelHint>,
    /// Set while the access is being worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<Maintenance>,
    /// Whether it takes sign-ins now. Absent from gateways that do not say: they are ready when they answer.
    #[serde(default)]
    pub readiness: Readiness,
}

/// Whether a gateway takes sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// It does.
    #[default]
    Ready,
    /// It is being emptied: another one must take over.
    Draining,
    /// Its database does not answer.
    Database,
    /// It has more sign-ins than it can check.
    Busy,
    /// What its configuration needs is not there.
    Closed,
}

/// The rules that the gateway enforces and the client shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Wrong entries in a row that lock the access.
    pub attempts: u8,
    /// A session without inner packets ends after so many seconds.
    pub idle_seconds: u32,
    /// A session ends at the latest after so many seconds.
    pub absolute_seconds: u32,
}

/// The gateway's end of the tunnel, the same for every session. Not secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelHint {
    /// The gateway's WireGuard key.
    pub public_key: Key,
    /// UDP addresses of the gateway, best first.
    pub endpoints: Vec<SocketAddr>,
}

/// A note to members while the access is being worked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// Seconds since 1970 UTC at which it should be over, if known.
    pub until: Option<i64>,
}

/// Body of `POST /v1/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Makes a repeated request safe: same id and same body, same outcome, counted once.
    pub attempt_id: AttemptId,
    /// As typed; the gateway normalises.
    pub username: String,
    /// Password of meine KVid.
    pub password: Secret,
    /// 6 to 8 digits; leading zeros kept, blanks already stripped.
    pub tan: Secret,
    /// Curve25519 key made for this session.
    pub client_public_key: Key,
    /// Preshared key made for this session, so that the handshake need not wait for the answer. Without one the gateway makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preshared_key: Option<Key>,
    /// Who is asking.
    pub client: Client,
}

/// Body of `POST /v1/session/resume`: the same session with new keys. Answered by a [`Grant`] with the session's token as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// Curve25519 key made for this tunnel.
    pub client_public_key: Key,
    /// Preshared key made for this tunnel; without one the gateway makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preshared_key: Option<Key>,
}

/// Body of `POST /v1/sessions/redeem`: a sign-in on the gateway's page goes on in the application. Until the member has confirmed there that both show the same
/// two digits it is answered 202 with a [`Handoff`]; the same body again, byte for byte, with `Prefer: wait=SECONDS`, waits for that. Then 201 with a [`Grant`].
/// Another body for the same ticket ends it for both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    /// 128 bits, base64url; single use, to be shown within 60 seconds.
    pub ticket: Secret,
    /// Curve25519 key made for this session.
    pub client_public_key: Key,
    /// Preshared key made for this session; without one the gateway makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preshared_key: Option<Key>,
    /// Who is asking.
    pub client: Client,
}

/// Answer 202 of `POST /v1/sessions/redeem`. An application asks for nothing more before its member has said that the name is theirs: anybody can make
/// a link that opens their own access.
///
/// The same body to `POST /v1/sessions/redeem/refuse` makes the ticket void, because the member gave it up; answered 204, whatever became of it before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handoff {
    /// Whose access it is, as in the [`Grant`]. An older gateway does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Two digits; the page shows the same.
    pub digits: String,
    /// Seconds since 1970 UTC at which it is too late to confirm.
    pub expires: i64,
}

/// Body of `POST /v1/session/resync-token`: two consecutive TANs of a token that is out of step. A counted attempt. Answered 204.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resync {
    /// 16 random bytes, as for a sign-in: a repeated request is counted once.
    pub attempt_id: AttemptId,
    /// The TAN shown first.
    pub first: Secret,
    /// The one shown next.
    pub second: Secret,
}

/// Version and operating system of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// `major.minor.patch`.
    pub version: String,
    /// `linux`, `windows` or `macos`.
    pub os: String,
}

/// 16 random bytes, base64url without padding in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptId(pub [u8; 16]);

impl Serialize for AttemptId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for AttemptId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(de::Error::custom)?;
        bytes.try_into().map(Self).map_err(|_| de::Error::custom("an attempt id has 16 bytes"))
    }
}

/// Answer 201 of `POST /v1/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Public name of the session.
    pub session_id: String,
    /// 256 bits, base64url; the bearer token of the `/v1/session` calls.
    pub session_token: Secret,
    /// Seconds since 1970 UTC.
    pub absolute_end: i64,
    /// Seconds without inner packets after which the session ends.
    pub idle_seconds: u32,
    /// Wrong entries since the last successful sign-in.
    pub failures_before: u32,
    /// The sign-in before this one.
    pub last_sign_in: Option<LastSignIn>,
    /// How to greet the member; at most [`MAX_DISPLAY_NAME`] bytes.
    pub display_name: String,
    /// First page of the member portal.
    pub portal_url: String,
    /// The way into the portal's network.
    pub tunnel: TunnelGrant,
}

/// When and from where the member signed in before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSignIn {
    /// Seconds since 1970 UTC.
    pub at: i64,
    /// `true` if it came from the same network prefix (/24 or /48) as this one.
    pub same_network: bool,
}

/// Everything the client needs to build the tunnel. Checked against the profile before use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelGrant {
    /// The gateway's WireGuard key.
    pub gateway_public_key: Key,
    /// Fresh for every session: keeps the tunnel safe from a later quantum computer.
    pub preshared_key: Key,
    /// UDP addresses of the gateway, best first.
    pub endpoints: Vec<SocketAddr>,
    /// This PC's addresses inside.
    pub addresses: Vec<IpNet>,
    /// What is reached through the tunnel.
    pub portal_networks: Vec<IpNet>,
    /// Name servers inside.
    pub dns_servers: Vec<IpAddr>,
    /// Names that only these servers may be asked for.
    pub dns_domains: Vec<String>,
    /// Addresses of the portal's hosts, as far as the gateway knows them: they save a question to the name service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub portal_hosts: Vec<PortalHost>,
    /// Bytes of the largest inner packet.
    pub mtu: u16,
    /// Seconds between keepalives; 0 for none.
    pub keepalive_seconds: u16,
    /// What else the PC may do while connected.
    pub policy: TrafficPolicy,
}

/// A host of the portal and its addresses inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalHost {
    /// Host name, lower case.
    pub name: String,
    /// Its addresses, all inside the portal's networks.
    pub addresses: Vec<IpAddr>,
}

/// What the rest of the PC's traffic may do while connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrafficPolicy {
    /// Left alone; only portal addresses are bound to the tunnel.
    PortalOnlyRoutes,
    /// Nothing but the tunnel, the gateway, DHCP and neighbour discovery.
    Exclusive,
}

/// Path of the tunnel on TCP 443: UDP proxied in HTTP (RFC 9298 §3, HTTP/1.1 upgrade `connect-udp`), to this gateway's own
/// WireGuard port only, for live sessions only (`Authorization: Bearer`). The well-known template with its one target, whatever port that
/// has in truth.
pub const CONNECT_UDP_PATH: &str = "/.well-known/masque/udp/localhost/51820/";

/// Answer of `GET /v1/session` and of `POST /v1/session/extend`.
/// With `Prefer: wait=SECONDS` (RFC 7240 §4.3) a `GET` is answered when the session ends or changes, or that much later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionState {
    /// Public name of the session.
    pub session_id: String,
    /// Seconds since 1970 UTC.
    pub started: i64,
    /// Seconds since 1970 UTC.
    pub absolute_end: i64,
    /// Seconds since 1970 UTC.
    pub idle_end: i64,
    /// Wrong entries before this session's sign-in.
    pub failures_before: u32,
    /// The sign-in before this one.
    pub last_sign_in: Option<LastSignIn>,
    /// All open sessions of the member, this one among them.
    #[serde(default)]
    pub open_sessions: Vec<OpenSession>,
}

/// An open session as its member sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Public name of the session.
    pub session_id: String,
    /// Seconds since 1970 UTC.
    pub started: i64,
    /// Network prefix that it was opened from: /24 or /48.
    pub network: String,
    /// It is the one that asks.
    pub own: bool,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The member signed out.
    SignedOut,
    /// No inner packets for the idle time.
    Idle,
    /// The absolute end was reached.
    Absolute,
    /// The member signed in elsewhere.
    NewerSignIn,
    /// The service desk ended it.
    Desk,
    /// The token was reported lost.
    TokenLost,
}

/// Body of every error (RFC 9457 §3), with our members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `about:blank`: the fault code says it all.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short English phrase, not for members.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The entry of the catalogue.
    pub fault: FaultCode,
    /// Entries left before the lock; told for every name, invented ones included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts_left: Option<u8>,
    /// Why the session ended, with [`FaultCode::SessionEnded`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    /// Seconds since 1970 UTC, with [`FaultCode::Maintenance`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_only_if_it_is_all_that_is_seen() {
        for name in ["Dr. Martina Muster", "Zoë Çelik-Łuczak", "م. أحمد", &"ä".repeat(64)] {
            assert!(is_display_name(name), "{name}");
        }
        for name in ["", " \u{a0}", "Dr.\nMuster", "Muster\u{202e}", "Mus\u{200b}ter", "\u{feff}", &"ä".repeat(65)] {
            assert!(!is_display_name(name), "{name:?}");
        }
        // A mark of direction, a soft hyphen, a blank letter, a joiner of graphemes, a tag, a selector, a pattern without a dot, a private letter.
        for unseen in "\u{61c}\u{ad}\u{3164}\u{34f}\u{e0041}\u{fe0f}\u{2800}\u{ffa0}\u{115f}\u{e000}".chars() {
            assert!(!is_display_name(&format!("Dr. Mus{unseen}ter")), "{unseen:?}");
            assert!(!is_display_name(&unseen.to_string()), "{unseen:?}");
        }
    }

    #[test]
    fn a_gateway_that_tells_no_name_is_understood() {
        let handoff: Handoff = serde_json::from_str(r#"{"digits":"07","expires":1}"#).unwrap();
        assert_eq!(handoff.display_name, None);
    }
}
