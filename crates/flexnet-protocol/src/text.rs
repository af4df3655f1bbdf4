//! The one catalogue of texts: Fluent files in `locales/`, German first, English beside it.
//! The window reads the same files through @fluent/bundle; this is the Rust side for the CLI and the gateway.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

/// A language that every text exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// What members read.
    #[default]
    German,
    /// Beside it.
    English,
}

impl Language {
    /// From a POSIX or BCP 47 locale such as `en_GB.UTF-8`; German for everything that is not English.
    pub fn from_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("en") { Self::English } else { Self::German }
    }

    const fn faults(self) -> &'static str {
        match self {
            Self::German => include_str!("../locales/de/faults.ftl"),
            Self::English => include_str!("../locales/en/faults.ftl"),
        }
    }

    const fn ui(self) -> &'static str {
        match self {
            Self::German => include_str!("../locales/de/ui.ftl"),
            Self::English => include_str!("../locales/en/ui.ftl"),
        }
    }

    const fn programs(self) -> [&'static str; 3] {
        match self {
            Self::German => [
                include_str!("../locales/de/cli.ftl"),
                include_str!("../locales/de/desktop.ftl"),
                include_str!("../locales/de/repair.ftl"),
            ],
            Self::English => [
                include_str!("../locales/en/cli.ftl"),
                include_str!("../locales/en/desktop.ftl"),
                include_str!("../locales/en/repair.ftl"),
            ],
        }
    }

    const fn pages(self) -> &'static str {
        match self {
            Self::German => include_str!("../locales/de/pages.ftl"),
            Self::English => include_str!("../locales/en/pages.ftl"),
        }
    }

    const fn desk(self) -> &'static str {
        match self {
            Self::German => include_str!("../locales/de/desk.ftl"),
            Self::English => include_str!("../locales/en/desk.ftl"),
        }
    }

    const fn diagnosis(self) -> &'static str {
        match self {
            Self::German => include_str!("../locales/de/diagnosis.ftl"),
            Self::English => include_str!("../locales/en/diagnosis.ftl"),
        }
    }

    const fn report(self) -> &'static str {
        match self {
            Self::German => include_str!("../locales/de/report.ftl"),
            Self::English => include_str!("../locales/en/report.ftl"),
        }
    }

    /// BCP 47 tag: `de`, `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
        }
    }
}

/// The texts of one language.
pub struct Texts {
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Loads what programs on the PC say, and the faults.
    pub fn load(language: Language) -> Self {
        Self::of(language, std::iter::once(language.faults()).chain(language.programs()))
    }

    /// Loads what a diagnosis says without a window: its own words, the window's, and the faults.
    pub fn diagnosis(language: Language) -> Self {
        Self::of(language, [language.faults(), language.ui(), language.diagnosis()])
    }

    /// Loads what the gateway's pages for members say: their own words, the window's, and the faults.
    pub fn pages(language: Language) -> Self {
        Self::of(language, [language.faults(), language.ui(), language.pages()].map(unbroken))
    }

    /// Loads what the service desk's console says, and the faults.
    pub fn desk(language: Language) -> Self {
        Self::of(language, [language.faults(), language.desk()].map(unbroken))
    }

    /// Loads what a report of a diagnosis says, and the faults.
    pub fn report(language: Language) -> Self {
        Self::of(language, [language.faults(), language.report()].map(unbroken))
    }

    /// What does not parse is missing, and the tests of this crate fail.
    fn of(language: Language, files: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let id: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Isolation marks are for mixed directions; in a terminal they are noise.
        bundle.set_use_isolating(false);
        for file in files {
            let resource = match FluentResource::try_new(file.into()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            // A key given twice keeps its first text; the tests find it.
            let _ = bundle.add_resource(resource);
        }
        Self { bundle }
    }

    /// The text of a key, or the key itself where there is none.
    pub fn get(&self, key: &str, args: &[(&str, &str)]) -> String {
        self.find(key, args).unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key with `{ $count }` in it, in the plural form that fits.
    pub fn count(&self, key: &str, count: u32) -> String {
        let mut values = FluentArgs::new();
        values.set("count", count);
        self.format(key, &values).unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key. One of a finding takes `subject`, the name of a product, an adapter or a program; where that is empty, the text does
    /// without it.
    pub fn find(&self, key: &str, args: &[(&str, &str)]) -> Option<String> {
        let mut values = FluentArgs::new();
        for (name, value) in args {
            values.set(*name, *value);
            // Fluent's selectors know no empty value; the texts ask for this instead.
            if *name == "subject" && !value.is_empty() {
                values.set("named", "yes");
            }
        }
        self.format(key, &values)
    }

    fn format(&self, key: &str, values: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(values), &mut errors).into_owned())
    }
}
/// A browser breaks a line behind a hyphen. Names stay whole with one that does not break (U+2011).
fn unbroken(texts: &str) -> String {
    ["KV-FlexNet", "IT-ServiceDesk", "SHA-256"]
        .iter()
        .fold(texts.to_owned(), |texts, name| texts.replace(name, &name.replace('-', "\u{2011}")))
}
