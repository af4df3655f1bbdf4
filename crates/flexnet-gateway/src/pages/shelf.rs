//! The packages in the folder of downloads, each with the SHA-256 of the very bytes that are served. Looks again when asked, every few seconds at most.
//! A file is found by its whole name among those that lie there; no path is ever made of what a visitor sends.

use std::{
    cmp::Reverse,
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use tokio::{sync::Mutex, task::spawn_blocking, time::Instant};

use super::visitor::System;

/// How long what was seen is believed.
const PACE: Duration = Duration::from_secs(2);

/// The folder, and what lay in it last.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: Option<PathBuf>,
    pace: Duration,
    seen: Mutex<Option<(Instant, Arc<[Package]>)>>,
}

/// A file that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Package {
    /// Its name: letters, digits and `._+~-`.
    pub name: String,
    /// What it is for.
    pub system: System,
    /// As its name says.
    pub version: Option<String>,
    /// In bytes.
    pub size: u64,
    /// In hexadecimal digits.
    pub sha256: String,
    modified: Option<SystemTime>,
}

impl Shelf {
    /// Over a folder, or empty for ever.
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, pace: PACE, seen: Mutex::default() }
    }

    /// What lies there, newest first. Empty where the folder cannot be read.
    pub(super) async fn packages(&self) -> Arc<[Package]> {
        let Some(folder) = &self.folder else { return Arc::default() };
        // Whoever asks meanwhile waits for the same look.
        let mut seen = self.seen.lock().await;
        if let Some((at, packages)) = &*seen
            && at.elapsed() < self.pace
        {
            return Arc::clone(packages);
        }
        let known = seen.as_ref().map_or_else(Arc::default, |(_, packages)| Arc::clone(packages));
        let folder = folder.clone();
        let looked = spawn_blocking(move || look(&folder, &known)).await;
        let packages: Arc<[Package]> = match looked {
            Ok(Ok(packages)) => packages.into(),
            Ok(Err(error)) => {
                tracing::error!(%error, "the folder of downloads cannot be read");
                Arc::default()
            }
            Err(_) => Arc::default(),
        };
        *seen = Some((Instant::now(), Arc::clone(&packages)));
        packages
    }

    /// Opens a package, as long as it is the file whose SHA-256 was shown.
    pub(super) async fn open(&self, name: &str) -> Option<(Package, tokio::fs::File)> {
        let folder = self.folder.as_ref()?;
        let package = self.packages().await.iter().find(|package| package.name == name)?.clone();
        let file = tokio::fs::File::open(folder.join(&package.name)).await.ok()?;
        let same = package.is(&file.metadata().await.ok()?);
        same.then_some((package, file))
    }
}

impl Package {
    fn is(&self, metadata: &Metadata) -> bool {
        metadata.is_file() && metadata.len() == self.size && metadata.modified().ok() == self.modified
    }
}

/// Reads the folder; only files that are new or changed are hashed.
fn look(folder: &Path, known: &[Package]) -> io::Result<Vec<Package>> {
    let mut packages = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Some(system) = system(&name) else { continue };
        // Of the entry itself: a link would lead out of the folder.
        let metadata = entry.metadata()?;
        if !metadata.is_file() {
            continue;
        }
        let same = known.iter().find(|package| package.name == name && package.is(&metadata));
        packages.push(match same {
            Some(package) => package.clone(),
            None => Package {
                version: version(&name),
                system,
                size: metadata.len(),
                modified: metadata.modified().ok(),
                sha256: sha256(&entry.path())?,
                name,
            },
        });
    }
    // Of one version .deb before .rpm, .exe before .msi, .dmg before .pkg.
    let ending = |package: &Package| package.name.rsplit_once('.').map(|(_, ending)| ending.to_owned());
    packages.sort_by_key(|package| (Reverse(numbers(&package.version)), ending(package), package.name.clone()));
    Ok(packages)
}

/// By the ending of a name that is fit for a header and a page.
fn system(name: &str) -> Option<System> {
    let fit = |c: char| c.is_ascii_alphanumeric() || "._+~-".contains(c);
    if name.starts_with('.') || !name.chars().all(fit) {
        return None;
    }
    match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "exe" | "msi" => Some(System::Windows),
        "pkg" | "dmg" => Some(System::MacOs),
        "deb" | "rpm" => Some(System::Linux),
        _ => None,
    }
}

/// The first part of a name that is three numbers.
fn version(name: &str) -> Option<String> {
    let part = |part: &&str| {
        let mut numbers = part.split('.');
        let three = numbers.by_ref().take(3).filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())).count();
        three == 3
    };
    let part = name.split(['_', '-', '+', '~']).find(part)?;
    Some(part.split('.').take(3).collect::<Vec<_>>().join("."))
}

fn numbers(version: &Option<String>) -> Vec<u64> {
    version.iter().flat_map(|version| version.split('.')).filter_map(|number| number.parse().ok()).collect()
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256(digest::Context::new(&digest::SHA256));
    io::copy(&mut fs::File::open(path)?, &mut hash)?;
    Ok(HEXLOWER.encode(hash.0.finish().as_ref()))
}

struct Sha256(digest::Context);

impl io::Write for Sha256 {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `abc` (FIPS 180-2, B.1).
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_name_says_system_and_version() {
        for (name, expected) in [
            ("kv-flexnet_0.2.10_amd64.deb", Some((System::Linux, Some("0.2.10")))),
            ("kv-flexnet-0.2.10-1.x86_64.rpm", Some((System::Linux, Some("0.2.10")))),
            ("KV-FlexNet-Setup-1.0.0.exe", Some((System::Windows, Some("1.0.0")))),
            ("KV-FlexNet.pkg", Some((System::MacOs, None))),
            ("KV FlexNet-1.0.0.exe", None),
            (".hidden-1.0.0.deb", None),
            ("notes.txt", None),
            ("deb", None),
            ("x\r\nSet-Cookie.exe", None),
        ] {
            let found = system(name).map(|system| (system, version(name)));
            assert_eq!(found, expected.map(|(system, version)| (system, version.map(String::from))), "{name}");
        }
    }

    #[tokio::test]
    async fn what_is_shown_is_the_file_itself_also_after_a_change() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("KV-FlexNet-Setup-1.0.0.exe");
        fs::write(&path, "abc").unwrap();
        fs::write(dir.path().join("KV-FlexNet-Setup-1.10.0.exe"), "abcd").unwrap();
        fs::write(dir.path().join("secret.key"), "no").unwrap();
        let mut shelf = Shelf { pace: Duration::MAX, ..Shelf::new(Some(dir.path().to_owned())) };
        let packages = shelf.packages().await;
        let names: Vec<_> = packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["KV-FlexNet-Setup-1.10.0.exe", "KV-FlexNet-Setup-1.0.0.exe"], "the newest first");
        assert_eq!((packages[1].sha256.as_str(), packages[1].size), (ABC, 3));

        fs::write(&path, "another").unwrap();
        assert!(shelf.open("KV-FlexNet-Setup-1.0.0.exe").await.is_none(), "not the file that was shown");
        shelf.pace = Duration::ZERO;
        let (package, _) = shelf.open("KV-FlexNet-Setup-1.0.0.exe").await.unwrap();
        assert!(package.sha256 != ABC && package.size == 7);
    }

    #[tokio::test]
    async fn nothing_outside_the_folder_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("downloads");
        fs::create_dir(&folder).unwrap();
        fs::create_dir(folder.join("folder.exe")).unwrap();
        fs::write(dir.path().join("outside.exe"), "no").unwrap();
        let shelf = Shelf::new(Some(folder));
        for name in ["../outside.exe", "..\\outside.exe", "folder.exe", "/etc/passwd", "", "."] {
            assert!(shelf.open(name).await.is_none(), "{name}");
        }
        assert!(Shelf::new(None).packages().await.is_empty());
    }
}
