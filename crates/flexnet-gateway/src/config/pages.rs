//! `[pages]`: the pages for members' browsers on the sign-in API's own address. They are there without this section, with nothing to download.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::wrong;
use crate::error::Error;

/// The section as written. Paths are relative to the gateway's folder.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PagesFile {
    downloads: Option<PathBuf>,
}

/// The checked section.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// Folder of the packages that everybody may download.
    pub downloads: Option<PathBuf>,
}

impl PagesFile {
    /// # Errors
    /// [`Error::Value`].
    pub(super) fn resolve(self, folder: &Path) -> Result<Pages, Error> {
        let downloads = self.downloads.map(|path| folder.join(path));
        // The gateway's own folder holds keys.
        if downloads.as_ref().is_some_and(|path| is_same(path, folder)) {
            return Err(wrong("pages.downloads", "must be a folder of its own"));
        }
        if downloads.as_ref().is_some_and(|path| !path.is_dir()) {
            return Err(wrong("pages.downloads", "is no folder"));
        }
        Ok(Pages { downloads })
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downloads_lie_in_a_folder_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let resolve = |text: &str| toml::from_str::<PagesFile>(text).unwrap().resolve(dir.path());
        assert!(resolve("").unwrap().downloads.is_none());
        let refused = |text: &str| resolve(text).unwrap_err().to_string();
        assert!(refused("downloads = \"downloads\"").contains("no folder"));
        assert!(refused("downloads = \".\"").contains("of its own"));
        std::fs::create_dir(dir.path().join("downloads")).unwrap();
        assert!(refused("downloads = \"downloads/..\"").contains("of its own"));
        assert_eq!(resolve("downloads = \"downloads\"").unwrap().downloads.unwrap(), dir.path().join("downloads"));
    }
}
