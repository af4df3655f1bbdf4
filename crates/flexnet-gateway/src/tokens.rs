//! TAN generators: HOTP (RFC 4226) and TOTP (RFC 6238), computed by totp-rs, which keeps no memory. The memory is here: the column `last`.
//! A TAN is spent by compare-and-set, so one step or counter opens at most one session, ever. Seeds are sealed; no TAN or seed is ever logged.

use std::{fmt, str::FromStr};

use serde::Serialize;
use sqlx::{Row as _, any::AnyRow};
use totp_rs::{Algorithm, Builder};
use zeroize::Zeroizing;

use crate::{db::Write, error::Error, seal::Keys};

/// Steps to either side of the present one that a TOTP token may be off.
const SKEW: u64 = 1;
/// Presses that an HOTP token may be ahead.
const LOOK_AHEAD: u64 = 10;

/// By what a token's TANs follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Each press of the button.
    Hotp,
    /// The clock.
    Totp,
}

impl Kind {
    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hotp => "hotp",
            Self::Totp => "totp",
        }
    }
}

/// The hash function of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Hash {
    /// HMAC-SHA-1.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Hash {
    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

impl FromStr for Hash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Sha1, Self::Sha256, Self::Sha512]
            .into_iter()
            .find(|hash| hash.name() == text)
            .ok_or(Error::Row("token algorithm"))
    }
}

/// A token as it computes.
pub struct Token {
    /// Row of the database; none for the dummy.
    id: Option<i64>,
    kind: Kind,
    hash: Hash,
    digits: u8,
    period: u64,
    seed: Zeroizing<Vec<u8>>,
    last: i64,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?})", self.kind)
    }
}

/// A TAN that a token shows, at a step or counter above the last spent one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    token: i64,
    factor: i64,
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
        }
    }

    /// Looks for the TAN among those that the token may show at `now` and has not spent. All of them are computed, whatever matches.
    pub fn find(&self, tan: &str, now: i64) -> Option<Match> {
        let now = u64::try_from(now).ok()?;
        let after_last = u64::try_from(self.last.saturating_add(1)).ok()?;
        let (first, count) = match self.kind {
            Kind::Hotp => (after_last, LOOK_AHEAD),
            Kind::Totp => ((now / self.period).saturating_sub(SKEW), 2 * SKEW + 1),
        };
        // RFC 6238 §4.2: a TOTP value is the HOTP value of the step. Step 1 and skew 0 make totp-rs compute exactly one moving factor.
        let generator = Builder::new()
            .with_algorithm(match self.hash {
                Hash::Sha1 => Algorithm::SHA1,
                Hash::Sha256 => Algorithm::SHA256,
                Hash::Sha512 => Algorithm::SHA512,
            })
            .with_digits(self.digits)
            .with_secret(self.seed.to_vec())
            .with_step_duration(1)
            .with_skew(0)
            .build()
            .ok()?;
        let mut found = None;
        for factor in first..first.saturating_add(count) {
            let fits = generator.check(tan, factor).is_some();
            if fits && factor >= after_last && found.is_none() {
                found = Some(factor);
            }
        }
        Some(Match { token: self.id?, factor: i64::try_from(found?).ok()? })
    }

    fn from_row(row: &AnyRow, keys: &Keys) -> Result<Self, Error> {
        let serial: String = row.try_get("serial")?;
        let kind: String = row.try_get("kind")?;
        Ok(Self {
            id: Some(row.try_get("id")?),
            kind: if kind == Kind::Totp.name() { Kind::Totp } else { Kind::Hotp },
            hash: row.try_get::<String, _>("algorithm")?.parse()?,
            digits: u8::try_from(row.try_get::<i64, _>("digits")?).map_err(|_| Error::Row("token"))?,
            period: u64::try_from(row.try_get::<i64, _>("period")?).map_err(|_| Error::Row("token"))?.max(1),
            seed: keys.open(&place(&serial), row.try_get("seed")?)?,
            last: row.try_get("last")?,
        })
    }
}

/// The usable tokens of an account.
///
/// # Errors
/// [`Error::Database`], [`Error::Seal`].
pub async fn usable(write: &mut Write, keys: &Keys, account: i64) -> Result<Vec<Token>, Error> {
    let select = "SELECT id, serial, kind, algorithm, digits, period, seed, last FROM token WHERE account = $1 AND state = 'active'";
    let rows = sqlx::query(select).bind(account).fetch_all(&mut **write).await?;
    rows.iter().map(|row| Token::from_row(row, keys)).collect()
}

/// Spends a TAN. `false` if it, or a later one of the token, was spent already, or the token is active no longer.
///
/// # Errors
/// [`Error::Database`].
async fn spend(write: &mut Write, found: Match) -> Result<bool, Error> {
    let update = "UPDATE token SET last = $2 WHERE id = $1 AND last < $2 AND state = 'active'";
    let done = sqlx::query(update).bind(found.token).bind(found.factor).execute(&mut **write).await?;
    Ok(done.rows_affected() == 1)
}

/// Spends a TAN with every token that shows it, so that none of them opens anything with it later. `false` if there is none, or one was spent already.
///
/// # Errors
/// [`Error::Database`].
pub async fn spend_all(write: &mut Write, found: &[Match]) -> Result<bool, Error> {
    let mut fresh = !found.is_empty();
    for found in found {
        fresh &= spend(write, *found).await?;
    }
    Ok(fresh)
}

/// A token that is being given out.
pub struct NewToken {
    /// Serial number, as printed on it.
    pub serial: String,
    /// By what its TANs follow each other.
    pub kind: Kind,
    /// Its hash function.
    pub hash: Hash,
    /// 6 to 8.
    pub digits: u8,
    /// Seconds of a step; TOTP only.
    pub period: u32,
    /// At least 16 bytes (RFC 4226 §4, R6).
    pub seed: Zeroizing<Vec<u8>>,
}

/// Gives a token to an account.
///
/// # Errors
/// [`Error::Taken`] if the serial number is known, [`Error::Value`] for a short seed, [`Error::Seal`], [`Error::Database`].
pub async fn add(write: &mut Write, keys: &Keys, account: i64, token: &NewToken, now: i64) -> Result<(), Error> {
    if token.seed.len() < 16 {
        return Err(Error::Value { field: "seed", reason: "must have at least 16 bytes".into() });
    }
    let known = sqlx::query("SELECT 1 FROM token WHERE serial = $1").bind(&token.serial);
    if known.fetch_optional(&mut **write).await?.is_some() {
        return Err(Error::Taken(format!("a token {}", token.serial)));
    }
    let insert = "INSERT INTO token (account, serial, kind, algorithm, digits, period, seed, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    sqlx::query(insert)
        .bind(account)
        .bind(&token.serial)
        .bind(token.kind.name())
        .bind(token.hash.name())
        .bind(i64::from(token.digits))
        .bind(i64::from(token.period.max(1)))
        .bind(keys.seal(&place(&token.serial), &token.seed)?)
        .bind(now)
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Marks a token as lost; its account. From now on it opens nothing.
///
/// # Errors
/// [`Error::Unknown`], [`Error::Database`].
pub async fn lose(write: &mut Write, serial: &str) -> Result<i64, Error> {
    let update = "UPDATE token SET state = 'lost' WHERE serial = $1 RETURNING account";
    let row = sqlx::query(update).bind(serial).fetch_optional(&mut **write).await?;
    Ok(row.ok_or_else(|| Error::Unknown(format!("token {serial}")))?.try_get(0)?)
}

/// A sealed seed cannot be moved to another token.
fn place(serial: &str) -> String {
    format!("token {serial}")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn token(kind: Kind, hash: Hash, digits: u8, seed: &[u8], last: i64) -> Token {
        Token { id: Some(1), kind, hash, digits, period: 30, seed: Zeroizing::new(seed.to_vec()), last }
    }

    fn factor(found: Option<Match>) -> Option<i64> {
        found.map(|m| m.factor)
    }

    #[test]
    fn hotp_equals_rfc_4226_appendix_d() {
        let tans = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (counter, tan) in (0..).zip(tans) {
            let hotp = token(Kind::Hotp, Hash::Sha1, 6, b"12345678901234567890", counter - 1);
            assert_eq!(factor(hotp.find(tan, 0)), Some(counter), "{tan}");
        }
    }

    #[test]
    fn totp_equals_rfc_6238_appendix_b() {
        let seeds: [(Hash, &[u8]); 3] = [
            (Hash::Sha1, b"12345678901234567890"),
            (Hash::Sha256, b"12345678901234567890123456789012"),
            (Hash::Sha512, b"1234567890123456789012345678901234567890123456789012345678901234"),
        ];
        let rows = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        for (time, tans) in rows {
            for ((hash, seed), tan) in seeds.iter().zip(tans) {
                assert_eq!(
                    factor(token(Kind::Totp, *hash, 8, seed, -1).find(tan, time)),
                    Some(time / 30),
                    "{hash:?} {time}"
                );
            }
        }
    }

    #[test]
    fn totp_takes_one_step_to_either_side_and_no_second() {
        let seed = b"12345678901234567890";
        let totp = token(Kind::Totp, Hash::Sha1, 6, seed, -1);
        let tan = oathtool(&["--totp", "--now", "2026-11-24 12:00:00 UTC", "3132333435363738393031323334353637383930"]);
        let at = 1_795_521_600;
        for (shift, fits) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            assert_eq!(totp.find(&tan, at + shift).is_some(), fits, "{shift}");
        }
        let spent = token(Kind::Totp, Hash::Sha1, 6, seed, at / 30);
        assert_eq!(spent.find(&tan, at), None, "spent is spent, also within its own step");
    }

    #[test]
    fn hotp_looks_ten_ahead_and_never_back() {
        let seed = b"12345678901234567890";
        let tans: Vec<String> =
            oathtool(&["--hotp", "-c", "0", "-w", "30", "3132333435363738393031323334353637383930"])
                .lines()
                .map(String::from)
                .collect();
        let hotp = token(Kind::Hotp, Hash::Sha1, 6, seed, 9);
        for (counter, tan) in (0..).zip(&tans) {
            let expected = (10..20).contains(&counter).then_some(counter);
            assert_eq!(factor(hotp.find(tan, 0)), expected, "counter {counter}");
        }
    }

    #[test]
    fn eight_digits_and_sha256_agree_with_oathtool() {
        let line = [
            "--totp=sha256",
            "--digits=8",
            "--now",
            "2026-11-24 12:00:00 UTC",
            "3132333435363738393031323334353637383930",
        ];
        let totp = token(Kind::Totp, Hash::Sha256, 8, b"12345678901234567890", -1);
        assert!(totp.find(&oathtool(&line), 1_795_521_600).is_some());
    }

    #[test]
    fn only_its_own_number_of_digits_is_a_tan() {
        let hotp = token(Kind::Hotp, Hash::Sha1, 6, b"12345678901234567890", -1);
        for tan in ["", "75522", "0755224", "+55224", "755224 ", "٧٥٥٢٢٤"] {
            assert_eq!(hotp.find(tan, 0), None, "{tan}");
        }
    }

    #[test]
    fn the_dummy_fits_nothing_and_debug_tells_nothing() {
        let dummy = Token::dummy();
        let tan = oathtool(&["--hotp", "-c", "0", &"00".repeat(20)]);
        assert_eq!(dummy.find(&tan, 0), None);
        assert_eq!(format!("{dummy:?}"), "Token(Hotp)");
    }

    fn oathtool(arguments: &[&str]) -> String {
        let output = Command::new("oathtool").args(arguments).output().expect("oathtool is installed by ./dev setup");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}
