//! Reading the repository for the laws in ../tests: its committed files, and who links whom.
//! It never builds, never changes a file and needs no network.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// A committed text file.
#[derive(Debug, Clone)]
pub struct File {
    /// Path from the root of the repository, with slashes.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl File {
    /// Its lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(n, line)| (n + 1, line))
    }

    /// The lines that are not only for tests.
    pub fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let product = self.text.lines().count() - self.test_part().lines().count();
        self.lines().take(product)
    }

    /// Whether it lies in an `os/` folder, the only place for what differs between systems.
    pub fn in_os_folder(&self) -> bool {
        self.path.split('/').any(|part| part == "os") || self.path.ends_with("/os.rs")
    }

    /// Whether it is only compiled for tests.
    pub fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs")
            || self.path.contains(".test.")
            || self.path.contains(".spec.")
    }

    /// The part that is only compiled for tests: the whole of a test file, or from the module `tests` on that a file ends with.
    /// `#[cfg(test)] mod tests;` at its head is a file of its own, and what follows it is none.
    pub fn test_part(&self) -> &str {
        if self.is_test() {
            return &self.text;
        }
        let parts = self.text.match_indices("#[cfg(test)]").filter_map(|(at, _)| self.text.get(at..));
        let code =
            |part: &str| part.lines().find(|line| !line.starts_with("#[")).unwrap_or_default().ends_with("mod tests {");
        parts.into_iter().find(|part| code(part)).unwrap_or_default()
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All text files that git knows or would take, in the order of their paths.
///
/// # Errors
/// There is no git, or a file cannot be read.
pub fn files() -> io::Result<Vec<File>> {
    let listed = output(Command::new("git").current_dir(root()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let mut files = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        // Deleted but not yet committed, or no text: neither can break a law.
        if let Ok(text) = fs::read_to_string(root().join(path)) {
            files.push(File { path: path.to_owned(), text });
        }
    }
    Ok(files)
}

/// The Rust sources among [`files`].
///
/// # Errors
/// As for [`files`].
pub fn rust_files() -> io::Result<Vec<File>> {
    Ok(files()?.into_iter().filter(|file| file.path.ends_with(".rs")).collect())
}

/// The names of all crates that `package` links, on any system.
///
/// # Errors
/// Cargo does not know the package.
pub fn linked_by(package: &str) -> io::Result<BTreeSet<String>> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(["tree", "--locked", "--offline", "--edges", "normal", "--target", "all"]);
    let tree = output(command.args(["--prefix", "none", "--package", package]))?;
    Ok(tree.lines().filter_map(|line| line.split(' ').next()).map(String::from).collect())
}

/// A name in CamelCase as serde writes it in snake_case.
pub fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn output(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
