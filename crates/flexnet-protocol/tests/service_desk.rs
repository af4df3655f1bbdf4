//! docs/service-desk.md is the fault catalogue for the desk, written from the same table and texts as the window.
//! `UPDATE=1 cargo test -p flexnet-protocol` writes it anew; without it the two are compared.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail like tests")]

use std::{fmt::Write as _, fs, path::Path};

use flexnet_protocol::{
    FaultCode,
    fault::Severity,
    text::{Language, Texts},
};

const HEAD: &str = "# Codes für den IT-ServiceDesk

Jeder Fehler, den ein Mitglied sehen kann, mit dem, was das Fenster dazu sagt, und dem, was der Desk wissen muss.
Ein Code wie KVF-700-3 besteht aus Bereich, Nummer und Prüfziffer: Passt die letzte Ziffer nicht, wurde er falsch vorgelesen.
Nennt die Diagnose mehrere, steht der zuerst, der zuerst zu beheben ist; was ein Fehler erklärt, und was diese erklären, verschwindet mit ihm.
Bereiche: 0 Nutzungsregeln · 1 dieser PC · 2 Netz und Leitung · 3 Namenssuche · 4 Weg zum Gateway · 5 Gateway · 6 Tunnel · 7 Anmeldung · 8 Portal · 9 Programm.

Entsperren, Passwörter und Token: Die Befehle laufen auf dem Gateway, unter dessen Konto:

    sudo runuser -u kv-flexnet-gateway -- kv-flexnet-gateway admin --config /var/lib/kv-flexnet-gateway/gateway.toml account unlock NAME --caller-verified --reason GRUND

Ebenso `… account list`, `… account password NAME`, `… token lost SERIENNUMMER`, `… token add NAME`, `… sessions` und `… audit`; `kv-flexnet-gateway admin --help` nennt alle.
Ein Token, dessen TANs nicht mehr passen, wird mit zwei TANs nacheinander abgeglichen: `… token resync NAME`. Hilft das nicht, wird er ersetzt: `… token lost SERIENNUMMER`, dann `… token add NAME` mit dem neuen.

Diese Datei entsteht aus dem Katalog: `UPDATE=1 cargo test -p flexnet-protocol`.
";

#[test]
fn the_desks_page_is_the_catalogue() {
    let page = page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/service-desk.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/service-desk.md is not of this catalogue: UPDATE=1 cargo test -p flexnet-protocol");
}

fn page() -> String {
    let texts = Texts::load(Language::German);
    let text = |code: FaultCode, part: &str| {
        let key = format!("{}-{part}", code.key());
        texts.find(&key, &[]).unwrap_or_else(|| panic!("no text {key}"))
    };
    let mut page = HEAD.to_owned();
    for &code in FaultCode::ALL {
        let severity = match code.severity() {
            Severity::Stop => "nichts geht, bis es behoben ist",
            Severity::Care => "es geht, aber jemand sollte hinsehen",
        };
        writeln!(page, "\n## {code} · {}\n", text(code, "title")).unwrap();
        writeln!(page, "Schwere: {severity}.").unwrap();
        if !code.explained().is_empty() {
            let explained: Vec<String> = code.explained().iter().map(ToString::to_string).collect();
            writeln!(page, "Erklärt zugleich: {}.", explained.join(", ")).unwrap();
        }
        writeln!(page, "\nDas Mitglied liest: {}\n", text(code, "what").replace('\n', " ")).unwrap();
        for step in text(code, "do").lines() {
            writeln!(page, "1. {step}").unwrap();
        }
        page.push('\n');
        for line in text(code, "desk").lines() {
            writeln!(page, "> {line}  ").unwrap();
        }
    }
    page
}
