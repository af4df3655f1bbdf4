//! Everything that stands in a report, as tables: generic, because a newer program sees more than this one knows. Bounded, whatever was sent in.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::super::{page, view::View};

/// Rows of all tables together.
const ROWS: usize = 1_500;
/// Characters of a value.
const LONG: usize = 400;
/// What the page has said before.
const SAID: [&str; 4] = ["format", "made_at", "version", "verdict"];

/// A heading and its rows.
#[derive(Debug, PartialEq, Eq)]
struct Section {
    title: String,
    rows: Vec<(String, String)>,
}

/// What is being written down, until there is no room.
struct Pen {
    left: usize,
    cut: bool,
}

/// The tables.
pub(super) fn tables(view: &View, facts: &Value) -> Markup {
    let (sections, cut) = sections(facts);
    html! {
        @for (place, section) in sections.iter().enumerate() {
            @let id = format!("facts-{place}");
            section {
                h3.mono id=(id) translate="no" { (section.title) }
                (page::table(view, &id, &["console-fact", "console-seen"], false, &html! {
                    @for (name, value) in &section.rows { tr translate="no" { th.mono scope="row" { (name) } td { (value) } } }
                }))
            }
        }
        @if cut { p.note.care { (view.t("console-facts-cut")) } }
    }
}

/// A section for each member, and for each member of one that has members of its own.
fn sections(facts: &Value) -> (Vec<Section>, bool) {
    let mut pen = Pen { left: ROWS, cut: false };
    let mut sections = Vec::new();
    let mut plain = Vec::new();
    let members = facts.as_object().into_iter().flatten().filter(|(name, _)| !SAID.contains(&name.as_str()));
    for (name, value) in members {
        match value {
            Value::Object(inner) if inner.values().any(is_wide) => {
                let mut rest = Map::new();
                for (within, value) in inner {
                    if is_wide(value) {
                        sections.push(pen.section(format!("{} · {}", short(name), short(within)), value));
                    } else {
                        rest.insert(within.clone(), value.clone());
                    }
                }
                if !rest.is_empty() {
                    sections.push(pen.section(short(name), &Value::Object(rest)));
                }
            }
            Value::Object(_) | Value::Array(_) => sections.push(pen.section(short(name), value)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => pen.rows(name, value, &mut plain),
        }
    }
    if !plain.is_empty() {
        sections.push(Section { title: "…".into(), rows: plain });
    }
    sections.retain(|section| !section.rows.is_empty());
    (sections, pen.cut)
}

fn is_wide(value: &Value) -> bool {
    match value {
        Value::Object(inner) => !inner.is_empty(),
        Value::Array(inner) => inner.iter().any(|value| value.is_object() || value.is_array()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

impl Pen {
    fn section(&mut self, title: String, value: &Value) -> Section {
        let mut rows = Vec::new();
        self.rows("", value, &mut rows);
        Section { title, rows }
    }

    /// A row for each value that is no object; lists of plain values are one.
    fn rows(&mut self, path: &str, value: &Value, rows: &mut Vec<(String, String)>) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                for (name, value) in inner {
                    self.rows(&below(name), value, rows);
                }
            }
            Value::Array(inner) if is_wide(value) => {
                for (place, value) in inner.iter().enumerate() {
                    self.rows(&below(&(place + 1).to_string()), value, rows);
                }
            }
            Value::Array(inner) => {
                let all: Vec<String> = inner.iter().take(LONG).map(plain).collect();
                self.row(path, &all.join(", "), rows);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                self.row(path, &plain(value), rows);
            }
        }
    }

    fn row(&mut self, path: &str, value: &str, rows: &mut Vec<(String, String)>) {
        if self.left == 0 {
            self.cut = true;
            return;
        }
        self.left -= 1;
        self.cut |= value.chars().nth(LONG).is_some();
        rows.push((short(path), short(value)));
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".into(),
        Value::Object(_) | Value::Array(_) => "∅".into(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// At most so many characters, none of them a control character.
fn short(text: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(LONG).map(clean).collect();
    if text.chars().nth(LONG).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_has_its_row_under_its_heading() {
        let facts = json!({
            "format": 1, "verdict": { "first": null },
            "facts": { "pc": { "clock": { "ahead": -812 }, "names": ["a", "b"] }, "ready": true },
            "events": [{ "at": 1, "word": "up" }, { "at": 2, "word": null }],
            "language": "de",
        });
        let (sections, cut) = sections(&facts);
        assert!(!cut);
        let told: Vec<String> = sections
            .iter()
            .flat_map(|s| s.rows.iter().map(move |(name, value)| format!("{}: {name} = {value}", s.title)))
            .collect();
        assert_eq!(
            told,
            [
                "events: 1.at = 1",
                "events: 1.word = up",
                "events: 2.at = 2",
                "events: 2.word = –",
                "facts · pc: clock.ahead = -812",
                "facts · pc: names = a, b",
                "facts: ready = true",
                "…: language = de",
            ]
        );
    }

    #[test]
    fn whatever_is_sent_in_makes_a_page_of_bounded_length() {
        let many: Vec<Value> = (0..50_000).map(|n| json!({ "n": n })).collect();
        let (all, cut) = sections(&json!({ "facts": { "many": many, "long": "x".repeat(100_000) } }));
        let rows: usize = all.iter().map(|section| section.rows.len()).sum();
        assert!(cut && rows <= ROWS, "{rows}");
        let long = short(&"ß\u{1b}".repeat(1_000));
        assert_eq!((long.chars().count(), long.contains('\u{1b}')), (LONG + 1, false));
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!({ "d": deep });
        }
        assert_eq!(sections(&json!({ "facts": deep })).0.len(), 1);
    }
}
