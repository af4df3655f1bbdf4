//! The sign-in page: a form that works without any script, and what became of it. Counting and checking are the gateway's, by the same way as an application's sign-in.
//! An answer that was counted leads on to a page of its own, so reloading sends nothing; a form that is sent twice is one attempt.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Form,
    body::Body,
    extract::{FromRequest as _, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use data_encoding::BASE64URL_NOPAD;
use flexnet_protocol::{FaultCode, gateway::MAX_USERNAME};
use maud::{Markup, html};

use super::{
    Site,
    art::{self, Icon, Way},
    entry::{self, Entry, Field, Trouble},
    frame::{Page, Place, View},
    hand_off,
    language::Words,
    note::{Note, Said},
    parts::{self, Tone},
};
use crate::{
    api::{From, body},
    attempts::{Cause, Outcome},
    handoff,
    sign_in::{Entries, NoOutcome},
};

/// `GET /`: the empty form.
pub(super) async fn start(State(site): State<Arc<Site>>, words: Words) -> Response {
    let view = site.view(words);
    match view.closed() {
        Some(closed) => closed,
        None => view.form(StatusCode::OK, &Sheet::default()),
    }
}

/// `GET /anmelden`: what became of the last entry, and the form again where there is still something to enter.
pub(super) async fn after(
    State(site): State<Arc<Site>>,
    words: Words,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let view = site.view(words);
    let Some(note) = Note::read(&headers) else { return Redirect::to("/").into_response() };
    let last_try = request.uri().query() == Some(LAST_TRY);
    match note.said {
        Said::Locked => view.locked(&note.username),
        Said::Refused { left: 1 } if !last_try => view.halt(),
        Said::Refused { left } => {
            view.form(StatusCode::OK, &Sheet { username: &note.username, left: Some(left), ..Sheet::default() })
        }
        Said::Disabled => view.fault(StatusCode::OK, FaultCode::AccountDisabled, &words.t("counted-yes")),
        Said::Failed => view.fault(StatusCode::OK, FaultCode::GatewayDatabase, &spent(words)),
        Said::Full => view.fault(StatusCode::OK, FaultCode::GatewayBusy, &spent(words)),
        Said::NoVerdict => view.fault(StatusCode::OK, FaultCode::VerifierSilent, &spent(words)),
    }
}

/// `POST /anmelden`.
pub(super) async fn post(
    State(site): State<Arc<Site>>,
    Extension(From(from)): Extension<From>,
    words: Words,
    request: Request,
) -> Response {
    let view = site.view(words);
    if let Some(closed) = view.closed() {
        return closed;
    }
    match read(request).await {
        Ok((body, entry)) => {
            let troubles = entry.troubles(words);
            if troubles.is_empty() {
                return sign_in(&site, view, from, &body, entry).await;
            }
            view.form(
                StatusCode::UNPROCESSABLE_ENTITY,
                &Sheet { username: &entry.username, troubles: &troubles, ..Sheet::default() },
            )
        }
        Err(status) => view.lost(status),
    }
}

/// The query by which a member says that the last attempt is wanted.
const LAST_TRY: &str = "letzter";

pub(super) async fn read(request: Request) -> Result<(axum::body::Bytes, Entry), StatusCode> {
    let (parts, body) = request.into_parts();
    let bytes = body::read(body).await.map_err(|refusal| refusal.into_response().status())?;
    let request = Request::from_parts(parts, Body::from(bytes.clone()));
    let Form(entry) = Form::<Entry>::from_request(request, &()).await.map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok((bytes, entry))
}

async fn sign_in(site: &Site, view: View<'_>, from: IpAddr, body: &[u8], entry: Entry) -> Response {
    let username = entry.username.clone();
    let tan = entry.tan();
    let entries = Entries { attempt_id: entry.attempt_id, username: entry.username, password: entry.password, tan };
    let said = match handoff::sign_in(&site.gateway, from, body, entries).await {
        Ok(Outcome::HandedOff(issued)) => return hand_off::begin(&issued),
        Ok(Outcome::Refused { attempts_left }) => Said::Refused { left: attempts_left },
        Ok(Outcome::Locked) => Said::Locked,
        Ok(Outcome::Disabled { .. }) => Said::Disabled,
        Ok(Outcome::Undecided(Cause::NoAddress)) => Said::Full,
        Ok(Outcome::Undecided(Cause::NoVerdict)) => Said::NoVerdict,
        Ok(Outcome::Undecided(Cause::KeyTaken | Cause::Failed)) => Said::Failed,
        // Of an application: another id, or this one with another body.
        Ok(Outcome::Granted(_) | Outcome::Resync(_)) => Said::Failed,
        Err(NoOutcome::Conflict(_)) => {
            let form = Sheet { username: &username, again: true, ..Sheet::default() };
            return view.form(StatusCode::UNPROCESSABLE_ENTITY, &form);
        }
        Err(reason) => return view.no_outcome(&reason),
    };
    let note = Note { said, username };
    (StatusCode::SEE_OTHER, [note.give(), location("/anmelden")]).into_response()
}

/// Right, and yet nothing was opened: no attempt, but the TAN is gone.
fn spent(words: Words) -> String {
    format!("{} {}", words.t("counted-no"), words.t("page-expired-next"))
}

fn location(path: &'static str) -> (HeaderName, HeaderValue) {
    (header::LOCATION, HeaderValue::from_static(path))
}

/// What stands in and above the form.
#[derive(Debug, Default)]
struct Sheet<'a> {
    username: &'a str,
    /// After a wrong entry.
    left: Option<u8>,
    troubles: &'a [Trouble],
    /// The form was older than its page.
    again: bool,
}

impl View<'_> {
    /// Instead of the form, while the access is being worked on.
    fn closed(self) -> Option<Response> {
        let maintenance = self.gateway.note.now()?;
        let words = self.words;
        let zone = &self.gateway.config.desk.time_zone;
        let until = maintenance.until.map(|until| {
            let now = self.gateway.clock.now();
            words.with("maintenance-until", &[("time", &super::times::opening(words, until, now, zone))])
        });
        let text = format!("{} {}", words.t("counted-no"), until.unwrap_or_default());
        Some(self.fault(StatusCode::SERVICE_UNAVAILABLE, FaultCode::Maintenance, text.trim()))
    }

    fn form(self, status: StatusCode, form: &Sheet<'_>) -> Response {
        let words = self.words;
        let Ok(attempt) = entry::new_attempt() else {
            return self.fault(StatusCode::SERVICE_UNAVAILABLE, FaultCode::Internal, &words.t("counted-no"));
        };
        let attempt = BASE64URL_NOPAD.encode(&attempt.0);
        let title = words.t("sign-in-title");
        let mut page = Page::new(Place::SignIn, title.clone());
        if !form.troubles.is_empty() || form.left.is_some() {
            page.title = words.with("page-title-error", &[("title", &title)]);
        }
        let trouble = |field: Field| form.troubles.iter().find(|trouble| trouble.field == field);
        let focus = if form.username.is_empty() { Field::Username } else { Field::Password };
        // The summary has the focus where there is one.
        let focused = |field: Field| form.troubles.is_empty() && field == focus;
        let doctor = entry::looks_like_doctor_number(form.username);
        let content = html! {
            div.columns {
                div.sheet {
                    h1 { (title) }
                    @if let Some(left) = form.left { (self.refused(left)) }
                    @else if form.again { (parts::note(Tone::Care, &html! { p role="alert" { (words.t("page-again")) } })) }
                    @else if !form.troubles.is_empty() { (self.summary(form.troubles)) }
                    @else { p { (words.t("page-sign-in-what")) } }
                    form.form method="post" action="/anmelden" novalidate {
                        // Firefox would fill in the old one on a reload.
                        input type="hidden" name="attempt" value=(attempt) autocomplete="off";
                        (self.field(Field::Username, trouble(Field::Username), doctor.then(|| words.t("username-is-number")), &html! {
                            input type="text" id="username" name="username" value=(form.username) autocomplete="username" autocapitalize="none"
                                spellcheck="false" maxlength=(MAX_USERNAME) required autofocus[focused(Field::Username)]
                                aria-invalid=[trouble(Field::Username).map(|_| "true")]
                                aria-describedby=[(doctor || trouble(Field::Username).is_some()).then_some("username-trouble")];
                        }))
                        (self.field(Field::Password, trouble(Field::Password), None, &html! {
                            input type="password" id="password" name="password" autocomplete="current-password" required autofocus[focused(Field::Password)]
                                aria-invalid=[trouble(Field::Password).map(|_| "true")]
                                aria-describedby=[trouble(Field::Password).map(|_| "password-trouble")];
                        }))
                        (self.field(Field::Tan, trouble(Field::Tan), None, &html! {
                            input type="text" id="tan" name="tan" inputmode="numeric" autocomplete="one-time-code" spellcheck="false" maxlength="24" required
                                aria-invalid=[trouble(Field::Tan).map(|_| "true")]
                                aria-describedby=(if trouble(Field::Tan).is_some() { "tan-trouble" } else { "tan-hint" });
                        }))
                        @if trouble(Field::Tan).is_none() {
                            p.hint id="tan-hint" { (words.t(if form.left.is_some() { "tan-again" } else { "tan-hint" })) " " a href="/hilfe#token" { (words.t("tan-where")) } }
                        }
                        button.btn."btn--1" { (words.t("page-sign-in-go")) }
                    }
                    p.small.dim { (words.with("page-address", &[("host", &self.gateway.config.name)])) }
                }
                (self.beside())
            }
        };
        self.answer(status, &page, &content)
    }

    fn field(self, field: Field, trouble: Option<&Trouble>, advice: Option<String>, input: &Markup) -> Markup {
        let id = field.id();
        let class = match (field, trouble) {
            (Field::Tan, Some(_)) => "input input--tan input--bad",
            (Field::Tan, None) => "input input--tan",
            (Field::Username | Field::Password, Some(_)) => "input input--bad",
            (Field::Username | Field::Password, None) => "input",
        };
        html! {
            div.field {
                label for=(id) { (self.words.t(id)) }
                div class=(class) { (input) }
                @if let Some(trouble) = trouble { p.err id={ (id) "-trouble" } { (art::icon(Icon::Wrong)) span { (trouble.text) } } }
                @else if let Some(advice) = advice { p.err."err--care" id={ (id) "-trouble" } { (art::icon(Icon::Care)) span { (advice) } } }
            }
        }
    }

    /// What stands beside the form.
    fn beside(self) -> Markup {
        let words = self.words;
        html! {
            aside.stack-3 {
                section.card {
                    h2 { (words.t("first-need")) }
                    ul.ticks {
                        li { (art::icon(Icon::Person)) span { (words.t("first-need-name")) } }
                        li { (art::icon(Icon::Token)) span { (words.t("first-need-token")) } }
                        li { (art::icon(Icon::Pc)) span { (words.t("first-need-pc")) } }
                        li { (art::icon(Icon::Get)) span { (words.t("page-need-program")) " " a href="/herunterladen" { (words.t("page-need-get")) } } }
                    }
                }
                (self.desk(false))
            }
        }
    }

    /// Every trouble with a link to its field.
    fn summary(self, troubles: &[Trouble]) -> Markup {
        let words = self.words;
        html! {
            div.note."note--stop" role="alert" tabindex="-1" autofocus aria-labelledby="summary" {
                (art::icon(Icon::Wrong))
                div {
                    h2 id="summary" { (words.t("page-entry-trouble")) }
                    ul { @for trouble in troubles { li { a href={ "#" (trouble.field.id()) } { (trouble.text) } } } }
                    p { (words.t("counted-no")) }
                }
            }
        }
    }

    fn refused(self, left: u8) -> Markup {
        let words = self.words;
        parts::note(
            Tone::Care,
            &html! {
                div.first role="alert" { h2 { (words.count("attempts-left", left.into())) } (parts::tries(left)) }
                p { (words.t("refused-what")) }
            },
        )
    }

    /// After the fourth wrong entry: no field until the member has decided. The call is the next step.
    fn halt(self) -> Response {
        let words = self.words;
        let title = words.t("halt-title");
        let content = html! {
            div.narrow {
                div.head role="alert" { h1 { (title) } p.lead { (words.t("halt-what")) } }
                (self.desk(true))
                section.stack {
                    h2 { (words.t("halt-often")) }
                    ul.ticks {
                        li { (art::icon(Icon::Caps)) span { (words.t("halt-caps")) } }
                        li { (art::icon(Icon::Token)) span { (words.t("halt-token")) } }
                        li { (art::icon(Icon::Portal)) span { (words.t("halt-portal")) } }
                    }
                }
                p { a.btn href={ "/anmelden?" (LAST_TRY) } { (words.t("halt-use")) } }
            }
        };
        self.answer(StatusCode::OK, &Page::new(Place::SignIn, title), &content)
    }

    /// Whom to call, when, and what to have ready. No retry.
    fn locked(self, username: &str) -> Response {
        let words = self.words;
        let code = FaultCode::Locked;
        let title = words.t(&format!("{}-title", code.key()));
        let content = html! {
            div.narrow {
                (art::way(Way::Locked))
                div.head role="alert" { h1 { (title) } p.lead { (words.t(&format!("{}-what", code.key()))) } }
                (self.desk(true))
                section.stack {
                    h2 { (words.t("locked-ready")) }
                    dl.facts."facts--3" {
                        div { dt { (words.t("username")) } dd { (username) } }
                        div { dt { (words.t("code")) } dd.nowrap { (code) } }
                        div { dt { (words.t("locked-also")) } dd { (words.t("locked-token")) } }
                    }
                }
                p.small.dim { (words.t("locked-call")) }
            }
        };
        self.answer(StatusCode::OK, &Page::new(Place::SignIn, title), &content)
    }

    /// Nothing was decided. The page is the answer itself: reloading it sends the same attempt once more, which is counted once.
    fn no_outcome(self, reason: &NoOutcome) -> Response {
        let words = self.words;
        let not_counted = words.t("counted-no");
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        let (status, code, counted, wait) = match reason {
            NoOutcome::Busy => (unavailable, FaultCode::GatewayBusy, not_counted, Some(Duration::from_secs(2))),
            NoOutcome::Budget(wait) => {
                (StatusCode::TOO_MANY_REQUESTS, FaultCode::GatewayBusy, not_counted, Some(*wait))
            }
            NoOutcome::NoJudge => (unavailable, FaultCode::VerifierSilent, not_counted, None),
            NoOutcome::Full => (unavailable, FaultCode::GatewayBusy, not_counted, None),
            NoOutcome::Clock | NoOutcome::Failed(_) | NoOutcome::Conflict(_) => {
                (unavailable, FaultCode::GatewayDatabase, not_counted, None)
            }
            NoOutcome::Unknown => {
                (StatusCode::GATEWAY_TIMEOUT, FaultCode::GatewayHangs, words.t("counted-unknown"), None)
            }
        };
        if let NoOutcome::Failed(error) = reason {
            tracing::error!(error = error as &dyn std::error::Error, "a sign-in on the page failed");
        }
        let mut response = self.fault(status, code, &counted);
        if let Some(wait) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs_f64().ceil() as u64));
        }
        response
    }
}
