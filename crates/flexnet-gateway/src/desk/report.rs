//! Reads what a member has sent or read aloud: the file of a sealed report, shown as `reports` shows one that is kept; of anything else which codes are in it, and what
//! the catalogue tells the desk of each. Nothing of it is kept.

use axum::{
    Extension,
    extract::Multipart,
    http::StatusCode,
    response::{Html, IntoResponse as _, Response},
};
use flexnet_protocol::{FaultCode, fault::BadCode};
use maud::{Markup, html};
use serde_json::Value;

use super::{
    advice,
    page::{self, Place},
    reports,
    view::View,
};

pub(super) async fn show(Extension(view): Extension<View>) -> Html<String> {
    report_page(&view, &html! {})
}

pub(super) async fn read(Extension(mut view): Extension<View>, parts: Multipart) -> Response {
    view.back = "/report".into();
    let Ok(text) = text(parts).await else { return page::lost(&view, StatusCode::BAD_REQUEST, None) };
    if let Some(sheet) = reports::in_file(&text) {
        return sheet.show(&view).await;
    }
    report_page(&view, &findings(&view, &codes(&text))).into_response()
}

/// The pasted text and the uploaded file together. What is no UTF-8 in it is no code either.
pub(super) async fn text(mut parts: Multipart) -> Result<String, axum::extract::multipart::MultipartError> {
    let mut text = String::new();
    while let Some(part) = parts.next_field().await? {
        text.push_str(&String::from_utf8_lossy(&part.bytes().await?));
        text.push('\n');
    }
    Ok(text)
}

/// What a report holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Codes {
    /// Codes of the catalogue, each once, in its order.
    pub known: Vec<FaultCode>,
    /// What looks like a code and is none: misread, mistyped, or of a newer version.
    pub unknown: Vec<String>,
}

pub(super) fn codes(text: &str) -> Codes {
    let mut strings = Vec::new();
    match serde_json::from_str::<Value>(text.trim()) {
        Ok(value @ (Value::Object(_) | Value::Array(_) | Value::String(_))) => collect(value, &mut strings),
        Ok(Value::Null | Value::Bool(_) | Value::Number(_)) | Err(_) => strings.push(text.to_owned()),
    }
    let mut codes = Codes::default();
    for text in &strings {
        candidates(text).for_each(|candidate| match candidate.parse() {
            Ok(code) => codes.known.push(code),
            Err(BadCode::CheckDigit | BadCode::Unknown) => codes.unknown.push(candidate),
            Err(BadCode::Shape) => {}
        });
    }
    // A code by itself, as it is read aloud: without the letters.
    if codes == Codes::default() {
        match text.trim().parse() {
            Ok(code) => codes.known.push(code),
            Err(BadCode::CheckDigit | BadCode::Unknown) => codes.unknown.push(text.trim().to_owned()),
            Err(BadCode::Shape) => {}
        }
    }
    codes.known.sort_unstable();
    codes.known.dedup();
    codes.unknown.sort_unstable();
    codes.unknown.dedup();
    codes
}

fn collect(value: Value, strings: &mut Vec<String>) {
    match value {
        Value::String(text) => strings.push(text),
        Value::Array(values) => values.into_iter().for_each(|value| collect(value, strings)),
        Value::Object(fields) => fields.into_iter().for_each(|(name, value)| {
            strings.push(name);
            collect(value, strings);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Everything that begins like a code: `KVF` and the next four digits with whatever hyphens and blanks between them.
fn candidates(text: &str) -> impl Iterator<Item = String> {
    let upper = text.to_uppercase();
    let starts: Vec<usize> = upper.match_indices("KVF").map(|(start, _)| start).collect();
    starts.into_iter().map(move |start| {
        let mut digits = 0;
        let rest = upper.get(start + 3..).unwrap_or_default();
        let body = rest.chars().take_while(|c| {
            let wanted = digits < 4 && (c.is_ascii_digit() || matches!(c, '-' | '\u{2011}' | ' ' | '\u{a0}'));
            digits += usize::from(c.is_ascii_digit());
            wanted
        });
        format!("KVF{}", body.collect::<String>().trim_end())
    })
}

fn report_page(view: &View, findings: &Markup) -> Html<String> {
    let title = view.t("console-report-title");
    let content = html! {
        h1 { (title) }
        (findings)
        (form(view))
        p { a href="/reports" { (view.t("console-sheet-back")) } }
    };
    page::page(view, Some(Place::Report), &title, &content)
}

/// Takes a text or a file.
pub(super) fn form(view: &View) -> Markup {
    html! {
        form.card method="post" action="/report" enctype="multipart/form-data" aria-labelledby="read" {
            h2 id="read" { (view.t("console-report-title")) }
            p { (view.t("console-report-text")) }
            label for="text" { (view.t("console-report-paste")) }
            textarea id="text" name="text" rows="6" autocomplete="off" spellcheck="false" {}
            label for="file" { (view.t("console-report-file")) }
            input id="file" name="file" type="file" accept=".html,.txt,.json,.log,text/html,text/plain,application/json";
            button.main { (view.t("console-report-read")) }
        }
    }
}

fn findings(view: &View, codes: &Codes) -> Markup {
    html! {
        h2 { span role="status" { (view.count("console-report-found", codes.known.len())) } }
        @if !codes.unknown.is_empty() {
            div.note.care {
                p { strong { (view.t("console-report-unknown")) } }
                ul { @for code in &codes.unknown { li.mono { (code) } } }
            }
        }
        @for code in &codes.known { (finding(view, *code, &codes.known)) }
    }
}

/// The entry of the catalogue, beside others that may explain it.
pub(super) fn finding(view: &View, code: FaultCode, all: &[FaultCode]) -> Markup {
    let key = code.key();
    let cause = all.iter().find(|other| other.explains(code));
    html! {
        section.card aria-labelledby=(key) {
            h2 id=(key) { span.mono { (code) } " · " (advice::text(view, code, "title", "")) }
            @if let Some(cause) = cause {
                p.note.care { (view.with("console-report-explained", &[("code", &cause.to_string())])) }
            }
            (advice::advice(view, code, ""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(codes: &[FaultCode]) -> Codes {
        Codes { known: codes.to_vec(), unknown: vec![] }
    }

    #[test]
    fn codes_are_found_in_text_however_they_are_written() {
        let text =
            "Bericht 4711\nkvf-700-3, dann KVF\u{2011}102\u{2011}9 und noch einmal KVF 700 3. KVF ist kein Code.";
        assert_eq!(codes(text), known(&[FaultCode::ClockWrong, FaultCode::Locked]));
        assert_eq!(codes(" 700-3 "), known(&[FaultCode::Locked]), "as read aloud");
        assert_eq!(codes(""), Codes::default());
    }

    #[test]
    fn codes_are_found_in_json_whatever_its_form() {
        let json = r#"{"faults":[{"code":"KVF\u2011700\u20113"}],"note":"KVF-102-9","n":7003}"#;
        assert_eq!(codes(json), known(&[FaultCode::ClockWrong, FaultCode::Locked]));
    }

    #[test]
    fn what_was_misread_is_said() {
        assert_eq!(codes("KVF-700-4").unknown, ["KVF-700-4"]);
        assert_eq!(codes("7004").unknown, ["7004"]);
        assert_eq!(codes("KVF-70"), Codes::default());
    }

    #[test]
    fn no_text_makes_it_fail() {
        for text in ["KVF", "KVF-", "ßKVF7003ß", "kvﬀKVF-1", "\u{0}KVF\u{0}", "{\"KVF-700-3\":null}"] {
            codes(text);
        }
        assert_eq!(codes("{\"KVF-700-3\":null}"), known(&[FaultCode::Locked]));
    }
}
