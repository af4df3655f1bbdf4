//! The last events in a file of fixed size: [`SLOTS`] records of [`SIZE`] bytes behind each other, each with its number and a checksum.
//! A record is one write at its place, without `fsync`: a killed process loses nothing that it has written, and a power cut at most the records that the
//! disk had not taken yet. A record that is torn does not have its checksum and is left out; its neighbours stay.
//!
//! A record, little endian: number u64, Unix milliseconds i64, level u8, bytes of the place u8, bytes of the text u16, place, text, zeros, CRC-32 of all before.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
    sync::{Mutex, PoisonError, TryLockError},
};

use flexnet_protocol::events::{Event, Level};

use crate::{Readers, os};

/// Records in a ring.
pub const SLOTS: usize = 256;
/// Bytes of a record.
pub const SIZE: usize = 512;
/// Bytes before place and text.
const HEAD: usize = 20;
/// Bytes of the checksum.
const SUM: usize = 4;
/// Bytes of a place; longer ones are cut.
pub const PLACE: usize = 80;
/// Bytes of a text that fit beside the longest place.
pub const TEXT: usize = SIZE - HEAD - SUM - PLACE;

/// A ring that is written.
pub struct Ring(Mutex<Inside>);

struct Inside {
    file: File,
    next: u64,
}

impl Ring {
    /// Opens the ring and goes on behind its last record; makes it in its whole size where there is none, so that a full disk cannot stop it later.
    ///
    /// # Errors
    /// It cannot be made, read or written.
    pub fn open(path: &Path, readers: Readers) -> io::Result<Self> {
        let mut file = os::open_ring(path, readers)?;
        let whole = u64::try_from(SLOTS * SIZE).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        (&mut file).take(whole).read_to_end(&mut bytes)?;
        if bytes.len() != SLOTS * SIZE || file.metadata()?.len() != whole {
            // Real bytes, not a hole: the disk must have the room now.
            bytes.resize(SLOTS * SIZE, 0);
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&bytes)?;
            file.set_len(whole)?;
        }
        let next = parse(&bytes).last().map_or(1, |event| event.number.saturating_add(1));
        Ok(Self(Mutex::new(Inside { file, next })))
    }

    /// Writes an event; its number is given here. What cannot be written is lost.
    pub fn write(&self, event: Event) {
        let mut inside = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody could be told but by another event.
        let _ = inside.write(event);
    }

    /// As [`Ring::write`], for a thread that may hold the ring itself: then it is lost.
    pub fn write_without_waiting(&self, event: Event) {
        match self.0.try_lock() {
            Ok(mut inside) => drop(inside.write(event)),
            Err(TryLockError::Poisoned(inside)) => drop(inside.into_inner().write(event)),
            Err(TryLockError::WouldBlock) => {}
        }
    }
}

impl Inside {
    fn write(&mut self, mut event: Event) -> io::Result<()> {
        event.number = self.next;
        let slot = usize::try_from(self.next).unwrap_or_default() % SLOTS;
        self.next = self.next.saturating_add(1);
        self.file.seek(SeekFrom::Start(u64::try_from(slot * SIZE).unwrap_or_default()))?;
        self.file.write_all(&record(&event))
    }
}

/// The events of a ring, oldest first, whether its program lives or not. Torn records are left out.
///
/// # Errors
/// It is not there or may not be read.
pub fn read(path: &Path) -> io::Result<Vec<Event>> {
    let mut bytes = Vec::new();
    let whole = u64::try_from(SLOTS * SIZE).unwrap_or(u64::MAX);
    os::open_to_read(path)?.take(whole).read_to_end(&mut bytes)?;
    Ok(parse(&bytes))
}

/// The events in these bytes, oldest first.
pub fn parse(bytes: &[u8]) -> Vec<Event> {
    let mut events: Vec<Event> = bytes.chunks_exact(SIZE).filter_map(event).collect();
    events.sort_by_key(|event| event.number);
    events
}

/// An event as it stands in the file; too long texts are cut.
pub fn record(event: &Event) -> Vec<u8> {
    let place = cut(&event.place, PLACE);
    let text = cut(&event.text, TEXT);
    let mut record = Vec::with_capacity(SIZE);
    record.extend(event.number.to_le_bytes());
    record.extend(event.at_ms.to_le_bytes());
    record.push(level_to_byte(event.level));
    record.push(u8::try_from(place.len()).unwrap_or_default());
    record.extend(u16::try_from(text.len()).unwrap_or_default().to_le_bytes());
    record.extend(place.bytes().chain(text.bytes()));
    record.resize(SIZE - SUM, 0);
    record.extend(crc32fast::hash(&record).to_le_bytes());
    record
}

fn event(record: &[u8]) -> Option<Event> {
    let (body, sum) = record.split_at_checked(SIZE - SUM)?;
    if crc32fast::hash(body) != u32::from_le_bytes(sum.try_into().ok()?) {
        return None;
    }
    let number = u64::from_le_bytes(body.get(..8)?.try_into().ok()?);
    let at_ms = i64::from_le_bytes(body.get(8..16)?.try_into().ok()?);
    let level = byte_to_level(*body.get(16)?)?;
    let place_end = HEAD + usize::from(*body.get(17)?);
    let text_end = place_end + usize::from(u16::from_le_bytes(body.get(18..HEAD)?.try_into().ok()?));
    let place = std::str::from_utf8(body.get(HEAD..place_end)?).ok()?.to_owned();
    let text = std::str::from_utf8(body.get(place_end..text_end)?).ok()?.to_owned();
    (number > 0).then_some(Event { number, at_ms, level, place, text })
}

/// At most so many bytes, whole characters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

const fn level_to_byte(level: Level) -> u8 {
    match level {
        Level::Debug => 1,
        Level::Info => 2,
        Level::Warn => 3,
        Level::Error => 4,
        Level::Panic => 5,
    }
}

const fn byte_to_level(byte: u8) -> Option<Level> {
    match byte {
        1 => Some(Level::Debug),
        2 => Some(Level::Info),
        3 => Some(Level::Warn),
        4 => Some(Level::Error),
        5 => Some(Level::Panic),
        _ => None,
    }
}
