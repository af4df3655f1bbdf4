//! The language of what GTK and WebKit say themselves: the button of a file field, context menus, print and file dialogues.
//! Set once, before either begins. Another choice in the settings is in our own windows at once, and in these at the next start.

use flexnet_protocol::text::Language;
use gtk::glib;

use crate::{settings::SettingsFile, words};

/// Sets what gettext asks first. WebKit's processes inherit it. A system without any locale (`C`) stays English there: gettext
/// looks for no translation then.
pub(crate) fn speak(identifier: &str) {
    let settings = SettingsFile::new(&glib::user_config_dir().join(identifier)).load();
    if let Err(error) = glib::setenv("LANGUAGE", gettext(words::language(settings.language)), true) {
        tracing::warn!(%error, "the dialogues of the system keep its language");
    }
}

/// As gettext names catalogues.
const fn gettext(language: Language) -> &'static str {
    match language {
        Language::German => "de",
        Language::English => "en",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::LanguageChoice;

    #[test]
    fn the_dialogues_of_the_system_speak_the_language_of_the_settings() {
        assert_eq!(gettext(words::language(LanguageChoice::De)), "de");
        assert_eq!(gettext(words::language(LanguageChoice::En)), "en");
        assert_eq!(gettext(words::language(LanguageChoice::System)), gettext(words::system_language()));
        assert_eq!(gettext(Language::from_locale("fr_FR.UTF-8")), "de", "German where we do not speak it");
    }
}
