//! The log: JSON lines in `NAME.log`, and older ones in `NAME.log.1` to `NAME.log.3`. With all of it, the ring too, under [`MOST`] bytes.
//! A full disk costs lines, never the program: a line that does not fit is taken back whole.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, TryLockError},
};

use crate::{Readers, os};

/// What a program may take on the disk, its ring included.
pub const MOST: u64 = 20 * 1024 * 1024;
/// Files, the one that is written included.
const FILES: u64 = 4;
/// Bytes of a file: four of them and the ring are less than [`MOST`].
const EACH: u64 = 4 * 1024 * 1024 + 512 * 1024;

/// The log of one program; clones write into the same file.
#[derive(Clone)]
pub struct Log(Arc<Mutex<Inside>>);

struct Inside {
    folder: PathBuf,
    name: String,
    readers: Readers,
    open: Option<(File, u64)>,
}

impl Log {
    /// Touches nothing before the first line.
    pub fn new(folder: &Path, name: &str, readers: Readers) -> Self {
        let (folder, name) = (folder.to_owned(), name.to_owned());
        Self(Arc::new(Mutex::new(Inside { folder, name, readers, open: None })))
    }

    /// Writes a line, for a thread that may hold the log itself: then it is lost.
    pub fn line_without_waiting(&self, line: &str) {
        match self.0.try_lock() {
            Ok(mut inside) => inside.line(line.as_bytes()),
            Err(TryLockError::Poisoned(inside)) => inside.into_inner().line(line.as_bytes()),
            Err(TryLockError::WouldBlock) => {}
        }
    }
}

impl Write for Log {
    /// Takes whole lines. Never fails: who writes could do nothing about it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).line(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Inside {
    fn line(&mut self, line: &[u8]) {
        // Nobody could be told; the next line tries again.
        if self.try_line(line).is_err() {
            self.open = None;
        }
    }

    fn try_line(&mut self, line: &[u8]) -> io::Result<()> {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.open.as_ref().is_some_and(|(_, written)| written.saturating_add(length) > EACH) {
            self.open = None;
            self.rotate()?;
        }
        let (file, written) = match &mut self.open {
            Some(open) => open,
            none => {
                let file = os::open_log(&file(&self.folder, &self.name, 0), self.readers)?;
                let written = file.metadata()?.len();
                none.insert((file, written))
            }
        };
        if written.saturating_add(length) > EACH {
            self.open = None;
            self.rotate()?;
            return self.try_line(line);
        }
        if let Err(error) = file.write_all(line) {
            file.set_len(*written)?;
            return Err(error);
        }
        *written += length;
        Ok(())
    }

    fn rotate(&self) -> io::Result<()> {
        for number in (1..FILES).rev() {
            match fs::rename(file(&self.folder, &self.name, number - 1), file(&self.folder, &self.name, number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

fn file(folder: &Path, name: &str, number: u64) -> PathBuf {
    folder.join(if number == 0 { format!("{name}.log") } else { format!("{name}.log.{number}") })
}
