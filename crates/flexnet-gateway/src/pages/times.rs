//! Times and opening hours in words, as the window says them. Seconds since 1970 UTC in, the desk's time zone out.

use flexnet_protocol::desk::{Day, DeskContact, Holidays};
use jiff::{Timestamp, Zoned, civil::Time, tz::TimeZone};

use super::language::Words;

const WEEK: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];

/// `8:14 Uhr`, `8:14`.
pub(super) fn clock(words: Words, at: i64, zone: &str) -> String {
    let at = local(at, zone);
    words.with("time-clock", &[("time", &format!("{}:{:02}", at.hour(), at.minute()))])
}

/// `heute 8:00 Uhr`, `Mo 8:00 Uhr`, and from a week on `Montag, 4. Januar, 8:00 Uhr`. Numbers and units stay together.
pub(super) fn opening(words: Words, at: i64, now: i64, zone: &str) -> String {
    let (then, today) = (local(at, zone).date(), local(now, zone).date());
    let ahead = today.until(then).map_or(i32::MAX, |span| span.get_days());
    let weekday = Day::from(then.weekday());
    let day = match ahead {
        0 => words.t("time-today"),
        1..=6 => words.t(&format!("day-{}-short", name(weekday))),
        _ => {
            let (weekday, month) = (words.t(&format!("day-{}-long", name(weekday))), then.month());
            let month = words.t(&format!("page-month-{month}"));
            let day = then.day().to_string();
            format!("{},", words.with("time-day", &[("weekday", &weekday), ("day", &day), ("month", &month)]))
        }
    };
    format!("{day} {}", clock(words, at, zone)).replace(' ', "\u{a0}")
}

/// Opening hours on one line: `Mo–Do 8–17 Uhr, Fr 8–14 Uhr, nicht an Feiertagen`; `long` is what a screen reader says.
pub(super) fn hours(words: Words, contact: &DeskContact, form: &str) -> String {
    let day = |day: Day| words.t(&format!("day-{}-{form}", name(day)));
    let line = |days: &[Day], from: Time, to: Time| {
        let spans = spans(days).into_iter().map(|(first, last)| match (first == last, day(first), day(last)) {
            (true, first, _) => first,
            (false, first, last) => words.with(&format!("span-{form}"), &[("first", &first), ("last", &last)]),
        });
        let days = spans.collect::<Vec<_>>().join(", ");
        words.with(&format!("hours-{form}"), &[("days", &days), ("from", &bare(from)), ("to", &bare(to))])
    };
    let mut lines: Vec<_> = contact.hours.iter().map(|hours| line(&hours.days, hours.from, hours.to)).collect();
    match contact.holidays {
        Holidays::None => {}
        Holidays::NordrheinWestfalen => lines.push(words.t("hours-holidays")),
    }
    lines.join(", ")
}

/// Runs of neighbouring days, first and last.
fn spans(days: &[Day]) -> Vec<(Day, Day)> {
    let mut runs: Vec<(Day, Day)> = Vec::new();
    let mut before = None;
    for day in WEEK {
        let within = days.contains(&day);
        match (within, runs.last_mut()) {
            (true, Some(run)) if before == Some(run.1) => run.1 = day,
            (true, _) => runs.push((day, day)),
            (false, _) => {}
        }
        before = within.then_some(day);
    }
    runs
}

/// `08:00` is `8`, `16:30` stays `16:30`.
fn bare(time: Time) -> String {
    match time.minute() {
        0 => time.hour().to_string(),
        minute => format!("{}:{minute:02}", time.hour()),
    }
}

const fn name(day: Day) -> &'static str {
    match day {
        Day::Mon => "mon",
        Day::Tue => "tue",
        Day::Wed => "wed",
        Day::Thu => "thu",
        Day::Fri => "fri",
        Day::Sat => "sat",
        Day::Sun => "sun",
    }
}

fn local(at: i64, zone: &str) -> Zoned {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone)
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::{desk::Hours, text::Language};

    use super::*;

    const BERLIN: &str = "Europe/Berlin";

    fn at(local: &str) -> i64 {
        format!("{local}[{BERLIN}]").parse::<Zoned>().unwrap().timestamp().as_second()
    }

    #[test]
    fn an_opening_is_said_by_its_distance() {
        let (german, english) = (Words::of(Language::German), Words::of(Language::English));
        let now = at("2026-11-24T18:00:00");
        let said = |words, local| opening(words, at(local), now, BERLIN).replace('\u{a0}', " ");
        assert_eq!(said(german, "2026-11-24T20:05:00"), "heute 20:05 Uhr");
        assert_eq!(said(german, "2026-11-30T08:00:00"), "Mo 8:00 Uhr");
        assert_eq!(said(german, "2026-12-07T08:00:00"), "Montag, 7. Dezember, 8:00 Uhr");
        assert_eq!(said(english, "2026-12-07T08:00:00"), "Monday, 7 December, 8:00");
        assert_eq!(clock(german, now, "No/Such"), "17:00 Uhr", "an unknown zone is UTC");
    }

    #[test]
    fn neighbouring_days_are_one_span() {
        let hours_of = |days: &[Day], to| Hours { days: days.to_vec(), from: Time::constant(8, 0, 0, 0), to };
        let contact = DeskContact {
            name: "IT-ServiceDesk".into(),
            phone: "0231".into(),
            phone_uri: "+49231".into(),
            time_zone: BERLIN.into(),
            holidays: Holidays::NordrheinWestfalen,
            hours: vec![
                hours_of(&[Day::Thu, Day::Mon, Day::Tue, Day::Sat], Time::constant(16, 30, 0, 0)),
                hours_of(&[Day::Fri], Time::constant(14, 0, 0, 0)),
            ],
        };
        let german = Words::of(Language::German);
        assert_eq!(hours(german, &contact, "short"), "Mo–Di, Do, Sa 8–16:30 Uhr, Fr 8–14 Uhr, nicht an Feiertagen");
        assert!(hours(german, &contact, "long").starts_with("Montag bis Dienstag, Donnerstag"));
    }
}
