//! Names for files that the portal sends: safe on every system, and never one that is taken.
//! Pure but for the question whether a name is taken. What is saved is never opened.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// Longest name that is written, in bytes: file systems take 255, and ` (99)` must fit.
const LONGEST: usize = 200;

/// Names that Windows keeps for devices, whatever follows the first dot.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "com", "lpt"];

/// The files that are being saved now, so that two of one name do not meet.
#[derive(Debug, Default)]
pub struct Saving(HashSet<PathBuf>);

impl Saving {
    /// A free path in this folder for a file that the portal calls `name`.
    pub fn begin(&mut self, folder: &Path, name: &str) -> PathBuf {
        let name = harmless(name);
        let (stem, extension) = split(&name);
        let path = std::iter::once(folder.join(&name))
            .chain((2..=u32::MAX).map(|number| folder.join(format!("{stem} ({number}){extension}"))))
            .find(|path| !self.0.contains(path) && path.symlink_metadata().is_err())
            .unwrap_or_else(|| folder.join(&name));
        self.0.insert(path.clone());
        path
    }

    /// The file is whole, or will never be.
    pub fn end(&mut self, path: &Path) {
        self.0.remove(path);
    }
}

/// A plain file name: no folders, no control or reserved characters, no device, not hidden, not too long.
fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|c| !c.is_control() && !turns_round(*c))
        .map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c })
        .collect();
    let plain = plain.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    let (stem, extension) = split(plain);
    let (stem, extension) = if extension.len() > 20 { (plain, "") } else { (stem, extension) };
    let stem = cut(stem, LONGEST - extension.len());
    let device = stem.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let device = device.trim_end_matches(|c: char| c.is_ascii_digit());
    match () {
        () if stem.is_empty() => format!("Download{extension}"),
        () if DEVICES.contains(&device) => format!("_{stem}{extension}"),
        () => format!("{stem}{extension}"),
    }
}

/// Direction marks: they turn `gpj.exe` round for the eye.
pub(super) fn turns_round(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `archive.tar.gz` into `archive` and `.tar.gz`; anything else at the last dot.
fn split(name: &str) -> (&str, &str) {
    let end = name.strip_suffix(".gz").filter(|rest| rest.ends_with(".tar")).map_or(name.len(), |rest| rest.len());
    match name.get(..end).and_then(|head| head.rfind('.')) {
        Some(dot) if dot > 0 => name.split_at(dot),
        Some(_) | None => (name, ""),
    }
}

fn cut(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_harmless() {
        for (sent, saved) in [
            ("Honorarbescheid-2026-3.pdf", "Honorarbescheid-2026-3.pdf"),
            ("Abrechnung Müller & Söhne.con", "Abrechnung Müller & Söhne.con"),
            ("../../.bashrc", "bashrc"),
            ("..\\..\\autoexec.bat", "autoexec.bat"),
            ("/etc/passwd", "passwd"),
            ("a\u{0}b\nc.txt", "abc.txt"),
            ("bericht\u{202e}fdp.exe", "berichtfdp.exe"),
            ("a<b>:\"|?*.txt", "a_b______.txt"),
            ("CON", "_CON"),
            ("com1.txt", "_com1.txt"),
            ("console.txt", "console.txt"),
            ("name. . ", "name"),
            ("", "Download"),
            ("...", "Download"),
            (".pdf", "pdf"),
        ] {
            assert_eq!(harmless(sent), saved, "{sent:?}");
        }
        let long = harmless(&format!("{}.pdf", "ü".repeat(300)));
        assert!(long.len() <= LONGEST && long.ends_with("ü.pdf"), "{long}");
        assert!(harmless(&format!("a.{}", "b".repeat(300))).len() <= LONGEST);
    }

    #[test]
    fn no_file_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let mut saving = Saving::default();
        let names: Vec<_> = (0..3).map(|_| saving.begin(folder.path(), "bescheid.tar.gz")).collect();
        assert_eq!(
            names,
            ["bescheid.tar.gz", "bescheid (2).tar.gz", "bescheid (3).tar.gz"].map(|name| folder.path().join(name))
        );
        names.iter().for_each(|name| saving.end(name));
        std::fs::write(&names[0], "").unwrap();
        assert_eq!(saving.begin(folder.path(), "bescheid.tar.gz"), names[1]);
    }

    #[cfg(unix)]
    #[test]
    fn a_dangling_link_is_taken_too() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/nowhere", folder.path().join("a.txt")).unwrap();
        assert_eq!(Saving::default().begin(folder.path(), "a.txt"), folder.path().join("a (2).txt"));
    }
}
