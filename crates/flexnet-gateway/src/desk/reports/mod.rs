//! The reports that members have sent in: a search that takes number, Prüfcode or fault code, the list, and the page of each (`sheet`). Opening one is a row of the audit.
//! A code that was misheard is said to be so; no guess is shown.

mod facts;
mod sheet;

use axum::{
    Extension,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use flexnet_protocol::{
    FaultCode,
    fault::BadCode,
    report::{BadCheckCode, CheckCode},
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) use self::sheet::{Sheet, in_file};
use super::{
    page::{self, Place},
    report,
    sign_in::hand,
    view::View,
};
use crate::{
    error::Error,
    reports::{self, Listed, Wanted},
};

/// Rows on a page.
const PAGE: i64 = 50;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    /// Rows before this place in the order.
    before: Option<i64>,
}

/// What somebody means by what they typed.
#[derive(Debug, PartialEq, Eq)]
enum Meant {
    Nothing,
    Report(Wanted),
    Fault(FaultCode),
    /// A check digit or character that does not fit.
    Misheard,
    /// A fault of no entry.
    NoFault,
    Neither,
}

fn meant(text: &str) -> Meant {
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let compact: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2011}')).collect();
    if compact.is_empty() {
        return Meant::Nothing;
    }
    if let Some(number) = Some(&compact).filter(|text| is_number(text)).and_then(|text| text.parse().ok()) {
        return Meant::Report(Wanted::Number(number));
    }
    match compact.parse::<FaultCode>() {
        Ok(code) => return Meant::Fault(code),
        Err(BadCode::CheckDigit) => return Meant::Misheard,
        Err(BadCode::Unknown) => return Meant::NoFault,
        Err(BadCode::Shape) => {}
    }
    match compact.parse::<CheckCode>() {
        Ok(code) => Meant::Report(Wanted::Code(code)),
        Err(BadCheckCode::Misheard) => Meant::Misheard,
        Err(BadCheckCode::Shape) => Meant::Neither,
    }
}

pub(super) async fn show(Extension(view): Extension<View>, Query(asked): Query<Asked>) -> Response {
    let gateway = &view.console.gateway;
    let (read, now) = (gateway.database.read(), gateway.clock.now());
    let found = match meant(&asked.q) {
        Meant::Nothing => None,
        Meant::Report(wanted) => match reports::find(read, wanted, now).await {
            Ok(found) if found.len() == 1 => {
                let path = found.first().map(|listed| format!("/reports/{}", listed.number));
                return Redirect::to(path.as_deref().unwrap_or("/reports")).into_response();
            }
            Ok(found) if found.is_empty() => Some(said(&view, "console-reports-not-kept")),
            Ok(found) => Some(hits(&view, &found)),
            Err(error) => return page::failed(&view, &error),
        },
        Meant::Fault(code) => Some(report::finding(&view, code, &[])),
        Meant::Misheard => Some(said(&view, "console-reports-misheard")),
        Meant::NoFault => Some(said(&view, "console-reports-no-fault")),
        Meant::Neither => Some(said(&view, "console-reports-neither")),
    };
    let listed = match reports::list(read, asked.before, PAGE, now).await {
        Ok(listed) => listed,
        Err(error) => return page::failed(&view, &error),
    };
    let title = view.t("console-reports-title");
    let content = html! {
        h1 { (title) }
        form.card.search method="get" action="/reports" role="search" {
            label for="q" { (view.t("console-reports-label")) }
            input id="q" name="q" value=(asked.q) autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="40"
                autofocus aria-describedby="q-hint";
            p.small id="q-hint" { (view.t("console-reports-hint")) }
            button.main { (view.t("console-find")) }
        }
        @if let Some(found) = &found { (found) }
        (kept(&view, &listed))
        (report::form(&view))
    };
    page::page(&view, Some(Place::Report), &title, &content).into_response()
}

/// One report; the audit says who has opened it.
pub(super) async fn open(Extension(view): Extension<View>, Path(number): Path<i64>) -> Response {
    let gateway = &view.console.gateway;
    let Some(staff) = &view.staff else { return page::lost(&view, StatusCode::FORBIDDEN, None) };
    let found = match reports::show(&gateway.database, hand(gateway, &staff.username, &view.network), number).await {
        Ok(found) => found,
        Err(Error::Unknown(_)) => return page::lost(&view, StatusCode::NOT_FOUND, Some("console-reports-gone")),
        Err(error) => return page::failed(&view, &error),
    };
    Sheet { report: found.report, listed: Some(found.listed) }.show(&view).await
}

fn said(view: &View, key: &str) -> Markup {
    html! { p.note.care role="status" { (view.t(key)) } }
}

/// Reports with the same Prüfcode.
fn hits(view: &View, found: &[Listed]) -> Markup {
    html! {
        section {
            h2 id="hits" { (view.t("console-reports-several")) }
            (rows(view, "hits", found))
        }
    }
}

fn kept(view: &View, listed: &[Listed]) -> Markup {
    let older = listed.last().filter(|_| i64::try_from(listed.len()) == Ok(PAGE)).map(|report| report.id);
    html! {
        section {
            h2 id="kept" { (view.t("console-reports-kept")) }
            @if listed.is_empty() { p { (view.t("console-reports-none")) } } @else { (rows(view, "kept", listed)) }
            @if let Some(older) = older {
                form method="get" action="/reports" { button name="before" value=(older) { (view.t("console-older")) } }
            }
        }
    }
}

fn rows(view: &View, labelled_by: &str, listed: &[Listed]) -> Markup {
    let columns =
        ["console-reports-number", "console-reports-received", "console-reports-verdict", "console-reports-code"];
    page::table(
        view,
        labelled_by,
        &columns,
        false,
        &html! {
            @for report in listed { tr {
                td { a href=(format!("/reports/{}", report.number)) { (report.number) } }
                td.nowrap { (view.time(report.received)) }
                td { (verdict(view, &report.verdict)) }
                td.mono { (report.check_code) }
            } }
        },
    )
}

fn verdict(view: &View, code: &str) -> Markup {
    match code.parse::<FaultCode>() {
        Ok(known) => html! { span.mono { (known) } " · " (view.t(&format!("{}-title", known.key()))) },
        Err(_) if code.is_empty() => html! { (view.t("console-reports-good")) },
        Err(_) => html! { span.mono { (code) } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_a_number_a_fault_or_a_pruefcode() {
        for text in ["700-3", "7003", "kvf 700 3", " KVF\u{2011}700\u{2011}3 "] {
            assert_eq!(meant(text), Meant::Fault(FaultCode::Locked), "{text}");
        }
        assert_eq!(meant("1 23 45"), Meant::Report(Wanted::Number(12_345)));
        assert!(matches!(meant("hw77 c9cc"), Meant::Report(Wanted::Code(code)) if code.to_string() == "HW77-C9CC"));
        for text in ["KVF-700-4", "7004", "HW77-C9CE", "WH77-C9CC"] {
            assert_eq!(meant(text), Meant::Misheard, "{text}");
        }
        assert_eq!(meant("998-9"), Meant::NoFault, "fits, and is no entry");
        for text in ["hello", "123456", "HW77-C9C", "HW77-C9C0", "<script>"] {
            assert_eq!(meant(text), Meant::Neither, "{text}");
        }
        assert_eq!(meant(" - "), Meant::Nothing);
    }
}
