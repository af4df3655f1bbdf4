//! What a member has typed, and what of it does not have its shape. Nothing that is found here is counted.

use flexnet_protocol::{
    Secret,
    gateway::{AttemptId, MAX_PASSWORD, MAX_USERNAME},
};
use serde::Deserialize;

use super::language::Words;
use crate::{error::Error, seal};

/// The form as sent.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    /// Given out with the form: sent twice, counted once.
    #[serde(rename = "attempt")]
    pub attempt_id: AttemptId,
    /// As typed.
    pub username: String,
    /// As typed.
    pub password: Secret,
    /// As typed; blanks are taken out by [`Entry::tan`].
    tan: Secret,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Username,
    Password,
    Tan,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Where.
    pub field: Field,
    /// What to do about it.
    pub text: String,
}

impl Field {
    /// Its id on the page and its name in the form.
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Password => "password",
            Self::Tan => "tan",
        }
    }
}

impl Entry {
    /// The digits, without the blanks that tokens show between them.
    pub(super) fn tan(&self) -> Secret {
        Secret::new(self.tan.expose().split_whitespace().collect::<String>())
    }

    /// Every trouble, in the order of the fields.
    pub(super) fn troubles(&self, words: Words) -> Vec<Trouble> {
        let trouble = |field, text| Some(Trouble { field, text });
        let name = match self.username.trim() {
            "" => trouble(Field::Username, words.t("username-missing")),
            name if name.len() > MAX_USERNAME || name.chars().any(char::is_control) => {
                trouble(Field::Username, words.t("page-name-long"))
            }
            _ => None,
        };
        let password = match self.password.expose() {
            "" => trouble(Field::Password, words.t("password-missing")),
            password if password.len() > MAX_PASSWORD => trouble(Field::Password, words.t("page-password-long")),
            _ => None,
        };
        let tan = self.tan();
        let tan = match tan.expose() {
            "" => trouble(Field::Tan, words.t("tan-missing")),
            tan if !tan.bytes().all(|b| b.is_ascii_digit()) => trouble(Field::Tan, words.t("tan-digits")),
            tan if tan.len() > 8 => trouble(Field::Tan, words.t("tan-long")),
            tan => match u32::try_from(tan.len()).map(|length| 6_u32.saturating_sub(length)) {
                Ok(0) => None,
                Ok(missing) => trouble(Field::Tan, words.count("tan-short", missing)),
                Err(_) => trouble(Field::Tan, words.t("tan-long")),
            },
        };
        [name, password, tan].into_iter().flatten().collect()
    }
}

/// Nine digits are the number of a doctor or a practice (LANR, BSNR), hardly the name of „meine KVid“.
pub(super) fn looks_like_doctor_number(username: &str) -> bool {
    let username = username.trim();
    username.len() == 9 && username.bytes().all(|b| b.is_ascii_digit())
}

/// The id of a new form.
///
/// # Errors
/// [`Error::Seal`] if the system has no random numbers.
pub(super) fn new_attempt() -> Result<AttemptId, Error> {
    seal::random().map(AttemptId)
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::text::Language;

    use super::*;

    fn troubles(username: &str, password: &str, tan: &str) -> Vec<Field> {
        let entry = Entry {
            attempt_id: AttemptId([1; 16]),
            username: username.into(),
            password: Secret::new(password),
            tan: Secret::new(tan),
        };
        entry.troubles(Words::of(Language::German)).into_iter().map(|trouble| trouble.field).collect()
    }

    #[test]
    fn every_field_that_needs_a_look_is_named() {
        assert_eq!(troubles("m.muster", "geheim", "123 456"), []);
        assert_eq!(troubles("m.muster", "geheim", " 0012 3456 "), []);
        assert_eq!(troubles(" ", "", ""), [Field::Username, Field::Password, Field::Tan]);
        for tan in ["12345", "123456789", "12a456", "１２３４５６"] {
            assert_eq!(troubles("m", "p", tan), [Field::Tan], "{tan}");
        }
        assert_eq!(
            troubles(&"m".repeat(MAX_USERNAME + 1), &"p".repeat(MAX_PASSWORD + 1), "123456"),
            [Field::Username, Field::Password]
        );
    }

    #[test]
    fn the_number_of_a_doctor_is_recognised() {
        assert!(looks_like_doctor_number(" 123456701 "));
        assert!(!looks_like_doctor_number("12345670") && !looks_like_doctor_number("m.muster"));
    }

    #[test]
    fn debug_shows_no_credential() {
        let entry = Entry {
            attempt_id: AttemptId([1; 16]),
            username: "m".into(),
            password: Secret::new("geheim"),
            tan: Secret::new("123456"),
        };
        let shown = format!("{entry:?}");
        assert!(!shown.contains("geheim") && !shown.contains("123456"), "{shown}");
    }
}
