//! The first page: find a member, by a part of the name, an address inside the tunnel, or because the access is locked.

use std::net::IpAddr;

use axum::{
    Extension,
    extract::Query,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    page::{self, Place, tag},
    view::View,
};
use crate::{
    config::ATTEMPTS,
    members::{self, Found, Hit, Search},
};

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
}

impl Asked {
    /// Nothing if it is too little to look for.
    fn search(&self) -> Option<Search> {
        /// One letter is in every name.
        const SHORTEST: usize = 2;
        let text = self.q.trim();
        if self.state == "locked" {
            return Some(Search::Locked);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(Search::Address(address.to_canonical()));
        }
        (text.chars().count() >= SHORTEST).then(|| Search::Name(text.to_owned()))
    }
}

pub(super) async fn show(Extension(view): Extension<View>, Query(asked): Query<Asked>) -> Response {
    let gateway = &view.console.gateway;
    let search = asked.search();
    let found = match &search {
        None => None,
        Some(search) => {
            match members::search(gateway.database.read(), &gateway.keys, search, gateway.clock.now()).await {
                Ok(found) => Some(found),
                Err(error) => return page::failed(&view, &error),
            }
        }
    };
    let title = view.t("console-find-title");
    let too_short = search.is_none() && !asked.q.trim().is_empty();
    let content = html! {
        h1 { (title) }
        form.card.search method="get" action="/" role="search" {
            label for="q" { (view.t("console-find-label")) }
            input id="q" name="q" value=(asked.q) autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="100"
                autofocus aria-describedby="q-hint";
            p.small id="q-hint" { (view.t("console-find-hint")) }
            div.actions {
                button.main { (view.t("console-find")) }
                a.button href="/?state=locked" { (view.t("console-find-locked")) }
            }
        }
        @if too_short { p.note.care role="status" { (view.t("console-find-short")) } }
        @if let Some(found) = &found { (hits(&view, found)) }
    };
    page::page(&view, Some(Place::Find), &title, &content).into_response()
}

fn hits(view: &View, found: &Found) -> Markup {
    html! {
        section aria-labelledby="hits" {
            h2 id="hits" { span role="status" {
                @if found.more { (view.t("console-hits-more")) } @else { (view.count("console-hits", found.hits.len())) }
            } }
            @if !found.hits.is_empty() {
                ul.rows {
                    @for hit in &found.hits {
                        li {
                            span.name { a href=(format!("/members/{}", hit.id)) { (hit.display_name) } " " span.small { (hit.username) } }
                            (state(view, hit))
                        }
                    }
                }
            }
        }
    }
}

fn state(view: &View, hit: &Hit) -> Markup {
    html! {
        span.tags {
            @if !hit.active { (tag("stop", &view.t("console-off"))) }
            @if hit.standing.locked {
                (tag("stop", &view.t("console-locked")))
            } @else if hit.standing.attempts_left < ATTEMPTS {
                (tag("care", &view.count("console-left", hit.standing.attempts_left)))
            } @else if hit.active {
                (tag("good", &view.t("console-open")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_an_address_or_a_part_of_a_name() {
        let asked = |q: &str| Asked { q: q.into(), state: String::new() }.search();
        assert!(matches!(asked(" 10.200.0.7 "), Some(Search::Address(ip)) if ip.to_string() == "10.200.0.7"));
        assert!(matches!(asked("fd00:9::2"), Some(Search::Address(_))));
        assert!(matches!(asked(" must "), Some(Search::Name(part)) if part == "must"));
        assert!(asked("m").is_none() && asked("").is_none());
    }
}
