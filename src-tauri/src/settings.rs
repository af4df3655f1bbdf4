//! What a person has chosen, in one small file that only that person can read.
//! Never holds a secret. A file that cannot be understood is set aside, not overwritten.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use flexnet_protocol::{Fault, FaultCode};
use serde::{Deserialize, Serialize};

/// The choices of a person. What a file does not say has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The explanation of the first start has been seen.
    pub first_start_done: bool,
    /// The remembered user name.
    pub username: Option<String>,
    /// Whether to remember it.
    pub remember_username: bool,
    /// Language of the windows.
    pub language: LanguageChoice,
    /// Light or dark.
    pub theme: Theme,
    /// Size of the text.
    pub text_size: TextSize,
    /// Start with the PC.
    pub start_with_system: bool,
    /// Closing the window leaves a session alone.
    pub keep_running: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            first_start_done: false,
            username: None,
            remember_username: true,
            language: LanguageChoice::System,
            theme: Theme::System,
            text_size: TextSize::Named(Named::System),
            start_with_system: false,
            keep_running: true,
        }
    }
}

/// Language of the windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LanguageChoice {
    /// German.
    De,
    /// English.
    En,
    /// As the operating system.
    System,
}

/// Colours of the windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Dark text on light paper.
    Light,
    /// Light text on dark paper.
    Dark,
    /// As the operating system.
    System,
}

/// Size of the text: a percentage, or `"system"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TextSize {
    /// Of the normal size.
    Percent(u16),
    /// By name.
    Named(Named),
}

/// Text sizes that have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Named {
    /// As the operating system.
    System,
}

/// Larger than any settings file ever is: something else lies there.
const LIMIT: u64 = 64 * 1024;

/// Where the settings lie.
#[derive(Debug, Clone)]
pub struct SettingsFile {
    path: PathBuf,
}

impl SettingsFile {
    /// `settings.json` in this folder.
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join("settings.json") }
    }

    /// What the file says, or the defaults. A broken file is renamed, so that nothing in it is lost.
    pub fn load(&self) -> Settings {
        match self.read() {
            Ok(Some(settings)) => settings,
            Ok(None) => Settings::default(),
            Err(reason) => {
                match self.set_aside() {
                    Ok(kept) => {
                        tracing::warn!(%reason, kept = %kept.display(), "settings are broken and were set aside");
                    }
                    Err(error) => tracing::warn!(%reason, %error, "settings are broken and could not be set aside"),
                }
                Settings::default()
            }
        }
    }

    /// Writes the settings so that a crash leaves the old file or the new one, readable by this person only.
    ///
    /// # Errors
    /// [`FaultCode::SettingsUnsaved`].
    pub fn save(&self, settings: &Settings) -> Result<(), Fault> {
        let unsaved =
            |error: io::Error| Fault::new(FaultCode::SettingsUnsaved, format!("{}: {error}", self.path.display()));
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let text = serde_json::to_vec_pretty(settings).map_err(|error| unsaved(error.into()))?;
        fs::create_dir_all(folder).map_err(unsaved)?;
        // Made with mode 0600, whatever the umask says.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unsaved)?;
        file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(unsaved)?;
        file.persist(&self.path).map_err(|error| unsaved(error.error))?;
        Ok(())
    }

    /// `None` if there is no file.
    fn read(&self) -> Result<Option<Settings>, String> {
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Ok(meta) if meta.len() > LIMIT => return Err(format!("{} bytes", meta.len())),
            Ok(_) | Err(_) => {}
        }
        let text = fs::read(&self.path).map_err(|error| error.to_string())?;
        // An object first: serde would take a list for a struct as well.
        let fields: serde_json::Map<_, _> = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        serde_json::from_value(fields.into()).map(Some).map_err(|error| error.to_string())
    }

    fn set_aside(&self) -> io::Result<PathBuf> {
        let free = (1..u32::MAX)
            .map(|number| self.path.with_file_name(format!("settings.broken-{number}.json")))
            .find(|path| !path.exists())
            .ok_or(io::ErrorKind::AlreadyExists)?;
        fs::rename(&self.path, &free)?;
        Ok(free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen() -> Settings {
        Settings {
            first_start_done: true,
            username: Some("m.muster".into()),
            text_size: TextSize::Percent(150),
            ..Settings::default()
        }
    }

    #[test]
    fn what_was_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(&folder.path().join("kv-flexnet"));
        assert_eq!(file.load(), Settings::default());
        file.save(&chosen()).unwrap();
        assert_eq!(file.load(), chosen());
    }

    #[test]
    fn the_words_of_the_file_are_those_of_the_window() {
        let json = serde_json::to_value(Settings::default()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "first_start_done": false, "username": null, "remember_username": true, "language": "system",
                "theme": "system", "text_size": "system", "start_with_system": false, "keep_running": true
            })
        );
        assert_eq!(serde_json::to_value(TextSize::Percent(125)).unwrap(), 125);
    }

    #[test]
    fn a_broken_file_is_set_aside_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path());
        for (number, broken) in ["{\"theme\": \"da", "[]", "{\"theme\": \"pink\"}"].iter().enumerate() {
            fs::write(&file.path, broken).unwrap();
            assert_eq!(file.load(), Settings::default(), "{broken}");
            let kept = folder.path().join(format!("settings.broken-{}.json", number + 1));
            assert_eq!(fs::read_to_string(kept).unwrap(), *broken);
            assert!(!file.path.exists());
        }
    }

    #[test]
    fn an_older_file_keeps_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(folder.path());
        fs::write(&file.path, r#"{"username":"m.muster","tray_of_tomorrow":1}"#).unwrap();
        assert_eq!(file.load().username.as_deref(), Some("m.muster"));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        fs::write(&blocked, "").unwrap();
        let fault = SettingsFile::new(&blocked).save(&chosen()).unwrap_err();
        assert_eq!(fault.code, FaultCode::SettingsUnsaved);
    }
}
