//! Honorarunterlagen: the newest statements, and the archive behind them, each as a PDF made on request.

use std::sync::Arc;

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
    routing::get,
};
use jiff::civil::Date;
use maud::{Markup, html};

use super::{
    Portal,
    billing::Quarter,
    page::{self, Place},
    pdf::{Document, Line},
    today,
    visit::Member,
};

/// Quarters on the first page and in the archive behind it.
const NEW: usize = 4;
const ARCHIVED: usize = 16;

pub(super) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/honorar", get(show))
        .route("/honorar/archiv", get(show_archive))
        .route("/honorar/bescheid/{file}", get(download))
}

/// The newest quarter with a statement: billing takes about one quarter.
pub(super) fn newest(today: Date) -> Quarter {
    Quarter::of(today).before().before()
}

async fn show(member: Member) -> Html<String> {
    let quarters: Vec<Quarter> = quarters(today()).take(NEW).collect();
    let content = html! {
        h1 { "Honorarunterlagen" }
        p { "Ihre Honorarbescheide der letzten vier abgerechneten Quartale. Ältere liegen im " a href="/honorar/archiv" { "Archiv" } "." }
        (table("Honorarbescheide", &quarters))
    };
    page::members(&member, Place::Fees, "Honorarunterlagen", &content)
}

async fn show_archive(member: Member) -> Html<String> {
    let quarters: Vec<Quarter> = quarters(today()).skip(NEW).collect();
    let content = html! {
        p.small { a href="/honorar" { "Zurück zu den neuesten Unterlagen" } }
        h1 { "Archiv der Honorarunterlagen" }
        @for year in quarters.chunk_by(|a, b| a.year() == b.year()) {
            @if let Some(first) = year.first() { section { h2 { (first.year()) } (table(&format!("Honorarbescheide {}", first.year()), year)) } }
        }
    };
    page::members(&member, Place::Fees, "Archiv der Honorarunterlagen", &content)
}

/// `/honorar/bescheid/32026.pdf`. Only quarters that the pages list exist; nothing here is a path of the file system.
async fn download(member: Member, Path(file): Path<String>) -> Response {
    let quarter = file.strip_suffix(".pdf").and_then(Quarter::parse);
    let Some(quarter) = quarter.filter(|wanted| quarters(today()).any(|quarter| quarter == *wanted)) else {
        return page::lost(StatusCode::NOT_FOUND);
    };
    let name = format!("attachment; filename=\"Honorarbescheid-{}-Q{}.pdf\"", quarter.year(), quarter.number());
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)];
    (headers, statement(&member.user.display_name, quarter)).into_response()
}

fn quarters(today: Date) -> impl Iterator<Item = Quarter> {
    std::iter::successors(Some(newest(today)), |quarter| Some(quarter.before())).take(NEW + ARCHIVED)
}

fn table(label: &str, quarters: &[Quarter]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(label) { table {
            thead { tr { th scope="col" { "Quartal" } th scope="col" { "Fälle" } th scope="col" { "Auszahlung" } th scope="col" { "Unterlage" } } }
            tbody { @for quarter in quarters {
                @let figures = Figures::of(*quarter);
                tr {
                    th scope="row" { (quarter) }
                    td { (figures.cases) }
                    td { (euro(figures.payout())) }
                    td { a href=(format!("/honorar/bescheid/{}.pdf", quarter.code())) download { "Honorarbescheid " (quarter) " (PDF)" } }
                }
            } }
        } }
    }
}

/// Invented, but the same every time they are looked at. Amounts in cents.
struct Figures {
    cases: i64,
    fee: i64,
    emergency: i64,
    administration: i64,
}

impl Figures {
    fn of(quarter: Quarter) -> Self {
        let seed = i64::from(quarter.year()) * 4 + i64::from(quarter.number());
        let cases = 780 + seed * 37 % 140;
        let fee = cases * 7_143 + seed * 991 % 10_000;
        let emergency = 120_000 + seed * 7_919 % 90_000;
        Self { cases, fee, emergency, administration: (fee + emergency) * 28 / 1000 }
    }

    fn payout(&self) -> i64 {
        self.fee + self.emergency - self.administration
    }
}

/// `64.123,45 €`
fn euro(cents: i64) -> String {
    let (whole, rest) = (cents.abs() / 100, cents.abs() % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("{}{grouped},{rest:02} €", if cents < 0 { "-" } else { "" })
}

fn statement(name: &str, quarter: Quarter) -> Vec<u8> {
    let figures = Figures::of(quarter);
    let row = |label: &str, cents: i64| Line::Row(label.to_owned(), euro(cents));
    let lines = vec![
        Line::Heading("Muster-KV".to_owned()),
        Line::Heading(format!("Honorarbescheid für das {quarter}")),
        Line::Gap,
        Line::Text(format!("für {name}")),
        Line::Text(format!("Abgerechnete Behandlungsfälle: {}", figures.cases)),
        Line::Gap,
        row("Honorar aus vertragsärztlicher Tätigkeit", figures.fee),
        row("Honorar aus Notfalldienst", figures.emergency),
        row("Verwaltungskosten (2,8 %)", -figures.administration),
        row("Auszahlungsbetrag", figures.payout()),
        Line::Gap,
        Line::Text("Dieses Dokument ist ein Muster. Alle Zahlen sind erfunden.".to_owned()),
    ];
    Document { title: format!("Honorarbescheid {quarter}"), lines }.to_bytes()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn amounts_read_as_germans_write_them() {
        assert_eq!(euro(6_412_345), "64.123,45 €");
        assert_eq!(euro(-100_000_007), "-1.000.000,07 €");
        assert_eq!(euro(99), "0,99 €");
    }

    #[test]
    fn the_newest_statement_is_of_the_quarter_before_last_and_the_archive_follows() {
        let all: Vec<String> = quarters(date(2026, 11, 24)).map(Quarter::code).collect();
        assert_eq!((all.len(), all[0].as_str(), all[2].as_str()), (20, "22026", "42025"));
    }
}
