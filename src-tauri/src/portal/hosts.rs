//! Where the portal window may go: the portal's hosts by http or https, and nowhere else.
//! Pure. The hosts come from the administrator's profile, by way of the snapshot.

use url::{Origin, Url};

/// The hosts of the member portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// From the snapshot: host names in lower case, without ports.
    pub fn new(hosts: &[String]) -> Self {
        Self(hosts.to_vec())
    }

    /// The names themselves.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether a page or frame may be loaded from here.
    pub fn may_visit(&self, url: &Url) -> bool {
        match url.scheme() {
            "http" | "https" => self.is_portal(url),
            // What a page of the portal made itself: a document for a new tab, a file for saving.
            "blob" => self.is_portal_origin(&url.origin()),
            // An empty frame, or one whose text stands in the page.
            "about" => matches!(url.path(), "blank" | "srcdoc"),
            _ => false,
        }
    }

    /// Whether a file may be saved from here.
    pub fn may_save(&self, url: &Url) -> bool {
        match url.scheme() {
            // Text that the page itself carries; nothing is fetched for it.
            "data" => true,
            "about" => false,
            _ => self.may_visit(url),
        }
    }

    fn is_portal(&self, url: &Url) -> bool {
        // `https://portal.example@elsewhere/` is elsewhere, and no portal link carries a name and a password.
        url.username().is_empty() && url.password().is_none() && self.is_portal_origin(&url.origin())
    }

    fn is_portal_origin(&self, origin: &Origin) -> bool {
        match origin {
            Origin::Tuple(scheme, host, _) => {
                matches!(scheme.as_str(), "http" | "https") && self.0.contains(&host.to_string())
            }
            Origin::Opaque(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        Hosts::new(&["portal.snk.example".into(), "xn--mnchen-3ya.snk.example".into(), "10.210.0.10".into()])
    }

    #[test]
    fn only_the_portal_is_visited() {
        for (url, visit) in [
            ("http://portal.snk.example/", true),
            ("https://portal.snk.example/a?b=c#d", true),
            ("https://PORTAL.SNK.EXAMPLE/", true),
            ("https://portal.snk.example:8443/", true),
            ("http://10.210.0.10/", true),
            ("https://münchen.snk.example/", true),
            ("about:blank", true),
            ("about:srcdoc", true),
            ("blob:http://portal.snk.example/0b5e", true),
            // Elsewhere, however it is dressed.
            ("https://example.com/", false),
            ("https://portal.snk.example.evil.example/", false),
            ("https://evil-portal.snk.example/", false),
            ("https://sub.portal.snk.example/", false),
            ("https://snk.example/", false),
            ("https://portal.snk.example./", false),
            ("https://portal.snk.example@evil.example/", false),
            ("https://portal.snk.example:80@evil.example/", false),
            ("https://user@portal.snk.example/", false),
            ("https://user:password@portal.snk.example/", false),
            ("https://pоrtal.snk.example/", false),  // a Cyrillic o
            ("https://portal。snk。example/", true), // ideographic full stops are dots
            ("http://10.210.0.11/", false),
            ("http://127.0.0.1/", false),
            ("http://[::1]/", false),
            ("http://localhost:5173/", false),
            ("http://0xad2000a/", true), // the same address, written as one number
            ("tauri://localhost/", false),
            ("http://tauri.localhost/", false),
            ("ipc://localhost/link", false),
            ("http://ipc.localhost/link", false),
            ("blob:https://evil.example/0b5e", false),
            ("blob:null/0b5e", false),
            ("data:text/html,<h1>x</h1>", false),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
            ("ftp://portal.snk.example/", false),
            ("ws://portal.snk.example/", false),
            ("mailto:desk@portal.snk.example", false),
            ("tel:+4923194329900", false),
            ("about:config", false),
            ("view-source:http://portal.snk.example/", false),
        ] {
            let parsed = Url::parse(url).unwrap();
            assert_eq!(hosts().may_visit(&parsed), visit, "{url} is {parsed}");
        }
    }

    #[test]
    fn files_are_saved_from_the_portal_or_from_the_page_itself() {
        for (url, save) in [
            ("http://portal.snk.example/honorar.pdf", true),
            ("blob:http://portal.snk.example/0b5e", true),
            ("data:text/csv,a;b", true),
            ("https://example.com/honorar.pdf", false),
            ("file:///etc/passwd", false),
            ("about:blank", false),
        ] {
            assert_eq!(hosts().may_save(&Url::parse(url).unwrap()), save, "{url}");
        }
    }
}
