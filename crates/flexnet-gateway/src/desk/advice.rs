//! What the catalogue tells the desk of a fault, in the order in which it is needed on the telephone: the likely cause, the next question, then the rest.

use flexnet_protocol::FaultCode;
use maud::{Markup, html};

use super::view::View;

/// The desk's words of one fault.
#[derive(Debug, Default, PartialEq, Eq)]
struct Advice {
    cause: Vec<String>,
    question: Vec<String>,
    rest: Vec<String>,
}

impl Advice {
    /// Sorts lines by the word before their colon.
    fn of(lines: &[String], cause: &str, question: &str) -> Self {
        let mut advice = Self::default();
        for line in lines {
            let labelled = |label: &str| Some(line.strip_prefix(label)?.strip_prefix(':')?.trim().to_owned());
            match (labelled(cause), labelled(question)) {
                (Some(line), _) => advice.cause.push(line),
                (None, Some(line)) => advice.question.push(line),
                (None, None) => advice.rest.push(line.clone()),
            }
        }
        advice
    }
}

/// A part of a fault's texts. `subject` is the name that it concerns; may be empty.
pub(super) fn text(view: &View, code: FaultCode, part: &str, subject: &str) -> String {
    view.with(&format!("{}-{part}", code.key()), &[("subject", subject)])
}

fn lines(view: &View, code: FaultCode, part: &str, subject: &str) -> Vec<String> {
    let text = text(view, code, part, subject);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(String::from).collect()
}

/// Cause, question and the rest; then what the member reads.
pub(super) fn advice(view: &View, code: FaultCode, subject: &str) -> Markup {
    let words = Advice::of(
        &lines(view, code, "desk", subject),
        &view.t("console-label-cause"),
        &view.t("console-label-question"),
    );
    html! {
        @for (title, lines) in [("console-cause", &words.cause), ("console-question", &words.question)] {
            @if !lines.is_empty() {
                div.advice { h3 { (view.t(title)) } @for line in lines { p { (line) } } }
            }
        }
        @for line in &words.rest { p { (line) } }
        h3 { (view.t("console-report-member")) }
        p { (text(view, code, "what", subject)) }
        ol { @for line in lines(view, code, "do", subject) { li { (line) } } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_sorted_by_what_they_are_for() {
        let lines = ["Ebene: PC.", "Ursache: Die Uhr.", "Frage: Seit wann?", "Prüfen."].map(String::from);
        let advice = Advice::of(&lines, "Ursache", "Frage");
        assert_eq!((advice.cause, advice.question), (vec!["Die Uhr.".to_owned()], vec!["Seit wann?".to_owned()]));
        assert_eq!(advice.rest, ["Ebene: PC.", "Prüfen."]);
    }
}
