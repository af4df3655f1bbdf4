//! Notfalldienst-Tausch: whose duties there are, offering one, taking one back, taking one over. One list for all members.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Form, Router,
    extract::{Query, State},
    response::{Html, Redirect},
    routing::{get, post},
};
use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Portal,
    page::{self, Place},
    visit::{ForeignForm, Member},
};

pub(super) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/notfalldienst", get(show))
        .route(
            "/notfalldienst/anbieten",
            post(async |State(portal): State<Arc<Portal>>, member, form| act(&portal, &member, form, Act::Offer)),
        )
        .route(
            "/notfalldienst/behalten",
            post(async |State(portal): State<Arc<Portal>>, member, form| act(&portal, &member, form, Act::Keep)),
        )
        .route(
            "/notfalldienst/uebernehmen",
            post(async |State(portal): State<Arc<Portal>>, member, form| act(&portal, &member, form, Act::Take)),
        )
}

/// All duties.
#[derive(Debug)]
pub(super) struct Exchange(Mutex<Vec<Duty>>);

/// One duty. Whose it is, is a user name; colleagues of the example have none that could log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Duty {
    number: u32,
    date: Date,
    hours: &'static str,
    /// Where it is done.
    pub place: &'static str,
    holder: String,
    offered: bool,
}

/// What a member does with a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Offer,
    Keep,
    Take,
}

/// How it came out; its name is part of the address that the browser is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Offered,
    Kept,
    Taken,
    Gone,
    SameDay,
}

impl Exchange {
    pub(super) fn example(today: Date) -> Self {
        let duty = |number: u32, days: i64, hours, place, holder: &str, offered| Duty {
            number,
            date: today.saturating_add(days.days()),
            hours,
            place,
            holder: holder.to_owned(),
            offered,
        };
        Self(Mutex::new(vec![
            duty(1, 5, "18–22 Uhr", "Notfallpraxis Musterstadt", "muster", false),
            duty(2, 19, "8–15 Uhr", "Notfallpraxis Mustertal", "muster", false),
            duty(3, 33, "15–22 Uhr", "Fahrdienst Musterstadt", "muster", true),
            duty(4, 5, "8–15 Uhr", "Notfallpraxis Neuprobe", "Dr. Beispiel", true),
            duty(5, 12, "18–22 Uhr", "Notfallpraxis Musterstadt", "Dr. Probe", true),
            duty(6, 26, "15–22 Uhr", "Fahrdienst Mustertal", "Dr. Modell", true),
            duty(7, 27, "8–15 Uhr", "Notfallpraxis Mustertal", "Dr. Skizze", false),
        ]))
    }

    /// A member's duties, the next one first.
    pub(super) fn of_user(&self, user: &str) -> Vec<Duty> {
        self.sorted(|duty| duty.holder == user)
    }

    fn offers_for(&self, user: &str) -> Vec<Duty> {
        self.sorted(|duty| duty.offered && duty.holder != user)
    }

    fn sorted(&self, wanted: impl Fn(&Duty) -> bool) -> Vec<Duty> {
        let mut duties: Vec<Duty> = self.lock().iter().filter(|duty| wanted(duty)).cloned().collect();
        duties.sort_by_key(|duty| duty.date);
        duties
    }

    /// Under one lock, so of two who take the same duty one is told that it is gone.
    fn act(&self, user: &str, number: u32, act: Act) -> Outcome {
        let mut duties = self.lock();
        let busy: Vec<Date> = duties.iter().filter(|duty| duty.holder == user).map(|duty| duty.date).collect();
        let Some(duty) = duties.iter_mut().find(|duty| duty.number == number) else { return Outcome::Gone };
        let own = duty.holder == user;
        match act {
            Act::Offer if own => {
                duty.offered = true;
                Outcome::Offered
            }
            Act::Keep if own => {
                duty.offered = false;
                Outcome::Kept
            }
            Act::Take if own || !duty.offered => Outcome::Gone,
            Act::Take if busy.contains(&duty.date) => Outcome::SameDay,
            Act::Take => {
                duty.holder = user.to_owned();
                duty.offered = false;
                Outcome::Taken
            }
            Act::Offer | Act::Keep => Outcome::Gone,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Duty>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Duty {
    /// `So, 29.11.2026, 18–22 Uhr`
    pub(super) fn when(&self) -> String {
        let day = match self.date.weekday() {
            Weekday::Monday => "Mo",
            Weekday::Tuesday => "Di",
            Weekday::Wednesday => "Mi",
            Weekday::Thursday => "Do",
            Weekday::Friday => "Fr",
            Weekday::Saturday => "Sa",
            Weekday::Sunday => "So",
        };
        format!("{day}, {}, {}", self.date.strftime("%d.%m.%Y"), self.hours)
    }
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Kept => "kept",
            Self::Taken => "taken",
            Self::Gone => "gone",
            Self::SameDay => "same-day",
        }
    }

    fn note(self) -> Markup {
        match self {
            Self::Offered => {
                page::note(true, "Ihr Dienst steht in der Tauschbörse. Er bleibt Ihrer, bis ihn jemand übernimmt.")
            }
            Self::Kept => page::note(true, "Ihr Dienst ist nicht mehr in der Tauschbörse."),
            Self::Taken => page::note(true, "Sie haben den Dienst übernommen."),
            Self::Gone => page::note(false, "Dieser Dienst ist nicht mehr zu haben. Es wurde nichts geändert."),
            Self::SameDay => page::note(false, "Sie haben an diesem Tag schon einen Dienst. Es wurde nichts geändert."),
        }
    }
}

#[derive(Deserialize)]
struct Choice {
    #[serde(rename = "marke")]
    token: String,
    #[serde(rename = "dienst")]
    duty: u32,
}

#[derive(Deserialize)]
struct After {
    #[serde(rename = "ergebnis")]
    outcome: Option<Outcome>,
}

fn act(portal: &Portal, member: &Member, Form(choice): Form<Choice>, act: Act) -> Result<Redirect, ForeignForm> {
    member.approve(&choice.token)?;
    let outcome = portal.exchange.act(&member.user.name, choice.duty, act);
    Ok(Redirect::to(&format!("/notfalldienst?ergebnis={}", outcome.word())))
}

async fn show(State(portal): State<Arc<Portal>>, member: Member, Query(after): Query<After>) -> Html<String> {
    let own = portal.exchange.of_user(&member.user.name);
    let offers = portal.exchange.offers_for(&member.user.name);
    let content = html! {
        h1 { "Notfalldienst-Tausch" }
        @if let Some(outcome) = after.outcome { (outcome.note()) }
        section {
            h2 { "Ihre Dienste" }
            @if own.is_empty() { p { "Sie haben zurzeit keinen Dienst." } }
            @else { ul.rows { @for duty in &own { li {
                p { strong { (duty.when()) } br; (duty.place) @if duty.offered { " " span.tag.care { "im Tausch" } } }
                @if duty.offered { (button(&member, duty, "/notfalldienst/behalten", "Doch behalten")) }
                @else { (button(&member, duty, "/notfalldienst/anbieten", "Zum Tausch anbieten")) }
            } } } }
        }
        section {
            h2 { "Angebote von Kolleginnen und Kollegen" }
            @if offers.is_empty() { p { "Zurzeit bietet niemand einen Dienst an." } }
            @else { ul.rows { @for duty in &offers { li {
                p { strong { (duty.when()) } br; (duty.place) ", angeboten von " (duty.holder) }
                (button(&member, duty, "/notfalldienst/uebernehmen", "Übernehmen"))
            } } } }
        }
    };
    page::members(&member, Place::Duty, "Notfalldienst-Tausch", &content)
}

fn button(member: &Member, duty: &Duty, action: &str, words: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            (page::form_token(member))
            input type="hidden" name="dienst" value=(duty.number);
            button aria-label=(format!("{words}: {}", duty.when())) { (words) }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn exchange() -> Exchange {
        Exchange::example(date(2026, 11, 24))
    }

    #[test]
    fn a_duty_is_offered_and_taken_once() {
        let exchange = exchange();
        assert_eq!(exchange.act("muster", 1, Act::Offer), Outcome::Offered);
        assert_eq!(exchange.act("anna", 1, Act::Take), Outcome::Taken);
        assert_eq!(exchange.act("berta", 1, Act::Take), Outcome::Gone);
        assert_eq!(exchange.act("muster", 1, Act::Keep), Outcome::Gone, "it is Anna's now");
        assert_eq!(exchange.of_user("anna").len(), 1);
        assert_eq!(exchange.of_user("muster").len(), 2);
    }

    #[test]
    fn what_is_not_offered_is_not_taken_and_nobody_works_twice_a_day() {
        let exchange = exchange();
        assert_eq!(exchange.act("muster", 7, Act::Take), Outcome::Gone);
        assert_eq!(exchange.act("muster", 4, Act::Take), Outcome::SameDay);
        assert_eq!(exchange.act("muster", 99, Act::Take), Outcome::Gone);
        assert_eq!(exchange.act("muster", 4, Act::Offer), Outcome::Gone, "it is not Muster's to offer");
        assert_eq!(exchange.act("muster", 3, Act::Keep), Outcome::Kept);
    }

    #[test]
    fn a_day_is_written_in_german() {
        assert_eq!(exchange().of_user("muster")[0].when(), "So, 29.11.2026, 18–22 Uhr");
    }
}
