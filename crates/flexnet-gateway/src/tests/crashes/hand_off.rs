//! A hand-off, from the ticket that the browser has to the session that the application has.

use super::*;

const REDEEM: &str = "/v1/sessions/redeem";
const GIVE_UP: &str = "/v1/sessions/redeem/refuse";

/// The page and the application of a ticket, at one gateway.
pub struct HandOff {
    at: usize,
    cookie: String,
    ticket: String,
    redeem: String,
}

/// What brings it on, in this order, and what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// The application comes.
    Redeem,
    /// The member says yes.
    Confirm,
    /// The application comes again and gets the session.
    Begin,
    /// The member says no.
    Refuse,
    /// The application's member has given it up.
    GiveUp,
    /// Another application comes.
    Second,
}

pub(super) async fn keeps(crashes: &Crashes) {
    for act in [Act::Redeem, Act::Confirm, Act::Begin, Act::Refuse, Act::GiveUp, Act::Second] {
        let mut member = crashes.member().await;
        // With an older session, which the new one ends.
        crashes.enter(&mut member).await;
        let hand_off = HandOff::before(crashes, &mut member, act).await;
        for step in crashes.steps(hand_off.act(&crashes.fleet, act)).await {
            let mut member = crashes.member().await;
            let older = crashes.enter(&mut member).await;
            let hand_off = HandOff::before(crashes, &mut member, act).await;
            crashes.die(0, step, hand_off.act(&crashes.fleet, act)).await;
            hand_off.act(&crashes.fleet, act).await.unwrap();
            let case = format!("{act:?}, {step:?}");
            match act {
                Act::Redeem | Act::Confirm | Act::Begin => hand_off.opens_one_session(crashes, &member, &case).await,
                Act::Refuse | Act::GiveUp | Act::Second => {
                    hand_off.opens_nothing(crashes, &case).await;
                    assert_eq!(crashes.live(&member).await, [older.session_id], "{case}");
                    assert_eq!(crashes.rows("handoff_refused", &member).await, 1, "{case}");
                }
            }
            assert_eq!((crashes.left(&member).await, crashes.rows("attempt", &member).await), (5, 2), "{case}");
            crashes.enter(&mut member).await;
        }
    }
}

impl HandOff {
    /// Of a page that has signed in there.
    pub fn of(at: usize, page: &Page) -> Self {
        assert_eq!(page.location, "/verbinden");
        let cookie = page.cookie.clone().unwrap();
        let ticket = cookie.split_once('.').unwrap().1.to_owned();
        let redeem = request_for(&ticket);
        Self { at, cookie, ticket, redeem }
    }

    /// As far as it has to be for an act.
    async fn before(crashes: &Crashes, member: &mut Member, act: Act) -> Self {
        let tan = member.press();
        let hand_off = Self::of(0, &crashes.page(&form(member, PASSWORD, &tan)).await.unwrap());
        if act != Act::Redeem {
            hand_off.act(&crashes.fleet, Act::Redeem).await.unwrap();
        }
        if act == Act::Begin {
            hand_off.act(&crashes.fleet, Act::Confirm).await.unwrap();
        }
        hand_off
    }

    async fn act(&self, fleet: &Fleet, act: Act) -> Option<()> {
        match act {
            Act::Redeem | Act::Begin => self.redeem(fleet).await.map(drop),
            Act::Confirm => self.confirm(fleet).await,
            Act::Refuse => fleet.submit(self.at, "/verbinden/nein", &self.cookie, "").await.map(drop),
            Act::GiveUp => fleet.call(self.at, "POST", GIVE_UP, None, &self.redeem).await.map(drop),
            Act::Second => self.second(fleet).await.map(drop),
        }
    }

    /// The application asks.
    pub async fn redeem(&self, fleet: &Fleet) -> Option<Answer> {
        fleet.call(self.at, "POST", REDEEM, None, &self.redeem).await
    }

    /// The member says yes.
    pub async fn confirm(&self, fleet: &Fleet) -> Option<()> {
        fleet.submit(self.at, "/verbinden/ja", &self.cookie, "").await.map(drop)
    }

    /// Another application asks.
    async fn second(&self, fleet: &Fleet) -> Option<Answer> {
        fleet.call(self.at, "POST", REDEEM, None, &request_for(&self.ticket)).await
    }

    /// Redeemed, confirmed and fetched, wherever it was; all of it again changes nothing.
    pub async fn to_the_end(&self, fleet: &Fleet, case: &str) -> Grant {
        let first = self.redeem(fleet).await.unwrap();
        assert!([201, 202].contains(&first.status), "{case}: {first:?}");
        self.confirm(fleet).await.unwrap();
        let grant = self.redeem(fleet).await.unwrap().grant();
        self.confirm(fleet).await.unwrap();
        assert_eq!(self.redeem(fleet).await.unwrap().grant(), grant, "{case}: what got lost is told again");
        grant
    }

    async fn opens_one_session(&self, crashes: &Crashes, member: &Member, case: &str) {
        let grant = self.to_the_end(&crashes.fleet, case).await;
        assert_eq!(crashes.live(member).await, [grant.session_id], "{case}");
        for (event, rows) in [
            ("handoff_redeemed", 1),
            ("handoff_confirmed", 1),
            ("handoff_refused", 0),
            ("session_started", 2),
            ("session_ended", 1),
        ] {
            assert_eq!(crashes.rows(event, member).await, rows, "{case}: {event}");
        }
        let state = crashes.fleet.call(0, "GET", "/v1/session", Some(&grant.session_token), "").await.unwrap();
        assert_eq!(state.status, 200, "{case}");
        let other = self.second(&crashes.fleet).await.unwrap();
        assert_eq!(other.fault(), FaultCode::HandoffOver, "{case}: the ticket is worth nothing any more");
    }

    pub(super) async fn opens_nothing(&self, crashes: &Crashes, case: &str) {
        for _ in 0..2 {
            let answer = self.redeem(&crashes.fleet).await.unwrap();
            assert_eq!(answer.fault(), FaultCode::HandoffRefused, "{case}");
            self.confirm(&crashes.fleet).await.unwrap();
        }
    }
}

/// What an application sends, with keys of its own.
fn request_for(ticket: &str) -> String {
    json!({
        "ticket": ticket,
        "client_public_key": BASE64.encode(&random::<32>().unwrap()),
        "preshared_key": BASE64.encode(&random::<32>().unwrap()),
        "client": { "version": flexnet_protocol::VERSION, "os": "linux" },
    })
    .to_string()
}
