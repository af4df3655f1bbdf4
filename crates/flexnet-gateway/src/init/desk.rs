//! The service desk in `init`'s words: nobody can guess whom members telephone, so a founding says it. Reads text; where next: `files`.

use clap::Args;
use flexnet_protocol::desk::{Day, DeskContact, Holidays, Hours};
use jiff::civil::Time;
use serde::{
    Deserialize as _,
    de::value::{Error as Unknown, StrDeserializer},
};

/// Days in the order in which people name them.
const WEEK: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];
/// Digits of a number with its country's code: at most as many as there can be (ITU-T E.164 §6.2.1), and more than an extension has.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Whom members telephone.
#[derive(Debug, Clone, Args)]
pub struct Desk {
    /// How the service desk is called
    #[arg(long, value_name = "NAME", default_value = "IT-ServiceDesk")]
    pub desk_name: String,
    /// Its telephone number with the area code, as members are shown it: "030 23125 100"
    #[arg(long, value_name = "NUMBER", value_parser = phone)]
    pub desk_phone: Phone,
    /// When somebody answers there, Berlin time: "mon-thu 08:00-17:00", and once more for other days
    #[arg(long, value_name = "HOURS", required = true, value_parser = hours)]
    pub desk_hours: Vec<Hours>,
    /// Public holidays on which nobody does: none or nordrhein-westfalen
    #[arg(long, value_name = "HOLIDAYS", default_value = "none", value_parser = holidays)]
    pub desk_holidays: Holidays,
}

/// A telephone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    shown: String,
    dialled: String,
}

impl Desk {
    pub(super) fn contact(&self) -> DeskContact {
        DeskContact {
            name: self.desk_name.clone(),
            phone: self.desk_phone.shown.clone(),
            phone_uri: self.desk_phone.dialled.clone(),
            time_zone: "Europe/Berlin".into(),
            holidays: self.desk_holidays,
            hours: self.desk_hours.clone(),
        }
    }
}

/// A number as people write it. One with a zero before it is Germany's.
pub(super) fn phone(text: &str) -> Result<Phone, String> {
    let shown = text.trim();
    let plain: String = shown.chars().filter(|c| !matches!(c, ' ' | '-' | '/')).collect();
    let number = match (plain.strip_prefix('+').or_else(|| plain.strip_prefix("00")), plain.strip_prefix('0')) {
        (Some(abroad), _) => abroad.to_owned(),
        (None, Some(national)) => format!("49{national}"),
        (None, None) => return Err("needs its area code: 030 23125 100, or +49 30 23125 100".into()),
    };
    if !DIGITS.contains(&number.len()) || number.starts_with('0') || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err("is no telephone number: digits, blanks, - and / only, as in 030 23125 100".into());
    }
    Ok(Phone { shown: shown.to_owned(), dialled: format!("+{number}") })
}

/// `mon-thu 08:00-17:00`, `fri 08:00-14:00`.
pub(super) fn hours(text: &str) -> Result<Hours, String> {
    let shape = || "is not like mon-thu 08:00-17:00".to_owned();
    let (days, times) = text.trim().split_once(' ').ok_or_else(shape)?;
    let (from, to) = times.trim().split_once('-').ok_or_else(shape)?;
    let time = |text: &str| Time::strptime("%H:%M", text).map_err(|_| shape());
    let (from, to) = (time(from)?, time(to)?);
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let place = |text: &str| {
        let day = Day::deserialize(StrDeserializer::new(text)).map_err(|e: Unknown| e.to_string())?;
        WEEK.iter().position(|one| *one == day).ok_or_else(shape)
    };
    let days = WEEK.get(place(first)?..=place(last)?).unwrap_or_default().to_vec();
    if days.is_empty() || from >= to {
        return Err("ends before it begins".into());
    }
    Ok(Hours { days, from, to })
}

fn holidays(text: &str) -> Result<Holidays, String> {
    Holidays::deserialize(StrDeserializer::new(text)).map_err(|e: Unknown| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_as_it_was_written_and_dialled_from_everywhere() {
        for text in ["0231 94 32 99 00", "0231/943299-00", "+49 231 94 32 99 00", "0049 231 94329900"] {
            assert_eq!(phone(text).unwrap(), Phone { shown: text.into(), dialled: "+4923194329900".into() });
        }
        for text in
            ["", "94 32 99 00", "+49 (0)231 94 32 99 00", "+0231 943299", "0231", "0231 DESK", "+4923194329900123"]
        {
            assert!(phone(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hours_are_read_as_they_are_said() {
        let read = hours("mon-thu 08:00-17:30").unwrap();
        assert_eq!(read.days, [Day::Mon, Day::Tue, Day::Wed, Day::Thu]);
        assert_eq!((read.from, read.to), (Time::constant(8, 0, 0, 0), Time::constant(17, 30, 0, 0)));
        assert_eq!(hours("sun 08:00-09:00").unwrap().days, [Day::Sun]);
        for text in ["", "mon", "mon 8", "mo 08:00-17:00", "fri-mon 08:00-17:00", "mon 17:00-08:00", "mon 08:00-25:00"]
        {
            assert!(hours(text).is_err(), "{text}");
        }
    }

    #[test]
    fn holidays_have_the_names_of_the_configuration() {
        assert_eq!(holidays("nordrhein-westfalen"), Ok(Holidays::NordrheinWestfalen));
        assert!(holidays("bayern").unwrap_err().contains("nordrhein-westfalen"));
    }
}
