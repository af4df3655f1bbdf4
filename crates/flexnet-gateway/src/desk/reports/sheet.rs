//! The page of one report: verdict, cause and next question first, then what else there is to mend, the way, all facts, and by what the report is known again.

use axum::response::{IntoResponse as _, Response};
use data_encoding::HEXLOWER;
use flexnet_protocol::diagnosis::{Finding, Point, PointState};
use maud::{Markup, html};

use super::{
    super::{
        advice,
        page::{self, Place, tag},
        view::View,
    },
    facts,
};
use crate::reports::{self, Listed, Opened};

/// Stand around the report in the page that the diagnosis writes.
const BEGIN: &str = r#"<script type="application/json" id="kv-flexnet-report">"#;
const END: &str = "</script>";

/// A report to be shown.
pub(in super::super) struct Sheet {
    pub report: Opened,
    /// What is known of it here; none if it came as a file.
    pub listed: Option<Listed>,
}

/// The report in a file: alone, or inside the page of the diagnosis.
pub(in super::super) fn in_file(text: &str) -> Option<Sheet> {
    let inside = |text: &str| Some(text.split_once(BEGIN)?.1.split_once(END)?.0.to_owned());
    let sealed = inside(text).unwrap_or_else(|| text.to_owned());
    let report = reports::open(sealed.trim().as_bytes()).ok()?;
    Some(Sheet { report, listed: None })
}

impl Sheet {
    /// The page.
    pub async fn show(&self, view: &View) -> Response {
        let gateway = &view.console.gateway;
        let since = reports::known_since(gateway.database.read(), &self.report.key, gateway.clock.now()).await;
        let since = match since {
            Ok(since) => since,
            Err(error) => return page::failed(view, &error),
        };
        let title = match &self.listed {
            Some(listed) => view.with("console-sheet-title", &[("number", &listed.number)]),
            None => view.t("console-sheet-file"),
        };
        let verdict = &self.report.head.verdict;
        let groups = [
            ("console-sheet-hints", &verdict.hints),
            ("console-sheet-later", &verdict.later),
            ("console-sheet-explained", &verdict.explained),
        ];
        let content = html! {
            h1 { (title) }
            @if !self.report.is_genuine() { p.note.stop role="alert" { (view.t("console-sheet-forged")) } }
            (lead(view, verdict.first.as_ref()))
            @for (key, findings) in groups { (others(view, key, findings)) }
            (way(view, &verdict.way))
            section aria-labelledby="facts" {
                h2 id="facts" { (view.t("console-sheet-facts")) }
                (facts::tables(view, &self.report.facts))
            }
            (self.identity(view, since))
            p { a href="/reports" { (view.t("console-sheet-back")) } }
        };
        page::page(view, Some(Place::Report), &title, &content).into_response()
    }

    fn identity(&self, view: &View, since: Option<i64>) -> Markup {
        let report = &self.report;
        html! {
            section.card aria-labelledby="identity" {
                h2 id="identity" { (view.t("console-sheet-identity")) }
                @if self.listed.is_none() { p.note.care { (view.t("console-sheet-rendering")) } }
                dl.facts {
                    dt { (view.t("console-sheet-signature")) }
                    dd { @if report.is_genuine() { (tag("good", &view.t("console-sheet-right"))) } @else { (tag("stop", &view.t("console-sheet-wrong"))) } }
                    dt { (view.t("console-reports-code")) } dd.mono { (report.check_code()) }
                    dt { "SHA-256" } dd.mono { (HEXLOWER.encode(&report.hash)) }
                    dt { (view.t("console-sheet-key")) } dd.mono { (reports::fingerprint(&report.key)) }
                    dt { (view.t("console-sheet-known")) }
                    dd { @match since { Some(at) => { (view.time(at)) } None => { (view.t("console-sheet-unknown")) } } }
                    dt { (view.t("console-sheet-made")) } dd { (view.time(report.head.made_at)) }
                    dt { (view.t("console-sheet-version")) } dd translate="no" { (report.head.version.chars().take(40).collect::<String>()) }
                    @if let Some(listed) = &self.listed {
                        dt { (view.t("console-reports-received")) } dd { (view.time(listed.received)) }
                        dt { (view.t("console-sheet-until")) } dd { (view.time(listed.until)) }
                    }
                }
            }
        }
    }
}

fn lead(view: &View, first: Option<&Finding>) -> Markup {
    html! {
        @match first {
            None => { p.note.good role="status" { (view.t("console-sheet-good")) } }
            Some(finding) => {
                section.card.lead aria-labelledby="lead" {
                    h2 id="lead" { (headline(view, finding)) }
                    (seen(view, finding))
                    (advice::advice(view, finding.code, &short(&finding.subject)))
                }
            }
        }
    }
}

fn others(view: &View, key: &str, findings: &[Finding]) -> Markup {
    html! {
        @if !findings.is_empty() {
            section aria-labelledby=(key) {
                h2 id=(key) { (view.t(key)) }
                @for finding in findings.iter().take(40) {
                    details.card {
                        summary { (headline(view, finding)) }
                        (seen(view, finding))
                        (advice::advice(view, finding.code, &short(&finding.subject)))
                    }
                }
            }
        }
    }
}

fn headline(view: &View, finding: &Finding) -> Markup {
    html! { span.mono { (finding.code) } " · " (advice::text(view, finding.code, "title", &short(&finding.subject))) }
}

/// At most so much of what a PC wrote.
fn short(text: &str) -> String {
    text.chars().take(400).collect()
}

/// What this PC showed of it.
fn seen(view: &View, finding: &Finding) -> Markup {
    let seen = [("console-sheet-subject", &finding.subject), ("console-seen", &finding.detail)];
    html! {
        @if seen.iter().any(|(_, text)| !text.is_empty()) {
            dl.facts {
                @for (key, text) in seen {
                    @if !text.is_empty() { dt { (view.t(key)) } dd translate="no" { (short(text)) } }
                }
            }
        }
    }
}

fn way(view: &View, points: &[Point]) -> Markup {
    let word = |state: PointState| match state {
        PointState::Good => ("good", "console-point-good"),
        PointState::Care => ("care", "console-point-care"),
        PointState::Broken => ("stop", "console-point-broken"),
        PointState::Open => ("", "console-point-open"),
    };
    let name = |point: &Point| {
        let place = serde_json::to_value(point.place).ok();
        let place = place.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().replace('_', "-");
        view.t(&format!("console-place-{place}"))
    };
    html! {
        section {
            h2 id="way" { (view.t("console-sheet-way")) }
            (page::table(view, "way", &["console-point", "console-state", "console-checks"], false, &html! {
                @for point in points.iter().take(12) {
                    @let (tone, key) = word(point.state);
                    tr {
                        th scope="row" { (name(point)) }
                        td { (tag(tone, &view.t(key))) }
                        td { (view.with("console-checks-good", &[("good", &point.good.to_string()), ("looked", &point.looked.to_string())])) }
                    }
                }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::samples;

    #[test]
    fn a_report_is_found_in_its_page_and_alone() {
        let sealed = String::from_utf8(samples::sealed(1, "KVF-102-9")).unwrap();
        for text in
            [sealed.clone(), format!("\n{sealed}\n"), format!("<!DOCTYPE html><p>x</p>{BEGIN}{sealed}{END}</html>")]
        {
            assert!(in_file(&text).is_some_and(|sheet| sheet.report.is_genuine()), "{text}");
        }
        for text in ["", "KVF-102-9", "{}", &format!("{BEGIN}{{}}{END}"), &format!("{BEGIN}{sealed}")] {
            assert!(in_file(text).is_none(), "{text}");
        }
    }
}
