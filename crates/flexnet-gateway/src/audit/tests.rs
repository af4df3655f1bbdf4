//! The chain on both databases: every damage is found, and what may go goes without one.

use proptest::prelude::*;
use sqlx::AssertSqlSafe;

use super::*;
use crate::{
    db::Database,
    tests::postgres::{Fresh, postgres},
};

const ROWS: i64 = 12;
const DAY: i64 = 24 * 3600;

/// What a row consists of, and what an SQL literal of another value looks like. `$n` is the row's number.
const COLUMNS_AND_LIES: [(&str, &str); 15] = [
    ("number", "number + 1000"),
    ("gateway", "gateway || 'x'"),
    ("at", "at + 1"),
    ("event", "'unlock'"),
    ("subject", "coalesce(subject, '') || 'x'"),
    ("subject", "NULL"),
    ("actor", "'somebody'"),
    ("network", "'198.51.100.0/24'"),
    ("detail", "detail || ' '"),
    ("note", "'said later'"),
    ("salt", "commitment"),
    ("commitment", "hash"),
    ("previous", "commitment"),
    ("hash", "commitment"),
    ("network", "''"),
];

/// What somebody with the database and without the keys can do.
#[derive(Debug, Clone)]
enum Damage {
    Flip(i64, usize),
    Delete(i64),
    Swap(i64, i64),
    Insert(i64),
    /// Rows from here on, and the head as it was then.
    Cut(i64),
    Forge(i64),
    Erase(i64),
    Head(usize),
    HeadGone,
}

const HEAD_LIES: [&str; 5] = ["number = number - 1", "hash = cut_hash", "seal = hash", "cut = 1", "cut_hash = seal"];

fn damage() -> impl Strategy<Value = Damage> {
    let row = 1..=ROWS;
    prop_oneof![
        8 => (row.clone(), 0..COLUMNS_AND_LIES.len()).prop_map(|(row, column)| Damage::Flip(row, column)),
        2 => row.clone().prop_map(Damage::Delete),
        2 => (row.clone(), row.clone()).prop_filter("two", |(a, b)| a != b).prop_map(|(a, b)| Damage::Swap(a, b)),
        1 => prop_oneof![Just(0), Just(-5), Just(i64::MIN), Just(ROWS + 1), Just(ROWS + 7)].prop_map(Damage::Insert),
        2 => row.clone().prop_map(Damage::Cut),
        2 => row.clone().prop_map(Damage::Forge),
        1 => row.prop_map(Damage::Erase),
        2 => (0..HEAD_LIES.len()).prop_map(Damage::Head),
        1 => Just(Damage::HeadGone),
    ]
}

impl Damage {
    /// The first row that is to be named, where a row is.
    async fn do_it(&self, write: &mut Write) -> Option<i64> {
        let run = async |write: &mut Write, sql: String| {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **write).await.unwrap()
        };
        match self {
            Self::Flip(row, column) => {
                let (column, lie) = COLUMNS_AND_LIES[*column];
                run(write, format!("UPDATE audit SET {column} = {lie} WHERE number = {row}")).await;
                Some(*row)
            }
            Self::Delete(row) => {
                run(write, format!("DELETE FROM audit WHERE number = {row}")).await;
                Some(*row)
            }
            Self::Swap(a, b) => {
                for (from, to) in [(*a, -1), (*b, *a), (-1, *b)] {
                    run(write, format!("UPDATE audit SET number = {to} WHERE number = {from}")).await;
                }
                Some(*a.min(b))
            }
            Self::Insert(number) => {
                run(write, format!("INSERT INTO audit (number, gateway, at, event, subject, actor, network, detail, note, salt, commitment, previous, hash) \
                     SELECT {number}, gateway, at, event, subject, actor, network, detail, note, salt, commitment, hash, hash FROM audit WHERE number = {ROWS}")).await;
                Some(*number)
            }
            Self::Cut(from) => {
                run(write, format!("UPDATE audit_head SET number = {from} - 1, hash = (SELECT previous FROM audit WHERE number = {from})")).await;
                run(write, format!("DELETE FROM audit WHERE number >= {from}")).await;
                None
            }
            // A whole new end, rightly chained: only the seal is missing.
            Self::Forge(from) => {
                run(write, format!("UPDATE audit_head SET number = {from} - 1, hash = (SELECT previous FROM audit WHERE number = {from})")).await;
                run(write, format!("DELETE FROM audit WHERE number >= {from}")).await;
                let forger = Sealer::new(b"a key of somebody else");
                let (head, _) = Head::read(write, &forger).await.unwrap().unwrap();
                head.write(write, &forger).await.unwrap();
                let mut head = Head::take(write, &forger).await.unwrap();
                let (after, forged) = ((head.number + 1, head.hash), record("m.neu", "accepted"));
                head.hash = Stored::write(write, after, "gw", 7, &forged, None).await.unwrap();
                head.number += 1;
                head.write(write, &forger).await.unwrap();
                None
            }
            Self::Erase(row) => {
                let forger = Sealer::new(b"a key of somebody else");
                let select = format!("SELECT {COLUMNS} FROM audit WHERE number = {row}");
                let stored = sqlx::query(AssertSqlSafe(select)).fetch_one(&mut **write).await.unwrap();
                assert!(Stored::from_row(&stored).unwrap().blank(write, &forger).await.unwrap());
                Some(*row)
            }
            Self::Head(lie) => {
                run(write, format!("UPDATE audit_head SET {}", HEAD_LIES[*lie])).await;
                None
            }
            Self::HeadGone => {
                run(write, "DELETE FROM audit_head".into()).await;
                None
            }
        }
    }
}

fn record<'a>(subject: &'a str, detail: &'a str) -> Record<'a> {
    Record { event: Event::Attempt, subject, actor: "member", network: Some("192.0.2.0/24"), detail }
}

fn sealer() -> Sealer {
    Sealer::new(b"tests")
}

/// Both databases, each with its chain of rows a day apart: every third of an administrator, every fourth with a note, two about nobody.
async fn both() -> Vec<(Database, Option<Fresh>, tempfile::TempDir)> {
    let mut all = Vec::new();
    for fresh in [None, Some(postgres().await)] {
        let dir = tempfile::tempdir().unwrap();
        let database = match &fresh {
            None => Database::create(&dir.path().join("db")).await.unwrap(),
            Some(fresh) => Database::open(&fresh.place).await.unwrap(),
        };
        for number in 1..=ROWS {
            let mut write = database.write().await.unwrap();
            let subject = match number % 6 {
                5 => "",
                0 | 2 | 4 => "m.muster",
                _ => "m.anders",
            };
            let record = match number % 3 {
                0 => Record { event: Event::TokenLost, network: None, actor: "b.desk", ..record(subject, "KV1") },
                _ => record(subject, "refused: TAN"),
            };
            let note = (number % 4 == 0).then_some("Rückruf in der Praxis");
            append_with_note(&mut write, "gw", number * DAY, &record, note).await.unwrap();
            write.commit().await.unwrap();
        }
        all.push((database, fresh, dir));
    }
    all
}

async fn look(write: &mut Write) -> Result<Sound, Broken> {
    verify(write, &sealer(), &[]).await.unwrap()
}

fn row(broken: &Broken) -> Option<i64> {
    match broken {
        Broken::Missing(row) | Broken::Surplus(row) | Broken::Previous(row) | Broken::Changed(row) => Some(*row),
        Broken::Personal(row) | Broken::End(row) | Broken::Seal(row) => Some(*row),
        Broken::Anchor(row) | Broken::AnchorCut(row) => Some(*row),
        Broken::NoHead => None,
    }
}

#[test]
fn whatever_is_flipped_deleted_reordered_inserted_or_cut_is_found_and_named() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let databases = runtime.block_on(both());
    // Every column of a row and of the head once, whatever the random ones hit; of rows without a subject and without a network as well.
    let flips =
        [4, 5, 6].into_iter().flat_map(|row| (0..COLUMNS_AND_LIES.len()).map(move |lie| Damage::Flip(row, lie)));
    let heads = (0..HEAD_LIES.len()).map(Damage::Head);
    let named: Vec<Damage> = flips
        .chain(heads)
        .chain([Damage::Cut(1), Damage::Cut(ROWS), Damage::Delete(ROWS), Damage::Insert(i64::MIN)])
        .collect();
    let found = |damage: &Damage| {
        runtime.block_on(async {
            for (database, ..) in &databases {
                let mut write = database.write().await.unwrap();
                assert!(look(&mut write).await.is_ok());
                let first = damage.do_it(&mut write).await;
                let broken = look(&mut write).await.expect_err(&format!("{damage:?} was not found"));
                if let Some(first) = first {
                    let named = row(&broken).unwrap_or_default();
                    // A row that was put where none was is named when it is met; a changed hash may show at the row after it.
                    assert!((first..=first + 1).contains(&named) || first > ROWS, "{damage:?}: {broken}");
                }
                write.rollback().await.unwrap();
            }
        });
    };
    named.iter().for_each(found);
    proptest!(ProptestConfig::with_cases(150), |(damage in damage())| found(&damage));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_end_is_never_sealed_again_by_going_on() {
    for (database, ..) in both().await {
        for damage in [Damage::Cut(5), Damage::Forge(5), Damage::Head(1), Damage::HeadGone] {
            let mut write = database.write().await.unwrap();
            damage.do_it(&mut write).await;
            let appended = append(&mut write, "gw", 7, &record("m.muster", "accepted")).await;
            assert!(matches!(appended, Err(Error::Audit(_))), "{damage:?}: {appended:?}");
            write.rollback().await.unwrap();
        }
        // Somebody looked, and it goes on: the damage stays to be seen, the end holds again.
        let mut write = database.write().await.unwrap();
        Damage::Delete(5).do_it(&mut write).await;
        Damage::Head(1).do_it(&mut write).await;
        seal_end(&mut write).await.unwrap();
        append(&mut write, "gw", 7, &record("m.muster", "accepted")).await.unwrap();
        assert_eq!(look(&mut write).await, Err(Broken::Missing(5)));
        write.rollback().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_seal_an_end_again_at_once_the_second_finds_it_sound() {
    for (database, ..) in both().await {
        for damage in [Damage::Head(2), Damage::Head(1), Damage::HeadGone] {
            let mut write = database.write().await.unwrap();
            damage.do_it(&mut write).await;
            write.commit().await.unwrap();
            let reseal = async || {
                let mut write = database.write().await.unwrap();
                let found = reseal(&mut write).await.unwrap();
                if found.is_some() {
                    append(&mut write, "gw", 7, &record("", "said")).await.unwrap();
                }
                write.commit().await.unwrap();
                found
            };
            let (one, other) = tokio::join!(reseal(), reseal());
            let found = one.as_ref().or(other.as_ref());
            assert_eq!(
                (found.is_some(), one.is_some() && other.is_some()),
                (true, false),
                "{damage:?}: {one:?} {other:?}"
            );
            assert_eq!(found == Some(&Broken::NoHead), matches!(damage, Damage::HeadGone), "{found:?}");
            let mut write = database.write().await.unwrap();
            assert!(look(&mut write).await.is_ok(), "{damage:?}");
            write.rollback().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_kept_elsewhere_tells_an_old_copy() {
    for (database, ..) in both().await {
        let mut write = database.write().await.unwrap();
        let early = end(&mut write).await.unwrap();
        append(&mut write, "gw", 7, &record("m.muster", "accepted")).await.unwrap();
        let late = end(&mut write).await.unwrap();
        assert_eq!(early.to_string().parse::<Anchor>().unwrap(), early);
        assert!(verify(&mut write, &sealer(), &[early.clone(), late.clone()]).await.unwrap().is_ok());
        write.rollback().await.unwrap();
        let mut write = database.write().await.unwrap();
        let old = verify(&mut write, &sealer(), &[early.clone(), late.clone()]).await.unwrap();
        assert_eq!(old, Err(Broken::Anchor(ROWS + 1)), "the copy is sound by itself, and older");
        let other = Anchor { hash: late.hash, ..early };
        assert_eq!(verify(&mut write, &sealer(), &[other]).await.unwrap(), Err(Broken::Anchor(ROWS)));
    }
    for wrong in ["", "12", "12:", ":00", "-1:00", "x:00", &format!("1:{}", "0".repeat(63))] {
        assert!(wrong.parse::<Anchor>().is_err(), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_and_the_chain_verifies() {
    for (database, ..) in both().await {
        let mut write = database.write().await.unwrap();
        assert_eq!(blank_subject(&mut write, "m.muster").await.unwrap(), 6);
        write.commit().await.unwrap();
        let rows = last(database.read(), None, 100).await.unwrap();
        assert!(!serde_json::to_string(&rows).unwrap().contains("m.muster"));
        let erased: Vec<_> = rows.iter().filter(|row| row.subject.is_none()).collect();
        assert_eq!(erased.len(), 6);
        assert!(erased.iter().all(|row| row.network.is_none() && row.note.is_none()));
        let mut write = database.write().await.unwrap();
        assert_eq!(look(&mut write).await.unwrap().rows, ROWS);
        // Nobody can try names out on what is left: the salt is gone.
        let salts = sqlx::query("SELECT salt FROM audit WHERE subject IS NULL").fetch_all(&mut *write).await.unwrap();
        assert!(salts.iter().all(|row| row.get::<Vec<u8>, _>(0).len() == 32));
        write.rollback().await.unwrap();
        for lie in ["subject = 'm.muster'", "subject = ''", "network = ''", "note = ''"] {
            let mut write = database.write().await.unwrap();
            let update = AssertSqlSafe(format!("UPDATE audit SET {lie} WHERE number = 4"));
            sqlx::query(update).execute(&mut *write).await.unwrap();
            assert_eq!(look(&mut write).await, Err(Broken::Personal(4)), "nobody writes in afterwards: {lie}");
            write.rollback().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_goes_first_by_name_and_then_by_row() {
    for (database, ..) in both().await {
        let mut write = database.write().await.unwrap();
        assert!(!retention::blank_old(&mut write, &sealer(), 9 * DAY).await.unwrap());
        let rows = sqlx::query("SELECT number, event, subject FROM audit ORDER BY number").fetch_all(&mut *write).await;
        for row in rows.unwrap() {
            let (number, event): (i64, String) = (row.get(0), row.get(1));
            let blank = row.get::<Option<String>, _>(2).is_none();
            assert_eq!(blank, number < 9 && event == "attempt", "row {number} {event}");
        }
        assert!(look(&mut write).await.is_ok());
        // Looked at once: the mark is not made anew.
        assert!(!retention::blank_old(&mut write, &sealer(), 9 * DAY).await.unwrap());
        retention::cut_old(&mut write, &sealer(), 6 * DAY).await.unwrap();
        let sound = look(&mut write).await.unwrap();
        assert_eq!((sound.cut, sound.rows, sound.number), (5, ROWS - 5, ROWS));
        append(&mut write, "gw", ROWS * DAY, &record("m.muster", "accepted")).await.unwrap();
        assert_eq!(look(&mut write).await.unwrap().rows, ROWS - 4);
        // More than was due is missing.
        sqlx::query("DELETE FROM audit WHERE number = 6").execute(&mut *write).await.unwrap();
        assert_eq!(look(&mut write).await, Err(Broken::Missing(6)));
        let anchor = Anchor { number: 3, hash: [0; 32] };
        write.rollback().await.unwrap();
        let mut write = database.write().await.unwrap();
        retention::cut_old(&mut write, &sealer(), 100 * DAY).await.unwrap();
        assert_eq!(look(&mut write).await.unwrap().rows, 1, "the last row stays");
        assert_eq!(verify(&mut write, &sealer(), &[anchor]).await.unwrap(), Err(Broken::AnchorCut(3)));
        write.rollback().await.unwrap();
        let mut write = database.write().await.unwrap();
        Damage::Flip(3, 8).do_it(&mut write).await;
        retention::cut_old(&mut write, &sealer(), 100 * DAY).await.unwrap();
        assert_eq!(look(&mut write).await, Err(Broken::Changed(3)), "evidence is not deleted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_that_append_at_once_make_one_chain() {
    for (database, fresh, _dir) in both().await {
        // Another gateway over the same database, where there can be one.
        let other = match &fresh {
            Some(fresh) => Database::open(&fresh.place).await.unwrap(),
            None => database.clone(),
        };
        let mut tasks = Vec::new();
        for number in 0..40 {
            let database = if number % 2 == 0 { database.clone() } else { other.clone() };
            tasks.push(tokio::spawn(async move {
                let mut write = database.write().await.unwrap();
                append(&mut write, "gw", number, &record("m.muster", "refused: TAN")).await.unwrap();
                if number % 5 == 0 { write.rollback().await.unwrap() } else { write.commit().await.unwrap() }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let mut write = database.write().await.unwrap();
        assert_eq!(look(&mut write).await.unwrap().number, ROWS + 32);
    }
}

#[tokio::test]
async fn a_chain_of_the_first_version_is_taken_over_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    // As the first version wrote it: its schema, its rows.
    let mut old = first_version(&path).await;
    sqlx::raw_sql(include_str!("../../migrations/sqlite/0001_start.sql")).execute(&mut old).await.unwrap();
    let mut previous = NOTHING;
    for number in 1..=3 {
        let (salt, subject, network) = ([7_u8; 16], "m.muster", "192.0.2.0/24");
        let commitment = crate::seal::sha256(&[&row::fields(&[&salt, subject.as_bytes(), network.as_bytes()])]);
        let words = row::fields(&[b"gw", b"attempt", b"member", b"refused: TAN"]);
        let hash =
            crate::seal::sha256(&[&previous, &i64::to_be_bytes(number), &i64::to_be_bytes(7), &words, &commitment]);
        sqlx::query(
            "INSERT INTO audit VALUES ($1, 'gw', 7, 'attempt', $2, 'member', $3, 'refused: TAN', $4, $5, $6, $7)",
        )
        .bind(number)
        .bind(subject)
        .bind(network)
        .bind(salt.as_slice())
        .bind(commitment.as_slice())
        .bind(previous.as_slice())
        .bind(hash.as_slice())
        .execute(&mut old)
        .await
        .unwrap();
        previous = hash;
    }
    sqlx::raw_sql("PRAGMA user_version = 1").execute(&mut old).await.unwrap();
    sqlx::Connection::close(old).await.unwrap();
    let database = Database::open(&crate::config::Place::File(path)).await.unwrap();
    let mut write = database.write().await.unwrap();
    append(&mut write, "gw", 8, &record("m.muster", "accepted")).await.unwrap();
    assert_eq!(look(&mut write).await.unwrap().rows, 4);
    assert_eq!(blank_subject(&mut write, "m.muster").await.unwrap(), 4);
    assert_eq!(look(&mut write).await.unwrap().rows, 4);
}

async fn first_version(path: &std::path::Path) -> sqlx::SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    sqlx::ConnectOptions::connect(&options).await.unwrap()
}
