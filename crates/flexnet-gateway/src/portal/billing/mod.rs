//! Online-Abrechnung: upload of a billing file, the protocol of its test submission, and handing in what has no errors.
//! The checks are in `check`. The file itself is not kept, only its protocol.

mod check;
mod quarter;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Form, Router,
    extract::{Multipart, Path, State, multipart::Field},
    http::StatusCode,
    response::{Html, IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use jiff::Zoned;
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Portal,
    page::{self, Place},
    today,
    visit::{ForeignForm, Member},
};
use check::{Protocol, protocol};
pub(super) use quarter::Quarter;

/// Protocols that are kept for a member; the oldest go.
const MOST: usize = 20;

pub(super) fn routes() -> Router<Arc<Portal>> {
    Router::new()
        .route("/abrechnung", get(show))
        .route("/abrechnung/test", post(test))
        .route("/abrechnung/protokoll/{number}", get(show_protocol))
        .route("/abrechnung/protokoll/{number}/einreichen", post(hand_in))
}

/// What members have handed in, by user name.
#[derive(Debug, Default)]
pub(super) struct Submissions(Mutex<HashMap<String, Vec<Submission>>>);

#[derive(Debug, Clone)]
struct Submission {
    number: usize,
    file: String,
    when: String,
    protocol: Protocol,
    handed_in: bool,
}

impl Submissions {
    fn add(&self, user: &str, file: String, protocol: Protocol) -> usize {
        let mut all = self.lock();
        let own = all.entry(user.to_owned()).or_default();
        let number = own.last().map_or(1, |last| last.number + 1);
        let when = Zoned::now().strftime("%d.%m.%Y, %H:%M Uhr").to_string();
        own.push(Submission { number, file, when, protocol, handed_in: false });
        let surplus = own.len().saturating_sub(MOST);
        own.drain(..surplus);
        number
    }

    fn of(&self, user: &str) -> Vec<Submission> {
        self.lock().get(user).cloned().unwrap_or_default()
    }

    /// Hands in what has no errors; `false` if there is no such protocol or it has errors.
    fn hand_in(&self, user: &str, number: usize) -> bool {
        let mut all = self.lock();
        let found = all.get_mut(user).and_then(|own| own.iter_mut().find(|one| one.number == number));
        let Some(submission) = found.filter(|one| one.protocol.is_clean()) else { return false };
        submission.handed_in = true;
        true
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Submission>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn show(State(portal): State<Arc<Portal>>, member: Member) -> Html<String> {
    upload_page(&portal, &member, None)
}

async fn test(State(portal): State<Arc<Portal>>, member: Member, parts: Multipart) -> Result<Response, ForeignForm> {
    let Ok(upload) = Upload::read(parts).await else {
        let page =
            upload_page(&portal, &member, Some("Die Datei konnte nicht gelesen werden, oder sie ist größer als 8 MB."));
        return Ok((StatusCode::BAD_REQUEST, page).into_response());
    };
    member.approve(&upload.token)?;
    let Some(quarter) = Quarter::parse(&upload.quarter) else {
        let page = upload_page(&portal, &member, Some("Bitte wählen Sie ein Quartal."));
        return Ok((StatusCode::BAD_REQUEST, page).into_response());
    };
    if upload.file.is_empty() {
        let page = upload_page(&portal, &member, Some("Bitte wählen Sie eine Datei; die übertragene ist leer."));
        return Ok((StatusCode::BAD_REQUEST, page).into_response());
    }
    let number = portal.submissions.add(&member.user.name, upload.name, protocol(&upload.file, quarter));
    Ok(Redirect::to(&format!("/abrechnung/protokoll/{number}")).into_response())
}

async fn show_protocol(State(portal): State<Arc<Portal>>, member: Member, Path(number): Path<usize>) -> Response {
    let own = portal.submissions.of(&member.user.name);
    match own.iter().find(|one| one.number == number) {
        Some(submission) => protocol_page(&member, submission).into_response(),
        None => page::lost(StatusCode::NOT_FOUND),
    }
}

#[derive(Deserialize)]
struct HandIn {
    #[serde(rename = "marke")]
    token: String,
}

async fn hand_in(
    State(portal): State<Arc<Portal>>,
    member: Member,
    Path(number): Path<usize>,
    Form(form): Form<HandIn>,
) -> Result<Response, ForeignForm> {
    member.approve(&form.token)?;
    if !portal.submissions.hand_in(&member.user.name, number) {
        return Ok(page::lost(StatusCode::CONFLICT));
    }
    Ok(Redirect::to(&format!("/abrechnung/protokoll/{number}")).into_response())
}

/// The parts of the upload form.
#[derive(Default)]
struct Upload {
    token: String,
    quarter: String,
    name: String,
    file: Vec<u8>,
}

/// The form is cut off, too large or not one of ours.
struct Unreadable;

impl Upload {
    async fn read(mut parts: Multipart) -> Result<Self, Unreadable> {
        let mut upload = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|_| Unreadable)? {
            match part.name() {
                Some("marke") => upload.token = text(part).await?,
                Some("quartal") => upload.quarter = text(part).await?,
                Some("datei") => {
                    upload.name = plain_name(part.file_name().unwrap_or_default());
                    upload.file = part.bytes().await.map_err(|_| Unreadable)?.to_vec();
                }
                Some(_) | None => return Err(Unreadable),
            }
        }
        Ok(upload)
    }
}

async fn text(part: Field<'_>) -> Result<String, Unreadable> {
    part.text().await.map_err(|_| Unreadable)
}

/// The last part of whatever path a browser sends, without control characters. It is shown, never used as a path.
fn plain_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(80).collect();
    if name.is_empty() { "ohne Namen".to_owned() } else { name }
}

fn upload_page(portal: &Portal, member: &Member, trouble: Option<&str>) -> Html<String> {
    let due = Quarter::of(today()).before();
    let own = portal.submissions.of(&member.user.name);
    let content = html! {
        h1 { "Online-Abrechnung" }
        @if let Some(text) = trouble { (page::note(false, text)) }
        p { "Reichen Sie Ihre Abrechnungsdatei (Endung .con) zuerst zum Test ein. Sie erhalten sofort ein Protokoll. "
            "Ist es ohne Fehler, können Sie dieselbe Abrechnung von dort aus endgültig abgeben." }
        form.card method="post" action="/abrechnung/test" enctype="multipart/form-data" {
            h2 { "Testeinreichung" }
            (page::form_token(member))
            label for="quartal" { "Quartal" }
            select id="quartal" name="quartal" {
                @for quarter in [due, due.before(), Quarter::of(today())] { option value=(quarter.code()) { (quarter) } }
            }
            label for="datei" { "Abrechnungsdatei" }
            input id="datei" name="datei" type="file" accept=".con,.CON,text/plain" required;
            p.small { "Höchstens 8 MB. Bitte unverschlüsselt; der Weg hierher ist durch das Sichere Netz geschützt." }
            button.main { "Testeinreichung starten" }
        }
        section {
            h2 { "Ihre Einreichungen" }
            @if own.is_empty() { p { "Noch keine in dieser Sitzung des Beispielportals." } }
            @else { div.scroll tabindex="0" role="region" aria-label="Ihre Einreichungen" { table {
                thead { tr { th scope="col" { "Nr." } th scope="col" { "Datei" } th scope="col" { "Quartal" }
                    th scope="col" { "Eingang" } th scope="col" { "Ergebnis" } th scope="col" { "Protokoll" } } }
                tbody { @for one in own.iter().rev() { tr {
                    td { (one.number) } td { (one.file) } td { (one.protocol.quarter) } td { (one.when) }
                    td { (verdict(one)) }
                    td { a href=(format!("/abrechnung/protokoll/{}", one.number)) { "Protokoll Nr. " (one.number) } }
                } } }
            } } }
        }
    };
    page::members(member, Place::Billing, "Online-Abrechnung", &content)
}

fn verdict(submission: &Submission) -> Markup {
    let errors = submission.protocol.errors;
    html! {
        @if submission.handed_in { span.tag.good { "eingereicht" } }
        @else if errors == 0 { span.tag.good { "fehlerfrei" } }
        @else { span.tag.stop { (errors) " Fehler" } }
    }
}

fn protocol_page(member: &Member, submission: &Submission) -> Html<String> {
    let protocol = &submission.protocol;
    let content = html! {
        p.small { a href="/abrechnung" { "Zurück zur Online-Abrechnung" } }
        h1 { "Protokoll der Testeinreichung Nr. " (submission.number) }
        dl.facts {
            dt { "Datei" } dd { (submission.file) }
            dt { "Eingang" } dd { (submission.when) }
            dt { "Quartal" } dd { (protocol.quarter) }
            dt { "Größe" } dd { (protocol.bytes) " Byte, " (protocol.lines) " Zeilen" }
            dt { "Behandlungsfälle" } dd { (protocol.cases) }
            dt { "Betriebsstätte (BSNR)" } dd { (protocol.practice.as_deref().unwrap_or("nicht gefunden")) }
        }
        @if submission.handed_in {
            (page::note(true, "Die Abrechnung ist eingereicht. Eine Bestätigung finden Sie unter „Ihre Einreichungen“."))
        } @else if protocol.is_clean() {
            (page::note(true, "Es wurden keine Fehler gefunden."))
            form method="post" action=(format!("/abrechnung/protokoll/{}/einreichen", submission.number)) {
                (page::form_token(member))
                button.main { "Abrechnung endgültig einreichen" }
            }
        } @else {
            (page::note(false, "Die Datei hat Fehler. Bitte in Ihrem Praxissystem berichtigen und erneut zum Test einreichen."))
        }
        @if !protocol.findings.is_empty() {
            h2 { "Gefundene Fehler (" (protocol.errors) ")" }
            div.scroll tabindex="0" role="region" aria-label="Gefundene Fehler" { table {
                thead { tr { th scope="col" { "Zeile" } th scope="col" { "Feld" } th scope="col" { "Was nicht stimmt" } } }
                tbody { @for finding in &protocol.findings { tr {
                    td { @if finding.line > 0 { (finding.line) } @else { "ganze Datei" } }
                    td { (finding.field) } td { (finding.text) }
                } } }
            } }
            @if protocol.errors > protocol.findings.len() { p { "Weitere Fehler werden nach der Berichtigung angezeigt." } }
        }
    };
    page::members(member, Place::Billing, "Protokoll der Testeinreichung", &content)
}

/// A file without errors, for the tests of the whole portal.
#[cfg(test)]
pub(super) fn example_file(quarter: &str) -> String {
    check::tests::good_file(quarter)
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn a_sent_name_is_never_a_path() {
        assert_eq!(plain_name("C:\\Praxis\\Z01.con"), "Z01.con");
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("a\r\nb.con"), "ab.con");
        assert_eq!(plain_name("x/"), "ohne Namen");
    }
}
