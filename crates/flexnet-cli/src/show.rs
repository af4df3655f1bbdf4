//! Snapshots and faults in words, or as JSON. Every text comes from `locales/*/cli.ftl` and `faults.ftl`.

use std::{
    env,
    io::{self, Write},
};

use flexnet_protocol::{
    Fault, FaultCode,
    desk::{Desk, DeskContact, DeskStatus},
    gateway::EndReason,
    local::Reply,
    repair::{Foreign, RepairPlan, RepairStep, Repaired},
    snapshot::{Carrier, Counted, Session, Snapshot, State, Step, WrongEntry},
    text::{Language, Texts},
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

pub(crate) struct Show {
    json: bool,
    language: Language,
    texts: Texts,
    /// Of this PC, as in the window. The desk's hours are told in the desk's.
    zone: TimeZone,
    /// Whom to call, once it is known.
    desk: Option<Desk>,
    /// What [`Show::news`] has said last.
    said: String,
    out: Box<dyn Write>,
}

impl Show {
    pub(crate) fn new(json: bool) -> Self {
        // POSIX: the first that is set and not empty decides.
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|v| env::var(v).ok().filter(|l| !l.is_empty()));
        let language = Language::from_locale(&locale.unwrap_or_default());
        Self::to(Box::new(io::stdout()), json, language, TimeZone::system())
    }

    pub(crate) fn to(out: Box<dyn Write>, json: bool, language: Language, zone: TimeZone) -> Self {
        Self { json, language, texts: Texts::load(language), zone, desk: None, said: String::new(), out }
    }

    pub(crate) fn text(&self, key: &str) -> String {
        self.texts.get(key, &[])
    }

    /// In which language it speaks.
    pub(crate) const fn language(&self) -> Language {
        self.language
    }

    /// Whether it speaks to programs.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    pub(crate) fn text_with(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.texts.get(key, values)
    }

    /// A remark for people only.
    pub(crate) fn note(&mut self, key: &str) -> io::Result<()> {
        if self.json { Ok(()) } else { self.print(&self.text(key)) }
    }

    /// Until when, for people only: the snapshot has it for programs.
    pub(crate) fn extended(&mut self, session: &Session) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        let time = self.moment(session.idle_end, &self.zone);
        self.print(&self.texts.get("cli-extended", &[("time", &time)]))
    }

    pub(crate) fn step(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        let (State::SigningIn { step } | State::Connecting { step }) = snapshot.state else { return Ok(()) };
        if self.json {
            return self.value(snapshot);
        }
        self.print(&self.text(match step {
            Step::Gateway => "cli-step-gateway",
            Step::SignIn => "cli-step-sign-in",
            Step::Tunnel => "cli-step-tunnel",
            Step::Portal => "cli-step-portal",
        }))
    }

    pub(crate) fn snapshot(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        self.desk = Some(snapshot.desk.clone());
        if self.json { self.value(snapshot) } else { self.print(&self.words(snapshot)) }
    }

    /// The snapshot, for people only where it says something else than the one before: bytes and answer times are no news to read.
    pub(crate) fn news(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        if self.json {
            return self.value(snapshot);
        }
        let said = self.words(&without_idle_end(snapshot.clone()));
        if said == self.said {
            return Ok(());
        }
        self.said = said;
        self.snapshot(snapshot)
    }

    pub(crate) fn fault(&mut self, fault: &Fault, desk: Option<&Desk>) -> io::Result<()> {
        if self.json {
            return self.value(fault);
        }
        let mut lines = self.fault_lines(fault);
        lines.extend(desk.or(self.desk.as_ref()).into_iter().flat_map(|desk| self.desk_lines(desk)));
        self.print(&lines.join("\n"))
    }

    /// For programs only: the reply.
    pub(crate) fn done(&mut self) -> io::Result<()> {
        if self.json { self.value(&Reply::Done) } else { Ok(()) }
    }

    /// A remark that ends in a call, for people only.
    pub(crate) fn desk_instead(&mut self, key: &str, desk: &Desk) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        let lines: Vec<String> = [self.text(key)].into_iter().chain(self.desk_lines(desk)).collect();
        self.print(&lines.join("\n"))
    }

    /// What became of two TANs.
    pub(crate) fn wrong(&mut self, wrong: &WrongEntry, desk: &Desk) -> io::Result<()> {
        if self.json { self.value(wrong) } else { self.print(&self.wrong_entry(wrong, desk).join("\n")) }
    }

    /// What a repair would do.
    pub(crate) fn plan(&mut self, plan: &RepairPlan) -> io::Result<()> {
        if self.json {
            return self.value(plan);
        }
        let mut lines = self.steps("cli-repair-plan", "will", &plan.steps);
        if lines.is_empty() {
            lines.push(self.text("cli-repair-nothing"));
        }
        lines.extend(self.foreign(&plan.foreign));
        self.print(&lines.join("\n"))
    }

    /// What a repair did.
    pub(crate) fn repaired(&mut self, repaired: &Repaired) -> io::Result<()> {
        if self.json {
            return self.value(repaired);
        }
        let mut lines = self.steps("cli-repair-done", "did", &repaired.undone);
        lines.extend(self.steps("cli-repair-failed", "failed", &repaired.failed));
        if lines.is_empty() {
            lines.push(self.text("cli-repair-nothing"));
        }
        lines.extend(self.foreign(&repaired.foreign));
        self.print(&lines.join("\n"))
    }

    /// Each step in words, with the line for the desk behind it.
    fn steps(&self, head: &str, part: &str, steps: &[RepairStep]) -> Vec<String> {
        let words = steps.iter().map(|RepairStep { kind, detail }| {
            format!("  {} ({detail})", self.text(&format!("repair-{part}-{}", kind.key())))
        });
        let head = (!steps.is_empty()).then(|| self.text(head));
        head.into_iter().chain(words).collect()
    }

    fn foreign(&self, foreign: &[Foreign]) -> Vec<String> {
        let words = foreign.iter().map(|Foreign { kind, name, owner }| {
            let end = if owner.is_empty() { "-unnamed" } else { "" };
            let key = format!("repair-foreign-{}{end}", kind.key());
            format!("  {} ({name})", self.texts.get(&key, &[("name", name), ("owner", owner)]))
        });
        let head = (!foreign.is_empty()).then(|| self.text("cli-repair-foreign"));
        head.into_iter().chain(words).collect()
    }

    /// The whole snapshot in words, a line a thought.
    fn words(&self, snapshot: &Snapshot) -> String {
        let desk = &snapshot.desk;
        let mut lines = Vec::new();
        match &snapshot.state {
            State::SignedOut { refused: Some(wrong), .. } => lines.extend(self.wrong_entry(wrong, desk)),
            State::SignedOut { ended, refused: None } => {
                lines.extend(ended.and_then(|ended| why_ended(ended.reason)).map(|why| self.text(why)));
                lines.push(self.text("cli-signed-out"));
            }
            State::SigningIn { .. } | State::Connecting { .. } => lines.push(self.text("cli-connecting")),
            State::Confirming { display_name, digits: None, .. } => lines.push(match display_name {
                Some(name) => self.texts.get("cli-identity", &[("name", name)]),
                None => self.text("cli-identity-unnamed"),
            }),
            State::Confirming { digits: Some(digits), expires, .. } => {
                let time = self.moment(*expires, &self.zone);
                lines.push(self.texts.get("cli-confirm", &[("digits", digits), ("time", &time)]));
                lines.push(self.text("cli-confirm-other"));
            }
            State::Connected { session } => {
                lines.push(self.texts.get("cli-connected", &[("name", &session.display_name)]));
                lines.extend(self.session_lines(session, snapshot));
            }
            State::Reconnecting { since, .. } => {
                let time = self.moment(*since, &self.zone);
                lines.push(self.texts.get("cli-reconnecting", &[("time", &time)]));
                lines.push(self.code(FaultCode::TunnelLost));
            }
            State::Ending => lines.push(self.text("cli-ending")),
            State::Locked { fault, .. } => {
                lines.extend(self.fault_lines(fault));
                lines.extend(self.desk_lines(desk));
            }
            State::Failed { fault, counted, until } => {
                lines.extend(self.fault_lines(fault));
                lines
                    .extend(until.map(|until| {
                        self.texts.get("cli-maintenance-until", &[("time", &self.day_and_moment(until))])
                    }));
                if is_about_a_sign_in(fault.code) {
                    lines.push(self.text(match counted {
                        Counted::No => "cli-counted-no",
                        Counted::Yes => "cli-counted-yes",
                        Counted::Unknown => "cli-counted-unknown",
                    }));
                }
                lines.extend(self.desk_lines(desk));
            }
        }
        lines.join("\n")
    }

    fn wrong_entry(&self, wrong: &WrongEntry, desk: &Desk) -> Vec<String> {
        let mut lines = self.fault_lines(&wrong.fault);
        if let Some(left) = wrong.attempts_left {
            lines.push(self.texts.count("cli-attempts-left", left.into()));
            if left == 1 {
                lines.push(self.text("cli-last-attempt"));
                lines.extend(self.desk_lines(desk));
            }
        }
        lines
    }

    fn session_lines(&self, session: &Session, snapshot: &Snapshot) -> Vec<String> {
        let moment = |at| self.moment(at, &self.zone);
        let (since, until) = (moment(session.started), moment(session.absolute_end));
        let mut lines = vec![self.texts.get("cli-until", &[("since", &since), ("time", &until)])];
        if session.warning.is_none() && session.idle_end < session.absolute_end {
            lines.push(self.texts.get("cli-idle-end", &[("time", &moment(session.idle_end))]));
        }
        lines.push(self.texts.get("cli-portal", &[("url", &snapshot.portal.url)]));
        lines.extend(session.warning.map(|warning| {
            let key = if warning.reason == EndReason::Idle { "cli-ends-idle" } else { "cli-ends-absolute" };
            self.texts.get(key, &[("time", &moment(warning.at))])
        }));
        lines.extend(match session.carrier {
            Carrier::Udp => None,
            Carrier::Https => Some(self.text("cli-carrier-https")),
            Carrier::HttpsByProxy => Some(self.text("cli-carrier-https-by-proxy")),
        });
        if session.failures_before > 0 {
            let DeskContact { name, phone, .. } = &snapshot.desk.contact;
            let count = session.failures_before.to_string();
            lines.push(self.texts.get("cli-failures-before", &[("count", &count), ("desk", name), ("phone", phone)]));
        }
        if let Some(fault) = &session.portal_fault {
            lines.extend(self.fault_lines(fault));
            lines.extend(self.desk_lines(&snapshot.desk));
        }
        lines
    }

    /// What happened, what to do in numbered steps, and the code to read out. The detail is for the desk and in JSON.
    fn fault_lines(&self, fault: &Fault) -> Vec<String> {
        let text = |part: &str| self.texts.find(&format!("{}-{part}", fault.code.key()), &[]);
        let mut lines: Vec<String> = ["title", "what"].into_iter().filter_map(text).collect();
        let steps = text("do").unwrap_or_default();
        match steps.lines().count() {
            0 | 1 => lines.extend(steps.lines().map(str::to_owned)),
            _ => lines.extend(steps.lines().zip(1..).map(|(step, number)| format!("{number}. {step}"))),
        }
        lines.push(self.code(fault.code));
        lines
    }

    fn code(&self, code: FaultCode) -> String {
        self.texts.get("cli-code", &[("code", &code.to_string())])
    }

    fn desk_lines(&self, desk: &Desk) -> Vec<String> {
        let contact = &desk.contact;
        // Without a profile nobody is known.
        if contact.phone.is_empty() {
            return Vec::new();
        }
        let zone = TimeZone::get(&contact.time_zone).unwrap_or(TimeZone::UTC);
        let status = match desk.status {
            DeskStatus::Open { until } => self.texts.get("cli-desk-open", &[("time", &self.moment(until, &zone))]),
            DeskStatus::Closed { opens: Some(at) } => {
                self.texts.get("cli-desk-opens", &[("time", &self.moment(at, &zone))])
            }
            DeskStatus::Closed { opens: None } => self.text("cli-desk-closed"),
        };
        vec![self.texts.get("cli-desk", &[("name", &contact.name), ("phone", &contact.phone)]), status]
    }

    /// `Mo 8:00 Uhr` in a time zone.
    fn moment(&self, at: i64, zone: &TimeZone) -> String {
        let moment = Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone());
        let day = self.text(&format!("cli-day-{}", moment.weekday().to_monday_one_offset()));
        let clock = format!("{}:{:02}", moment.hour(), moment.minute());
        match self.language {
            Language::German => format!("{day} {clock} Uhr"),
            Language::English => format!("{day} {clock}"),
        }
    }

    /// `Mi 3.3. 6:00 Uhr`: what may be more than a week away.
    pub(crate) fn day_and_moment(&self, at: i64) -> String {
        let date = Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone()).date();
        let moment = self.moment(at, &self.zone);
        let date = match self.language {
            Language::German => format!("{}.{}.", date.day(), date.month()),
            Language::English => date.to_string(),
        };
        moment.split_once(' ').map_or_else(|| moment.clone(), |(day, clock)| format!("{day} {date} {clock}"))
    }

    /// One value, one line.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.print(&serde_json::to_string(value)?)
    }

    /// A closed pipe (`status | head`) is no reason to complain.
    pub(crate) fn print(&mut self, text: &str) -> io::Result<()> {
        match writeln!(self.out, "{text}").and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

/// Each use of a session puts its idle end off: that is no news.
fn without_idle_end(mut snapshot: Snapshot) -> Snapshot {
    if let State::Connected { session } = &mut snapshot.state {
        session.idle_end = session.absolute_end;
    }
    snapshot
}

/// Area 9 is the program itself: whether an attempt was used is no question then.
const fn is_about_a_sign_in(code: FaultCode) -> bool {
    code.number() < 900
}

/// Why a session ended, where it was not the member's own wish.
const fn why_ended(reason: EndReason) -> Option<&'static str> {
    match reason {
        EndReason::SignedOut => None,
        EndReason::Idle => Some("cli-ended-idle"),
        EndReason::Absolute => Some("cli-ended-absolute"),
        EndReason::NewerSignIn => Some("cli-ended-newer"),
        EndReason::Desk => Some("cli-ended-desk"),
        EndReason::TokenLost => Some("cli-ended-token-lost"),
    }
}

#[cfg(test)]
pub(crate) mod tests;
