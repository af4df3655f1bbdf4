//! Every condition of the statements that decide is left out once, and moved by one where it compares, and somebody must notice: a condition that nobody
//! misses keeps no promise. A statement is one of them if it is run through `db::exact`; that each has a scenario is a test as well.

mod account;
mod lockout;
mod report;
mod restore;
mod session;
mod ticket;
mod token;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::ensure;

use super::*;
use crate::{
    db::{CHANGED, RUN, Write},
    error::Error,
    staff::{self, Role},
};

/// The first promise that is not kept.
type Kept = anyhow::Result<()>;

/// A part of the promises, with the statements that keep them.
#[derive(Debug, Clone, Copy)]
enum Scenario {
    Lockout,
    Tokens,
    Sessions,
    HandOff,
    Restore,
    Reports,
    Rest,
}

impl Scenario {
    const ALL: [Self; 7] =
        [Self::Lockout, Self::Tokens, Self::Sessions, Self::HandOff, Self::Restore, Self::Reports, Self::Rest];

    async fn keeps(self, ground: &Ground) -> Kept {
        match self {
            Self::Lockout => lockout::keeps(ground).await,
            Self::Tokens => token::keep(ground).await,
            Self::Sessions => session::keep(ground).await,
            Self::HandOff => ticket::keeps(ground).await,
            Self::Restore => restore::keeps(ground).await,
            Self::Reports => report::keeps(ground).await,
            Self::Rest => account::keep(ground).await,
        }
    }
}

/// What is no condition, and decides all the same: in which statement, what, and what it is replaced by.
const WORDS: [(&str, &str, &str); 3] = [
    ("UPDATE guard", "CASE WHEN ok_seq < $2 THEN $2 ELSE ok_seq END", "$2"),
    ("UPDATE session", "CASE WHEN last_active < $4 THEN $4 ELSE last_active END", "$4"),
    ("UPDATE session", "CASE WHEN last_active < $4 THEN $4 ELSE last_active END", "last_active"),
];

/// What a comparison is moved by.
const MOVES: [(&str, &str); 5] = [(" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "), (" 5", " 4")];

/// All that is made of a statement.
fn mutants(statement: &'static str) -> Vec<String> {
    let start = statement.rfind("WHERE ").unwrap() + "WHERE ".len();
    let end = [" RETURNING", " ORDER BY"].into_iter().filter_map(|word| statement.find(word)).min();
    let end = end.unwrap_or(statement.len());
    let conditions: Vec<&str> = statement[start..end].split(" AND ").collect();
    let mut mutants = Vec::new();
    for (number, condition) in conditions.iter().enumerate() {
        for changed in weaker(condition) {
            let mut conditions = conditions.clone();
            conditions[number] = &changed;
            mutants.push(format!("{}{}{}", &statement[..start], conditions.join(" AND "), &statement[end..]));
        }
    }
    let words = WORDS.into_iter().filter(|(within, from, _)| statement.starts_with(within) && statement.contains(from));
    mutants.extend(words.map(|(_, from, to)| statement.replace(from, to)));
    mutants
}

/// A condition left out (its parameters stay), moved by one, without one of its alternatives.
fn weaker(condition: &str) -> Vec<String> {
    let mut changed = vec![format!("({condition} OR 1 = 1)")];
    changed.extend(
        MOVES.iter().filter(|(from, _)| condition.contains(from)).map(|(from, to)| condition.replace(from, to)),
    );
    if let Some((before, list)) = condition.split_once(" IN (") {
        let list: Vec<&str> = list.trim_end_matches(')').split(", ").collect();
        let without = |out: usize| {
            list.iter().enumerate().filter(|(n, _)| *n != out).map(|(_, value)| *value).collect::<Vec<_>>()
        };
        changed.extend((0..list.len()).map(|out| format!("{before} IN ({})", without(out).join(", "))));
    }
    if let Some((one, other)) = condition.trim_matches(['(', ')']).split_once(" OR ") {
        changed.extend([one.to_owned(), other.to_owned()]);
    }
    changed
}

/// A database with members, staff and sessions.
struct Ground {
    _dir: tempfile::TempDir,
    _fresh: Option<postgres::Fresh>,
    database: Database,
    keys: Arc<Keys>,
    /// Of the one member.
    tans: Vec<String>,
    /// Of the other.
    others: Vec<String>,
    clerk: i64,
    boss: i64,
}

impl Ground {
    async fn new(store: Store) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secrets.key");
        Keys::create(&file).unwrap();
        let keys = Arc::new(Keys::load(&file).unwrap());
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
        let mut write = database.write().await.unwrap();
        let mut staff_of = Vec::new();
        for (name, role) in [("c.clerk", Role::Desk), ("b.boss", Role::TokenOfficer)] {
            // Nothing but the id tells them apart.
            staff::add(&mut write, name, "Staff", "hash", role, 0).await.unwrap();
            staff_of.push(staff::named(&mut write, name).await.unwrap().id);
        }
        let (clerk, boss) = (staff_of[0], staff_of[1]);
        let ground = Self { _dir: dir, _fresh: fresh, database, keys, tans, others, clerk, boss };
        session::stand(&mut write, &ground).await.unwrap();
        write.commit().await.unwrap();
        ground
    }
}

#[tokio::test]
async fn without_any_one_condition_a_promise_is_broken() {
    let ground = Ground::new(Store::Sqlite).await;
    let mut statements: BTreeMap<&str, Vec<Scenario>> = BTreeMap::new();
    for scenario in Scenario::ALL {
        RUN.with_borrow_mut(BTreeSet::clear);
        scenario.keeps(&ground).await.unwrap();
        for statement in RUN.with_borrow(BTreeSet::clone) {
            statements.entry(statement).or_default().push(scenario);
        }
    }
    statements.retain(|statement, _| statement.contains("WHERE "));
    let (mut tried, mut unnoticed) = (0, Vec::new());
    for (statement, scenarios) in &statements {
        for changed in mutants(statement) {
            tried += 1;
            CHANGED.set(Some((statement, changed.clone())));
            let mut noticed = false;
            for scenario in scenarios {
                noticed = noticed || scenario.keeps(&ground).await.is_err();
            }
            CHANGED.set(None);
            if !noticed {
                unnoticed.push(format!("{statement}\n  {changed}"));
            }
        }
    }
    // Whatever a mutant did is taken back.
    for scenario in Scenario::ALL {
        scenario.keeps(&ground).await.unwrap();
    }
    println!("{tried} mutants of {} statements", statements.len());
    assert!(unnoticed.is_empty(), "nobody notices:\n{}", unnoticed.join("\n"));
    let written = written(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let without: Vec<_> = written.iter().filter(|statement| !statements.contains_key(statement.as_str())).collect();
    assert!(without.is_empty(), "without a scenario: {without:#?}");
}

/// The statements that stand as constants in the sources.
fn written(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("tests") {
            continue;
        }
        if path.is_dir() {
            found.extend(written(&path));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.contains("exact(") {
            continue;
        }
        let constants =
            text.split(": &str =").skip(1).filter_map(|rest| rest.split_once("\";").map(|(text, _)| text.trim()));
        let statements = constants.filter_map(|text| text.strip_prefix('"'));
        let statements = statements
            .filter(|text| ["UPDATE ", "DELETE ", "SELECT ", "INSERT "].iter().any(|verb| text.starts_with(verb)));
        // As the compiler joins lines.
        found.extend(statements.map(|text| text.split("\\\n").map(str::trim_start).collect::<String>()));
    }
    found
}

#[tokio::test]
async fn postgresql_keeps_the_same_promises() {
    let ground = Ground::new(Store::Postgres).await;
    for scenario in Scenario::ALL {
        scenario.keeps(&ground).await.unwrap();
    }
}
