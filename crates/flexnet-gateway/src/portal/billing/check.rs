//! Simple, readable checks of a billing file in the line format of the KVDT data record: `LLLFFFFcontent CR LF`, where LLL is the length
//! of the whole line in bytes and FFFF the field. Pure. Checks a few fields only; it is an example, not a certified module.

use super::Quarter;
use crate::portal::directory::is_lanr;

/// Findings that are listed; the rest is only counted.
const LISTED: usize = 50;

/// What a test submission found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Protocol {
    /// The quarter that the member chose.
    pub quarter: Quarter,
    /// Size of the file.
    pub bytes: usize,
    /// Its lines.
    pub lines: usize,
    /// Its cases: records 0101 to 0109.
    pub cases: usize,
    /// The first BSNR.
    pub practice: Option<String>,
    /// The first findings.
    pub findings: Vec<Finding>,
    /// How many there are in all.
    pub errors: usize,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// Counted from 1; 0 is the whole file.
    pub line: usize,
    /// The field, or a dash.
    pub field: String,
    /// In plain German.
    pub text: String,
}

impl Protocol {
    /// Nothing is wrong.
    pub(super) fn is_clean(&self) -> bool {
        self.errors == 0
    }

    fn find(&mut self, line: usize, field: &str, text: impl Into<String>) {
        self.errors += 1;
        if self.findings.len() < LISTED {
            self.findings.push(Finding { line, field: field.to_owned(), text: text.into() });
        }
    }
}

/// Checks a file against the quarter that the member chose.
pub(super) fn protocol(file: &[u8], quarter: Quarter) -> Protocol {
    let mut protocol =
        Protocol { quarter, bytes: file.len(), lines: 0, cases: 0, practice: None, findings: Vec::new(), errors: 0 };
    let mut records: Vec<String> = Vec::new();
    let mut quarters = 0;
    for (index, raw) in lines(file).enumerate() {
        let number = index + 1;
        protocol.lines = number;
        let line = match split(raw) {
            Ok(line) => line,
            Err(text) => {
                protocol.find(number, "–", text);
                continue;
            }
        };
        match line.field {
            "8000" => records.push(line.content.clone()),
            "9204" => {
                quarters += 1;
                check_quarter(&mut protocol, number, &line);
            }
            "4101" => check_quarter(&mut protocol, number, &line),
            "0201" | "5098" => check_practice(&mut protocol, number, &line),
            "0212" | "5099" if !is_lanr(&line.content) => {
                let text = format!("Die LANR {} hat nicht 9 Ziffern oder eine falsche Prüfziffer.", line.content);
                protocol.find(number, line.field, text);
            }
            _ => {}
        }
    }
    protocol.cases = records.iter().filter(|record| record.starts_with("010")).count();
    check_whole(&mut protocol, &records, quarters);
    protocol
}

struct Line<'a> {
    field: &'a str,
    content: String,
}

/// Lines with their ends: the length counts them.
fn lines(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    file.split_inclusive(|byte| *byte == b'\n')
}

fn split(raw: &[u8]) -> Result<Line<'_>, String> {
    let body = raw.strip_suffix(b"\r\n").ok_or("Die Zeile endet nicht mit CR LF.")?;
    let (head, content) = body.split_at_checked(7).ok_or("Die Zeile ist kürzer als Länge und Feldkennung.")?;
    let head = std::str::from_utf8(head).ok().filter(|head| head.bytes().all(|b| b.is_ascii_digit()));
    let (length, field) =
        head.and_then(|head| head.split_at_checked(3)).ok_or("Länge und Feldkennung sind keine Ziffern.")?;
    if length.parse() != Ok(raw.len()) {
        return Err(format!("Die Zeile gibt {length} Zeichen an, hat aber {:03}.", raw.len()));
    }
    // The record's usual character set has one byte a character; for the few fields that are looked at, all of them are alike.
    Ok(Line { field, content: content.iter().copied().map(char::from).collect() })
}

fn check_quarter(protocol: &mut Protocol, number: usize, line: &Line<'_>) {
    let wanted = protocol.quarter;
    match Quarter::parse(&line.content) {
        Some(quarter) if quarter == wanted => {}
        // A case may be billed later than its quarter, never before.
        Some(quarter) if line.field == "4101" && quarter < wanted => {}
        Some(quarter) => protocol.find(number, line.field, format!("Hier steht {quarter}, gewählt ist {wanted}.")),
        None => protocol.find(number, line.field, "Das ist kein Quartal in der Form QJJJJ, zum Beispiel 32026."),
    }
}

fn check_practice(protocol: &mut Protocol, number: usize, line: &Line<'_>) {
    if line.content.len() == 9 && line.content.bytes().all(|b| b.is_ascii_digit()) {
        protocol.practice.get_or_insert_with(|| line.content.clone());
    } else {
        protocol.find(number, line.field, format!("Die BSNR {} hat nicht 9 Ziffern.", line.content));
    }
}

fn check_whole(protocol: &mut Protocol, records: &[String], quarters: usize) {
    if records.first().map(String::as_str) != Some("con0") {
        protocol.find(
            0,
            "8000",
            "Der erste Satz ist nicht con0: Das ist keine Abrechnungsdatei oder der Anfang fehlt.",
        );
    }
    if records.last().map(String::as_str) != Some("con9") {
        protocol.find(0, "8000", "Der letzte Satz ist nicht con9: Die Datei ist unvollständig.");
    }
    if quarters == 0 {
        protocol.find(0, "9204", "Das Abrechnungsquartal fehlt.");
    }
    if protocol.practice.is_none() {
        protocol.find(0, "0201", "Es ist keine gültige Betriebsstättennummer enthalten.");
    }
    if protocol.cases == 0 {
        protocol.find(0, "8000", "Es ist kein Behandlungsfall enthalten.");
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn line(field: &str, content: &str) -> String {
        format!("{:03}{field}{content}\r\n", content.len() + 9)
    }

    pub(crate) fn good_file(quarter: &str) -> String {
        let fields = [
            ("8000", "con0"),
            ("9103", "05102026"),
            ("8000", "besa"),
            ("0201", "983456700"),
            ("0212", "123456601"),
            ("8000", "adt0"),
            ("9204", quarter),
            ("8000", "0101"),
            ("3000", "4711"),
            ("4101", quarter),
            ("5001", "03000"),
            ("8000", "adt9"),
            ("8000", "con9"),
        ];
        fields.iter().map(|(field, content)| line(field, content)).collect()
    }

    fn quarter() -> Quarter {
        Quarter::parse("32026").unwrap()
    }

    fn texts(file: &str) -> Vec<(usize, String)> {
        protocol(file.as_bytes(), quarter()).findings.into_iter().map(|f| (f.line, f.field)).collect()
    }

    #[test]
    fn a_good_file_has_no_errors() {
        let protocol = protocol(good_file("32026").as_bytes(), quarter());
        assert!(protocol.is_clean(), "{protocol:?}");
        assert_eq!((protocol.lines, protocol.cases, protocol.practice.as_deref()), (13, 1, Some("983456700")));
    }

    #[test]
    fn each_fault_is_named_with_its_line_and_field() {
        let good = good_file("32026");
        let at = |line: usize, field: &str| vec![(line, field.to_owned())];
        assert_eq!(texts(&good_file("22026")), at(7, "9204"));
        assert_eq!(texts(&good_file("Q3")), [at(7, "9204"), at(10, "4101")].concat());
        assert_eq!(texts(&good.replace("123456601", "123456701")), at(5, "0212"));
        assert_eq!(
            texts(&good.replace(&line("0201", "983456700"), &line("0201", "98"))),
            [at(4, "0201"), at(0, "0201")].concat()
        );
        assert_eq!(texts(&good.replace(&line("8000", "con9"), "")), at(0, "8000"));
        assert_eq!(texts(&good.replacen("\r\n", "\n", 1)), [at(1, "–"), at(0, "8000")].concat());
    }

    #[test]
    fn a_file_of_another_kind_is_recognised_and_its_list_is_short() {
        let protocol = protocol("Das ist kein Abrechnungssatz.\r\n".repeat(500).as_bytes(), quarter());
        assert_eq!((protocol.findings.len(), protocol.errors), (LISTED, 505));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_stumble(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(!protocol(&bytes, quarter()).is_clean());
        }
    }
}
