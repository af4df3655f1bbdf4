//! Which operating system a visitor's PC has, as the browser says it. A guess for the order of a page, nothing rests on it.

use axum::http::{HeaderMap, header};

/// What a package is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Windows,
    MacOs,
    Linux,
}

/// What a browser runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visitor {
    /// A PC that the application may exist for.
    On(System),
    /// A telephone or tablet.
    Mobile,
    /// Something else, or nothing was said.
    Unknown,
}

impl System {
    /// All, in the order of the page.
    pub(super) const ALL: [Self; 3] = [Self::Windows, Self::MacOs, Self::Linux];

    /// For keys of texts.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::MacOs => "macos",
            Self::Linux => "linux",
        }
    }
}

impl Visitor {
    /// Chromium's hint first: its User-Agent says less and less.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match text("sec-ch-ua-platform").trim_matches('"') {
            "Windows" => Self::On(System::Windows),
            "macOS" => Self::On(System::MacOs),
            "Linux" => Self::On(System::Linux),
            "Android" | "iOS" => Self::Mobile,
            "" => Self::by_agent(text(header::USER_AGENT.as_str())),
            _ => Self::Unknown,
        }
    }

    fn by_agent(agent: &str) -> Self {
        let says = |word: &str| agent.contains(word);
        // Android says Linux as well, and an iPhone „like Mac OS X".
        if says("Android") || says("iPhone") || says("iPad") || says("Mobile") {
            Self::Mobile
        } else if says("CrOS") {
            Self::Unknown
        } else if says("Windows NT") {
            Self::On(System::Windows)
        } else if says("Macintosh") {
            Self::On(System::MacOs)
        } else if says("Linux") {
            Self::On(System::Linux)
        } else {
            Self::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_of_today_are_told_apart() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
                Visitor::On(System::Windows),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15",
                Visitor::On(System::MacOs),
            ),
            (
                "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                Visitor::On(System::Linux),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
                Visitor::Mobile,
            ),
            ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36", Visitor::Mobile),
            ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/142.0.0.0", Visitor::Unknown),
            ("curl/8.5.0", Visitor::Unknown),
            ("", Visitor::Unknown),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, agent.parse().unwrap());
            assert_eq!(Visitor::of(&headers), expected, "{agent}");
        }
    }

    #[test]
    fn a_hint_counts_more_than_the_agent() {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64)".parse().unwrap());
        for (hint, expected) in [
            ("\"Windows\"", Visitor::On(System::Windows)),
            ("\"macOS\"", Visitor::On(System::MacOs)),
            ("\"Android\"", Visitor::Mobile),
            ("\"Chrome OS\"", Visitor::Unknown),
        ] {
            headers.insert("sec-ch-ua-platform", hint.parse().unwrap());
            assert_eq!(Visitor::of(&headers), expected, "{hint}");
        }
    }
}
