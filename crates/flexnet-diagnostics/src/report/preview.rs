//! Everything that stands in a report, in words and rows, for a screen, a page and a terminal alike. What is not here is not in the report.

use flexnet_protocol::{
    diagnosis::{Finding, Place, Point, PointState, Verdict},
    report::{Envelope, Head},
    text::Language,
};
use serde::Serialize;
use serde_json::Value;

use super::{
    seal,
    words::{Words, is_cut},
};

/// A report in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// `de` or `en`.
    pub language: &'static str,
    /// When it was made, in words, by the PC's clock and in the time of Berlin.
    pub made: String,
    /// Version of the program that made it.
    pub version: String,
    /// The Prüfcode, `HW77-C9CC`.
    pub check_code: String,
    /// What stands first.
    pub lead: Lead,
    /// All of the rest, in reading order.
    pub sections: Vec<Section>,
}

/// The verdict in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lead {
    /// `KVF-214-5`; `None` if nothing stops a connection.
    pub code: Option<String>,
    /// In the member's words.
    pub title: String,
    /// In the member's words.
    pub what: String,
    /// What the member can do, a step each.
    pub steps: Vec<String>,
    /// The likely cause, in the desk's words. May be empty.
    pub cause: String,
    /// What the desk asks next. May be empty.
    pub question: String,
}

/// Rows under a heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// `finding`, `way`, `hints`, `events`, `seal`, or the name of a group of facts.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// A remark for who decides whether to send it; may be empty.
    pub note: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// What was seen.
    pub value: String,
    /// Whether something was taken out of the value.
    pub removed: bool,
}

/// A text that this program cannot show: made by a newer one, or no report at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this program does not understand the report")]
pub struct NotAReport;

/// Groups of facts in reading order, by their names in `Facts`.
const GROUPS: [&str; 10] =
    ["profile", "pc", "network", "outside", "names", "line", "way", "gateway", "program", "inside"];

/// Puts a report into words. Does not look at the signature.
///
/// # Errors
/// [`NotAReport`].
pub fn preview(envelope: &Envelope, language: Language) -> Result<Preview, NotAReport> {
    let head: Head = serde_json::from_str(&envelope.report).map_err(|_| NotAReport)?;
    let report: Value = serde_json::from_str(&envelope.report).map_err(|_| NotAReport)?;
    let names = seal::names(envelope).ok_or(NotAReport)?;
    let words = Words::new(language);
    let mut sections = verdict_sections(&head.verdict, &words);
    sections.extend(fact_sections(&report, &words));
    sections.push(events(&report, &words));
    let row = |key: &str, value: String| Row { label: words.text(key), value, removed: false };
    let life = report.get("key").and_then(Value::as_str).unwrap_or_default();
    let hash: String = names.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    sections.push(Section {
        id: "seal".into(),
        title: words.text("report-seal"),
        note: words.text("report-seal-note"),
        rows: vec![
            row("report-check-code", names.check_code.to_string()),
            row("report-sha256", hash),
            row("report-key", names.key.to_string()),
            row("report-key-life", words.constant(life)),
        ],
    });
    Ok(Preview {
        language: language.tag(),
        made: words.moment(head.made_at),
        version: head.version,
        check_code: names.check_code.to_string(),
        lead: lead(&head.verdict, &words),
        sections,
    })
}

fn lead(verdict: &Verdict, words: &Words) -> Lead {
    let Some(first) = &verdict.first else {
        return Lead {
            code: None,
            title: words.text("report-good"),
            what: words.text("report-good-what"),
            steps: Vec::new(),
            cause: String::new(),
            question: String::new(),
        };
    };
    Lead {
        code: Some(first.code.to_string()),
        title: words.fault(first, "title"),
        what: words.fault(first, "what"),
        steps: words.fault(first, "do").lines().map(String::from).collect(),
        cause: words.desk(first, "report-desk-cause"),
        question: words.desk(first, "report-desk-question"),
    }
}

fn verdict_sections(verdict: &Verdict, words: &Words) -> Vec<Section> {
    let first: Vec<Row> = verdict.first.iter().flat_map(|first| desk_rows(first, words)).collect();
    let way = verdict.way.iter().map(|point| way_row(point, words)).collect();
    let listed = |findings: &[Finding]| findings.iter().map(|finding| finding_row(finding, words)).collect();
    let sections = [
        ("finding", first),
        ("path", way),
        ("hints", listed(&verdict.hints)),
        ("later", listed(&verdict.later)),
        ("explained", listed(&verdict.explained)),
    ];
    sections
        .into_iter()
        .filter(|(_, rows): &(_, Vec<Row>)| !rows.is_empty())
        .map(|(id, rows)| section(id, rows, words))
        .collect()
}

fn section(id: &str, rows: Vec<Row>, words: &Words) -> Section {
    let note = words.find(&format!("report-{id}-note")).unwrap_or_default();
    Section { id: id.to_owned(), title: words.text(&format!("report-{id}")), note, rows }
}

/// The desk's own words, a row a line, and what was seen.
fn desk_rows(finding: &Finding, words: &Words) -> Vec<Row> {
    let mut rows: Vec<Row> = words
        .fault(finding, "desk")
        .lines()
        .map(|line| {
            let (label, value) = line.split_once(": ").unwrap_or(("", line));
            Row { label: label.to_owned(), value: value.to_owned(), removed: false }
        })
        .collect();
    for (key, value) in [("report-subject", &finding.subject), ("report-detail", &finding.detail)] {
        if !value.is_empty() {
            rows.push(Row { label: words.text(key), removed: is_cut(value), value: value.clone() });
        }
    }
    rows
}

fn finding_row(finding: &Finding, words: &Words) -> Row {
    let title = words.fault(finding, "title");
    let seen: Vec<&str> =
        [title.as_str(), &finding.subject, &finding.detail].into_iter().filter(|part| !part.is_empty()).collect();
    let value = seen.join(" · ");
    Row { label: finding.code.to_string(), removed: is_cut(&value), value }
}

fn way_row(point: &Point, words: &Words) -> Row {
    let place = match point.place {
        Place::Pc => "report-place-pc",
        Place::Network => "report-place-network",
        Place::Internet => "report-place-internet",
        Place::Way => "report-place-way",
        Place::SignIn => "report-place-sign-in",
        Place::Portal => "report-place-portal",
    };
    let state = match point.state {
        PointState::Good => "report-point-good",
        PointState::Care => "report-point-care",
        PointState::Broken => "report-point-broken",
        PointState::Open => "report-point-open",
    };
    let counts = [("good", &*point.good.to_string()), ("looked", &*point.looked.to_string())];
    let value = match point.looked {
        0 => words.text(state),
        _ => format!("{}, {}", words.text(state), words.text_with("report-point-checks", &counts)),
    };
    Row { label: words.text(place), value, removed: false }
}

fn fact_sections(report: &Value, words: &Words) -> Vec<Section> {
    let Some(Value::Object(facts)) = report.get("facts") else { return Vec::new() };
    let mut sections = Vec::new();
    let known = GROUPS.iter().filter_map(|group| facts.get(*group).map(|value| (*group, value)));
    for (group, value) in known {
        sections.push(section(&format!("facts-{group}"), words.rows(group, value), words));
    }
    // What a newer program has beside these, and when and how long it looked.
    let rest: Vec<Row> = facts
        .iter()
        .filter(|(name, _)| !GROUPS.contains(&name.as_str()))
        .flat_map(|(name, value)| words.rows_of("run", name, value))
        .collect();
    sections.push(section("facts-run", rest, words));
    sections
}

fn events(report: &Value, words: &Words) -> Section {
    let listed = report.get("events").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |event: &Value, member: &str| event.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut rows: Vec<Row> = listed
        .iter()
        .map(|event| {
            let at = event.get("at_ms").and_then(Value::as_i64).unwrap_or_default().div_euclid(1000);
            let value = format!(
                "{} · {} · {}",
                words.constant(&text(event, "level")),
                text(event, "place"),
                text(event, "text")
            );
            Row { label: words.moment(at), removed: is_cut(&value), value }
        })
        .collect();
    if rows.is_empty() {
        rows.push(Row { label: words.text("report-events-none"), value: String::new(), removed: false });
    }
    section("events", rows, words)
}
