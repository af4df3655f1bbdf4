//! The layer between `tracing` and what is kept: it makes an [`Event`] of each event, redacted, before anything is written.

use std::{
    fmt::{self, Write as _},
    io::Write as _,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use flexnet_protocol::events::{Event, Level};
use tracing::{
    Subscriber,
    field::{Field, Visit},
};
use tracing_appender::non_blocking::NonBlocking;
use tracing_subscriber::{Layer, fmt::MakeWriter as _, layer::Context};

use crate::{
    redact,
    ring::{self, Ring},
};

/// Writes each event into ring and log.
pub struct Events {
    ring: Option<Arc<Ring>>,
    log: NonBlocking,
}

impl Events {
    pub(crate) fn new(ring: Option<Arc<Ring>>, log: NonBlocking) -> Self {
        Self { ring, log }
    }
}

impl<S: Subscriber> Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let meta = event.metadata();
        let mut told = Told::default();
        event.record(&mut told);
        let event = now(level(*meta.level()), meta.target(), &format!("{}{}", told.message, told.fields));
        if let Some(line) = line(&event) {
            // A full queue leaves it out.
            let _ = self.log.make_writer().write_all(line.as_bytes());
        }
        if let Some(ring) = &self.ring {
            ring.write(event);
        }
    }
}

/// An event of this moment; the text is redacted here already.
pub(crate) fn now(level: Level, place: &str, redacted: &str) -> Event {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    Event {
        number: 0,
        at_ms: i64::try_from(at).unwrap_or(i64::MAX),
        level,
        place: ring::cut(place, ring::PLACE).to_owned(),
        text: ring::cut(redacted, ring::TEXT).to_owned(),
    }
}

/// One line of JSON, without the number that only the ring gives.
pub(crate) fn line(event: &Event) -> Option<String> {
    let mut value = serde_json::to_value(event).ok()?;
    value.as_object_mut()?.remove("number");
    Some(format!("{value}\n"))
}

fn level(level: tracing::Level) -> Level {
    match level {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::INFO => Level::Info,
        tracing::Level::DEBUG | tracing::Level::TRACE => Level::Debug,
    }
}

/// Message and fields, each redacted by itself.
#[derive(Default)]
struct Told {
    message: String,
    fields: String,
}

impl Told {
    fn tell(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message = redact::text(value, ring::TEXT);
            return;
        }
        let value =
            if redact::is_told(field.name()) { redact::text(value, ring::TEXT) } else { redact::GONE.to_string() };
        // Writing into a string cannot fail.
        let _ = write!(self.fields, " {}={value}", field.name());
    }
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.tell(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.tell(field, &format!("{value:?}"));
    }
}
