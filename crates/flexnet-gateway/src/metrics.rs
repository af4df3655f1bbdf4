//! What a gateway counts for whoever watches it, as OpenMetrics text. Every label value is a word of this program (`&'static str`):
//! a name, an address or anything else that came from outside cannot become one. Here are the counters; `operations` serves them.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};

use crate::network::Activity;

/// A peer whose handshake is older than this has no keys any more (WireGuard's Reject-After-Time, 180 s).
const RECENT: Duration = Duration::from_secs(180);

/// One label with a word of ours.
type Word = [(&'static str, &'static str); 1];

/// The counters of a gateway.
pub struct Metrics {
    registry: Registry,
    attempts: Family<Word, Counter>,
    locks: Counter,
    refusals: Family<Word, Counter>,
    sign_in: Histogram,
    queue: Family<Word, Gauge>,
    database: Family<Word, Histogram>,
    sessions: Gauge,
    peers: Family<Word, Gauge>,
    newest_handshake: Gauge,
    carriers: Gauge,
    audit_rows: Gauge,
    audit_intact: Gauge,
    maintenance: Gauge,
    maintenance_until: Gauge,
    ready: Gauge,
    certificate: Gauge,
}

/// How an evaluated attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    /// A session, or a ticket for one.
    Accepted,
    /// Something was wrong.
    Refused,
    /// The name was locked already.
    Locked,
    /// Right, and the account is switched off.
    Disabled,
    /// Right, and the gateway could not open it.
    Undecided,
}

/// Why a sign-in was sent away before anything was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentAway {
    /// No room in the queue, or the gateway is about to stop.
    Busy,
    /// A network's budget is used up.
    Budget,
    /// The clock cannot be believed.
    Clock,
    /// No address is left.
    Full,
    /// The database does not answer.
    Database,
    /// The audit cannot go on.
    Audit,
    /// A foreign judge is known to be dead.
    Judge,
}

/// What was asked of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The smallest question, once a second.
    Probe,
    /// The transaction that counts an attempt.
    Reserve,
    /// The transaction that writes down how it ended.
    Conclude,
}

/// What is measured at the moment of asking.
#[derive(Debug, Clone, Copy, Default)]
pub struct Levels {
    /// Live sessions of all gateways over this database; nothing if it does not answer.
    pub sessions: Option<i64>,
    /// Number of the audit's last row; nothing if the database does not answer.
    pub audit_rows: Option<i64>,
    /// Connections that carry WireGuard.
    pub carriers: usize,
    /// Sign-ins that are worked on.
    pub running: usize,
    /// Sign-ins that wait for their turn.
    pub waiting: usize,
    /// Whether rows can be appended to the audit.
    pub audit_intact: bool,
    /// Whether the maintenance note closes this gateway.
    pub maintenance: bool,
    /// When that should be over, seconds since 1970 UTC; 0 if it is off, or nobody said when.
    pub maintenance_until: i64,
    /// Whether new sign-ins should come here.
    pub ready: bool,
    /// End of the certificate, seconds since 1970 UTC.
    pub certificate_end: i64,
}

impl Metrics {
    /// All of them, at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("kv_flexnet");
        let metrics = Self {
            attempts: Family::default(),
            locks: Counter::default(),
            refusals: Family::default(),
            sign_in: Histogram::new([0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]),
            queue: Family::default(),
            database: Family::new_with_constructor(|| {
                Histogram::new([0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0])
            }),
            sessions: Gauge::default(),
            peers: Family::default(),
            newest_handshake: Gauge::default(),
            carriers: Gauge::default(),
            audit_rows: Gauge::default(),
            audit_intact: Gauge::default(),
            maintenance: Gauge::default(),
            maintenance_until: Gauge::default(),
            ready: Gauge::default(),
            certificate: Gauge::default(),
            registry: Registry::default(),
        };
        let m = &metrics;
        registry.register("attempts", "Evaluated attempts by how they ended", m.attempts.clone());
        registry.register("locks", "Accesses locked by a fifth wrong entry", m.locks.clone());
        registry.register("refusals", "Sign-ins sent away before anything was counted", m.refusals.clone());
        registry.register("sign_in_seconds", "From a request that is let in to its outcome", m.sign_in.clone());
        registry.register("sign_ins", "Sign-ins that are worked on or wait for it", m.queue.clone());
        registry.register("database_seconds", "How long the database takes", m.database.clone());
        registry.register("sessions", "Live sessions of all gateways over this database", m.sessions.clone());
        registry.register("peers", "WireGuard peers by the age of their last handshake", m.peers.clone());
        registry.register(
            "newest_handshake_age_seconds",
            "Age of the newest handshake; -1 for none",
            m.newest_handshake.clone(),
        );
        registry.register("carriers", "Connections that carry WireGuard through 443", m.carriers.clone());
        registry.register("audit_rows", "Number of the last row of the audit", m.audit_rows.clone());
        registry.register("audit_intact", "1 while rows can be appended to the audit", m.audit_intact.clone());
        registry.register("maintenance", "1 while the maintenance note lets nobody in", m.maintenance.clone());
        registry.register(
            "maintenance_until_timestamp_seconds",
            "When the maintenance should be over, seconds since 1970 UTC; 0 without any, or if nobody said",
            m.maintenance_until.clone(),
        );
        registry.register("ready", "1 while new sign-ins should come to this gateway", m.ready.clone());
        registry.register(
            "certificate_end_timestamp_seconds",
            "End of the certificate, seconds since 1970 UTC",
            m.certificate.clone(),
        );
        registry.register("build", "Version of the program", Info::new([("version", flexnet_protocol::VERSION)]));
        // Series that are there from the start, so that an alert on their growth sees the first one too.
        for how in Attempted::ALL {
            drop(m.attempts.get_or_create(&[("outcome", how.word())]));
        }
        for why in SentAway::ALL {
            drop(m.refusals.get_or_create(&[("reason", why.word())]));
        }
        Self { registry, ..metrics }
    }

    /// An attempt was evaluated, or found its name locked.
    pub fn attempt(&self, how: Attempted) {
        self.attempts.get_or_create(&[("outcome", how.word())]).inc();
    }

    /// An access was locked.
    pub fn lock(&self) {
        self.locks.inc();
    }

    /// A sign-in was sent away uncounted.
    pub fn sent_away(&self, why: SentAway) {
        self.refusals.get_or_create(&[("reason", why.word())]).inc();
    }

    /// A sign-in took so long from its turn to its outcome.
    pub fn sign_in(&self, took: Duration) {
        self.sign_in.observe(took.as_secs_f64());
    }

    /// The database took so long.
    pub fn database(&self, what: Asked, took: Duration) {
        self.database.get_or_create(&[("question", what.word())]).observe(took.as_secs_f64());
    }

    /// All of it as text, with what is measured now.
    ///
    /// # Errors
    /// Never: a text takes everything.
    pub fn text<'a>(&self, levels: Levels, peers: impl Iterator<Item = &'a Activity>) -> Result<String, fmt::Error> {
        self.observe(levels);
        self.observe_peers(peers);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn observe(&self, levels: Levels) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        if let Some(sessions) = levels.sessions {
            self.sessions.set(sessions);
        }
        if let Some(rows) = levels.audit_rows {
            self.audit_rows.set(rows);
        }
        self.carriers.set(number(levels.carriers));
        self.queue.get_or_create(&[("state", "running")]).set(number(levels.running));
        self.queue.get_or_create(&[("state", "waiting")]).set(number(levels.waiting));
        self.audit_intact.set(i64::from(levels.audit_intact));
        self.maintenance.set(i64::from(levels.maintenance));
        self.maintenance_until.set(levels.maintenance_until);
        self.ready.set(i64::from(levels.ready));
        self.certificate.set(levels.certificate_end);
    }

    fn observe_peers<'a>(&self, peers: impl Iterator<Item = &'a Activity>) {
        let now = SystemTime::now();
        let (mut recent, mut old, mut never, mut newest) = (0, 0, 0, None);
        for peer in peers {
            let Some(at) = peer.last_handshake else {
                never += 1;
                continue;
            };
            let age = now.duration_since(at).unwrap_or_default();
            newest = Some(newest.map_or(age, |other: Duration| other.min(age)));
            if age <= RECENT { recent += 1 } else { old += 1 }
        }
        for (handshake, count) in [("recent", recent), ("old", old), ("never", never)] {
            self.peers.get_or_create(&[("handshake", handshake)]).set(count);
        }
        self.newest_handshake.set(newest.map_or(-1, |age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX)));
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Attempted {
    const ALL: [Self; 5] = [Self::Accepted, Self::Refused, Self::Locked, Self::Disabled, Self::Undecided];

    const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Locked => "locked",
            Self::Disabled => "disabled",
            Self::Undecided => "undecided",
        }
    }
}

impl SentAway {
    const ALL: [Self; 7] =
        [Self::Busy, Self::Budget, Self::Clock, Self::Full, Self::Database, Self::Audit, Self::Judge];

    const fn word(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Budget => "budget",
            Self::Clock => "clock",
            Self::Full => "full",
            Self::Database => "database",
            Self::Audit => "audit",
            Self::Judge => "judge",
        }
    }
}

impl Asked {
    const fn word(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Reserve => "reserve",
            Self::Conclude => "conclude",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_counted_stands_in_the_text_and_the_rest_is_zero() {
        let metrics = Metrics::new();
        metrics.attempt(Attempted::Accepted);
        metrics.attempt(Attempted::Accepted);
        metrics.lock();
        metrics.sent_away(SentAway::Budget);
        metrics.database(Asked::Reserve, Duration::from_millis(3));
        let old = Activity {
            received: 1,
            sent: 1,
            last_handshake: Some(SystemTime::now() - Duration::from_secs(400)),
            quiet: None,
        };
        let never = Activity { last_handshake: None, ..old };
        let levels = Levels { sessions: Some(7), audit_rows: Some(12), waiting: 3, ready: true, ..Levels::default() };
        let text = metrics.text(levels, [old, never].iter()).unwrap();
        for line in [
            "kv_flexnet_attempts_total{outcome=\"accepted\"} 2",
            "kv_flexnet_attempts_total{outcome=\"undecided\"} 0",
            "kv_flexnet_locks_total 1",
            "kv_flexnet_refusals_total{reason=\"budget\"} 1",
            "kv_flexnet_database_seconds_count{question=\"reserve\"} 1",
            "kv_flexnet_sessions 7",
            "kv_flexnet_audit_rows 12",
            "kv_flexnet_sign_ins{state=\"waiting\"} 3",
            "kv_flexnet_peers{handshake=\"old\"} 1",
            "kv_flexnet_peers{handshake=\"never\"} 1",
            "kv_flexnet_ready 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is missing:\n{text}");
        }
        let age = text.lines().find_map(|line| line.strip_prefix("kv_flexnet_newest_handshake_age_seconds "));
        assert!((400..420).contains(&age.unwrap().parse::<i64>().unwrap()), "{age:?}");
    }

    #[test]
    fn the_table_for_operators_has_every_metric_and_no_other() {
        let metrics = Metrics::new();
        // It has no series before its first.
        metrics.database(Asked::Probe, Duration::ZERO);
        let text = metrics.text(Levels::default(), [].iter()).unwrap();
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE kv_flexnet_")?.split(' ').next());
        let document = include_str!("../../../docs/operations.md");
        let table = document.split_once("| metric (`kv_flexnet_...`) |").unwrap().1.split_once("\n\n").unwrap().0;
        let names = table.lines().filter_map(|row| row.strip_prefix("| `")?.split(['`', '{']).next());
        let names = names.map(|name| name.trim_end_matches("_total").trim_end_matches("_info"));
        assert_eq!(names.collect::<BTreeSet<_>>(), types.collect::<BTreeSet<_>>());
    }
}
