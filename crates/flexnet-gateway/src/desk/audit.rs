//! The audit as the auditor reads it: filtered, page by page, and followed from end to end. Only reads. The rows' own words are English and stay so in
//! the chain; here they are told in the reader's language where the texts know them.

use axum::{
    Extension,
    extract::Query,
    response::{IntoResponse as _, Response},
};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use sqlx::{AnyPool, Row as _};

use super::{
    detail,
    page::{self, Place},
    view::View,
};
use crate::{
    accounts::normalise,
    audit::{self, Broken, Event, Row, Sound},
    error::Error,
};

/// Rows on a page.
const PAGE: i64 = 100;

/// What is asked for; an empty field asks for everything.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    event: String,
    /// First and last day, by the clock of the desk.
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// Rows before this number.
    #[serde(default)]
    before: String,
}

/// The same as the statement takes it.
#[derive(Debug, PartialEq, Eq)]
struct Filter {
    subject: String,
    actor: String,
    event: String,
    from: i64,
    until: i64,
    before: i64,
}

impl Filter {
    fn new(view: &View, asked: &Asked) -> Self {
        let day = |text: &str, plus: i64| {
            let day: Date = text.trim().parse().ok()?;
            let day = day.checked_add(jiff::Span::new().days(plus)).ok()?;
            Some(day.to_zoned(view.zone()).ok()?.timestamp().as_second())
        };
        Self {
            subject: normalise(&asked.subject),
            actor: asked.actor.trim().to_owned(),
            event: asked.event.trim().to_owned(),
            from: day(&asked.from, 0).unwrap_or(0),
            until: day(&asked.to, 1).unwrap_or(i64::MAX),
            before: asked.before.trim().parse().unwrap_or(i64::MAX),
        }
    }
}

pub(super) async fn show(Extension(view): Extension<View>, Query(asked): Query<Asked>) -> Response {
    let read = view.console.gateway.database.read();
    match rows(read, &Filter::new(&view, &asked)).await {
        Ok(rows) => audit_page(&view, &asked, &rows).into_response(),
        Err(error) => page::failed(&view, &error),
    }
}

/// Follows the whole chain.
pub(super) async fn verify(Extension(view): Extension<View>) -> Response {
    let gateway = &view.console.gateway;
    let verified = async {
        let mut connection = gateway.database.read().acquire().await?;
        audit::verify(&mut connection, gateway.keys.audit(), &[]).await
    };
    let verdict = match verified.await {
        Ok(verdict) => verdict,
        Err(error) => return page::failed(&view, &error),
    };
    let title = view.t("console-verify-title");
    let content = html! {
        h1 { (title) }
        (match &verdict { Ok(sound) => intact(&view, sound), Err(broken) => damaged(&view, broken) })
        p { (view.t("console-verify-limit")) }
        p { a href="/audit" { (view.t("console-verify-back")) } }
    };
    page::page(&view, Some(Place::Audit), &title, &content).into_response()
}

fn intact(view: &View, sound: &Sound) -> Markup {
    html! {
        p.note.good role="status" {
            strong { (view.t("console-verify-sound")) } " " (view.with("console-verify-rows", &[("rows", &sound.rows.to_string())]))
        }
        dl.facts {
            dt { (view.t("console-verify-cut")) } dd { (sound.cut) }
            dt { (view.t("console-verify-last")) } dd { (sound.number) }
            dt { (view.t("console-verify-hash")) } dd.mono { (sound.hash) }
        }
    }
}

fn damaged(view: &View, broken: &Broken) -> Markup {
    let (key, row) = match broken {
        Broken::Missing(row) => ("missing", Some(row)),
        Broken::Surplus(row) => ("surplus", Some(row)),
        Broken::Previous(row) => ("previous", Some(row)),
        Broken::Changed(row) => ("changed", Some(row)),
        Broken::Personal(row) => ("personal", Some(row)),
        Broken::End(row) => ("end", Some(row)),
        Broken::Seal(row) => ("seal", Some(row)),
        Broken::Anchor(row) | Broken::AnchorCut(row) => ("anchor", Some(row)),
        Broken::NoHead => ("no-head", None),
    };
    let row = row.map(i64::to_string).unwrap_or_default();
    html! {
        p.note.stop role="alert" {
            strong { (view.t("console-verify-broken")) } " " (view.with(&format!("console-broken-{key}"), &[("row", &row)]))
        }
    }
}

async fn rows(read: &AnyPool, filter: &Filter) -> Result<Vec<Row>, Error> {
    let select = "SELECT number FROM audit WHERE ($1 = '' OR subject = $1) AND ($2 = '' OR actor = $2) \
                  AND ($3 = '' OR event = $3) AND at >= $4 AND at < $5 AND number < $6 ORDER BY number DESC LIMIT $7";
    let numbers = sqlx::query(select)
        .bind(&filter.subject)
        .bind(&filter.actor)
        .bind(&filter.event)
        .bind(filter.from)
        .bind(filter.until)
        .bind(filter.before)
        .bind(PAGE)
        .fetch_all(read)
        .await?;
    let numbers = numbers.iter().map(|row| row.try_get(0)).collect::<Result<Vec<i64>, _>>()?;
    audit::numbered(read, &numbers).await
}

fn audit_page(view: &View, asked: &Asked, rows: &[Row]) -> axum::response::Html<String> {
    let title = view.t("console-audit-title");
    let older = rows.last().filter(|_| i64::try_from(rows.len()) == Ok(PAGE)).map(|row| row.number);
    let content = html! {
        h1 { (title) }
        (filters(view, asked))
        p.actions { a.button href="/audit/verify" { (view.t("console-verify")) } }
        @if rows.is_empty() { p role="status" { (view.t("console-audit-none")) } }
        @else {
            div.scroll tabindex="0" role="region" aria-label=(title) { table.audit {
                thead { tr {
                    th scope="col" { (view.t("console-number")) }
                    th scope="col" { (view.t("console-when")) }
                    th scope="col" { (view.t("console-what")) }
                    th scope="col" { (view.t("console-whom")) }
                    th scope="col" { (view.t("console-who")) }
                    th scope="col" { (view.t("console-network")) }
                    th scope="col" { (view.t("console-gateway")) }
                } }
                tbody { @for row in rows { tr {
                    td { (row.number) }
                    td.nowrap { (view.time(row.at)) }
                    td { (told(view, row)) }
                    td { @match &row.subject { Some(subject) => { (subject) } None => { em { (view.t("console-erased")) } } } }
                    td { (actor(view, &row.actor)) }
                    td { (row.network.as_deref().unwrap_or("–")) }
                    td { (row.gateway) }
                } } }
            } }
            @if let Some(older) = older { (older_form(view, asked, older)) }
        }
    };
    page::page(view, Some(Place::Audit), &title, &content)
}

fn older_form(view: &View, asked: &Asked, before: i64) -> Markup {
    let kept = [
        ("subject", &asked.subject),
        ("actor", &asked.actor),
        ("event", &asked.event),
        ("from", &asked.from),
        ("to", &asked.to),
    ];
    html! {
        form method="get" action="/audit" {
            @for (name, value) in kept { input type="hidden" name=(name) value=(value); }
            button name="before" value=(before) { (view.t("console-older")) }
        }
    }
}

fn filters(view: &View, asked: &Asked) -> Markup {
    let text = |name: &str, label: &str, value: &str| {
        html! { div { label for=(name) { (view.t(label)) } input id=(name) name=(name) value=(value) maxlength="100" autocomplete="off" autocapitalize="none" spellcheck="false"; } }
    };
    let day = |name: &str, label: &str, value: &str| {
        html! { div { label for=(name) { (view.t(label)) } input id=(name) name=(name) type="date" value=(value); } }
    };
    html! {
        form.card.filters method="get" action="/audit" role="search" {
            (text("subject", "console-whom", &asked.subject))
            (text("actor", "console-who", &asked.actor))
            div {
                label for="event" { (view.t("console-what")) }
                select id="event" name="event" {
                    option value="" { (view.t("console-any")) }
                    @for event in Event::ALL {
                        option value=(event.name()) selected[event.name() == asked.event] { (event_text(view, event.name())) }
                    }
                }
            }
            div.days {
                (day("from", "console-from-day", &asked.from))
                (day("to", "console-to-day", &asked.to))
            }
            button { (view.t("console-filter")) }
        }
    }
}

/// What a row tells.
pub(super) fn told(view: &View, row: &Row) -> Markup {
    html! {
        (event_text(view, &row.event))
        @if row.event == Event::StaffAdded.name() {
            span.detail { (view.t(&format!("console-role-{}", row.detail))) }
        } @else if !row.detail.is_empty() {
            span.detail { (detail::told(view, &row.detail)) }
        }
        @if let Some(note) = &row.note { span.detail translate="no" { "„" (note) "“" } }
    }
}

/// Who did it: a name, or one of those that are nobody's.
pub(super) fn actor(view: &View, actor: &str) -> String {
    match actor {
        "member" | "gateway" | "staff" => view.t(&format!("console-actor-{actor}")),
        name => name.to_owned(),
    }
}

fn event_text(view: &View, event: &str) -> String {
    view.find(&format!("console-event-{}", event.replace('_', "-"))).unwrap_or_else(|| event.to_owned())
}
