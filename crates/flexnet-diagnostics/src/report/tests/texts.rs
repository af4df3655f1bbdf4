//! Every name that a report can hold has its words in both languages.

use flexnet_protocol::text::Language;
use serde_json::Value;

use super::report;
use crate::report::{preview, words::texts};

/// Names of the facts' fields and variants that stand for themselves: ours are snake_case.
#[test]
fn no_name_of_a_fact_is_shown_as_it_is() {
    for language in [Language::German, Language::English] {
        let preview = preview(&report(), language).unwrap();
        for section in &preview.sections {
            assert!(!section.title.starts_with("report-"), "{}", section.title);
            for row in &section.rows {
                for text in [&row.label, &row.value] {
                    let raw = text.split(": ").any(|part| part.contains('_') && !part.contains("::"))
                        || text.contains("report-");
                    assert!(!raw, "{language:?} {}: {} = {}", section.id, row.label, row.value);
                }
            }
        }
    }
}

/// From the sources themselves, so that a fact that is added is missed here.
#[test]
fn every_field_and_variant_of_the_facts_has_words() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/facts");
    let mut missing = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let mut in_enum = false;
        for line in source.lines() {
            if line.starts_with("pub enum") || line.starts_with("pub struct") {
                in_enum = line.starts_with("pub enum");
            }
            let field =
                line.trim_start().strip_prefix("pub ").and_then(|rest| rest.split_once(": ")).map(|(name, _)| name);
            let name: String = line.trim_start().chars().take_while(char::is_ascii_alphanumeric).collect();
            let is_variant = in_enum
                && line.starts_with("    ")
                && !line.starts_with("     ")
                && name.starts_with(|c: char| c.is_ascii_uppercase());
            let (field, variant) = (field.filter(|name| !name.contains(' ')), is_variant.then(|| snake_case(&name)));
            for language in [Language::German, Language::English] {
                let has = |key: String| texts(language).find(&key, &[]).is_some();
                let sections =
                    ["profile", "pc", "network", "outside", "names", "line", "way", "gateway", "program", "inside"];
                if let Some(field) =
                    field.filter(|field| !sections.contains(field) && !has(format!("report-field-{field}")))
                {
                    missing.push(format!("report-field-{field}"));
                }
                // `Status(u16)` is told as a field.
                if let Some(variant) = variant.as_ref().filter(|v| *v != "status" && !has(format!("report-word-{v}"))) {
                    missing.push(format!("report-word-{variant}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "in report.ftl: {missing:?}");
}

fn snake_case(name: &str) -> String {
    name.chars().enumerate().fold(String::new(), |mut snake, (at, c)| {
        if at > 0 && c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
        snake
    })
}

/// What is in the JSON is on the screen: each text of the report is in some row.
#[test]
fn the_preview_hides_nothing() {
    let envelope = report();
    let value: Value = serde_json::from_str(&envelope.report).unwrap();
    let preview = preview(&envelope, Language::German).unwrap();
    let shown: Vec<&str> =
        preview.sections.iter().flat_map(|section| &section.rows).map(|row| row.value.as_str()).collect();
    let mut leaves = Vec::new();
    collect(&value["facts"], &mut leaves);
    assert!(leaves.len() > 60, "{}", leaves.len());
    let rows: usize = preview
        .sections
        .iter()
        .filter(|section| section.id.starts_with("facts-"))
        .map(|section| section.rows.len())
        .sum();
    assert!(rows >= leaves.len() - 10, "{rows} rows of {} facts", leaves.len());
    for name in
        ["Beispiel-Schutz Root CA", "enp0s31f6", "Debian GNU/Linux 12", "private IPv4", "fremdes Programm: fremd.exe"]
    {
        assert!(shown.iter().any(|value| value.contains(name)), "{name}");
    }
}

fn collect<'a>(value: &'a Value, leaves: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| collect(value, leaves)),
        Value::Array(list) => list.iter().for_each(|value| collect(value, leaves)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => leaves.push(value),
    }
}
