//! BSNR/LANR-Suche: a small invented directory, and the check digit of a LANR where that is what was typed.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Query, State},
    response::Html,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Portal,
    page::{self, Place},
    visit::Member,
};

pub(super) fn routes() -> Router<Arc<Portal>> {
    Router::new().route("/verzeichnis", get(show))
}

/// `true` if the text is a lifelong physician number: nine digits, of which the seventh is the check digit over the first six.
/// They are multiplied by 4 and 9 in turn; the check digit completes the sum to a multiple of ten. The last two are the field of medicine.
pub(super) fn is_lanr(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if text.len() != 9 || digits.len() != 9 {
        return false;
    }
    let sum: u32 = digits.iter().take(6).zip([4, 9].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    digits.get(6) == Some(&((10 - sum % 10) % 10))
}

struct Entry {
    name: &'static str,
    speciality: &'static str,
    lanr: &'static str,
    bsnr: &'static str,
    place: &'static str,
}

/// Invented. The numbers have the right shape and check digit, and belong to nobody we know of.
const ENTRIES: [Entry; 8] = [
    entry("Dr. med. Martina Muster", "Allgemeinmedizin", "123456601", "983456700", "Musterstadt, Lindenweg 4"),
    entry("Dr. med. Jürgen Beispiel", "Innere Medizin", "234567703", "983456800", "Musterstadt, Marktplatz 11"),
    entry(
        "Dr. med. Ayşe Probe",
        "Kinder- und Jugendmedizin",
        "345678834",
        "983457100",
        "Beispielhausen, Schulstraße 2",
    ),
    entry(
        "Dipl.-Psych. Klaus Entwurf",
        "Psychologische Psychotherapie",
        "456789968",
        "983457200",
        "Beispielhausen, Am Bach 9",
    ),
    entry("Dr. med. Sabine Vorlage", "Frauenheilkunde", "567890015", "983458000", "Mustertal, Hauptstraße 30"),
    entry("Dr. med. Piotr Modell", "Orthopädie", "678901110", "983458100", "Mustertal, Bahnhofstraße 5"),
    entry("Dr. med. Elif Skizze", "Augenheilkunde", "789012205", "983459000", "Neuprobe, Kirchgasse 1"),
    entry("Dr. med. Hans Größer", "Hals-Nasen-Ohrenheilkunde", "890123319", "983459100", "Neuprobe, Ringstraße 17"),
];

const fn entry(
    name: &'static str,
    speciality: &'static str,
    lanr: &'static str,
    bsnr: &'static str,
    place: &'static str,
) -> Entry {
    Entry { name, speciality, lanr, bsnr, place }
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    suche: String,
}

async fn show(State(_): State<Arc<Portal>>, member: Member, Query(search): Query<Search>) -> Html<String> {
    let asked = search.suche.trim();
    let found = find(asked);
    let content = html! {
        h1 { "BSNR/LANR-Suche" }
        form.card method="get" action="/verzeichnis" role="search" {
            label for="suche" { "Name, Ort, BSNR oder LANR" }
            input id="suche" name="suche" type="search" value=(asked) maxlength="60" autocomplete="off" spellcheck="false";
            button.main { "Suchen" }
        }
        @if !asked.is_empty() {
            (number_note(asked))
            h2 { @match found.len() { 0 => { "Kein Treffer" } n => { (n) " Treffer" } } }
        } @else { h2 { "Alle Einträge" } }
        @if found.is_empty() { p { "Bitte prüfen Sie die Schreibweise, oder suchen Sie mit weniger Zeichen." } }
        @else { div.scroll tabindex="0" role="region" aria-label="Treffer" { table {
            thead { tr { th scope="col" { "Name" } th scope="col" { "Fachgebiet" } th scope="col" { "LANR" } th scope="col" { "BSNR" } th scope="col" { "Betriebsstätte" } } }
            tbody { @for entry in found { tr {
                th scope="row" { (entry.name) } td { (entry.speciality) } td.number { (entry.lanr) } td.number { (entry.bsnr) } td { (entry.place) }
            } } }
        } } }
    };
    page::members(&member, Place::Directory, "BSNR/LANR-Suche", &content)
}

fn find(asked: &str) -> Vec<&'static Entry> {
    let asked = asked.to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&asked);
    ENTRIES.iter().filter(|e| [e.name, e.speciality, e.lanr, e.bsnr, e.place].into_iter().any(holds)).collect()
}

/// Nine digits may be a BSNR, which has no check digit, so a wrong check digit is only a hint.
fn number_note(asked: &str) -> Markup {
    if asked.len() != 9 || !asked.bytes().all(|b| b.is_ascii_digit()) {
        return html! {};
    }
    html! {
        @if is_lanr(asked) { p.note.good { strong { "Prüfziffer richtig." } " Als LANR gelesen stimmt diese Nummer." } }
        @else { p.note.stop { strong { "Prüfziffer falsch." } " Das gilt, wenn eine LANR gemeint ist; eine BSNR hat keine Prüfziffer." } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_of_a_lanr_is_the_seventh() {
        // 1·4 + 2·9 + 3·4 + 4·9 + 5·4 + 6·9 = 144, and 6 completes it to 150.
        assert!(is_lanr("123456601"));
        assert!(is_lanr("999999900"));
        for wrong in ["123456701", "12345660", "1234566011", "12345660a", "", "äääää"] {
            assert!(!is_lanr(wrong), "{wrong}");
        }
    }

    #[test]
    fn every_entry_has_numbers_of_the_right_shape() {
        for entry in &ENTRIES {
            assert!(is_lanr(entry.lanr), "{}: {}", entry.name, entry.lanr);
            assert!(entry.bsnr.len() == 9 && entry.bsnr.bytes().all(|b| b.is_ascii_digit()));
        }
    }

    #[test]
    fn names_places_and_numbers_are_found_in_any_case() {
        assert_eq!(find("GRÖSSER").len() + find("größer").len(), 1, "ß has no single capital letter");
        assert_eq!(find("beispielhausen").len(), 2);
        assert_eq!(find("983457").len(), 2);
        assert!(find("nirgendwo").is_empty());
    }
}
