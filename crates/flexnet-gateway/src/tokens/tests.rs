//! The generators against the RFCs' own tables, against oathtool at random, and as devices that are pressed too often and whose clocks drift.
//! `KV_TANS` and `KV_SEED` choose how many random TANs and which (`./dev soak tans`).

use std::{env, process::Command, str::FromStr};

use data_encoding::HEXLOWER;
use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;

const SEED: &[u8; 20] = b"12345678901234567890";
/// 2026-11-24 12:00:00 UTC.
const NOON: i64 = 1_795_521_600;

fn token(kind: Kind, hash: Hash, digits: u8, seed: &[u8], last: i64) -> Token {
    let seed = Zeroizing::new(seed.to_vec());
    Token { id: Some(1), kind, hash, digits, period: 30, seed, last, drift: 0 }
}

fn factor(found: Option<Match>) -> Option<i64> {
    found.map(|m| m.factor)
}

#[test]
fn hotp_equals_rfc_4226_appendix_d() {
    let tans = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
    for (counter, tan) in (0..).zip(tans) {
        let hotp = token(Kind::Hotp, Hash::Sha1, 6, SEED, counter - 1);
        assert_eq!(factor(hotp.find(tan, 0)), Some(counter), "{tan}");
    }
}

#[test]
fn totp_equals_rfc_6238_appendix_b() {
    let seeds: [(Hash, &[u8]); 3] = [
        (Hash::Sha1, SEED),
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
            let totp = token(Kind::Totp, *hash, 8, seed, -1);
            assert_eq!(factor(totp.find(tan, time)), Some(time / 30), "{hash:?} {time}");
        }
    }
}

#[test]
fn totp_takes_one_step_to_either_side_and_no_second() {
    let totp = token(Kind::Totp, Hash::Sha1, 6, SEED, -1);
    let tan = shown(&totp, NOON / 30);
    for (shift, fits) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
        assert_eq!(totp.find(&tan, NOON + shift).is_some(), fits, "{shift}");
    }
    let spent = token(Kind::Totp, Hash::Sha1, 6, SEED, NOON / 30);
    assert_eq!(spent.find(&tan, NOON), None, "spent is spent, also within its own step");
}

#[test]
fn totp_looks_where_its_clock_is_known_to_stand() {
    let totp = Token { drift: -4, ..token(Kind::Totp, Hash::Sha256, 8, SEED, -1) };
    for off in -8..=8 {
        let found = totp.find(&shown(&totp, NOON / 30 + off), NOON);
        let expected = (-5..=-3).contains(&off).then_some(Match { token: 1, factor: NOON / 30 + off, drift: off });
        assert_eq!(found, expected, "{off}");
    }
}

#[test]
fn hotp_looks_ten_ahead_and_never_back() {
    let hotp = token(Kind::Hotp, Hash::Sha1, 6, SEED, 9);
    for counter in 0..30 {
        let expected = (10..20).contains(&counter).then_some(counter);
        assert_eq!(factor(hotp.find(&shown(&hotp, counter), 0)), expected, "counter {counter}");
    }
}

#[test]
fn two_tans_in_a_row_are_found_a_hundred_presses_ahead() {
    let hotp = token(Kind::Hotp, Hash::Sha1, 6, SEED, 9);
    let pair = |first, second| factor(hotp.find_pair(&shown(&hotp, first), &shown(&hotp, second), 0));
    for first in 0..130 {
        assert_eq!(pair(first, first + 1), (10..110).contains(&first).then_some(first + 1), "counter {first}");
    }
    assert_eq!(pair(50, 52), None, "one left out");
    assert_eq!(pair(51, 50), None, "the other way round");
    assert_eq!(pair(50, 50), None, "one TAN twice");
}

#[test]
fn two_tans_in_a_row_tell_a_clock_that_is_far_off() {
    let totp = Token { drift: 7, ..token(Kind::Totp, Hash::Sha1, 6, SEED, NOON / 30 - 20) };
    for off in -130..=130 {
        let step = NOON / 30 + off;
        let found = totp.find_pair(&shown(&totp, step), &shown(&totp, step + 1), NOON);
        // Not so far back as what is spent.
        let expected = (-19..=99).contains(&off).then_some(Match { token: 1, factor: step + 1, drift: off + 1 });
        assert_eq!(found, expected, "{off}");
    }
}

#[test]
fn only_its_own_number_of_digits_is_a_tan() {
    let hotp = token(Kind::Hotp, Hash::Sha1, 6, SEED, -1);
    for tan in ["", "75522", "0755224", "+55224", "755224 ", "٧٥٥٢٢٤"] {
        assert_eq!(hotp.find(tan, 0), None, "{tan}");
    }
}

#[test]
fn the_dummy_fits_nothing_and_debug_tells_nothing() {
    let dummy = Token::dummy();
    let tans = [shown(&dummy, 0), shown(&dummy, 1)];
    assert_eq!(dummy.find(&tans[0], 0), None);
    assert_eq!(dummy.find_pair(&tans[0], &tans[1], 0), None);
    assert_eq!(format!("{dummy:?}"), "Token(Hotp)");
}

/// What the gateway keeps of a token, and what becomes of it, without a database.
fn accept(token: &mut Token, found: Match) {
    assert!(found.factor > token.last, "a spent one is accepted");
    (token.last, token.drift) = (found.factor, found.drift);
}

proptest! {
    // Hundreds of TANs are computed for each pair that is looked for.
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However a clock creeps, as long as no more than a step between two sign-ins: its TANs are taken, each once.
    #[test]
    fn a_creeping_clock_is_followed(creep in prop::collection::vec(-1_i64..=1, 1..80), seed: [u8; 20]) {
        let mut totp = token(Kind::Totp, Hash::Sha1, 8, &seed, -1);
        let (mut now, mut off) = (NOON, 0);
        for by in creep {
            now += 3600;
            off += by;
            let tan = shown(&totp, now / 30 + off);
            let found = totp.find(&tan, now);
            prop_assert_eq!(factor(found), Some(now / 30 + off));
            accept(&mut totp, found.unwrap());
            prop_assert_eq!(totp.find(&tan, now), None);
        }
    }

    /// Whatever is typed and whenever: no step or counter is accepted twice, or after a later one, and no drift leaves its bounds.
    #[test]
    fn nothing_spent_comes_back(
        hotp: bool,
        acts in prop::collection::vec((-300_i64..=300, 0_i64..4000, any::<bool>()), 1..40),
    ) {
        let kind = if hotp { Kind::Hotp } else { Kind::Totp };
        let mut token = token(kind, Hash::Sha1, 6, SEED, -1);
        let mut now = NOON;
        let mut accepted = Vec::new();
        for (off, wait, pair) in acts {
            now += wait - 2000;
            let around = if hotp { token.last } else { now / 30 };
            let at = (around + off).max(0);
            let (first, second) = (shown(&token, at), shown(&token, at + 1));
            let found = if pair { token.find_pair(&first, &second, now) } else { token.find(&first, now) };
            if let Some(found) = found {
                accept(&mut token, found);
                accepted.push(found.factor);
            }
            prop_assert!(token.drift.abs() <= generator::MAX_DRIFT);
        }
        prop_assert!(accepted.windows(2).all(|two| two[0] < two[1]));
    }

    /// A token that one TAN does not bring in is brought in by two, and works from there on.
    #[test]
    fn two_tans_bring_back_what_one_does_not(hotp: bool, off in 12_i64..99, behind: bool, seed: [u8; 20]) {
        let kind = if hotp { Kind::Hotp } else { Kind::Totp };
        let mut token = token(kind, Hash::Sha1, 8, &seed, if hotp { 41 } else { -1 });
        let at = if hotp { 41 + off } else { NOON / 30 + if behind { -off } else { off } };
        prop_assert_eq!(token.find(&shown(&token, at), NOON), None);
        let found = token.find_pair(&shown(&token, at), &shown(&token, at + 1), NOON);
        prop_assert_eq!(factor(found), Some(at + 1));
        accept(&mut token, found.unwrap());
        let next = token.find(&shown(&token, at + 2), NOON + 30);
        prop_assert_eq!(factor(next), Some(at + 2));
    }
}

/// TANs of one random token that are compared with one call of oathtool.
const BATCH: u64 = 20;

#[test]
fn random_tans_agree_with_oathtool() {
    let (count, seed) = (asked_for("KV_TANS", 2_000), asked_for("KV_SEED", 1));
    println!("KV_SEED={seed} KV_TANS={count}");
    let mut chance = Chance(seed);
    let mut compared = 0;
    while compared < count {
        compared += compare(&mut chance);
    }
    println!("{compared} TANs agree with oathtool");
}

/// One random token, from a random step or counter on.
fn compare(chance: &mut Chance) -> u64 {
    let kind = [Kind::Hotp, Kind::Totp][chance.below(2)];
    let hash = [Hash::Sha1, Hash::Sha256, Hash::Sha512][chance.below(3)];
    let digits = [6, 7, 8][chance.below(3)];
    let seed: Vec<u8> = (0..16 + chance.below(49)).map(|_| chance.next().to_be_bytes()[0]).collect();
    let period = if kind == Kind::Totp { 1 + chance.below(600) as i64 } else { 30 };
    // Up to the year 2242; and counters of all sizes.
    let time = (chance.next() >> 31 >> chance.below(33)) as i64;
    let from = if kind == Kind::Totp { time / period } else { time };
    let mut token = Token { period, ..token(kind, hash, digits, &seed, -1) };
    let tans = oathtool(&token, from, BATCH);
    for (at, tan) in (from..).zip(&tans) {
        token.last = at - 1;
        let found = token.find(tan, at * period);
        let of = format!("{kind:?} {hash:?} {digits} {} at {at}, period {period}", HEXLOWER.encode(&seed));
        assert_eq!(found, Some(Match { token: 1, factor: at, drift: 0 }), "{of}");
    }
    BATCH
}

/// The TAN of one step or counter.
fn shown(token: &Token, factor: i64) -> String {
    let generator = token.generator().unwrap();
    generator.generate(u64::try_from(factor).unwrap()).to_string()
}

/// The TANs of so many steps or counters.
fn oathtool(token: &Token, from: i64, count: u64) -> Vec<String> {
    // Its --hotp knows SHA-1 only; a clock with steps of a second counts like a button.
    let mode = match (token.kind, token.hash) {
        (Kind::Hotp, Hash::Sha1) => vec!["--hotp".into(), format!("--counter={from}")],
        (Kind::Hotp, hash) => {
            vec![format!("--totp={}", hash.name()), "--time-step-size=1s".into(), format!("--now=@{from}")]
        }
        (Kind::Totp, hash) => vec![
            format!("--totp={}", hash.name()),
            format!("--time-step-size={}s", token.period),
            format!("--now=@{}", from * token.period),
        ],
    };
    let output = Command::new("oathtool")
        .args(mode)
        .args([format!("--digits={}", token.digits), format!("--window={}", count - 1)])
        .arg(HEXLOWER.encode(&token.seed))
        .output()
        .expect("oathtool is installed by ./dev setup");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(String::from).collect()
}

fn asked_for(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().map_or(otherwise, |text| u64::from_str(&text).unwrap())
}

/// SplitMix64: the same numbers for the same seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> usize {
        usize::try_from(self.next() % bound).unwrap()
    }
}
