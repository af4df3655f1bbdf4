//! A request as its page needs it: who asks, in which language, and how a moment is written there.

use std::sync::Arc;

use flexnet_protocol::text::{Language, Texts};
use jiff::{Timestamp, tz::TimeZone};

use super::{Console, access};
use crate::staff::Staff;

/// Who asks, and how they want to be answered.
#[derive(Clone)]
pub(super) struct View {
    pub console: Arc<Console>,
    pub language: Language,
    /// Who is signed in.
    pub staff: Option<Staff>,
    /// Network prefix of the request.
    pub network: String,
    /// Where a change of the language leads back to.
    pub back: String,
}

impl View {
    /// A text.
    pub fn t(&self, key: &str) -> String {
        self.texts().get(key, &[])
    }

    /// A text with values in it.
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.texts().get(key, values)
    }

    /// A text, if there is one.
    pub fn find(&self, key: &str) -> Option<String> {
        self.texts().find(key, &[])
    }

    /// A text with a number in it.
    pub fn count(&self, key: &str, count: impl TryInto<u32>) -> String {
        self.texts().count(key, count.try_into().unwrap_or(u32::MAX))
    }

    /// A moment, by the clock of the desk.
    pub fn time(&self, seconds: i64) -> String {
        let Ok(moment) = Timestamp::from_second(seconds) else { return seconds.to_string() };
        let local = moment.to_zoned(self.zone());
        let form = match self.language {
            Language::German => "%d.%m.%Y, %H:%M",
            Language::English => "%Y-%m-%d, %H:%M",
        };
        local.strftime(form).to_string()
    }

    /// The desk's time zone.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.console.gateway.config.desk.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// Whether whoever asks may do something. The gate decides; this only spares them a form that it would refuse.
    pub fn may(&self, method: &str, path: &str) -> bool {
        self.staff.as_ref().is_some_and(|staff| access::may(staff.role, method, path))
    }

    fn texts(&self) -> &Texts {
        match self.language {
            Language::German => &self.console.german,
            Language::English => &self.console.english,
        }
    }
}
