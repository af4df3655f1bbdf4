//! Words to the service manager, if it has given a socket for them (sd_notify(3)).

use sd_notify::NotifyState;

use crate::watchdog::Word;

/// Tells it. Nobody may be listening.
pub fn tell_manager(word: Word) {
    let state = match word {
        Word::Ready => NotifyState::Ready,
        Word::Alive => NotifyState::Watchdog,
        Word::Stopping => NotifyState::Stopping,
    };
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, ?word, "the service manager does not listen");
    }
}
