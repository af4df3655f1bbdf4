//! CSV. The first line names the columns, in any order; separated by commas or semicolons; UTF-8.
//!
//! | column | what |
//! |---|---|
//! | `serial` | as printed on the device |
//! | `kind` | `hotp` or `totp` |
//! | `seed_hex`, `seed_base32` or `seed_base64` | one of them |
//! | `algorithm` | `sha1` (if absent), `sha256`, `sha512` |
//! | `digits` | 6 (if absent) to 8 |
//! | `period` | TOTP: seconds of a step, 30 if absent |
//! | `counter` | HOTP: counter of the next TAN, 0 if absent |
//! | `drift` | TOTP: steps by which the clock is ahead, 0 if absent |

use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord, Trim};
use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use super::{Error, Provisioned, hash};
use crate::tokens::Hash;

const COLUMNS: [&str; 10] =
    ["serial", "kind", "seed_hex", "seed_base32", "seed_base64", "algorithm", "digits", "period", "counter", "drift"];

/// Reads the tokens, each with its line.
///
/// # Errors
/// [`Error`] with the line.
pub fn read(text: &str) -> Result<Vec<(u32, Provisioned)>, Error> {
    let header = text.lines().next().unwrap_or_default();
    let separator = if header.contains(';') { b';' } else { b',' };
    let mut reader = ReaderBuilder::new().delimiter(separator).trim(Trim::All).from_reader(text.as_bytes());
    let columns = Columns::of(reader.headers().map_err(|error| broken(&error))?)?;
    let mut tokens = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let token = Line { columns: &columns, record: &record, line }.token()?;
        tokens.push((line, token.checked(line)?));
    }
    Ok(tokens)
}

/// Which column stands where.
struct Columns(Vec<(String, usize)>);

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, Error> {
        let bad = |what: String| Err(Error::At { line: 1, what });
        let names: Vec<_> = header.iter().map(str::to_ascii_lowercase).zip(0..).collect();
        if let Some((name, _)) = names.iter().find(|(name, _)| !COLUMNS.contains(&name.as_str())) {
            // A file without a header begins with a token: nothing of it is repeated.
            let known = COLUMNS.join(", ");
            let shown = if name.chars().all(|c| c.is_ascii_alphabetic() || c == '_') { name } else { "(no word)" };
            return bad(format!("the first line must name the columns; {shown} is none of {known}"));
        }
        if let Some((name, _)) = names.iter().find(|(name, at)| names.iter().any(|(n, a)| n == name && a != at)) {
            return bad(format!("the column {name} comes twice"));
        }
        let seeds = names.iter().filter(|(name, _)| name.starts_with("seed_")).count();
        if seeds != 1 || !["serial", "kind"].iter().all(|need| names.iter().any(|(name, _)| name == need)) {
            return bad("the columns serial, kind and one of seed_hex, seed_base32, seed_base64 are needed".into());
        }
        Ok(Self(names))
    }
}

struct Line<'a> {
    columns: &'a Columns,
    record: &'a StringRecord,
    line: u32,
}

impl Line<'_> {
    fn token(&self) -> Result<Provisioned, Error> {
        Ok(Provisioned {
            serial: self.field("serial").unwrap_or_default().to_owned(),
            kind: self
                .field("kind")
                .unwrap_or_default()
                .to_ascii_lowercase()
                .parse()
                .map_err(|_| self.bad("kind must be hotp or totp"))?,
            hash: match self.field("algorithm") {
                None => Hash::Sha1,
                Some(name) => hash(name).ok_or_else(|| self.bad("algorithm must be sha1, sha256 or sha512"))?,
            },
            digits: self.number("digits", 6)?,
            period: self.number("period", 30)?,
            seed: self.seed()?,
            counter: self.number("counter", 0)?,
            drift: self.number("drift", 0)?,
        })
    }

    fn seed(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let compact = |text: &str| Zeroizing::new(text.replace([' ', '-'], ""));
        let seed = if let Some(hex) = self.field("seed_hex") {
            HEXLOWER_PERMISSIVE.decode(compact(hex).as_bytes())
        } else if let Some(base32) = self.field("seed_base32") {
            let upper = Zeroizing::new(compact(base32).to_ascii_uppercase());
            BASE32_NOPAD.decode(upper.trim_end_matches('=').as_bytes())
        } else {
            BASE64.decode(self.field("seed_base64").unwrap_or_default().as_bytes())
        };
        seed.map(Zeroizing::new).map_err(|_| self.bad("the seed is not written as its column says"))
    }

    fn number<T: FromStr>(&self, name: &str, absent: T) -> Result<T, Error> {
        let Some(field) = self.field(name) else { return Ok(absent) };
        field.parse().map_err(|_| self.bad(&format!("{name} must be a number")))
    }

    /// Nothing for an absent column and for an empty field.
    fn field(&self, name: &str) -> Option<&str> {
        let (_, at) = self.columns.0.iter().find(|(column, _)| column == name)?;
        self.record.get(*at).filter(|field| !field.is_empty())
    }

    fn bad(&self, what: &str) -> Error {
        Error::At { line: self.line, what: what.to_owned() }
    }
}

fn broken(error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    let what = if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
        format!("has {len} fields; the first line names {expected_len}")
    } else {
        "is no CSV".into()
    };
    Error::At { line: u32::try_from(line).unwrap_or(u32::MAX), what }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};
    use crate::tokens::Kind;

    const SEED: &str = "3132333435363738393031323334353637383930";

    #[test]
    fn columns_come_in_any_order_and_have_defaults() {
        let file = format!("kind;SERIAL;seed_hex\nhotp;A1;{SEED}\nTOTP;A2;{}\n", SEED.to_uppercase());
        let tokens = read(file.as_bytes(), None, 0).unwrap();
        assert_eq!((tokens[0].serial.as_str(), tokens[0].kind, tokens[0].digits), ("A1", Kind::Hotp, 6));
        assert_eq!((tokens[1].kind, tokens[1].period, tokens[1].hash), (Kind::Totp, 30, Hash::Sha1));
        assert_eq!(tokens[0].seed.as_slice(), b"12345678901234567890");
        let file = "\u{feff}serial,kind,seed_base32,algorithm,digits,period,counter,drift\r\n\
                    \"B,1\",totp,gezd gnbv gy3t qojq gezd gnbv gy3t qojq,HMAC-SHA256,8,60,,-2\r\n";
        let token = &read(file.as_bytes(), None, 0).unwrap()[0];
        assert_eq!((token.serial.as_str(), token.hash, token.digits), ("B,1", Hash::Sha256, 8));
        assert_eq!((token.period, token.drift, token.counter), (60, -2, 0));
        assert_eq!(token.seed.as_slice(), b"12345678901234567890");
    }

    #[test]
    fn mistakes_are_told_with_their_line_and_without_the_seed() {
        let head = "serial,kind,seed_hex,digits,counter";
        let files = [
            (format!("{head}\nA,hotp,{SEED},6,0\nB,hotp,{SEED},9,0"), 3, "6 to 8 digits"),
            (format!("{head}\nA,motp,{SEED},6,0"), 2, "kind"),
            (format!("{head}\nA,hotp,{SEED}0,6,0"), 2, "the seed is not written"),
            (format!("{head}\nA,hotp,{},6,0", &SEED[..30]), 2, "15 bytes"),
            (format!("{head}\nA,hotp,{SEED},6,-1"), 2, "counter"),
            (format!("{head}\nA,hotp,{SEED},6,x"), 2, "counter must be a number"),
            (format!("{head}\nA,hotp,{SEED},6"), 2, "has 4 fields"),
            (format!("{head}\n,hotp,{SEED},6,0"), 2, "serial number must"),
            (format!("{head}\nA,hotp,,6,0"), 2, "0 bytes"),
            (format!("A,hotp,{SEED},6,0\n"), 1, "must name the columns"),
            (format!("serial,kind,seed_hex,seed_hex\nA,hotp,{SEED},{SEED}"), 1, "twice"),
            ("serial,kind\nA,hotp\n".to_owned(), 1, "are needed"),
        ];
        for (file, line, what) in files {
            let error = read(file.as_bytes(), None, 0).unwrap_err();
            let told = error.to_string();
            assert!(told.starts_with(&format!("line {line}: ")) && told.contains(what), "{file}\n{told}");
            assert!(!told.contains(&SEED[..20]), "{told}");
        }
    }

    #[test]
    fn a_serial_number_that_comes_twice_is_named() {
        let file = format!("serial,kind,seed_hex\nA,hotp,{SEED}\nB,hotp,{SEED}\nA,totp,{SEED}\n");
        let error = read(file.as_bytes(), None, 0).unwrap_err();
        assert_eq!(error, Error::Twice { line: 4, first: 2, serial: "A".into() });
    }
}
