# Texte der Web-Konsole des IT-ServiceDesk. Für Menschen, die damit arbeiten: kurz, ohne Fachwörter anderer Sprachen.

console-title = KV-FlexNet Konsole
console-skip = Zum Inhalt
console-nav = Bereiche
console-nav-find = Mitglieder
console-nav-report = Berichte
console-nav-tokens = Tokenbestand
console-nav-audit = Protokoll
console-foot = Jede Handlung steht mit Ihrem Namen im Protokoll. Passwörter, TANs und Schlüssel der Token sieht hier niemand.
console-sign-out = Abmelden
console-role-desk = IT-ServiceDesk
console-role-token_officer = Tokenverwaltung
console-role-auditor = Revision
console-done = Erledigt:
console-care = Bitte beachten:
console-back = Zur ersten Seite

# Seiten für das, was nicht geht
console-not-found = Diese Seite gibt es nicht
console-not-found-text = Unter dieser Adresse ist nichts. Vielleicht wurde das Konto inzwischen gelöscht.
console-bad = Das geht so nicht
console-bad-text = Die Anfrage ließ sich nicht verstehen. Es wurde nichts geändert.
console-unavailable = Das Gateway antwortet gerade nicht
console-unavailable-text = Es ist offen, ob die Handlung ausgeführt wurde. Bitte sehen Sie gleich noch einmal nach.
console-foreign = Dieses Formular kommt von anderswo
console-foreign-text = Der Browser sagt nicht, dass es von dieser Konsole stammt. Es wurde nichts geändert.
console-role = Dafür ist Ihre Rolle nicht zuständig
console-role-text = Es wurde nichts geändert. Die Rolle vergibt die Administration des Gateways.

# Anmeldung
console-entry-title = Anmeldung
console-entry-lead = Für Mitarbeitende der KV. Mitglieder melden sich hier nicht an.
console-entry-failed = Nicht angemeldet:
console-entry-wrong = Benutzername, Passwort oder TAN stimmt nicht.
console-entry-locked = Dieser Zugang ist gesperrt. Öffnen kann ihn nur die Administration des Gateways.
console-entry-shape = Eine TAN hat sechs bis acht Ziffern, und kein Feld darf leer sein. Es wurde kein Versuch gezählt.
console-entry-busy = Es melden sich gerade zu viele an. Bitte versuchen Sie es gleich noch einmal. Es wurde kein Versuch gezählt.
console-entry = Anmelden
console-username = Benutzername
console-password = Passwort
console-tan = TAN vom Token
console-tan-hint = Sechs bis acht Ziffern; Leerzeichen stören nicht.

# Mitglied finden
console-find-title = Mitglied finden
console-find-label = Name, Benutzername oder Adresse der Sitzung
console-find-hint = Ein Teil genügt, ab zwei Zeichen. Eine Adresse wie 10.200.0.7 findet, wer sie gerade hat.
console-find = Suchen
console-find-locked = Alle gesperrten zeigen
console-find-short = Bitte geben Sie mindestens zwei Zeichen ein.
console-hits = { $count ->
    [0] Niemand gefunden
    [1] 1 Mitglied gefunden
   *[other] { $count } Mitglieder gefunden
}
console-hits-more = Mehr als 50 gefunden. Hier sind die ersten; bitte suchen Sie genauer.

# Ein Mitglied
console-standing = Stand
console-account = Konto
console-on = eingeschaltet
console-off = abgeschaltet
console-access = Zugang
console-locked = gesperrt
console-open = offen
console-left = { $count ->
    [0] Kein Versuch mehr
    [1] Noch 1 Versuch
   *[other] Noch { $count } Versuche
}
console-last-sign-in = Letzte Anmeldung
console-from = aus dem Netz { $network }
console-never = noch nie
console-created = Konto seit

console-unlock-title = Zugang entsperren
console-unlock-text = Danach sind wieder fünf Versuche frei. Ein Passwort wird dadurch nicht geändert.
console-reason = Grund
console-reason-hint = Steht im Protokoll, höchstens 200 Zeichen. Nie ein Passwort oder eine TAN.
console-verified = Anrufer geprüft
console-unlock = Entsperren

console-sessions = Offene Sitzungen
console-no-sessions = Zurzeit keine.
console-since = Seit
console-network = Netz
console-addresses = Adressen im Tunnel
console-active = Zuletzt benutzt
console-until = Längstens bis
console-act = Handlung
console-end-session = Sitzung beenden

console-tokens = Token
console-no-tokens = Das Mitglied hat keinen Token.
console-serial = Seriennummer
console-kind = Art
console-kind-hotp = auf Tastendruck
console-kind-totp = nach der Uhr
console-state = Zustand
console-token-active = in Gebrauch
console-token-lost = verloren
console-token-withdrawn = eingezogen
console-token-stock = im Bestand
console-last-use = Zuletzt benutzt
console-counter = { $count ->
    [1] 1 TAN verbraucht
   *[other] { $count } TANs verbraucht
}
console-lost = Als verloren melden
console-lost-text = Der Token öffnet dann nichts mehr, und alle Sitzungen des Mitglieds enden. Das lässt sich nicht zurücknehmen.
console-lost-now = Ja, Token sperren

console-assign-title = Token ausgeben
console-serial-hint = Wie auf dem Gerät aufgedruckt. Der Token muss im Bestand sein.
console-assign = Ausgeben

console-resync-title = Token abgleichen
console-resync-text = Lassen Sie sich zwei TANs nennen, die der Token nacheinander gezeigt hat. Ein falscher Versuch zählt für die Sperre.
console-first = Erste TAN
console-second = Zweite TAN
console-resync = Abgleichen

console-history = Verlauf
console-no-history = Noch nichts.
console-when = Wann
console-what = Was
console-who = Wer
console-whom = Wen betrifft es
console-actor-member = das Mitglied
console-actor-gateway = das Gateway
console-actor-staff = jemand an der Anmeldung der Konsole

# Wie etwas ausging
console-note-unlocked = Der Zugang ist entsperrt.
console-note-was-open = Der Zugang war nicht gesperrt. Die Zählung beginnt neu.
console-note-reason-missing = Zum Entsperren gehören ein Grund (höchstens 200 Zeichen) und der Haken „Anrufer geprüft“. Es wurde nichts geändert.
console-note-session-ended = Die Sitzung ist beendet.
console-note-no-session = Diese Sitzung gibt es nicht mehr.
console-note-token-lost = Der Token ist gesperrt, die Sitzungen sind beendet.
console-note-no-token = Das Mitglied hat keinen solchen Token. Es wurde nichts geändert.
console-note-token-assigned = Der Token ist ausgegeben.
console-note-not-in-stock = Ein Token mit dieser Seriennummer ist nicht im Bestand. Es wurde nichts geändert.
console-note-in-step = Der Token ist wieder im Takt. Die beiden TANs sind verbraucht.
console-note-not-in-step = Zu diesen zwei TANs passt kein Token des Mitglieds. Der Versuch wurde gezählt.
console-note-resync-locked = Der Zugang ist gesperrt. Bitte entsperren Sie ihn zuerst.
console-note-tan-shape = Eine TAN hat sechs bis acht Ziffern. Es wurde kein Versuch gezählt.
console-note-accepted = Die Token sind jetzt im Bestand.
console-note-refused = Die Lieferung ist abgelehnt und gelöscht.
console-note-own-import = Wer eine Lieferung bringt, kann sie nicht selbst freigeben.
console-note-no-import = Diese Lieferung wartet nicht mehr.
console-note-taken = Eine der Seriennummern gibt es schon. Es wurde nichts freigegeben.

# Bericht
console-report-title = Bericht lesen
console-report-text = Aus einem Bericht oder einem vorgelesenen Code: was das Fenster des Mitglieds sagt und was Sie wissen müssen. Nichts davon wird gespeichert.
console-report-paste = Text des Berichts oder ein Code
console-report-file = oder die Datei
console-report-read = Lesen
console-report-found = { $count ->
    [0] Kein Code gefunden
    [1] 1 Code gefunden
   *[other] { $count } Codes gefunden
}
console-report-unknown = Kein Code dieses Katalogs. Vielleicht falsch vorgelesen, oder das Programm ist neuer:
console-report-explained = Folgt aus { $code }. Beheben Sie zuerst das.
console-report-member = Das Mitglied liest
console-label-cause = Ursache
console-label-question = Frage
console-cause = Wahrscheinliche Ursache
console-question = Nächste Frage

# Berichte
console-reports-title = Berichte
console-reports-label = Nummer, Prüfcode oder Fehlercode
console-reports-hint = Die Nummer hat fünf Ziffern, der Prüfcode acht Zeichen, ein Fehlercode beginnt mit KVF. Groß und klein, Leerzeichen und Striche sind gleich.
console-reports-misheard = Das passt nicht zusammen. Bitte noch einmal vorlesen lassen.
console-reports-no-fault = Diesen Fehlercode gibt es nicht. Vielleicht ist das Programm neuer als das Gateway.
console-reports-neither = Das ist keine Nummer, kein Prüfcode und kein Fehlercode.
console-reports-not-kept = Ein solcher Bericht ist nicht hier. Vielleicht wurde er nicht gesendet, oder seine 30 Tage sind vorbei.
console-reports-gone = Diesen Bericht gibt es nicht
console-reports-gone-text = Vielleicht sind seine 30 Tage vorbei, oder die Nummer ist eine andere.
console-reports-several = Mehrere Berichte mit diesem Prüfcode
console-reports-kept = Gesendete Berichte
console-reports-none = Zurzeit keine.
console-reports-number = Nummer
console-reports-received = Eingegangen
console-reports-verdict = Befund
console-reports-code = Prüfcode
console-reports-good = kein Fehler gefunden
console-sheet-title = Bericht { $number }
console-sheet-file = Bericht aus einer Datei
console-sheet-forged = Die Unterschrift passt nicht: Dieser Bericht wurde verändert. Verlassen Sie sich auf nichts, was darin steht.
console-sheet-good = Die Prüfung hat nichts gefunden, was die Verbindung aufhält.
console-sheet-hints = Außerdem ansehen
console-sheet-later = Danach beheben
console-sheet-explained = Folgt aus dem Befund
console-sheet-subject = Betrifft
console-sheet-way = Der Weg
console-sheet-facts = Alles, was gesehen wurde
console-sheet-identity = Woran dieser Bericht zu erkennen ist
console-sheet-rendering = Geprüft ist nur der Bericht, der in der Datei versiegelt liegt und hier steht. Was die Datei selbst anzeigt, kann die Konsole nicht prüfen. Dieser Bericht wird nicht gespeichert.
console-sheet-signature = Unterschrift
console-sheet-right = stimmt
console-sheet-wrong = stimmt nicht
console-sheet-key = Schlüssel der Installation
console-sheet-known = Schlüssel bekannt seit
console-sheet-unknown = unter den gesendeten Berichten noch nicht gesehen
console-sheet-made = Erstellt (Uhr des PCs)
console-sheet-version = Programmversion
console-sheet-until = Wird gelöscht
console-sheet-back = Zu allen Berichten
console-fact = Merkmal
console-seen = Gesehen
console-facts-cut = Der Bericht ist länger. Was fehlt, zeigt „admin reports show“ auf dem Gateway oder die Datei.
console-point = Punkt
console-checks = Prüfungen ohne Befund
console-checks-good = { $good } von { $looked }
console-place-pc = Der PC
console-place-network = Netz und Router
console-place-internet = Internet
console-place-way = Weg zum Gateway
console-place-sign-in = Anmeldung und Tunnel
console-place-portal = Portal
console-point-good = in Ordnung
console-point-care = bitte ansehen
console-point-broken = hier hängt es
console-point-open = nicht beurteilt

# Tokenbestand
console-tokens-title = Tokenbestand
console-imports = Lieferungen, die auf eine zweite Person warten
console-imports-hint = Eingelesen wird eine Lieferung auf dem Gateway. Freigeben muss sie jemand anderes.
console-no-imports = Zurzeit keine.
console-import-count = { $count ->
    [1] 1 Token
   *[other] { $count } Token
}
console-import-by = Gebracht von { $name }, { $time }
console-import-hash = Prüfsumme der Datei (SHA-256):
console-import-own = Sie haben diese Lieferung gebracht. Freigeben muss sie jemand anderes.
console-serials = Seriennummern
console-accept = Freigeben
console-refuse = Ablehnen
console-stock = { $count ->
    [0] Kein Token im Bestand
    [1] 1 Token im Bestand
   *[other] { $count } Token im Bestand
}
console-stock-hint = Ausgegeben wird ein Token auf der Seite des Mitglieds. Hier stehen höchstens 200.

# Protokoll
console-audit-title = Protokoll
console-audit-none = Nichts gefunden.
console-number = Nr.
console-gateway = Gateway
console-erased = gelöscht
console-any = alles
console-from-day = Von
console-to-day = Bis
console-filter = Filtern
console-older = Ältere zeigen
console-verify = Kette prüfen
console-verify-title = Prüfung der Kette
console-verify-sound = Die Kette ist unversehrt.
console-verify-rows = Geprüfte Zeilen: { $rows }.
console-verify-cut = Nach Ablauf gelöscht bis Nr.
console-verify-last = Letzte Zeile
console-verify-hash = Ihr Hash
console-verify-broken = Die Kette ist verletzt.
console-verify-limit = Was diese Prüfung nicht sieht: eine ganze ältere Datenbank. Bewahren Sie Nummer und Hash der letzten Zeile deshalb an anderer Stelle auf.
console-verify-back = Zurück zum Protokoll
console-broken-missing = Zeile { $row } fehlt.
console-broken-surplus = Zeile { $row } steht hinter dem versiegelten Ende.
console-broken-previous = Zeile { $row } folgt nicht auf die vor ihr.
console-broken-changed = Zeile { $row } wurde geändert.
console-broken-personal = In Zeile { $row } wurden Name, Netz oder Notiz geändert oder entfernt.
console-broken-end = Zeile { $row } ist nicht das Ende, das versiegelt wurde.
console-broken-seal = Das Ende wurde von außen geändert (bei Zeile { $row }).
console-broken-anchor = Zeile { $row } ist nicht so, wie sie anderswo aufbewahrt wurde.
console-broken-no-head = Das Ende der Kette fehlt.

console-event-attempt = Anmeldeversuch
console-event-lock = Zugang gesperrt
console-event-unlock = Zugang entsperrt
console-event-token-added = Token angelegt
console-event-token-lost = Token verloren gemeldet
console-event-tokens-brought = Lieferung von Token gebracht
console-event-tokens-accepted = Lieferung freigegeben
console-event-tokens-refused = Lieferung abgelehnt
console-event-token-assigned = Token ausgegeben
console-event-token-withdrawn = Token eingezogen
console-event-token-resynchronised = Token abgeglichen
console-event-session-started = Sitzung begonnen
console-event-session-extended = Sitzung verlängert
console-event-session-resumed = Sitzung fortgesetzt
console-event-session-ended = Sitzung beendet
console-event-account-added = Konto angelegt
console-event-password-changed = Passwort geändert
console-event-account-disabled = Konto abgeschaltet
console-event-account-enabled = Konto eingeschaltet
console-event-account-erased = Konto gelöscht
console-event-keys-rotated = Schlüssel gewechselt
console-event-restored = Datenbank zurückgespielt
console-event-clock-accepted = Uhr bestätigt
console-event-audit-resealed = Protokoll neu versiegelt
console-event-report-shown = Bericht geöffnet
console-event-report-deleted = Bericht gelöscht
console-event-staff-attempt = Anmeldeversuch an der Konsole
console-event-staff-lock = Zugang zur Konsole gesperrt
console-event-staff-unlock = Zugang zur Konsole entsperrt
console-event-staff-signed-out = Von der Konsole abgemeldet
console-event-staff-added = Mitarbeitende Person angelegt
console-event-staff-password-changed = Passwort für die Konsole geändert
console-event-staff-disabled = Zugang zur Konsole abgeschaltet
console-event-staff-enabled = Zugang zur Konsole eingeschaltet
console-event-handoff-redeemed = Übergabe an das Programm begonnen
console-event-handoff-confirmed = Übergabe bestätigt
console-event-handoff-refused = Übergabe abgelehnt
console-event-maintenance = Wartung

console-detail-accepted = angenommen
console-detail-abandoned = abgebrochen, als falsch gezählt
console-detail-refused-no-such-name = abgelehnt: kein solcher Name
console-detail-refused-account-disabled = abgelehnt: Konto abgeschaltet
console-detail-refused-locked-or-changed-meanwhile = abgelehnt: inzwischen gesperrt oder geändert
console-detail-refused-tan = abgelehnt: TAN
console-detail-refused-password = abgelehnt: Passwort
console-detail-refused-password-and-tan = abgelehnt: Passwort und TAN
console-detail-refused-resynchronisation = abgelehnt: Abgleich
console-detail-not-decided-no-address-is-left = nicht entschieden: keine Adresse frei
console-detail-not-decided-another-session-has-this-key = nicht entschieden: Schlüssel vergeben
console-detail-not-decided-the-gateway-failed = nicht entschieden: Störung am Gateway
console-detail-was-not-locked = war nicht gesperrt
console-detail-caller-verified = Anrufer geprüft
console-detail-signed-out = abgemeldet
console-detail-idle = nicht benutzt
console-detail-absolute = längste Dauer erreicht
console-detail-newer-sign-in = neue Anmeldung
console-detail-desk = vom IT-ServiceDesk
console-detail-token-lost = Token verloren
console-detail-hotp = auf Tastendruck
console-detail-totp = nach der Uhr
console-detail-auditor = Revision
console-detail-token-officer = Tokenverwaltung
console-detail-accepted-on-the-page = angenommen auf der Webseite
console-detail-accepted-resynchronisation = angenommen: Abgleich
console-detail-not-decided = nicht entschieden
console-detail-not-decided-a-foreign-server-gave-no-verdict = nicht entschieden: ein fremder Server gab keine Antwort
console-detail-refused-resynchronisation-of-a-lost-token = abgelehnt: Abgleich eines verlorenen Tokens
console-detail-from-another-network-than-the-page = aus einem anderen Netz als die Webseite
console-detail-by-the-member = vom Mitglied
console-detail-a-second-application = ein zweites Programm
console-detail-account-disabled-meanwhile = Konto inzwischen abgeschaltet
console-detail-locked-meanwhile = inzwischen gesperrt
console-detail-none-of-ours = keiner von uns
console-detail-on = eingeschaltet
console-detail-off = ausgeschaltet
console-told-import = Lieferung { $first } mit { $second } Token
console-told-until = eingeschaltet bis { $first }
console-told-key = Schlüssel { $first }
console-told-later = Token auf Tastendruck gehen um { $first } TANs weiter
console-told-void = Zeiten bis { $first } Sekunden voraus gelten nicht
console-detail-in-the-application = im Programm
