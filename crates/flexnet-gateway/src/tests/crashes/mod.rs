//! The gateway dies at every step of whatever changes who may be inside, is started again, and the same request comes once more. What holds all the same:
//! an attempt is counted once or not at all and has one row, a TAN or a ticket opens one session or none, and an answer that got lost is told again.
//! Which steps there are is seen from a request that lives; at the end there is none at which nobody died.

pub mod hand_off;
mod session;
mod sign_in;

use std::{collections::BTreeSet, sync::Mutex};

use super::{
    fleet::{Fleet, Page},
    *,
};
use crate::{seal::random, steps::Step};

/// Gateways, the members at them, and the steps at which one of them has died.
struct Crashes {
    fleet: Fleet,
    members: AtomicU64,
    died: Mutex<Vec<Step>>,
}

impl Crashes {
    async fn member(&self) -> Member {
        self.fleet.member(&format!("m.fall{}", self.members.fetch_add(1, Ordering::Relaxed))).await
    }

    /// The steps that a request comes by.
    async fn steps<T>(&self, request: impl Future<Output = Option<T>>) -> BTreeSet<Step> {
        let before = self.fleet.steps().len();
        assert!(request.await.is_some());
        self.fleet.steps().split_off(before).into_iter().collect()
    }

    /// A gateway dies at a step of a request, and is started again.
    async fn die<T>(&self, number: usize, step: Step, request: impl Future<Output = Option<T>>) {
        self.fleet.die_at(number, step);
        assert!(request.await.is_none(), "{step:?}: it did not die there");
        self.fleet.wait(number);
        self.fleet.restart(number);
        self.died.lock().unwrap().push(step);
    }

    async fn post(&self, body: &str) -> Option<Answer> {
        self.fleet.call(0, "POST", "/v1/sessions", None, body).await
    }

    /// A right sign-in.
    async fn enter(&self, member: &mut Member) -> Grant {
        let tan = member.press();
        self.post(&body(&member.username, PASSWORD, &tan)).await.unwrap().grant()
    }

    /// The form of the page, sent by a browser without cookies.
    async fn page(&self, form: &str) -> Option<Page> {
        self.fleet.submit(0, "/anmelden", "", form).await
    }

    async fn left(&self, member: &Member) -> u8 {
        self.fleet.standing(&member.username).await.map_or(5, |standing| standing.attempts_left)
    }

    /// Names of a member's live sessions.
    async fn live(&self, member: &Member) -> Vec<String> {
        let select = "SELECT name FROM session JOIN account ON account.id = session.account WHERE ended IS NULL AND username = $1";
        sqlx::query_scalar(select).bind(&member.username).fetch_all(self.fleet.database.read()).await.unwrap()
    }

    async fn rows(&self, event: &str, member: &Member) -> usize {
        self.fleet.audited(event, &member.username).await.len()
    }
}

/// What a browser sends.
pub fn form(member: &Member, password: &str, tan: &str) -> String {
    let attempt = BASE64URL_NOPAD.encode(&random::<16>().unwrap());
    format!("attempt={attempt}&username={}&password={password}&tan={tan}", member.username)
}

async fn at_every_step(store: Store) {
    let new = async |gateways| {
        let fleet = Fleet::new(store, gateways).await;
        Arc::new(Crashes { fleet, members: AtomicU64::new(0), died: Mutex::default() })
    };
    // Three at once, each at gateways of its own.
    let (signs_in, hands_off, runs) = (new(1).await, new(1).await, new(2).await);
    let all = [&signs_in, &hands_off, &runs].map(Arc::clone);
    let parts = [
        tokio::spawn(async move { sign_in::keeps(&signs_in).await }),
        tokio::spawn(async move { hand_off::keeps(&hands_off).await }),
        tokio::spawn(async move { session::keeps(&runs).await }),
    ];
    for part in parts {
        part.await.unwrap();
    }
    let mut died = Vec::new();
    for crashes in all {
        assert_eq!(crashes.fleet.open().await, 0);
        died.extend(crashes.died.lock().unwrap().iter().copied());
    }
    println!("died {} times at {} steps", died.len(), Step::ALL.len());
    let nowhere: Vec<_> = Step::ALL.into_iter().filter(|step| !died.contains(step)).collect();
    assert!(nowhere.is_empty(), "nobody died at {nowhere:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_step_keeps_what_is_promised_on_sqlite() {
    at_every_step(Store::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_step_keeps_what_is_promised_on_postgresql() {
    at_every_step(Store::Postgres).await;
}
