//! What became of the last entry, carried by the browser from the answer to the page that shows it: reloading that page sends nothing again.
//! Believed for display only; the gateway decides by its database. Holds the name that was typed, never password or TAN.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::cookies;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// What became of it.
    #[serde(flatten)]
    pub said: Said,
    /// As typed.
    pub username: String,
}

/// What is said of an entry that was counted, or was right and yet opened nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub(super) enum Said {
    /// Something was wrong.
    Refused {
        /// Entries left before the lock.
        left: u8,
    },
    /// The access is locked.
    Locked,
    /// All was right, the account is switched off.
    Disabled,
    /// All was right, the gateway failed. Not counted.
    Failed,
    /// No address is left. Not counted.
    Full,
    /// A foreign server gave no verdict. Not counted.
    NoVerdict,
}

impl Note {
    /// The note that a browser brings.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let json = BASE64URL_NOPAD.decode(cookies::NOTE.read(headers)?.as_bytes()).ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// Gives it to the browser.
    pub(super) fn give(&self) -> (HeaderName, HeaderValue) {
        let json = serde_json::to_vec(self).unwrap_or_default();
        cookies::NOTE.give(&BASE64URL_NOPAD.encode(&json))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[test]
    fn a_note_survives_the_browser() {
        for said in [Said::Refused { left: 3 }, Said::Locked, Said::Disabled, Said::Failed, Said::Full, Said::NoVerdict]
        {
            let note = Note { said, username: "müller; \"x\"".into() };
            let (_, set) = note.give();
            let cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
            assert_eq!(Note::read(&headers), Some(note));
        }
        let broken = HeaderMap::from_iter([(header::COOKIE, "__Host-flexnet-note=AAAA".parse().unwrap())]);
        assert_eq!(Note::read(&broken), None);
    }
}
