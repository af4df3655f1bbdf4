//! A panic is told before the program ends by it: message and place, redacted, and the functions that led there, without any address.

use std::panic::{self, PanicHookInfo};

use flexnet_protocol::events::Level;

use crate::{
    KEPT, Kept,
    layer::{line, now},
    redact,
    ring::TEXT,
};

/// Functions that are told.
const FRAMES: usize = 24;

/// What becomes of the process once a panic is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterPanic {
    /// It ends as by a fault, so that whoever started it starts it afresh: a service of which a part has died must not go on.
    Abort,
    /// What unwinding comes to.
    Unwind,
}

/// From now on panics are told: on standard error by one redacted line, and where [`crate::begin`] was called in ring and log too.
pub fn catch_panics(after: AfterPanic) {
    panic::set_hook(Box::new(move |info| {
        let texts = [about(info), frames()];
        eprintln!("PANIC {}", texts.first().map(String::as_str).unwrap_or_default());
        if let Some(kept) = KEPT.get() {
            texts.iter().filter(|text| !text.is_empty()).for_each(|text| keep(kept, text));
        }
        if after == AfterPanic::Abort {
            std::process::abort();
        }
    }));
}

fn keep(kept: &Kept, text: &str) {
    let event = now(Level::Panic, "panic", text);
    if let Some(line) = line(&event) {
        kept.log.line_without_waiting(&line);
    }
    if let Some(ring) = &kept.ring {
        ring.write_without_waiting(event);
    }
}

fn about(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(|at| format!("{}:{}", relative(at.file()), at.line())).unwrap_or_default();
    let message = info.payload_as_str().unwrap_or("a panic without words");
    redact::text(&format!("panicked at {place}: {message}"), TEXT)
}

/// A source file from its crate on: where the program was built is nobody's business.
fn relative(file: &str) -> &str {
    let from = ["/crates/", "/src-tauri/", "/registry/src/", "/library/"].iter().find_map(|part| file.rfind(part));
    from.and_then(|at| file.get(at + 1..)).unwrap_or(file)
}

/// Innermost first. A program without symbols has no names to tell.
fn frames() -> String {
    let mut names = Vec::new();
    backtrace::trace(|frame| {
        backtrace::resolve_frame(frame, |symbol| {
            let name = symbol.name().map(|name| format!("{name:#}")).unwrap_or_default();
            let ours =
                !["backtrace::", "std::", "core::", "__rust", "rust_", "flexnet_events::panics", "<alloc::", "alloc::"]
                    .iter()
                    .any(|other| name.starts_with(other));
            if ours && !name.is_empty() && names.len() < FRAMES {
                names.push(name.split('<').next().unwrap_or_default().to_owned());
            }
        });
        names.len() < FRAMES
    });
    names.retain(|name| !name.is_empty());
    if names.is_empty() { String::new() } else { redact::text(&format!("by {}", names.join(" < ")), TEXT) }
}
