//! What a token shows: computed by totp-rs for one counter or step at a time, and looked for in a window. Knows no database.
//! Whatever matches, every candidate is computed: how long it takes tells nothing.

use std::{fmt, ops::Range};

use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use super::{Hash, Kind};

/// Steps to either side of where a TOTP token's clock is known to stand (RFC 6238 §5.2).
const SKEW: i64 = 1;
/// Presses that an HOTP token may be ahead (RFC 4226 §7.4).
const LOOK_AHEAD: i64 = 10;
/// How far two consecutive TANs are looked for: presses ahead (HOTP), steps to either side of the gateway's clock (TOTP).
const RESYNC: i64 = 100;
/// Steps by which a token's clock may be off. What it drifts beyond that is not followed.
pub const MAX_DRIFT: i64 = RESYNC;

/// A token as it computes.
pub struct Token {
    /// Row of the database; none for the dummy.
    pub id: Option<i64>,
    pub(super) kind: Kind,
    pub(super) hash: Hash,
    pub(super) digits: u8,
    pub(super) period: i64,
    pub(super) seed: Zeroizing<Vec<u8>>,
    pub(super) last: i64,
    pub(super) drift: i64,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?})", self.kind)
    }
}

/// A TAN that a token shows, at a step or counter above the last spent one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    pub(super) token: i64,
    /// The step or counter.
    pub(super) factor: i64,
    /// By how many steps the token's clock is ahead, as this TAN shows it; 0 for HOTP.
    pub(super) drift: i64,
}

impl Token {
    /// What is evaluated where no token is: the same work, and no TAN ever fits.
    pub fn dummy() -> Self {
        Self {
            id: None,
            kind: Kind::Hotp,
            hash: Hash::Sha1,
            digits: 6,
            period: 30,
            seed: Zeroizing::new(vec![0; 20]),
            last: -1,
            drift: 0,
        }
    }

    /// Looks for the TAN among those that the token may show at `now` (seconds since 1970 UTC) and has not spent.
    pub fn find(&self, tan: &str, now: i64) -> Option<Match> {
        let window = match self.kind {
            Kind::Hotp => self.ahead(LOOK_AHEAD),
            Kind::Totp => around(self.step(now).saturating_add(self.drift), SKEW, SKEW),
        };
        let generator = self.generator()?;
        let factor = self.first(window, |factor| shows(&generator, factor, tan))?;
        self.matched(factor, now)
    }

    /// Looks for two TANs that the token shows one after the other, both unspent, far beyond where a single one is believed. What it finds is the second.
    pub fn find_pair(&self, first: &str, second: &str, now: i64) -> Option<Match> {
        let window = match self.kind {
            Kind::Hotp => self.ahead(RESYNC),
            // Of the pair the later one may stand at the far end.
            Kind::Totp => around(self.step(now), RESYNC, RESYNC - 1),
        };
        let generator = self.generator()?;
        let pair = |factor: i64| shows(&generator, factor, first) & shows(&generator, factor.saturating_add(1), second);
        let factor = self.first(window, pair)?;
        self.matched(factor.saturating_add(1), now)
    }

    /// The first of the window that fits and is not spent. All are computed.
    fn first(&self, window: Range<i64>, fits: impl Fn(i64) -> bool) -> Option<i64> {
        let fitting = window.filter(|&factor| fits(factor) & (factor > self.last));
        fitting.fold(None, |found, factor| found.or(Some(factor)))
    }

    fn matched(&self, factor: i64, now: i64) -> Option<Match> {
        let drift = match self.kind {
            Kind::Hotp => 0,
            Kind::Totp => factor.saturating_sub(self.step(now)).clamp(-MAX_DRIFT, MAX_DRIFT),
        };
        Some(Match { token: self.id?, factor, drift })
    }

    fn step(&self, now: i64) -> i64 {
        now / self.period
    }

    fn ahead(&self, count: i64) -> Range<i64> {
        let next = self.last.saturating_add(1);
        next..next.saturating_add(count)
    }

    /// RFC 6238 §4.2: a TOTP value is the HOTP value of the step. Step 1 and skew 0 make totp-rs compute exactly one moving factor.
    pub(super) fn generator(&self) -> Option<Totp> {
        let algorithm = match self.hash {
            Hash::Sha1 => Algorithm::SHA1,
            Hash::Sha256 => Algorithm::SHA256,
            Hash::Sha512 => Algorithm::SHA512,
        };
        let builder = Builder::new().with_algorithm(algorithm).with_digits(self.digits).with_secret(self.seed.to_vec());
        builder.with_step_duration(1).with_skew(0).build().ok()
    }
}

fn around(middle: i64, before: i64, behind: i64) -> Range<i64> {
    middle.saturating_sub(before)..middle.saturating_add(behind).saturating_add(1)
}

fn shows(generator: &Totp, factor: i64, tan: &str) -> bool {
    u64::try_from(factor).is_ok_and(|factor| generator.check(tan, factor).is_some())
}
