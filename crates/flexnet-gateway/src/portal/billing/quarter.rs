//! A quarter of a year, as billing counts time.

use std::fmt;

use jiff::civil::Date;

/// One quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::portal) struct Quarter {
    year: i16,
    /// 1 to 4.
    number: i16,
}

impl Quarter {
    /// The quarter of a day.
    pub(in crate::portal) fn of(day: Date) -> Self {
        Self { year: day.year(), number: (i16::from(day.month()) + 2) / 3 }
    }

    /// The one before.
    pub(in crate::portal) fn before(self) -> Self {
        if self.number == 1 {
            Self { year: self.year - 1, number: 4 }
        } else {
            Self { number: self.number - 1, ..self }
        }
    }

    /// As in field 9204 and in the forms: quarter, then the year, `32026`.
    pub(in crate::portal) fn code(self) -> String {
        format!("{}{:04}", self.number, self.year)
    }

    /// Reads what [`Quarter::code`] writes.
    pub(in crate::portal) fn parse(text: &str) -> Option<Self> {
        let (number, year) = text.split_at_checked(1)?;
        if text.len() != 5 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (number, year) = (number.parse().ok()?, year.parse().ok()?);
        (1..=4).contains(&number).then_some(Self { year, number })
    }

    /// Its year.
    pub(in crate::portal) fn year(self) -> i16 {
        self.year
    }

    /// 1 to 4.
    pub(in crate::portal) fn number(self) -> i16 {
        self.number
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. Quartal {}", self.number, self.year)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn quarters_are_counted_read_and_written() {
        let quarter = Quarter::of(date(2026, 11, 24));
        assert_eq!((quarter.to_string().as_str(), quarter.code().as_str()), ("4. Quartal 2026", "42026"));
        assert_eq!(Quarter::of(date(2026, 1, 1)).before().code(), "42025");
        assert_eq!(Quarter::parse("42026"), Some(quarter));
        for text in ["", "02026", "52026", "4202", "420266", "4-026", "ä2026"] {
            assert_eq!(Quarter::parse(text), None, "{text}");
        }
    }
}
