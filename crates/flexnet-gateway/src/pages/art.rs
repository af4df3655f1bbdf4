//! Pictures of the pages, drawn as in the window: icons, and the way from this PC to the portal. Hidden from screen readers; the words say it all.

use maud::{Markup, PreEscaped, html};

/// An icon on a grid of 24.
#[derive(Debug, Clone, Copy)]
pub(super) enum Icon {
    Caps,
    Care,
    Cross,
    Get,
    Info,
    Lock,
    Pc,
    Person,
    Phone,
    Portal,
    Tick,
    Token,
    Wrong,
}

impl Icon {
    const fn shape(self) -> &'static str {
        match self {
            Self::Caps => r#"<path d="M12 3.5l7.5 8h-4.2v4.5H8.7v-4.5H4.5zM8.7 20h6.6"/>"#,
            Self::Care => {
                r#"<path d="M12 4l9.2 16H2.8zM12 10v4.6"/><circle cx="12" cy="17.3" r="1.1" fill="currentColor" stroke="none"/>"#
            }
            Self::Cross => r#"<path d="M6 6l12 12M18 6L6 18"/>"#,
            Self::Get => r#"<path d="M12 4v11M7 10.5l5 5 5-5M4.5 20h15"/>"#,
            Self::Info => {
                r#"<circle cx="12" cy="12" r="9"/><path d="M12 11v5.6"/><circle cx="12" cy="7.7" r="1.15" fill="currentColor" stroke="none"/>"#
            }
            Self::Lock => r#"<rect x="5" y="11" width="14" height="9.5" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>"#,
            Self::Pc => r#"<rect x="3" y="4.5" width="18" height="12" rx="2"/><path d="M8.5 20.5h7M12 16.5v4"/>"#,
            Self::Person => r#"<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5a7.5 7.5 0 0 1 15 0"/>"#,
            Self::Phone => {
                r#"<path d="M6.4 4h3l1.5 4-2 1.6a11.5 11.5 0 0 0 5.5 5.5l1.6-2 4 1.5v3a1.9 1.9 0 0 1-2.1 1.9A15.8 15.8 0 0 1 4.5 6.1 1.9 1.9 0 0 1 6.4 4z"/>"#
            }
            Self::Portal => {
                r#"<path d="M3.5 9.7L12 4.3l8.5 5.4zM6.2 10v7.5M10 10v7.5M14 10v7.5M17.8 10v7.5M3.5 20h17"/>"#
            }
            Self::Tick => r#"<path d="M5 12.7l4.6 4.6L19 7.2"/>"#,
            Self::Token => {
                r#"<rect x="6" y="2.5" width="12" height="19" rx="4"/><rect x="8.8" y="6" width="6.4" height="4.2" rx="1"/><circle cx="12" cy="15.6" r="2"/>"#
            }
            Self::Wrong => {
                r#"<circle cx="12" cy="12" r="9"/><path d="M12 7v6"/><circle cx="12" cy="16.6" r="1.15" fill="currentColor" stroke="none"/>"#
            }
        }
    }
}

/// An icon beside words.
pub(super) fn icon(icon: Icon) -> Markup {
    html! { svg.i viewBox="0 0 24 24" aria-hidden="true" focusable="false" { (PreEscaped(icon.shape())) } }
}

/// The mark of the program.
pub(super) fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 32 32" aria-hidden="true" focusable="false" {
            rect.ground width="32" height="32" rx="9" {}
            path.arch d="M7.5 20.5Q16 3 24.5 20.5" {}
            circle.end cx="7.5" cy="23" r="2.9" {}
            circle.end cx="24.5" cy="23" r="2.9" {}
        }
    }
}

/// How far the way is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    /// Signed in on this page, the application is still to come.
    Begun,
    /// The application has come; the member decides.
    Half,
    /// Confirmed.
    Whole,
    /// The access is locked.
    Locked,
    /// Given up.
    Broken,
}

/// The way: two ends and an arch.
pub(super) fn way(way: Way) -> Markup {
    // Points of the arch `M39 48Q180 -12 321 48` at a quarter, half and the whole of it.
    let (tone, dash, badge) = match way {
        Way::Begun => ("ink", "26 200", None),
        Way::Half => ("ink", "50 200", None),
        Way::Whole => ("good", "100 200", Some((Icon::Tick, "good"))),
        Way::Locked => ("dim", "50 200", Some((Icon::Lock, "stop"))),
        Way::Broken => ("dim", "50 200", Some((Icon::Cross, "stop"))),
    };
    let moving = match way {
        Way::Begun => Some((109.5, 25.5)),
        Way::Half => Some((180.0, 18.0)),
        Way::Whole | Way::Locked | Way::Broken => None,
    };
    let whole = matches!(way, Way::Whole);
    html! {
        div.way aria-hidden="true" {
            svg viewBox="0 0 360 75" focusable="false" {
                @if !whole { path.base d=(ARCH) pathLength="100" {} }
                path class={ "run c-" (tone) } stroke="currentColor" d=(ARCH) pathLength="100" stroke-dasharray=(dash) {}
                (end(20.5, Icon::Pc, tone))
                (end(339.5, Icon::Portal, if whole { tone } else { "dim" }))
                @if let Some((x, y)) = moving { circle.badge.c-ink.pulse cx=(x) cy=(y) r="9" fill="currentColor" {} }
                @if let Some((shape, tone)) = badge {
                    g class={ "badge-on badge-on--" (tone) } {
                        @if tone == "stop" { rect.badge x="162" y="0" width="36" height="36" rx="10" {} }
                        @else { circle.badge cx="180" cy="18" r="18" {} }
                        svg.i x="170" y="8" width="20" height="20" viewBox="0 0 24 24" { (PreEscaped(shape.shape())) }
                    }
                }
            }
        }
    }
}

const ARCH: &str = "M39 48Q180 -12 321 48";

fn end(x: f64, shape: Icon, tone: &str) -> Markup {
    html! {
        g class={ "c-" (tone) } {
            circle.node.node--on[tone != "dim"] cx=(x) cy="55" r="19" {}
            svg.i x=(x - 11.0) y="44" width="22" height="22" viewBox="0 0 24 24" { (PreEscaped(shape.shape())) }
        }
    }
}
