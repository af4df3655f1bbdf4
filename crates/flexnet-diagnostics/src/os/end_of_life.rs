//! Until when makers mend their systems. A system that no table knows is not judged.
//! Sources: release pages of Debian (LTS), Ubuntu, Fedora, Linux Mint and openSUSE; Microsoft's life cycle pages. Apple names no dates: a macOS is
//! mended until the third one behind it comes, each September.

#![allow(dead_code, reason = "each system asks its own tables only")]

use jiff::{Timestamp, civil::Date};

/// The day of these tables.
const TABLE: Date = jiff::civil::date(2026, 11, 25);

/// Version or build, and the last day on which it is mended.
type Row = (&'static str, Date);

const DEBIAN: &[Row] = &[
    ("9", day(2022, 6, 30)),
    ("10", day(2024, 6, 30)),
    ("11", day(2026, 8, 31)),
    ("12", day(2028, 6, 30)),
    ("13", day(2030, 6, 30)),
];
const UBUNTU: &[Row] = &[
    ("16.04", day(2021, 4, 30)),
    ("18.04", day(2023, 5, 31)),
    ("20.04", day(2025, 5, 31)),
    ("22.04", day(2027, 4, 30)),
    ("23.10", day(2024, 7, 11)),
    ("24.04", day(2029, 5, 31)),
    ("24.10", day(2025, 7, 10)),
    ("25.04", day(2026, 1, 15)),
    ("25.10", day(2026, 7, 31)),
    ("26.04", day(2031, 5, 31)),
];
const FEDORA: &[Row] = &[
    ("39", day(2024, 11, 26)),
    ("40", day(2025, 5, 13)),
    ("41", day(2025, 12, 15)),
    ("42", day(2026, 5, 28)),
    ("43", day(2026, 12, 9)),
    ("44", day(2027, 6, 2)),
];
const MINT: &[Row] = &[
    ("20", day(2025, 4, 30)),
    ("20.3", day(2025, 4, 30)),
    ("21", day(2027, 4, 30)),
    ("21.3", day(2027, 4, 30)),
    ("22", day(2029, 4, 30)),
    ("22.1", day(2029, 4, 30)),
    ("22.2", day(2029, 4, 30)),
];
const LEAP: &[Row] = &[("15.5", day(2024, 12, 31)), ("15.6", day(2026, 4, 30)), ("16.0", day(2027, 10, 31))];

/// By build, Home and Pro.
const WINDOWS: &[Row] = &[
    ("19044", day(2023, 6, 13)),
    ("19045", day(2025, 10, 14)),
    ("22000", day(2023, 10, 10)),
    ("22621", day(2024, 10, 8)),
    ("22631", day(2025, 11, 11)),
    ("26100", day(2026, 10, 13)),
    ("26200", day(2027, 10, 12)),
];
/// By build, Enterprise and Education.
const WINDOWS_ENTERPRISE: &[Row] = &[
    ("19044", day(2024, 6, 11)),
    ("19045", day(2025, 10, 14)),
    ("22000", day(2024, 10, 8)),
    ("22621", day(2025, 10, 14)),
    ("22631", day(2026, 11, 10)),
    ("26100", day(2027, 10, 12)),
    ("26200", day(2028, 10, 10)),
];
/// By build, the editions that stay as they are for years (`EnterpriseS`, `IoTEnterpriseS`).
const WINDOWS_LTSC: &[Row] = &[
    ("14393", day(2026, 10, 13)),
    ("17763", day(2029, 1, 9)),
    ("19044", day(2027, 1, 12)),
    ("26100", day(2029, 10, 9)),
];

const MACOS: &[Row] = &[
    ("11", day(2023, 9, 26)),
    ("12", day(2024, 9, 16)),
    ("13", day(2025, 9, 15)),
    ("14", day(2026, 9, 14)),
    ("15", day(2027, 9, 13)),
    ("26", day(2028, 9, 11)),
    ("27", day(2029, 9, 10)),
];

const fn day(year: i16, month: i8, day: i8) -> Date {
    jiff::civil::date(year, month, day)
}

/// A Linux by `ID` and `VERSION_ID` of os-release(5).
pub(crate) fn linux(id: &str, version: &str) -> Option<bool> {
    let table = match id {
        "debian" => DEBIAN,
        "ubuntu" => UBUNTU,
        "fedora" => FEDORA,
        "linuxmint" => MINT,
        "opensuse-leap" => LEAP,
        _ => return None,
    };
    is_mended(table, version)
}

/// A Windows by `CurrentBuild` and `EditionID` of the registry.
#[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "of another system"))]
pub(crate) fn windows(build: &str, edition: &str) -> Option<bool> {
    let table = if edition.ends_with("EnterpriseS") || edition.ends_with("EnterpriseSN") {
        WINDOWS_LTSC
    } else if edition.starts_with("Enterprise") || edition.starts_with("Education") {
        WINDOWS_ENTERPRISE
    } else {
        WINDOWS
    };
    is_mended(table, build)
}

/// A macOS by its major version.
#[cfg_attr(not(any(target_os = "macos", test)), expect(dead_code, reason = "of another system"))]
pub(crate) fn macos(major: &str) -> Option<bool> {
    is_mended(MACOS, major)
}

/// By this PC's clock; one that stands before the table's day is not believed.
fn is_mended(table: &[Row], version: &str) -> Option<bool> {
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().max(TABLE);
    on(table, version, today)
}

fn on(table: &[Row], version: &str, today: Date) -> Option<bool> {
    table.iter().find(|(known, _)| *known == version).map(|(_, last)| today <= *last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_mended_and_the_next_is_not() {
        assert_eq!(on(DEBIAN, "12", day(2028, 6, 30)), Some(true));
        assert_eq!(on(DEBIAN, "12", day(2028, 7, 1)), Some(false));
        assert_eq!(on(DEBIAN, "14", TABLE), None);
    }

    #[test]
    fn systems_are_told_apart() {
        assert_eq!(linux("debian", "10"), Some(false));
        assert_eq!(linux("arch", "10"), None);
        assert_eq!(windows("19045", "Professional"), Some(false));
        assert_eq!((windows("19044", "EnterpriseS"), windows("19044", "Core")), (on_today("19044"), Some(false)));
        assert_eq!(windows("30000", "Core"), None);
        assert_eq!((macos("12"), macos("99")), (Some(false), None));
    }

    fn on_today(build: &str) -> Option<bool> {
        is_mended(WINDOWS_LTSC, build)
    }
}
