//! Facts in plain words: a row for each, whatever it is. A name that has no words is shown as it is, so that nothing in a report is hidden.

use std::sync::LazyLock;

use flexnet_protocol::{
    diagnosis::Finding,
    text::{Language, Texts},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};

use super::{preview::Row, redact::GONE};

/// Members that are moments.
const MOMENTS: [&str; 4] = ["at", "not_before", "not_after", "until"];

/// The texts of one language.
pub(super) struct Words {
    texts: &'static Texts,
    language: Language,
    zone: TimeZone,
}

/// Read once a process: that costs more than what they are used for.
pub(super) fn texts(language: Language) -> &'static Texts {
    static GERMAN: LazyLock<Texts> = LazyLock::new(|| Texts::report(Language::German));
    static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::report(Language::English));
    match language {
        Language::German => &GERMAN,
        Language::English => &ENGLISH,
    }
}

/// Whether something was taken out of a text, or is told by its kind only.
pub(super) fn is_cut(text: &str) -> bool {
    text.contains(GONE)
}

impl Words {
    /// The time is always Berlin's: a report says the same wherever it is read.
    pub(super) fn new(language: Language) -> Self {
        Self { texts: texts(language), language, zone: TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC) }
    }

    pub(super) fn text(&self, key: &str) -> String {
        self.texts.get(key, &[])
    }

    pub(super) fn text_with(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.texts.get(key, values)
    }

    pub(super) fn find(&self, key: &str) -> Option<String> {
        self.texts.find(key, &[])
    }

    /// A part of a fault's texts, with the name that it may take.
    pub(super) fn fault(&self, finding: &Finding, part: &str) -> String {
        let key = format!("{}-{part}", finding.code.key());
        self.texts.find(&key, &[("subject", &finding.subject)]).unwrap_or_default()
    }

    /// What follows `Ursache:` and the like in the desk's words.
    pub(super) fn desk(&self, finding: &Finding, label: &str) -> String {
        let label = self.text(label);
        let desk = self.fault(finding, "desk");
        let lines: Vec<&str> = desk.lines().filter_map(|line| line.strip_prefix(&label)).map(str::trim).collect();
        lines.join(" ")
    }

    /// `Mittwoch, 25.11.2026, 10:32:04 Uhr` without its day.
    pub(super) fn moment(&self, at: i64) -> String {
        let Ok(moment) = Timestamp::from_second(at) else { return at.to_string() };
        let moment = moment.to_zoned(self.zone.clone());
        let format = match self.language {
            Language::German => "%d.%m.%Y, %H:%M:%S Uhr",
            Language::English => "%Y-%m-%d %H:%M:%S",
        };
        moment.strftime(format).to_string()
    }

    /// A name of a variant, or a kind of private value.
    pub(super) fn constant(&self, name: &str) -> String {
        self.word(name).unwrap_or_else(|| name.to_owned())
    }

    fn word(&self, name: &str) -> Option<String> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '-');
        (!name.is_empty() && name.len() <= 40 && name.chars().all(is_name))
            .then(|| self.find(&format!("report-word-{}", name.replace(' ', "-"))))
            .flatten()
    }

    fn label(&self, group: &str, name: &str) -> String {
        let own = self.find(&format!("report-field-{group}-{name}"));
        own.or_else(|| self.find(&format!("report-field-{name}"))).unwrap_or_else(|| name.to_owned())
    }

    /// All rows of a group of facts.
    pub(super) fn rows(&self, group: &str, value: &Value) -> Vec<Row> {
        let mut rows = Vec::new();
        self.walk(group, "", group, value, &mut rows);
        rows
    }

    /// All rows of one member.
    pub(super) fn rows_of(&self, group: &str, name: &str, value: &Value) -> Vec<Row> {
        let mut rows = Vec::new();
        self.walk(group, &self.label(group, name), name, value, &mut rows);
        rows
    }

    fn walk(&self, group: &str, label: &str, name: &str, value: &Value, rows: &mut Vec<Row>) {
        match value {
            Value::Object(members) => self.members(group, label, members, rows),
            Value::Array(list) if list.iter().any(Value::is_object) => {
                for (number, element) in list.iter().enumerate() {
                    self.walk(group, &format!("{label} {}", number + 1), name, element, rows);
                }
            }
            Value::Array(list) => {
                let listed: Vec<String> = list.iter().map(|element| self.scalar(name, element)).collect();
                let value = if listed.is_empty() { self.text("report-empty") } else { listed.join(", ") };
                rows.push(self.row(group, label, value));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                rows.push(self.row(group, label, self.scalar(name, value)));
            }
        }
    }

    fn members(&self, group: &str, label: &str, members: &Map<String, Value>, rows: &mut Vec<Row>) {
        let joined = |name: &str| {
            let own = self.label(group, name);
            if label.is_empty() { own } else { format!("{label}: {own}") }
        };
        // A variant that holds something has one member, its name.
        if let (Some((name, inside)), 1) = (members.iter().next(), members.len())
            && let Some(word) = self.word(name)
        {
            match inside {
                Value::Object(inner) => {
                    rows.push(self.row(group, label, word));
                    self.members(group, label, inner, rows);
                }
                Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    rows.push(self.row(group, label, format!("{word}: {}", self.scalar(name, inside))));
                }
            }
            return;
        }
        for (name, inside) in members {
            self.walk(group, &joined(name), name, inside, rows);
        }
    }

    fn row(&self, group: &str, label: &str, value: String) -> Row {
        let label = if label.is_empty() { self.text(&format!("report-facts-{group}")) } else { label.to_owned() };
        Row { label, removed: is_cut(&value), value }
    }

    fn scalar(&self, name: &str, value: &Value) -> String {
        match value {
            Value::Null => self.text("report-none"),
            Value::Bool(true) => self.text("report-yes"),
            Value::Bool(false) => self.text("report-no"),
            Value::Number(number) => match number.as_i64() {
                Some(at) if MOMENTS.contains(&name) => self.moment(at),
                _ => number.to_string(),
            },
            Value::String(text) if text.is_empty() => self.text("report-empty"),
            Value::String(text) => self.constant(text),
            Value::Array(list) => list.iter().map(|element| self.scalar(name, element)).collect::<Vec<_>>().join(", "),
            Value::Object(_) => value.to_string(),
        }
    }
}
