//! `GET /herunterladen`: the packages that lie in the configured folder, the one for the visitor's PC first; and the files themselves.

use std::sync::Arc;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use maud::{Markup, html};
use tokio::{fs::File, io::AsyncReadExt as _};

use super::{
    Site,
    art::{self, Icon},
    frame::{Page, Place, View},
    language::Words,
    parts::{self, Tone},
    shelf::Package,
    visitor::{System, Visitor},
};
use crate::connections::Seat;

/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;

pub(super) async fn page(State(site): State<Arc<Site>>, words: Words, headers: HeaderMap) -> Response {
    let view = site.view(words);
    let packages = site.shelf.packages().await;
    let visitor = Visitor::of(&headers);
    let of = |system: System| packages.iter().filter(move |package| package.system == system);
    let own = match visitor {
        Visitor::On(system) => Some(system),
        Visitor::Mobile | Visitor::Unknown => None,
    };
    let others: Vec<System> =
        System::ALL.into_iter().filter(|&system| Some(system) != own && of(system).next().is_some()).collect();
    let title = words.t("page-get-title");
    let content = html! {
        div.columns {
            div.stack-5 {
                h1 { (title) }
                p.lead { (words.t("page-get-what")) }
                @if packages.is_empty() { (parts::note(Tone::Care, &html! { p { (words.t("page-get-nothing")) } })) }
                @else if visitor == Visitor::Mobile { (parts::note(Tone::Care, &html! { p { (words.t("page-get-phone")) } })) }
                @if let Some(system) = own.filter(|_| !packages.is_empty()) {
                    section.stack-3 {
                        h2 { (words.t("page-get-yours")) ": " (name(words, system)) }
                        @if of(system).next().is_none() {
                            (parts::note(Tone::Care, &html! { p { (words.with("page-get-missing", &[("system", &name(words, system))])) } }))
                        } @else {
                            @for package in of(system) { (view.package(package, true)) }
                            h3 { (words.t("page-get-steps")) }
                            (view.steps(&format!("page-get-steps-{}", system.key())))
                            (view.check(system))
                        }
                    }
                }
                @if !others.is_empty() {
                    section.stack-3 {
                        @if own.is_some() { h2 { (words.t("page-get-others")) } }
                        @for system in others {
                            h3 { (words.with("page-get-for", &[("system", &name(words, system))])) }
                            @for package in of(system) { (view.package(package, false)) }
                            @if own.is_none() { (view.check(system)) }
                        }
                    }
                }
            }
            aside.stack-3 { (view.desk(false)) }
        }
    };
    view.answer(StatusCode::OK, &Page::new(Place::Download, title), &content)
}

/// `GET /herunterladen/{name}`: the whole file, no ranges.
pub(super) async fn file(
    State(site): State<Arc<Site>>,
    Extension(seat): Extension<Seat>,
    words: Words,
    Path(name): Path<String>,
) -> Response {
    let view = site.view(words);
    let Some((package, file)) = site.shelf.open(&name).await else { return view.lost(StatusCode::NOT_FOUND) };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(package.size)),
        (header::ACCEPT_RANGES, HeaderValue::from_static("none")),
        (header::CONTENT_DISPOSITION, disposition(&package.name)),
    ];
    (headers, send(file, seat)).into_response()
}

/// The name holds nothing that must be escaped; `shelf` sees to that.
fn disposition(name: &str) -> HeaderValue {
    HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).unwrap_or(HeaderValue::from_static("attachment"))
}

fn send(file: File, seat: Seat) -> Body {
    Body::from_stream(stream::try_unfold((file, seat), async |(mut file, seat)| {
        let mut chunk = vec![0; CHUNK];
        let length = file.read(&mut chunk).await?;
        chunk.truncate(length);
        seat.moved(length);
        Ok::<_, std::io::Error>((length > 0).then(|| (Bytes::from(chunk), (file, seat))))
    }))
}

fn name(words: Words, system: System) -> String {
    words.t(&format!("page-system-{}", system.key()))
}

impl View<'_> {
    fn package(self, package: &Package, main: bool) -> Markup {
        let words = self.words;
        let size = match package.size {
            bytes if bytes < 1_000_000 => {
                words.with("page-get-kilobytes", &[("size", &bytes.div_ceil(1000).to_string())])
            }
            bytes => words.with("page-get-megabytes", &[("size", &bytes.div_ceil(1_000_000).to_string())]),
        };
        html! {
            div.card.package {
                p {
                    a.btn."btn--1"[main] href={ "/herunterladen/" (package.name) } download=(package.name) {
                        (art::icon(Icon::Get)) span { (words.t("page-get-go")) span.vh { ": " (package.name) } }
                    }
                }
                dl.facts."facts--3" {
                    div { dt { (words.t("page-get-file")) } dd.any { (package.name) } }
                    @if let Some(version) = &package.version { div { dt { (words.t("page-get-version")) } dd { (version) } } }
                    div { dt { (words.t("page-get-size")) } dd { (size) } }
                }
                dl.facts.sum { div { dt { (words.t("page-get-sum")) } dd.any { code { (package.sha256) } } } }
            }
        }
    }

    /// How a downloaded file is compared with its SHA-256.
    fn check(self, system: System) -> Markup {
        let command = match system {
            System::Windows => "certutil -hashfile %USERPROFILE%\\Downloads\\KV-FlexNet… SHA256",
            System::MacOs => "shasum -a 256 ~/Downloads/KV-FlexNet…",
            System::Linux => "sha256sum ~/Downloads/kv-flexnet…",
        };
        html! {
            details.fold {
                summary { (self.words.t("page-get-check")) }
                p { (self.words.t("page-get-check-what")) }
                p.any { code { (command) } }
            }
        }
    }
}
