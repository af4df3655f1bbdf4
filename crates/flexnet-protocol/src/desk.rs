//! The service desk: whom to call, when it is open, and when it opens next.
//! Pure: the time is an argument. Holidays are computed, not listed.

use jiff::{
    SignedDuration, Timestamp, ToSpan, Zoned,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

/// Whom to telephone, and when. From the profile, and once more from the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskContact {
    /// `IT-ServiceDesk`.
    pub name: String,
    /// As shown: `0231 94 32 99 00`.
    pub phone: String,
    /// As dialled (RFC 3966, without `tel:`): `+4923194329900`.
    pub phone_uri: String,
    /// IANA name of the desk's time zone.
    pub time_zone: String,
    /// Days on which it is closed whatever the hours say.
    #[serde(default)]
    pub holidays: Holidays,
    /// Opening hours.
    pub hours: Vec<Hours>,
}

/// Opening hours of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// Days with these hours.
    pub days: Vec<Day>,
    /// Opens at, local time `HH:MM`.
    #[serde(with = "hh_mm")]
    pub from: Time,
    /// Closes at, local time `HH:MM`.
    #[serde(with = "hh_mm")]
    pub to: Time,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the seven days")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Which public holidays count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holidays {
    /// None.
    #[default]
    None,
    /// Feiertagsgesetz NW, § 2.
    NordrheinWestfalen,
}

/// The contact and what holds at the moment of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// Whom to telephone.
    pub contact: DeskContact,
    /// Open or closed, and until when.
    pub status: DeskStatus,
}

/// Open or closed. Times are seconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum DeskStatus {
    /// Open now.
    Open {
        /// Closes at.
        until: i64,
    },
    /// Closed now.
    Closed {
        /// Opens at; `None` if not within the next two weeks.
        opens: Option<i64>,
    },
}

impl DeskContact {
    /// What holds at `now`, in seconds since 1970 UTC. An unknown time zone counts as UTC.
    pub fn at(&self, now: i64) -> Desk {
        let zone = TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC);
        let now = Timestamp::from_second(now).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone);
        Desk { contact: self.clone(), status: self.status(&now) }
    }

    fn status(&self, now: &Zoned) -> DeskStatus {
        // Two weeks outlast every run of holidays and week-ends.
        for ahead in 0..14 {
            let Ok(date) = now.date().checked_add(ahead.days()) else { break };
            for (from, to) in self.opening(date) {
                let (Ok(from), Ok(to)) = (
                    date.to_datetime(from).to_zoned(now.time_zone().clone()),
                    date.to_datetime(to).to_zoned(now.time_zone().clone()),
                ) else {
                    continue;
                };
                if now < from {
                    return DeskStatus::Closed { opens: Some(from.timestamp().as_second()) };
                }
                if now.duration_until(&to) > SignedDuration::ZERO {
                    return DeskStatus::Open { until: to.timestamp().as_second() };
                }
            }
        }
        DeskStatus::Closed { opens: None }
    }

    /// Opening times of a date, earliest first.
    fn opening(&self, date: Date) -> Vec<(Time, Time)> {
        if self.holidays.contains(date) {
            return Vec::new();
        }
        let day = Day::from(date.weekday());
        let mut times: Vec<_> = self.hours.iter().filter(|h| h.days.contains(&day)).map(|h| (h.from, h.to)).collect();
        times.sort_unstable();
        times
    }
}

impl Holidays {
    fn contains(self, date: Date) -> bool {
        match self {
            Self::None => false,
            Self::NordrheinWestfalen => {
                matches!((date.month(), date.day()), (1, 1) | (5, 1) | (10, 3) | (11, 1) | (12, 25 | 26))
                    || days_after_easter(date).is_some_and(|days| matches!(days, -2 | 1 | 39 | 50 | 60))
            }
        }
    }
}

/// Days from Easter Sunday of the same year to `date`.
fn days_after_easter(date: Date) -> Option<i32> {
    let easter = easter_sunday(date.year())?;
    easter.until(date).ok().map(|span| span.get_days())
}

/// The anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8).
fn easter_sunday(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?).ok()
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

mod hh_mm {
    use jiff::civil::Time;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:02}:{:02}", time.hour(), time.minute()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.split_once(':')
            .and_then(|(hour, minute)| Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok())
            .ok_or_else(|| de::Error::custom(format_args!("`{text}` is not a time like 08:00")))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn desk() -> DeskContact {
        let hours = |days: &[Day], to| Hours { days: days.to_vec(), from: Time::constant(8, 0, 0, 0), to };
        DeskContact {
            name: "IT-ServiceDesk".into(),
            phone: "0231 94 32 99 00".into(),
            phone_uri: "+4923194329900".into(),
            time_zone: "Europe/Berlin".into(),
            holidays: Holidays::NordrheinWestfalen,
            hours: vec![
                hours(&[Day::Mon, Day::Tue, Day::Wed, Day::Thu], Time::constant(17, 0, 0, 0)),
                hours(&[Day::Fri], Time::constant(14, 0, 0, 0)),
            ],
        }
    }

    fn at(local: &str) -> i64 {
        local.parse::<Zoned>().unwrap().timestamp().as_second()
    }

    fn status(local: &str) -> DeskStatus {
        desk().at(at(local)).status
    }

    #[test]
    fn open_until_the_days_end() {
        assert_eq!(
            status("2026-11-24T16:59:59[Europe/Berlin]"),
            DeskStatus::Open { until: at("2026-11-24T17:00:00[Europe/Berlin]") }
        );
        assert_eq!(
            status("2026-11-27T13:00:00[Europe/Berlin]"),
            DeskStatus::Open { until: at("2026-11-27T14:00:00[Europe/Berlin]") }
        );
    }

    #[test]
    fn friday_afternoon_opens_on_monday() {
        assert_eq!(
            status("2026-11-27T14:00:00[Europe/Berlin]"),
            DeskStatus::Closed { opens: Some(at("2026-11-30T08:00:00[Europe/Berlin]")) }
        );
    }

    #[test]
    fn holidays_of_north_rhine_westphalia_are_closed() {
        // Thursday before Easter 2027 (28 March) at noon is open; from its end to Easter Tuesday nobody answers.
        assert_eq!(
            status("2027-03-25T17:00:00[Europe/Berlin]"),
            DeskStatus::Closed { opens: Some(at("2027-03-30T08:00:00[Europe/Berlin]")) }
        );
        for holiday in [
            date(2026, 4, 3),
            date(2026, 4, 6),
            date(2026, 5, 14),
            date(2026, 5, 25),
            date(2026, 6, 4),
            date(2027, 10, 3),
            date(2027, 11, 1),
        ] {
            assert!(Holidays::NordrheinWestfalen.contains(holiday), "{holiday}");
        }
        assert!(!Holidays::NordrheinWestfalen.contains(date(2026, 4, 7)));
    }

    #[test]
    fn summer_time_does_not_shift_the_hours() {
        assert_eq!(
            status("2026-10-23T15:00:00[Europe/Berlin]"),
            DeskStatus::Closed { opens: Some(at("2026-10-26T08:00:00[Europe/Berlin]")) }
        );
    }

    #[test]
    fn a_desk_without_hours_never_opens() {
        let contact = DeskContact { hours: Vec::new(), ..desk() };
        assert_eq!(contact.at(0).status, DeskStatus::Closed { opens: None });
    }
}
