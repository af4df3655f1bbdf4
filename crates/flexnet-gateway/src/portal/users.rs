//! Accounts of the portal's own, second login. They have nothing to do with meine KVid.

use std::{collections::HashMap, fs, path::Path, sync::Arc};

use flexnet_protocol::Secret;
use serde::Deserialize;

use super::Error;
use crate::passwords;

/// A member as the portal knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    /// User name of the portal.
    pub name: String,
    /// Shown in the head of every page.
    pub display_name: String,
    /// Argon2id in PHC form.
    password_hash: String,
}

/// All accounts, by name.
#[derive(Debug)]
pub(super) struct Users(HashMap<String, Arc<User>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UsersFile {
    #[serde(default)]
    user: Vec<User>,
}

impl Users {
    /// The one account of the demo: muster with the password portal.
    pub(super) fn example() -> Result<Self, Error> {
        let password_hash = passwords::hash(&Secret::new("portal")).map_err(Error::Accounts)?;
        let user =
            User { name: "muster".to_owned(), display_name: "Dr. med. Martina Muster".to_owned(), password_hash };
        Ok(Self::of([user]))
    }

    /// Reads the accounts from a TOML file.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|error| Error::ReadUsers(path.to_owned(), error))?;
        let file: UsersFile =
            toml::from_str(&text).map_err(|error| Error::ParseUsers(path.to_owned(), Box::new(error)))?;
        Ok(Self::of(file.user))
    }

    pub(super) fn of(users: impl IntoIterator<Item = User>) -> Self {
        Self(users.into_iter().map(|user| (user.name.to_lowercase(), Arc::new(user))).collect())
    }

    /// Blanks around a name and its case do not matter.
    pub(super) fn find(&self, name: &str) -> Option<Arc<User>> {
        self.0.get(&name.trim().to_lowercase()).cloned()
    }
}

impl User {
    pub(super) fn password_hash(&self) -> &str {
        &self.password_hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_accounts_is_read_and_a_broken_one_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, "[[user]]\nname = \"Anna\"\ndisplay_name = \"Anna A.\"\npassword_hash = \"$argon2id$x\"\n")
            .unwrap();
        let users = Users::read(file.path()).unwrap();
        assert_eq!(users.find(" anna ").unwrap().display_name, "Anna A.");
        assert!(users.find("muster").is_none());
        fs::write(&file, "[[user]]\nname = 3").unwrap();
        assert!(matches!(Users::read(file.path()), Err(Error::ParseUsers(..))));
        assert!(matches!(Users::read(Path::new("/nowhere/users")), Err(Error::ReadUsers(..))));
    }
}
