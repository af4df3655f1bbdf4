//! The table of all faults for docs/service-desk.md: `UPDATE=1` writes tests/lab/faults.md, a plain run compares it without the seconds.

use super::{all, run::Outcome};

/// The whole table in Markdown, with one row for each outcome, in German as the desk's page.
pub fn table(outcomes: &[Outcome]) -> String {
    let mut text = String::from("| Eingriff | Code | Befund der Diagnose | Sekunden |\n|---|---|---|---|\n");
    for outcome in outcomes {
        let words = all().find(|fault| fault.name == outcome.name).map_or(outcome.name.as_str(), |fault| fault.words);
        let seconds = format!("{}.{}", outcome.took_ms / 1000, outcome.took_ms % 1000 / 100).replace('.', ",");
        text.push_str(&format!("| {words} | {} | {} | {seconds} |\n", word(&outcome.wanted), word(&outcome.said)));
    }
    text
}

fn word(code: &str) -> &str {
    if code == "-" { "kein Fehler" } else { code }
}

/// The rows without their seconds.
pub fn rows(table: &str) -> Vec<&str> {
    table.lines().filter_map(|line| line.trim_end_matches(" |").rsplit_once(" | ").map(|(row, _)| row)).collect()
}
