//! The pages for members' browsers, on the address of the sign-in API: sign-in, hand-off to the application, downloads, help. German first, English beside it.
//! They decide nothing: `handoff` does. No script is needed, nothing is loaded from elsewhere, no credential is in a URL but the ticket in the deep link.
//! One module a page; `frame` is around every page, `parts` and `art` are what pages are made of.

mod art;
mod cookies;
mod downloads;
mod entry;
mod frame;
pub mod fuzz;
mod hand_off;
mod help;
mod language;
mod note;
mod parts;
mod shelf;
mod sign_in;
mod times;
mod visitor;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware::{Next, from_fn, from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use flexnet_protocol::VERSION;

use self::{frame::View, language::Words, shelf::Shelf};
use crate::{api, browser, gateway::Gateway};

/// What the pages are made from.
#[derive(Debug)]
struct Site {
    gateway: Arc<Gateway>,
    shelf: Shelf,
}

impl Site {
    fn view(&self, words: Words) -> View<'_> {
        View { words, gateway: &self.gateway }
    }
}

/// All pages, and what they say to an address that is none. `docs/attack-surface.md` has each route.
pub fn router(gateway: Arc<Gateway>) -> Router {
    let shelf = Shelf::new(gateway.config.pages.downloads.clone());
    let site = Arc::new(Site { gateway, shelf });
    // The first visitor should not wait for the SHA-256 of everything.
    tokio::spawn({
        let site = Arc::clone(&site);
        async move { drop(site.shelf.packages().await) }
    });
    Router::new()
        .route("/", get(sign_in::start))
        .route("/anmelden", get(sign_in::after).post(sign_in::post))
        .route("/verbinden", get(hand_off::get))
        .route("/verbinden/stand", get(hand_off::state))
        .route("/verbinden/ja", post(hand_off::confirm))
        .route("/verbinden/nein", post(hand_off::refuse))
        .route("/herunterladen", get(downloads::page))
        .route("/herunterladen/{name}", get(downloads::file))
        .route("/hilfe", get(help::get))
        .route("/flexnet.css", get(style))
        .route("/flexnet.js", get(script))
        .route("/flexnet.svg", get(icon))
        .method_not_allowed_fallback(not_a_method)
        .layer(from_fn_with_state(Arc::clone(&site), own_forms_only))
        // Below the forms' fence: what is posted to nowhere is a program's.
        .fallback(lost)
        .layer(from_fn(language::switch))
        .layer(map_response(with_headers))
        .with_state(site)
}

/// Address of a file of ours: another version is another address, so an old one is never shown with a new page.
fn asset(name: &str) -> String {
    format!("/{name}?{VERSION}")
}

async fn style() -> impl IntoResponse {
    // The window's own look: `ui/src/styles` is the one place where it is written.
    const STYLE: &str = concat!(
        include_str!("../../../../ui/src/styles/tokens.css"),
        include_str!("../../../../ui/src/styles/base.css"),
        include_str!("../../../../ui/src/styles/components.css"),
        include_str!("../../../../ui/src/styles/modes.css"),
        include_str!("flexnet.css"),
    );
    file("text/css; charset=utf-8", STYLE)
}

async fn script() -> impl IntoResponse {
    file("text/javascript; charset=utf-8", include_str!("flexnet.js"))
}

async fn icon() -> impl IntoResponse {
    file("image/svg+xml", include_str!("flexnet.svg"))
}

fn file(kind: &'static str, content: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=86400")], content)
}

/// Programs get a problem, people a page.
async fn lost(State(site): State<Arc<Site>>, words: Words, uri: Uri) -> Response {
    if uri.path().starts_with("/v1/") || uri.path().starts_with("/.well-known/") {
        return api::no_such_resource().into_response();
    }
    site.view(words).lost(StatusCode::NOT_FOUND)
}

async fn not_a_method(State(site): State<Arc<Site>>, words: Words) -> Response {
    site.view(words).lost(StatusCode::METHOD_NOT_ALLOWED)
}

/// Forms of other sites are refused before anything of them is read.
async fn own_forms_only(State(site): State<Arc<Site>>, words: Words, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && !browser::is_own_form(request.headers()) {
        return site.view(words).lost(StatusCode::FORBIDDEN);
    }
    next.run(request).await
}

/// Nothing is loaded from elsewhere, executed from the page, framed, kept or told to others.
async fn with_headers(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                          form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    browser::fence(response.headers_mut(), POLICY, "no-referrer");
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    response
}
