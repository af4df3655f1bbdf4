//! The way from this page to the application: the deep link, the two digits, the member's yes or no. Works without a script; with it the page looks by itself.
//! Page and ticket are known to the browser by one cookie; no URL holds a credential but the deep link, for the application alone.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use flexnet_protocol::{FaultCode, Secret, link};
use maud::{Markup, html};

use super::{
    Site,
    art::{self, Icon, Way},
    cookies,
    frame::{Page, Place, View},
    language::Words,
    parts::{self, Tone},
};
use crate::{
    api::From,
    budgets,
    error::Error,
    handoff::{self, Issued, PageState},
};

/// Leads from a right entry to the page of its hand-off.
pub(super) fn begin(issued: &Issued) -> Response {
    let cookie = format!("{}.{}", issued.page_cookie.expose(), issued.ticket.expose());
    let mut response = (StatusCode::SEE_OTHER, [here()]).into_response();
    response.headers_mut().extend([cookies::HAND_OFF.give(&cookie)]);
    let (name, value) = cookies::NOTE.take();
    response.headers_mut().append(name, value);
    response
}

/// `GET /verbinden`.
pub(super) async fn get(State(site): State<Arc<Site>>, words: Words, headers: HeaderMap) -> Response {
    let view = site.view(words);
    let Some((page, ticket)) = cookie(&headers) else { return Redirect::to("/").into_response() };
    match handoff::page_state(&site.gateway, &page).await {
        Ok(PageState::Waiting { display_name, expires }) => view.waiting(&display_name, &ticket, expires),
        Ok(PageState::Redeemed { display_name, digits, .. }) => view.compare(&display_name, &digits),
        Ok(PageState::Done) => view.done(),
        Ok(PageState::Refused) => view.refused_by_member(),
        Ok(PageState::Expired) => view.expired(),
        Err(error) => view.failed(&error),
    }
}

/// `GET /verbinden/stand`: one word, for the script.
pub(super) async fn state(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let Some((page, _)) = cookie(&headers) else { return word(&PageState::Expired).into_response() };
    match handoff::page_state(&site.gateway, &page).await {
        Ok(state) => word(&state).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// `POST /verbinden/ja`.
pub(super) async fn confirm(
    State(site): State<Arc<Site>>,
    Extension(From(from)): Extension<From>,
    words: Words,
    headers: HeaderMap,
) -> Response {
    let Some((page, _)) = cookie(&headers) else { return Redirect::to("/").into_response() };
    decided(site.view(words), handoff::confirm(&site.gateway, &page, &network(from)).await)
}

/// `POST /verbinden/nein`.
pub(super) async fn refuse(
    State(site): State<Arc<Site>>,
    Extension(From(from)): Extension<From>,
    words: Words,
    headers: HeaderMap,
) -> Response {
    let Some((page, _)) = cookie(&headers) else { return Redirect::to("/").into_response() };
    decided(site.view(words), handoff::refuse(&site.gateway, &page, &network(from)).await)
}

fn decided(view: View<'_>, state: Result<PageState, Error>) -> Response {
    match state {
        Ok(_) => (StatusCode::SEE_OTHER, [here()]).into_response(),
        Err(error) => view.failed(&error),
    }
}

fn network(from: IpAddr) -> String {
    budgets::of_network(from).to_string()
}

fn here() -> (HeaderName, HeaderValue) {
    (header::LOCATION, HeaderValue::from_static("/verbinden"))
}

/// The page's own secret and the ticket.
pub(super) fn cookie(headers: &HeaderMap) -> Option<(Secret, Secret)> {
    let (page, ticket) = cookies::HAND_OFF.read(headers)?.split_once('.')?;
    Some((Secret::new(page), Secret::new(ticket)))
}

const fn word(state: &PageState) -> &'static str {
    match state {
        PageState::Waiting { .. } => "waiting",
        PageState::Redeemed { .. } => "redeemed",
        PageState::Done => "done",
        PageState::Refused => "refused",
        PageState::Expired => "expired",
    }
}

impl View<'_> {
    fn waiting(self, display_name: &str, ticket: &Secret, expires: i64) -> Response {
        let words = self.words;
        let link = link::link(ticket);
        let content = html! {
            (art::way(Way::Begun))
            (headline(&words.t("page-open-title")))
            p { (words.with("page-open-as", &[("name", display_name)])) }
            p.lead { (words.t("page-open-what")) }
            p { a.btn."btn--1" href=(link.expose()) data-open=(expires) { (words.t("page-open-go")) } }
            p.small.dim { (words.t("page-open-ask")) }
            section.stack {
                h2 { (words.t("page-open-next")) }
                ol.num {
                    li { span { (words.with("page-open-identity", &[("name", display_name)])) } }
                    li { span { (words.t("page-open-digits")) } }
                    li { span { (words.t("page-open-confirm")) } }
                    li { span { (words.t("page-open-connected")) } }
                }
                p.row { a.btn href="/verbinden" { (words.t("page-open-look")) } span.small.dim role="status" { (words.t("page-open-waits")) } }
            }
            section.card {
                h2 { (words.t("page-nothing-title")) }
                p { (words.t("page-nothing-what")) " " (words.t("page-nothing-tan")) }
                p { a href="/herunterladen" { (words.t("page-nothing-get")) } }
            }
        };
        self.hand_off(words.t("page-open-title"), Some("waiting"), &content)
    }

    fn compare(self, display_name: &str, digits: &str) -> Response {
        let words = self.words;
        let title = words.with("page-compare-title", &[("digits", digits)]);
        let content = html! {
            (art::way(Way::Half))
            (headline(&title))
            p.digits aria-hidden="true" { (digits) }
            p.lead { (words.with("page-compare-what", &[("name", display_name)])) }
            (parts::note(Tone::Care, &html! { p { (words.t("page-compare-care")) } }))
            form method="post" action="/verbinden/ja" { button.btn."btn--1" { (words.t("page-compare-yes")) } }
            form method="post" action="/verbinden/nein" { button.btn { (words.t("page-compare-no")) } }
        };
        self.hand_off(title, Some("redeemed"), &content)
    }

    fn done(self) -> Response {
        let words = self.words;
        let content = html! {
            (art::way(Way::Whole))
            (headline(&words.t("page-done-title")))
            p.lead { (words.t("page-done-what")) }
            p { (words.t("page-done-portal")) }
        };
        self.hand_off(words.t("page-done-title"), None, &content)
    }

    fn refused_by_member(self) -> Response {
        let words = self.words;
        let content = html! {
            (art::way(Way::Broken))
            (headline(&words.t("page-refused-title")))
            p.lead { (words.t("page-refused-what")) }
            (parts::note(Tone::Care, &html! { p { (words.t("page-refused-call")) } }))
            (self.desk(true))
            p { a.btn href="/" { (words.t("back-to-sign-in")) } }
        };
        self.hand_off(words.t("page-refused-title"), None, &content)
    }

    fn expired(self) -> Response {
        let words = self.words;
        let content = html! {
            (art::way(Way::Broken))
            (headline(&words.t("page-expired-title")))
            p.lead { (words.t("page-expired-what")) }
            p { (words.t("page-expired-next")) " " (words.t("tan-hint")) }
            p { a.btn."btn--1" href="/" { (words.t("sign-in-again")) } }
            section.card {
                h2 { (words.t("page-nothing-title")) }
                p { (art::icon(Icon::Get)) " " a href="/herunterladen" { (words.t("page-nothing-get")) } }
            }
        };
        self.hand_off(words.t("page-expired-title"), None, &content)
    }

    fn failed(self, error: &Error) -> Response {
        tracing::error!(error = error as &dyn std::error::Error, "a hand-off failed");
        let counted = self.words.t("counted-no");
        self.fault(StatusCode::SERVICE_UNAVAILABLE, FaultCode::GatewayDatabase, &counted)
    }

    fn hand_off(self, title: String, watches: Option<&'static str>, content: &Markup) -> Response {
        let page = Page { watches, ..Page::new(Place::Beside, title) };
        self.answer(StatusCode::OK, &page, &html! { div.narrow { (content) } })
    }
}

/// Read out when the page comes by itself; never a button, which an Enter meant for another page would press.
fn headline(text: &str) -> Markup {
    html! { h1 tabindex="-1" autofocus { (text) } }
}
