//! Dienste, and among the KV-wide applications the Fortbildungsportal: courses, booking, the account of points.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Form, Router,
    extract::{Query, State},
    response::{Html, Redirect},
    routing::get,
};
use jiff::{ToSpan as _, civil::Date};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Portal,
    page::{self, Place},
    visit::{ForeignForm, Member},
};

/// Points that the example's member has already, and needs in five years.
const POINTS_BEFORE: u32 = 182;
const POINTS_NEEDED: u32 = 250;

pub(super) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/dienste", get(show))
        .route("/dienste/kv-uebergreifend", get(show_applications))
        .route("/dienste/kv-uebergreifend/fortbildung", get(show_courses).post(book))
}

/// Courses, and who has booked which.
#[derive(Debug)]
pub(super) struct Courses {
    courses: Vec<Course>,
    booked: Mutex<BTreeSet<(String, u32)>>,
}

#[derive(Debug)]
struct Course {
    number: u32,
    title: &'static str,
    date: Date,
    place: &'static str,
    points: u32,
}

impl Courses {
    pub(super) fn example(today: Date) -> Self {
        let course = |number, days: i64, title, place, points| {
            let date = today.saturating_add(days.days());
            Course { number, title, date, place, points }
        };
        let courses = vec![
            course(1, 9, "Abrechnung im neuen Quartal: häufige Fehler", "online", 2),
            course(2, 23, "Sicherheit der Praxis-IT: Mails, Kennwörter, Sicherungen", "online", 3),
            course(3, 37, "Refresher Notfalldienst: das kranke Kind", "Musterstadt, Haus der Ärzte", 6),
            course(4, 51, "Impfen in der Hausarztpraxis", "Mustertal, Gemeindesaal", 4),
        ];
        Self { courses, booked: Mutex::default() }
    }

    fn toggle(&self, user: &str, number: u32) {
        if !self.courses.iter().any(|course| course.number == number) {
            return;
        }
        let mut booked = self.lock();
        let key = (user.to_owned(), number);
        if !booked.remove(&key) {
            booked.insert(key);
        }
    }

    fn is_booked(&self, user: &str, number: u32) -> bool {
        self.lock().contains(&(user.to_owned(), number))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<(String, u32)>> {
        self.booked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn show(State(_): State<Arc<Portal>>, member: Member) -> Html<String> {
    let content = html! {
        h1 { "Dienste" }
        div.cards {
            section.card {
                h2 { a href="/dienste/kv-uebergreifend" { "KV-übergreifende Anwendungen" } }
                p { "Anwendungen, die alle Kassenärztlichen Vereinigungen gemeinsam anbieten." }
            }
            section.card {
                h2 { "Beratung" }
                p { "Die Mitgliederberatung und der IT-ServiceDesk helfen bei Fragen zu Portal und Zugang." }
            }
        }
    };
    page::members(&member, Place::Services, "Dienste", &content)
}

async fn show_applications(State(_): State<Arc<Portal>>, member: Member) -> Html<String> {
    let content = html! {
        p.small { a href="/dienste" { "Dienste" } }
        h1 { "KV-übergreifende Anwendungen" }
        ul.rows {
            li { p { a href="/dienste/kv-uebergreifend/fortbildung" { "Fortbildungsportal" } br;
                "Veranstaltungen suchen und buchen, Punktekonto einsehen." } }
            li { p { strong { "Qualitätssicherung" } br; "Im Beispielportal nicht enthalten." } }
        }
    };
    page::members(&member, Place::Services, "KV-übergreifende Anwendungen", &content)
}

#[derive(Deserialize)]
struct After {
    #[serde(default, rename = "geaendert")]
    changed: bool,
}

async fn show_courses(State(portal): State<Arc<Portal>>, member: Member, Query(after): Query<After>) -> Html<String> {
    let booked = |course: &Course| portal.courses.is_booked(&member.user.name, course.number);
    let soon: u32 = portal.courses.courses.iter().filter(|course| booked(course)).map(|course| course.points).sum();
    let content = html! {
        p.small { a href="/dienste" { "Dienste" } " › " a href="/dienste/kv-uebergreifend" { "KV-übergreifende Anwendungen" } }
        h1 { "Fortbildungsportal" }
        @if after.changed { (page::note(true, "Ihre Buchungen sind geändert.")) }
        section.card {
            h2 { "Ihr Punktekonto" }
            p { strong { (POINTS_BEFORE) " von " (POINTS_NEEDED) " Punkten" } " erreicht"
                @if soon > 0 { ", " (soon) " weitere gebucht" } "." }
            progress max=(POINTS_NEEDED) value=(POINTS_BEFORE) aria-label="Erreichte Fortbildungspunkte" {}
        }
        section {
            h2 { "Veranstaltungen" }
            ul.rows { @for course in &portal.courses.courses { (row(&member, course, booked(course))) } }
        }
    };
    page::members(&member, Place::Services, "Fortbildungsportal", &content)
}

fn row(member: &Member, course: &Course, booked: bool) -> Markup {
    let words = if booked { "Buchung zurücknehmen" } else { "Buchen" };
    html! { li {
        p { strong { (course.title) } @if booked { " " span.tag.good { "gebucht" } } br;
            (course.date.strftime("%d.%m.%Y").to_string()) ", " (course.place) ", " (course.points) " Punkte" }
        form method="post" action="/dienste/kv-uebergreifend/fortbildung" {
            (page::form_token(member))
            input type="hidden" name="veranstaltung" value=(course.number);
            button aria-label=(format!("{words}: {}", course.title)) { (words) }
        }
    } }
}

#[derive(Deserialize)]
struct Booking {
    #[serde(rename = "marke")]
    token: String,
    #[serde(rename = "veranstaltung")]
    course: u32,
}

async fn book(
    State(portal): State<Arc<Portal>>,
    member: Member,
    Form(booking): Form<Booking>,
) -> Result<Redirect, ForeignForm> {
    member.approve(&booking.token)?;
    portal.courses.toggle(&member.user.name, booking.course);
    Ok(Redirect::to("/dienste/kv-uebergreifend/fortbildung?geaendert=true"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn booking_twice_takes_it_back_and_unknown_courses_are_ignored() {
        let courses = Courses::example(date(2026, 11, 24));
        courses.toggle("muster", 2);
        assert!(courses.is_booked("muster", 2) && !courses.is_booked("anna", 2));
        courses.toggle("muster", 2);
        courses.toggle("muster", 99);
        assert!(courses.lock().is_empty());
    }
}
