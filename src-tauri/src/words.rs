//! The few words that the desktop says without the ui: title of the portal window, and its page when nothing loads.
//! All of them come from the catalogue in flexnet-protocol.

use std::sync::OnceLock;

use flexnet_protocol::{
    Fault, FaultCode,
    desk::Desk,
    text::{Language, Texts},
};

use crate::settings::LanguageChoice;

/// The words of one language.
pub struct Words {
    language: Language,
    texts: Texts,
}

impl Words {
    /// In the language of the settings.
    pub fn of(choice: LanguageChoice) -> Self {
        let language = language(choice);
        Self { language, texts: Texts::load(language) }
    }

    /// Title of the portal's windows.
    pub fn portal_title(&self, organisation: &str) -> String {
        self.texts.get("portal-window-title", &[("organisation", organisation)])
    }

    /// Words of the dialogue in which a file is chosen.
    pub fn chooser(&self) -> ChooserWords {
        let text = |key: &str| self.texts.get(key, &[]);
        ChooserWords {
            title: text("portal-choose-title"),
            open: text("portal-choose-open"),
            cancel: text("portal-choose-cancel"),
        }
    }

    /// Words of the bar above the portal's pages.
    pub fn tools(&self) -> ToolWords {
        let text = |key: &str| self.texts.get(key, &[]);
        ToolWords {
            bar: text("portal-tools"),
            back: text("portal-tools-back"),
            reload: text("portal-tools-reload"),
            smaller: text("portal-tools-smaller"),
            larger: text("portal-tools-larger"),
            print: text("portal-tools-print"),
        }
    }

    /// A page for a portal that could not be loaded. Everything in it that is not ours is escaped; it has no script.
    pub fn trouble_page(&self, desk: Option<&Desk>) -> TroublePage {
        let text = |key: &str| escape(&self.texts.get(key, &[]));
        let call = desk.map_or_else(String::new, |desk| {
            // A number is not broken over two lines.
            let phone = desk.contact.phone.replace(' ', "\u{a0}");
            escape(&self.texts.get("portal-trouble-call", &[("desk", &desk.contact.name), ("phone", &phone)]))
        });
        let code = escape(&Fault::from(FaultCode::PortalSilent).code.to_string());
        let page = include_str!("portal/trouble.html")
            .replace("%language%", if self.language == Language::English { "en" } else { "de" })
            .replace("%title%", &text("portal-trouble-title"))
            .replace("%what%", &text("portal-trouble-what"))
            .replace("%call%", &call)
            .replace("%code-label%", &text("portal-trouble-code"))
            .replace("%code%", &code)
            .replace("%again%", &text("portal-trouble-again"));
        TroublePage(page)
    }
}

/// Words of the dialogue in which a file for the portal is chosen.
#[derive(Debug, Clone)]
pub struct ChooserWords {
    /// Title of the dialogue.
    pub title: String,
    /// Its button that takes the file.
    pub open: String,
    /// Its button that takes none.
    pub cancel: String,
}

/// Names of the bar above the portal's pages and of its buttons.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the name of the button it says")]
pub struct ToolWords {
    pub bar: String,
    pub back: String,
    pub reload: String,
    pub smaller: String,
    pub larger: String,
    pub print: String,
}

/// The language that these settings mean.
pub fn language(choice: LanguageChoice) -> Language {
    // Asked whatever the choice is, so that it is asked before `os::speak` changes the answer.
    let system = system_language();
    match choice {
        LanguageChoice::De => Language::German,
        LanguageChoice::En => Language::English,
        LanguageChoice::System => system,
    }
}

/// The language of the operating system when the application began, as far as we speak it.
pub fn system_language() -> Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    *LANGUAGE.get_or_init(|| {
        sys_locale::get_locale().map_or_else(Language::default, |locale| Language::from_locale(&locale))
    })
}

/// The page with a place for the address that did not load.
#[derive(Debug, Clone)]
pub struct TroublePage(String);

impl TroublePage {
    /// The page whose button tries this address again.
    pub fn for_address(&self, address: &str) -> String {
        self.0.replace("%address%", &escape(address))
    }
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
        safe
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_all_words() {
        for choice in [LanguageChoice::De, LanguageChoice::En] {
            let words = Words::of(choice);
            let ChooserWords { title, open, cancel } = words.chooser();
            let ToolWords { bar, back, reload, smaller, larger, print } = words.tools();
            assert!([bar, back, reload, smaller, larger, print].iter().all(|text| !text.contains("portal-tools")));
            assert!([title, open, cancel].iter().all(|text| !text.contains("portal-choose")));
            assert!(words.portal_title("Muster-KV").contains("Muster-KV"));
            let page = words.trouble_page(None).for_address("http://portal.snk.example/");
            assert!(page.contains("href=\"http://portal.snk.example/\""), "{page}");
            assert!(!page.contains("portal-trouble-") && !page.contains('%'), "{page}");
        }
    }

    #[test]
    fn an_address_cannot_bring_markup_along() {
        let page =
            Words::of(LanguageChoice::De).trouble_page(None).for_address("http://x/\"><script>alert(1)</script>");
        assert!(!page.contains("<script>"), "{page}");
    }
}
