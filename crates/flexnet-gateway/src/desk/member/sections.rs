//! What a member's page shows, section by section; a form only where the reader's role may send it.

use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};

use crate::{
    config::ATTEMPTS,
    desk::{
        audit::{actor, told},
        page::{self, Note, Place, tag},
        view::View,
    },
    members::{LastUse, Member},
};

/// The whole page.
pub(super) fn page(view: &View, member: &Member, stock: &[String], note: Option<Note>) -> Response {
    let content = html! {
        @if let Some(note) = note { (note.show(view)) }
        h1 { (member.display_name) }
        (standing(view, member))
        @if member.standing.locked && view.may("POST", "/members/{id}/unlock") { (unlock_form(view, member)) }
        (open_sessions(view, member))
        (tokens(view, member))
        @if view.may("POST", "/members/{id}/assign-token") { (assign_form(view, member, stock)) }
        @if view.may("POST", "/members/{id}/resync-token") { (resync_form(view, member)) }
        (history(view, member))
    };
    page::page(view, Some(Place::Find), &member.display_name, &content).into_response()
}

fn standing(view: &View, member: &Member) -> Markup {
    let left = member.standing.attempts_left;
    html! {
        section.card aria-labelledby="standing" {
            h2 id="standing" { (view.t("console-standing")) }
            dl.facts {
                dt { (view.t("console-username")) } dd { (member.username) }
                dt { (view.t("console-account")) }
                dd { @if member.active { (tag("good", &view.t("console-on"))) } @else { (tag("stop", &view.t("console-off"))) } }
                dt { (view.t("console-access")) }
                dd {
                    @if member.standing.locked { (tag("stop", &view.t("console-locked"))) }
                    @else if left < ATTEMPTS { (tag("care", &view.count("console-left", left))) }
                    @else { (tag("good", &view.t("console-open"))) }
                }
                dt { (view.t("console-last-sign-in")) }
                dd {
                    @match &member.last_sign_in {
                        Some((at, network)) => { (view.time(*at)) " · " (view.with("console-from", &[("network", network)])) }
                        None => { (view.t("console-never")) }
                    }
                }
                dt { (view.t("console-created")) } dd { (view.time(member.created)) }
            }
        }
    }
}

fn unlock_form(view: &View, member: &Member) -> Markup {
    html! {
        section aria-labelledby="unlock" {
            form.card method="post" action=(format!("/members/{}/unlock", member.id)) {
                h2 id="unlock" { (view.t("console-unlock-title")) }
                p { (view.t("console-unlock-text")) }
                label for="reason" { (view.t("console-reason")) }
                input id="reason" name="reason" required maxlength="200" autocomplete="off" aria-describedby="reason-hint";
                p.small id="reason-hint" { (view.t("console-reason-hint")) }
                label.check { input type="checkbox" name="verified" value="yes" required; span { (view.t("console-verified")) } }
                button.main { (view.t("console-unlock")) }
            }
        }
    }
}

fn open_sessions(view: &View, member: &Member) -> Markup {
    let may = view.may("POST", "/members/{id}/end-session");
    html! {
        section {
            h2 id="sessions" { (view.t("console-sessions")) }
            @if member.sessions.is_empty() { p { (view.t("console-no-sessions")) } }
            @else {
                (page::table(view, "sessions", &["console-since", "console-network", "console-addresses", "console-active", "console-until"], may, &html! {
                    @for session in &member.sessions { tr {
                        td { (view.time(session.started)) }
                        td { (session.network) }
                        td { @for address in &session.addresses { span.line { (address) } } }
                        td { (view.time(session.last_active)) }
                        td { (view.time(session.absolute_end)) }
                        @if may { td {
                            form method="post" action=(format!("/members/{}/end-session", member.id)) {
                                input type="hidden" name="session" value=(session.session_id);
                                button.stop { (view.t("console-end-session")) }
                            }
                        } }
                    } }
                }))
            }
        }
    }
}

fn tokens(view: &View, member: &Member) -> Markup {
    let may = view.may("POST", "/members/{id}/token-lost");
    html! {
        section {
            h2 id="tokens" { (view.t("console-tokens")) }
            @if member.tokens.is_empty() { p { (view.t("console-no-tokens")) } }
            @else {
                (page::table(view, "tokens", &["console-serial", "console-kind", "console-state", "console-last-use"], may, &html! {
                    @for token in &member.tokens { tr {
                        th scope="row" { (token.serial) }
                        td { (view.t(&format!("console-kind-{}", token.kind.name()))) }
                        td { (tag(if token.state == "active" { "good" } else { "stop" }, &view.t(&format!("console-token-{}", token.state)))) }
                        td {
                            @match token.last_use {
                                LastUse::Never => { (view.t("console-never")) }
                                LastUse::At(at) => { (view.time(at)) }
                                LastUse::Counter(count) => { (view.count("console-counter", count)) }
                            }
                        }
                        @if may { td { @if token.state == "active" { (lost_form(view, member, &token.serial)) } } }
                    } }
                }))
            }
        }
    }
}

/// Two steps, because it cannot be taken back.
fn lost_form(view: &View, member: &Member, serial: &str) -> Markup {
    html! {
        details {
            summary { (view.t("console-lost")) span.hidden { " " (serial) } }
            form method="post" action=(format!("/members/{}/token-lost", member.id)) {
                p { (view.t("console-lost-text")) }
                input type="hidden" name="serial" value=(serial);
                button.stop { (view.t("console-lost-now")) }
            }
        }
    }
}

fn assign_form(view: &View, member: &Member, stock: &[String]) -> Markup {
    html! {
        section aria-labelledby="assign" {
            form.card method="post" action=(format!("/members/{}/assign-token", member.id)) {
                h2 id="assign" { (view.t("console-assign-title")) }
                label for="serial" { (view.t("console-serial")) }
                input id="serial" name="serial" list="stock" required maxlength="64" autocomplete="off" autocapitalize="characters"
                    spellcheck="false" aria-describedby="serial-hint";
                datalist id="stock" { @for serial in stock { option value=(serial) {} } }
                p.small id="serial-hint" { (view.t("console-serial-hint")) }
                button { (view.t("console-assign")) }
            }
        }
    }
}

fn resync_form(view: &View, member: &Member) -> Markup {
    let field = |id: &str, label: &str| {
        html! {
            label for=(id) { (view.t(label)) }
            input.tan id=(id) name=(id) inputmode="numeric" autocomplete="off" required pattern="[0-9 ]{6,12}" title=(view.t("console-tan-hint"));
        }
    };
    html! {
        section aria-labelledby="resync" {
            form.card method="post" action=(format!("/members/{}/resync-token", member.id)) {
                h2 id="resync" { (view.t("console-resync-title")) }
                p { (view.t("console-resync-text")) }
                (field("first", "console-first"))
                (field("second", "console-second"))
                button { (view.t("console-resync")) }
            }
        }
    }
}

fn history(view: &View, member: &Member) -> Markup {
    html! {
        section {
            h2 id="history" { (view.t("console-history")) }
            @if member.history.is_empty() { p { (view.t("console-no-history")) } }
            @else {
                (page::table(view, "history", &["console-when", "console-what", "console-network", "console-who"], false, &html! {
                    @for row in &member.history { tr {
                        td.nowrap { (view.time(row.at)) }
                        td { (told(view, row)) }
                        td { (row.network.as_deref().unwrap_or("–")) }
                        td { (actor(view, &row.actor)) }
                    } }
                }))
            }
        }
    }
}
