//! Every condition of the statements that decide is left out once, and somebody must notice: a condition that nobody misses keeps no promise.

use super::*;
use crate::{
    attempts::{self, Attempt, Outcome},
    db::{CHANGED, Write},
    sessions,
    tokens::{self, Learn, Owner},
};

/// Statement by statement. What is no condition, and decides all the same, is in [`WORDS`].
const STATEMENTS: [&str; 15] = [
    guard::RESERVE,
    guard::SUCCEED,
    guard::GIVE_BACK,
    guard::FAIL,
    guard::LOCK,
    guard::UNLOCK,
    guard::FORGET,
    guard::NO_FAILURES,
    guard::HOLD_OPEN,
    guard::LOCK_NOW,
    tokens::SPEND,
    tokens::SPEND_AND_LEARN,
    attempts::END,
    accounts::SIGNED_IN,
    accounts::UNCHANGED,
];

/// Words that are replaced by others.
const WORDS: [(&str, &str, &str); 8] = [
    (guard::RESERVE, "< 5", "< 6"),
    (guard::RESERVE, "< 5", "< 4"),
    (guard::SUCCEED, "CASE WHEN ok_seq < $2 THEN $2 ELSE ok_seq END", "$2"),
    (guard::LOCK, ">= 5", ">= 6"),
    (guard::LOCK, ">= 5", ">= 4"),
    (guard::UNLOCK, "locked = 1 OR ", ""),
    (guard::UNLOCK, " OR seq - ok_seq >= 5", ""),
    (tokens::SPEND, "last < $2", "last <= $2"),
];

/// A statement with one thing changed.
#[derive(Debug, Clone)]
struct Mutant {
    statement: &'static str,
    changed: String,
    what: String,
}

fn mutants() -> Vec<Mutant> {
    let mut mutants: Vec<_> = STATEMENTS.into_iter().chain([sessions::USED]).flat_map(without_conditions).collect();
    for (statement, from, to) in WORDS {
        assert!(statement.contains(from), "{statement}");
        mutants.push(Mutant { statement, changed: statement.replace(from, to), what: format!("`{from}` is `{to}`") });
    }
    mutants
}

/// One for each condition behind WHERE, which is always true instead. Its parameters stay.
fn without_conditions(statement: &'static str) -> Vec<Mutant> {
    let start = statement.rfind("WHERE ").unwrap() + "WHERE ".len();
    let end = statement.find(" RETURNING").unwrap_or(statement.len());
    let conditions: Vec<&str> = statement[start..end].split(" AND ").collect();
    let without = |number: usize| {
        let changed = conditions.iter().enumerate().map(|(n, condition)| match n == number {
            true => format!("({condition} OR 1 = 1)"),
            false => (*condition).to_owned(),
        });
        let changed = changed.collect::<Vec<_>>().join(" AND ");
        let changed = format!("{}{changed}{}", &statement[..start], &statement[end..]);
        Mutant { statement, changed, what: format!("without `{}`", conditions[number]) }
    };
    (0..conditions.len()).map(without).collect()
}

/// The first promise that is not kept.
type Kept = Result<(), String>;

macro_rules! must {
    ($is:expr) => {
        if !$is {
            return Err(format!("line {}: {}", line!(), stringify!($is)));
        }
    };
}

const KEY: [u8; 32] = [3; 32];
const OTHER: [u8; 32] = [4; 32];

/// What a guard row holds.
async fn row(write: &mut Write, key: &[u8; 32]) -> (i64, i64, i64, i64) {
    let select = "SELECT seq, ok_seq, locked, failures FROM guard WHERE key = $1";
    sqlx::query_as(select).bind(key.as_slice()).fetch_one(&mut **write).await.unwrap()
}

async fn set(write: &mut Write, key: &[u8; 32], values: (i64, i64, i64, i64)) {
    let insert = "INSERT INTO guard (key, seq, ok_seq, locked, failures) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) \
                  DO UPDATE SET seq = excluded.seq, ok_seq = excluded.ok_seq, locked = excluded.locked, failures = excluded.failures";
    let (seq, ok_seq, locked, failures) = values;
    let query = sqlx::query(insert).bind(key.as_slice()).bind(seq).bind(ok_seq).bind(locked).bind(failures);
    query.execute(&mut **write).await.unwrap();
}

/// The guard, in one transaction that is taken back.
async fn guard_keeps(database: &Database) -> Kept {
    let write = &mut database.write().await.unwrap();
    let others = [(9, 5, 0, 2), (9, 5, 1, 2), (9, 4, 0, 2)];
    for other in others {
        set(write, &OTHER, other).await;
        set(write, &KEY, (0, 0, 0, 0)).await;
        for seq in 1..=5 {
            must!(guard::reserve(write, &KEY).await.unwrap() == Some(seq));
        }
        must!(guard::reserve(write, &KEY).await.unwrap().is_none());
        // A success behind which others are out, and one that comes late.
        must!(guard::succeed(write, &KEY, 3).await.unwrap() == Some(0));
        must!(guard::succeed(write, &KEY, 1).await.unwrap() == Some(0));
        must!(row(write, &KEY).await == (5, 3, 0, 0));
        must!(guard::excuse(write, &KEY, 2).await.unwrap());
        must!(row(write, &KEY).await == (5, 3, 0, 0));
        must!(!guard::give_back(write, &KEY, 3).await.unwrap());
        must!(guard::give_back(write, &KEY, 5).await.unwrap());
        must!(row(write, &KEY).await == (5, 4, 0, 0));
        for (seq, left) in [(5, 4), (6, 3), (7, 2), (8, 1)] {
            let failed = guard::fail(write, &KEY, seq).await.unwrap();
            must!((failed.attempts_left, failed.locked, failed.just_locked) == (left, false, false));
        }
        must!(row(write, &KEY).await == (5, 4, 0, 4));
        must!(guard::hold_open(write, &KEY).await.unwrap());
        set(write, &KEY, (9, 4, 0, 4)).await;
        let failed = guard::fail(write, &KEY, 9).await.unwrap();
        must!((failed.attempts_left, failed.locked, failed.just_locked) == (0, true, true));
        let failed = guard::fail(write, &KEY, 9).await.unwrap();
        must!((failed.locked, failed.just_locked) == (true, false));
        // Locked: nothing but the desk opens it.
        set(write, &KEY, (9, 7, 1, 6)).await;
        must!(guard::reserve(write, &KEY).await.unwrap().is_none());
        must!(guard::succeed(write, &KEY, 9).await.unwrap().is_none());
        must!(!guard::excuse(write, &KEY, 9).await.unwrap());
        must!(!guard::give_back(write, &KEY, 9).await.unwrap());
        must!(!guard::hold_open(write, &KEY).await.unwrap());
        must!(!guard::lock(write, &KEY).await.unwrap());
        must!(row(write, &KEY).await == (9, 7, 1, 6));
        must!(guard::unlock(write, &KEY).await.unwrap());
        must!(row(write, &KEY).await == (9, 9, 0, 6));
        must!(guard::succeed(write, &KEY, 9).await.unwrap() == Some(6));
        must!(row(write, &KEY).await == (9, 9, 0, 0));
        // Five that never ended are as good as a lock, four are not.
        set(write, &KEY, (9, 4, 0, 0)).await;
        must!(guard::unlock(write, &KEY).await.unwrap());
        set(write, &KEY, (9, 5, 0, 0)).await;
        must!(!guard::unlock(write, &KEY).await.unwrap());
        must!(row(write, &KEY).await == (9, 9, 0, 0));
        must!(guard::lock(write, &KEY).await.unwrap());
        must!(row(write, &KEY).await == (9, 9, 1, 0));
        must!(row(write, &OTHER).await == other);
    }
    Ok(())
}

/// TANs, outcomes, accounts and sessions, each beside another that must not change.
async fn rest_keeps(stage: &Ground) -> Kept {
    let keys = &stage.keys;
    for learn in [Learn::Nothing, Learn::Drift] {
        let write = &mut stage.database.write().await.unwrap();
        let (one, other) = (usable(write, keys, 1).await, usable(write, keys, 2).await);
        let found = [one.find(&stage.tans[5], 0).unwrap()];
        must!(tokens::spend_all(write, &found, learn).await.unwrap());
        must!(!tokens::spend_all(write, &found, learn).await.unwrap());
        let earlier = [one.find(&stage.tans[2], 0).unwrap()];
        must!(!tokens::spend_all(write, &earlier, learn).await.unwrap());
        must!(usable(write, keys, 2).await.find(&stage.others[0], 0) == other.find(&stage.others[0], 0));
        let later = [one.find(&stage.tans[7], 0).unwrap()];
        tokens::lose(write, "T-m.eins").await.unwrap();
        must!(!tokens::spend_all(write, &later, learn).await.unwrap());
    }
    let write = &mut stage.database.write().await.unwrap();
    for number in [1, 2] {
        attempts::note(write, "gw", &attempt(number), Some(1), 0).await.unwrap();
    }
    let end =
        async |write: &mut Write, number, outcome| attempts::end(write, keys, &attempt(number).id, &outcome).await;
    must!(end(write, 1, Outcome::Locked).await.is_ok());
    must!(end(write, 1, Outcome::Refused { attempts_left: 3 }).await.is_err());
    let known = attempts::known(&mut **write, keys, &attempt(2)).await.unwrap();
    must!(matches!(known, attempts::Known::Open));
    let account = accounts::named(write, "m.eins").await.unwrap();
    let second = accounts::named(write, "n.zwei").await.unwrap();
    // Nothing but the id tells them apart.
    accounts::set_password(write, second.id, &account.password).await.unwrap();
    must!(accounts::signed_in(write, &account, 7, "192.0.2.0/24").await.unwrap());
    must!(accounts::named(write, "n.zwei").await.unwrap().last_sign_in.is_none());
    must!(accounts::hold_unchanged(write, &account).await.unwrap());
    accounts::set_password(write, account.id, "another").await.unwrap();
    must!(!accounts::signed_in(write, &account, 8, "192.0.2.0/24").await.unwrap());
    must!(!accounts::hold_unchanged(write, &account).await.unwrap());
    accounts::set_password(write, account.id, &account.password).await.unwrap();
    accounts::set_active(write, second.id, false).await.unwrap();
    must!(accounts::hold_unchanged(write, &account).await.unwrap());
    must!(!accounts::named(write, "n.zwei").await.unwrap().active);
    accounts::set_active(write, account.id, false).await.unwrap();
    must!(!accounts::signed_in(write, &account, 8, "192.0.2.0/24").await.unwrap());
    must!(!accounts::hold_unchanged(write, &account).await.unwrap());
    for (id, account, ended) in [(1, 1, None), (2, 2, None), (3, 1, Some(4))] {
        session(write, id, account, ended).await;
    }
    must!(sessions::used(write, 1, 20).await.unwrap());
    must!(!sessions::used(write, 1, 20).await.unwrap());
    must!(!sessions::used(write, 1, 15).await.unwrap());
    must!(!sessions::used(write, 3, 20).await.unwrap());
    let used: Vec<i64> =
        sqlx::query_scalar("SELECT last_active FROM session ORDER BY id").fetch_all(&mut **write).await.unwrap();
    must!(used == [20, 10, 10]);
    Ok(())
}

/// A database with two members.
struct Ground {
    _dir: tempfile::TempDir,
    _fresh: Option<postgres::Fresh>,
    database: Database,
    keys: Keys,
    tans: Vec<String>,
    others: Vec<String>,
}

impl Ground {
    async fn new(store: Store) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secrets.key");
        Keys::create(&file).unwrap();
        let keys = Keys::load(&file).unwrap();
        let (database, fresh) = match store {
            Store::Sqlite => (Database::create(&dir.path().join("db")).await.unwrap(), None),
            Store::Postgres => {
                let fresh = postgres().await;
                (Database::open(&fresh.place).await.unwrap(), Some(fresh))
            }
        };
        let one = add_member(&database, &keys, "m.eins", 0).await;
        let two = add_member(&database, &keys, "n.zwei", 0).await;
        let (tans, others) = (one.tans(0, 10), two.tans(0, 1));
        Self { _dir: dir, _fresh: fresh, database, keys, tans, others }
    }

    async fn keeps(&self) -> Kept {
        guard_keeps(&self.database).await?;
        rest_keeps(self).await
    }
}

async fn usable(write: &mut Write, keys: &Keys, account: i64) -> tokens::Token {
    tokens::usable(write, keys, Owner::Account(account)).await.unwrap().remove(0)
}

fn attempt(number: u8) -> Attempt {
    let id = serde_json::from_value(json!(BASE64URL_NOPAD.encode(&[number; 16]))).unwrap();
    Attempt { id, body: [number; 32], guard: KEY }
}

async fn session(write: &mut Write, id: i64, account: i64, ended: Option<i64>) {
    let insert = "INSERT INTO session (name, account, token_hash, public_key, preshared_key, addresses, network, gateway, started, last_active, \
                  absolute_end, failures_before, ended, end_reason) VALUES ($1, $2, $3, $3, $3, '', '', '', 0, 10, 99, 0, $4, $5)";
    let (name, hash) = (format!("s{id}"), vec![u8::try_from(id).unwrap(); 32]);
    let query = sqlx::query(insert).bind(name).bind(account).bind(hash).bind(ended).bind(ended.map(|_| "desk"));
    query.execute(&mut **write).await.unwrap();
}

#[tokio::test]
async fn without_any_one_condition_a_promise_is_broken() {
    let ground = Ground::new(Store::Sqlite).await;
    ground.keeps().await.unwrap();
    let mut unnoticed = Vec::new();
    for mutant in mutants() {
        CHANGED.set(Some((mutant.statement, mutant.changed.clone())));
        if ground.keeps().await.is_ok() {
            unnoticed.push(format!("{}\n  {}", mutant.statement, mutant.what));
        }
        CHANGED.set(None);
        ground.keeps().await.unwrap();
    }
    assert!(unnoticed.is_empty(), "nobody notices:\n{}", unnoticed.join("\n"));
}

#[tokio::test]
async fn postgresql_keeps_the_same_promises() {
    Ground::new(Store::Postgres).await.keeps().await.unwrap();
}
