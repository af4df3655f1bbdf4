//! A diagnosis for a terminal: the verdict in words, and the exit code for whoever runs it from a program.
//! Every text comes from `locales/*/diagnosis.ftl`, `ui.ftl` and `faults.ftl`. Decides nothing.

use flexnet_protocol::{
    FaultCode,
    desk::DeskContact,
    diagnosis::{Check, Finding, Place, Point, PointState, Verdict},
    text::{Language, Texts},
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use crate::{
    checks,
    collect::{self, Input, Progress},
    facts::Facts,
};

/// One run: what was seen, and what it says. As JSON `{"facts": …, "verdict": …}`.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// What was seen.
    pub facts: Facts,
    /// What it says.
    pub verdict: Verdict,
    /// Whom to telephone, where the profile names somebody. No part of the JSON: who reads that has the profile.
    #[serde(skip)]
    pub desk: Option<DeskContact>,
}

impl Diagnosis {
    /// Looks and judges, for at most 13 seconds. Never fails.
    pub async fn run(input: &Input, progress: tokio::sync::mpsc::UnboundedSender<Progress>) -> Self {
        let desk = collect::profile(&input.profile).await.1.map(|profile| profile.desk);
        let facts = collect::collect(input, progress).await;
        let verdict = checks::judge(&facts);
        Self { facts, verdict, desk }
    }
}

/// 0 nothing, 1 hints only, else 10 and the area digit of the first cause: 12 for a fault of area 2.
pub fn exit_code(verdict: &Verdict) -> u8 {
    match &verdict.first {
        Some(first) => 10 + u8::try_from(first.code.number() / 100 % 10).unwrap_or_default(),
        None if verdict.hints.is_empty() => 0,
        None => 1,
    }
}

/// What [`exit_code`] gives, for `--help`.
pub const EXIT_CODES: &str = "Exit codes: 0 nothing found, 1 hints only, 2 wrong usage; with a cause 10 and the first digit of its code: \
    10 rules of use, 11 this PC, 12 network and line, 13 names, 14 way to the gateway, 15 gateway, 16 tunnel, 17 sign-in, 18 portal, \
    19 the program itself.";

/// The whole diagnosis in words, lines without an end of their own: first the cause with what to do, its code as it is spoken and whom to call,
/// then the six points of the way, then what else was found, then what is for the desk.
pub fn text(diagnosis: &Diagnosis, language: Language) -> String {
    let words = Words { texts: Texts::diagnosis(language), language };
    let Diagnosis { facts, verdict, desk } = diagnosis;
    let mut parts = vec![match &verdict.first {
        Some(first) => words.cause(first, desk.as_ref()),
        None => words.no_cause(verdict),
    }];
    parts.push(words.way(&verdict.way));
    for (head, findings) in [("diagnose-later", &verdict.later), ("diagnose-hints", &verdict.hints)] {
        parts.push(words.list(head, findings));
    }
    parts.push(words.for_desk(verdict));
    parts.push(words.seen(facts));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// A line for a check whose facts are there.
pub fn progress(check: Check, done: usize, language: Language) -> String {
    let words = Words { texts: Texts::diagnosis(language), language };
    let (done, all) = (done.to_string(), Check::ALL.len().to_string());
    let name = words.texts.get(&check_key(check), &[]);
    words.texts.get("diagnose-progress", &[("done", &done), ("all", &all), ("check", &name)])
}

/// Key of the name of a check: `check-captive-portal`.
pub fn check_key(check: Check) -> String {
    key("check", &check)
}

/// Key of the name of a point: `place-sign-in`.
pub fn place_key(place: Place) -> String {
    key("place", &place)
}

fn key(kind: &str, value: &impl Serialize) -> String {
    let name = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(|name| name.replace('_', "-")));
    format!("{kind}-{}", name.unwrap_or_default())
}

struct Words {
    texts: Texts,
    language: Language,
}

impl Words {
    fn cause(&self, first: &Finding, desk: Option<&DeskContact>) -> String {
        let mut lines: Vec<String> = ["title", "what"].into_iter().filter_map(|part| self.of(first, part)).collect();
        let steps = self.of(first, "do").unwrap_or_default();
        match steps.lines().count() {
            0 | 1 => lines.extend(steps.lines().map(str::to_owned)),
            _ => lines.extend(steps.lines().zip(1..).map(|(step, number)| format!("{number}. {step}"))),
        }
        lines.push(self.texts.get("diagnose-code", &[("code", &first.code.to_string())]));
        lines.push(self.texts.get("diagnose-spelled", &[("spelled", &self.spelled(first.code))]));
        lines.push(match desk.filter(|desk| !desk.phone.is_empty()) {
            Some(desk) => format!("{}: {}", desk.name, desk.phone),
            None => self.texts.get("diagnose-no-profile", &[]),
        });
        lines.join("\n")
    }

    fn no_cause(&self, verdict: &Verdict) -> String {
        let is_open = |point: &Point| point.state == PointState::Open;
        if verdict.hints.is_empty() && !verdict.way.iter().any(|point| point.looked > 0) {
            return self.texts.get("diagnose-nothing-looked", &[]);
        }
        // Nothing is promised of what was not judged; behind the sign-in that is so without a session.
        let to_sign_in = !verdict.way.iter().any(|point| point.place < Place::SignIn && is_open(point));
        let whole = !verdict.way.iter().any(is_open);
        let title = match (whole, to_sign_in) {
            (true, _) => "diagnose-free",
            (false, true) => "diagnose-free-to-sign-in",
            (false, false) => "diagnose-free-as-seen",
        };
        let what = match (to_sign_in, verdict.hints.is_empty()) {
            (true, true) => "diagnose-free-what",
            (true, false) => "diagnose-hints-what",
            (false, true) => "diagnose-as-seen-what",
            (false, false) => "diagnose-as-seen-hints-what",
        };
        [title, what].map(|key| self.texts.get(key, &[])).join("\n")
    }

    fn way(&self, way: &[Point]) -> String {
        let name = |point: &Point| self.texts.get(&place_key(point.place), &[]);
        let width = way.iter().map(|point| name(point).chars().count()).max().unwrap_or_default();
        let line = |point: &Point| {
            let (sign, state) = match point.state {
                PointState::Good => {
                    let (good, looked) = (point.good.to_string(), point.looked.to_string());
                    ('+', self.texts.get("diagnose-good", &[("good", &good), ("looked", &looked)]))
                }
                PointState::Care => ('!', self.texts.get("diagnose-care", &[])),
                PointState::Broken => ('x', self.texts.get("diagnose-broken", &[])),
                PointState::Open => ('-', self.texts.get("diagnose-open", &[])),
            };
            let name = name(point);
            format!("  {sign} {name:<width$}  {state}")
        };
        if way.is_empty() {
            return String::new();
        }
        std::iter::once(self.texts.get("diagnose-way", &[])).chain(way.iter().map(line)).collect::<Vec<_>>().join("\n")
    }

    fn list(&self, head: &str, findings: &[Finding]) -> String {
        if findings.is_empty() {
            return String::new();
        }
        let line = |finding: &Finding| {
            let title = self.of(finding, "title").unwrap_or_default();
            format!("  {title} ({})", finding.code)
        };
        std::iter::once(self.texts.get(head, &[])).chain(findings.iter().map(line)).collect::<Vec<_>>().join("\n")
    }

    /// What was seen of each finding, and what follows from the first.
    fn for_desk(&self, verdict: &Verdict) -> String {
        let findings = verdict.first.iter().chain(&verdict.later).chain(&verdict.hints);
        let seen = findings.filter(|finding| !finding.detail.is_empty());
        let mut lines: Vec<String> = seen.map(|finding| format!("  {}: {}", finding.code, finding.detail)).collect();
        if !verdict.explained.is_empty() {
            let codes: Vec<String> = verdict.explained.iter().map(|finding| finding.code.to_string()).collect();
            lines.push(format!("  {}", self.texts.get("diagnose-follows", &[("codes", &codes.join(", "))])));
        }
        if lines.is_empty() {
            return String::new();
        }
        lines.insert(0, self.texts.get("diagnose-for-desk", &[]));
        lines.join("\n")
    }

    /// When, by this PC's clock, and how long it took.
    fn seen(&self, facts: &Facts) -> String {
        let at = Timestamp::from_second(facts.at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::system());
        let time = match self.language {
            Language::German => {
                format!("am {}.{}.{} um {}:{:02} Uhr", at.day(), at.month(), at.year(), at.hour(), at.minute())
            }
            Language::English => format!("{} {}:{:02}", at.date(), at.hour(), at.minute()),
        };
        let seconds = facts.took_ms.div_ceil(1000).to_string();
        self.texts.get("diagnose-seen", &[("time", &time), ("seconds", &seconds)])
    }

    fn of(&self, finding: &Finding, part: &str) -> Option<String> {
        self.texts.find(&format!("{}-{part}", finding.code.key()), &[("subject", &finding.subject)])
    }

    /// `K-V-F, vier, eins, eins, Prüfziffer acht`: digit by digit, because German says 21 and 12 in an order that gets swapped.
    fn spelled(&self, code: FaultCode) -> String {
        let word = |digit: char| self.texts.get(&format!("spell-{digit}"), &[]);
        let mut said: Vec<String> = code.to_string().chars().filter(char::is_ascii_digit).map(word).collect();
        if let Some(check) = said.last_mut() {
            *check = self.texts.get("diagnose-check-digit", &[("digit", check)]);
        }
        format!("K-V-F, {}", said.join(", "))
    }
}

#[cfg(test)]
mod tests;
