//! Versions of clients, compared by number.

use std::fmt;

/// `major.minor.patch`; what follows a hyphen or plus does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u32; 3]);

impl Version {
    /// Reads a version.
    pub fn parse(text: &str) -> Option<Self> {
        let core = text.split(['-', '+']).next()?;
        let parts: Vec<u32> = core.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        parts.try_into().ok().map(Self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("0.9.0") < version("0.10.0"));
        assert_eq!(version("1.2.3-beta+7"), version("1.2.3"));
        assert_eq!(version("1.2.3").to_string(), "1.2.3");
        assert!(Version::parse("1.2").is_none() && Version::parse("one").is_none());
    }
}
