//! The file: one HTML page without script, picture or anything from elsewhere, with the sealed report inside as JSON.

use flexnet_protocol::{report::Envelope, text::Language};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    preview::{Lead, NotAReport, Preview, Row, Section, preview},
    words::texts,
};

/// Stands before the JSON of a page.
pub(super) const BEGIN: &str = r#"<script type="application/json" id="kv-flexnet-report">"#;
/// Stands behind it.
pub(super) const END: &str = "</script>";
const STYLE: &str = include_str!("page.css");
/// Nothing may be loaded, run or sent. The style is in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page of a sealed report, the same bytes for the same report, language and version of this program.
///
/// # Errors
/// [`NotAReport`].
pub fn page(envelope: &Envelope, language: Language) -> Result<String, NotAReport> {
    let preview = preview(envelope, language)?;
    let texts = texts(language);
    let text = |key: &str| texts.get(key, &[]);
    let json = serde_json::to_string(envelope).map_err(|_| NotAReport)?;
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (text("report-title")) " " (preview.check_code) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { (heading(&preview, &text)) }
                main {
                    (first(&preview.lead, &text))
                    @for section in &preview.sections { (rows(section, &text)) }
                }
                footer { p { (text("report-foot")) } }
                (PreEscaped(BEGIN)) (PreEscaped(escaped(&json))) (PreEscaped(END))
            }
        }
    };
    Ok(page.into_string() + "\n")
}

fn heading(preview: &Preview, text: &impl Fn(&str) -> String) -> Markup {
    html! {
        p.product { "KV\u{2011}FlexNet " (preview.version) }
        h1 { (text("report-title")) }
        dl.pairs {
            div { dt { (text("report-made")) } dd { (preview.made) } }
            div { dt { (text("report-check-code")) } dd.code { (unbroken(&preview.check_code)) } }
        }
    }
}

fn first(lead: &Lead, text: &impl Fn(&str) -> String) -> Markup {
    let class = if lead.code.is_some() { "lead stop" } else { "lead good" };
    html! {
        section class=(class) aria-labelledby="lead" {
            h2 #lead { (lead.title) }
            @if let Some(code) = &lead.code { p.code { (unbroken(code)) } }
            p { (lead.what) }
            @if !lead.steps.is_empty() {
                h3 { (text("report-steps")) }
                ol { @for step in &lead.steps { li { (step) } } }
            }
            @if !lead.cause.is_empty() { h3 { (text("report-cause")) } p { (lead.cause) } }
            @if !lead.question.is_empty() { h3 { (text("report-question")) } p { (lead.question) } }
        }
    }
}

fn rows(section: &Section, text: &impl Fn(&str) -> String) -> Markup {
    html! {
        section aria-labelledby=(section.id) {
            h2 id=(section.id) { (section.title) }
            @if !section.note.is_empty() { p.note { (section.note) } }
            table {
                thead.unseen { tr { th scope="col" { (text("report-column-what")) } th scope="col" { (text("report-column-seen")) } } }
                tbody { @for row in &section.rows { (line(row, text)) } }
            }
        }
    }
}

fn line(row: &Row, text: &impl Fn(&str) -> String) -> Markup {
    html! {
        tr {
            th scope="row" { (row.label) }
            td { (row.value) @if row.removed { " " span.cut { (text("report-removed")) } } }
        }
    }
}

/// A browser would break a code behind its hyphen.
fn unbroken(code: &str) -> String {
    code.replace('-', "\u{2011}")
}

/// JSON that no reader of HTML can take for the end of its element (HTML, "Restrictions for contents of script elements").
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => escaped.push(c),
        }
    }
    escaped
}
