# Words of the main window. Texts of faults are in faults.ftl.

# Where long words may break: a webview need not have a German dictionary.
ui-hyphens = Mitglieder|portal Mitglieder|portals Benutzer|name Benutzer|namen Betriebs|system Betriebs|systems Fest|stell|taste Administrator|rechte Verbindungs|aufbau System|administrator Anmelde|name Daten|verkehr Viren|schutz Viren|schutzes Schlüssel|bund Netz|einstellungen Notfall|dienst Einstellungen|seite Abrechnungs|datei Download-|Ordner Schrift|größe Mitglieder|beratung Sicherheits|programm Sicherheits|software Sicherheits|programme Internet|anschluss Internet|verbindung Unter|brechung zurück|geschickt Zertifikats|prüfung

# Times
time-clock = { $time } Uhr
time-unit = Uhr
time-today = heute
time-yesterday = gestern
time-tomorrow = morgen
time-day = { $weekday }, { $day }. { $month }
day-mon-short = Mo
day-tue-short = Di
day-wed-short = Mi
day-thu-short = Do
day-fri-short = Fr
day-sat-short = Sa
day-sun-short = So
day-mon-long = Montag
day-tue-long = Dienstag
day-wed-long = Mittwoch
day-thu-long = Donnerstag
day-fri-long = Freitag
day-sat-long = Samstag
day-sun-long = Sonntag
span-short = { $first }–{ $last }
span-long = { $first } bis { $last }
hours-short = { $days } { $from }–{ $to } Uhr
hours-long = { $days } { $from } bis { $to } Uhr
hours-holidays = nicht an Feiertagen
seconds = { $count ->
    [one] 1 Sekunde
   *[other] { $count } Sekunden
}
minutes = { $count ->
    [one] 1 Minute
   *[other] { $count } Minuten
}
in-seconds = { $count ->
    [one] in 1 Sekunde
   *[other] in { $count } Sekunden
}
just-now = jetzt

# Bar, foot, menu
menu = Menü
menu-settings = Einstellungen
menu-token = Token-Hilfe
menu-token-lost = Token verloren
menu-access = Welcher Zugang passt zu mir?
menu-repair = Reparatur
menu-about = Über KV-FlexNet
menu-quit = KV-FlexNet beenden
help = Hilfe
back = Zurück
close = Schließen
cancel = Abbrechen
change = Ändern
code = Code
phone = Telefonnummer
connection = Verbindung
session = Sitzung
way-pc = Dieser PC
way-portal = Mitgliederportal
starting-title = KV-FlexNet startet

# First start
first-title = Sicher ins Mitgliederportal
first-what = KV-FlexNet baut von diesem PC eine gesicherte Verbindung zu Ihrer KV auf.
first-need = Das brauchen Sie
first-need-name = Benutzername und Passwort von „meine KVid“
first-need-token = Ihren Token. Er zeigt auf Knopfdruck eine TAN, meist sechs Ziffern.
first-need-pc = Einen einzelnen PC: zu Hause, oder in der Praxis getrennt vom Praxisnetz
first-go = Zur Anmeldung

# Sign-in
sign-in-title = Anmelden
sign-in-hello = Guten Tag
sign-in = Anmelden
username = Benutzername
username-missing = Bitte Ihren Benutzernamen eintragen.
username-is-number = Das sieht aus wie Ihre LANR oder BSNR. Gemeint ist der Benutzername von „meine KVid“.
password = Passwort
password-missing = Bitte Ihr Passwort von „meine KVid“ eintragen.
password-kept = auf diesem PC gemerkt
password-show = Passwort zeigen
caps-lock = Die Feststelltaste ist an.
tan = TAN
tan-where = Wo finde ich die TAN?
tan-hint = Knopf am Token drücken, Ziffern abtippen.
tan-again = Eine neue TAN bitte: Knopf noch einmal drücken oder warten, bis sie wechselt.
tan-missing = Bitte die TAN von Ihrem Token eintragen.
tan-digits = Eine TAN besteht nur aus Ziffern.
tan-short = { $count ->
    [one] Die TAN hat mindestens 6 Ziffern. Es fehlt noch 1.
   *[other] Die TAN hat mindestens 6 Ziffern. Es fehlen noch { $count }.
}
tan-long = Die TAN hat höchstens 8 Ziffern.
remember-username = Benutzernamen merken
keep-password = Passwort merken
attempts-left = { $count ->
    [one] Noch 1 Versuch
   *[other] Noch { $count } Versuche
}
refused-what = Name, Passwort oder TAN hat nicht gestimmt. Was genau, sagen wir zum Schutz Ihres Zugangs nicht.
nothing-sent = Noch nichts gesendet. Kein Versuch verbraucht.

# Halt after the fourth
halt-title = Bitte kurz anhalten
halt-what = Sie haben noch einen Versuch. Ist auch er falsch, wird Ihr Zugang gesperrt. Ein Anruf vorher erspart das.
halt-often = Daran liegt es oft
halt-caps = Die Feststelltaste war an.
halt-token = Die TAN kam von einem fremden Token.
halt-portal = Es war das Passwort des Portals. Hier gilt das von „meine KVid“.
halt-use = Letzten Versuch trotzdem nutzen

# Being connected
connecting-title = Einen Moment bitte
connecting-what = Das dauert meist nur wenige Sekunden.
connecting-limit = Klappt es nicht, sagen wir Ihnen, warum.
step-done = erledigt:
step-now = läuft:
step-later = kommt noch:
step-gateway-do = Zugang Ihrer KV erreichen
step-gateway-done = Zugang Ihrer KV erreicht
step-sign-in-do = Anmeldung prüfen
step-sign-in-done = Anmeldung bestätigt
step-tunnel-do = Gesicherte Verbindung aufbauen
step-tunnel-done = Gesicherte Verbindung steht
step-portal-do = Auf das Mitgliederportal warten
step-portal-done = Mitgliederportal erreicht

# A sign-in from the browser
identity-title = Sind Sie das?
identity-opens = Dieser Link öffnet den Zugang von
identity-unnamed = Dieser Link öffnet einen Zugang. Für wen, sagt Ihre KV nicht. Nur „Ja“, wenn Sie sich gerade selbst im Browser angemeldet haben.
identity-other = Im Zweifel „Nein“. Jemand könnte Ihnen seinen eigenen Link geschickt haben.
identity-yes = Ja, das bin ich
identity-no = Nein
confirm-title = Steht im Browser dieselbe Zahl?
confirm-back = Gehen Sie zurück zur Webseite Ihrer KV.
confirm-yes = Zeigt sie auch { $digits }, bestätigen Sie dort.
confirm-other = Andere Zahl oder keine? Brechen Sie ab und rufen Sie den { $desk } an: { $phone }.
confirm-other-bare = Andere Zahl oder keine? Brechen Sie ab und rufen Sie Ihre KV an.
confirm-left = { $count ->
    [0] Die Zeit ist gleich um. Danach melden Sie sich auf der Webseite neu an.
    [one] Gilt noch 1 Sekunde. Danach melden Sie sich auf der Webseite neu an.
   *[other] Gilt noch { $count } Sekunden. Danach melden Sie sich auf der Webseite neu an.
}

# Connected
connected-title = Verbunden
connected-as = als { $name }
connected-until = Verbunden, spätestens bis { $time }.
since = Seit
until = Spätestens bis
traffic = Datenverkehr, letzte 5 Minuten
round-trip = Antwortzeit
round-trip-value = { $ms } ms, { $pace }
pace-good = gut
pace-slow = langsam
pace-very-slow = sehr langsam
last-sign-in = Letzte Anmeldung: { $day }, { $time }, { $from }.
same-network = vom selben Anschluss
other-network = von einem anderen Anschluss
first-sign-in = Das ist Ihre erste Anmeldung mit KV-FlexNet.
failures-before = Davor
wrong-entries = { $count ->
    [one] 1 falsche Eingabe
   *[other] { $count } falsche Eingaben
}
not-me = Das war ich nicht
open-portal = Mitgliederportal öffnen
open-portal-anyway = Portal öffnen
sign-out = Abmelden

# This was not me
not-me-title = So sichern Sie Ihren Zugang
not-me-what = Vielleicht war es ein Tippfehler von Ihnen. Wenn nicht, helfen zwei Schritte.
not-me-end = Sitzung beenden
not-me-end-what = Es gibt immer nur eine Sitzung. Danach ist keine mehr offen.
not-me-call = IT-ServiceDesk anrufen
not-me-call-what = Fragen Sie nach einem neuen Passwort.
not-me-elsewhere = Waren Sie das selbst, an einem anderen PC? Dann ist alles in Ordnung. Wenn nicht, rufen Sie bitte gleich an.
not-me-desk-ends = Andere Sitzung beenden lassen
not-me-desk-ends-what = Der IT-ServiceDesk sieht sie und schließt sie, während Sie telefonieren.
not-me-was-me = Doch, das war ich

# An end that is near
ends-in = In { $figure }
seconds-unit = { $count ->
    [one] Sekunde
   *[other] Sekunden
}
minutes-unit = { $count ->
   *[other] Minuten
}
ends-at = Die Sitzung endet um { $time }. Bitte speichern Sie bis dahin.
ends-idle-title = Sind Sie noch da?
ends-idle-what = melden wir Sie ab. Sie haben das Portal eine Zeit lang nicht benutzt.
ends-idle-click = Ein Klick genügt. Sie brauchen keine neue TAN.
ends-idle-kept = Offene Eingaben im Portal bleiben dann erhalten.
ends-absolute-title = Bitte jetzt speichern
ends-absolute-what = endet Ihre Sitzung. Sie dauert höchstens bis { $time } und lässt sich nicht verlängern.
ends-absolute-then = Danach melden Sie sich mit einer neuen TAN wieder an. Das dauert unter 1 Minute.
stay-connected = Verbunden bleiben
show-portal = Portal zeigen
to-portal-and-save = Zum Portal und speichern
sign-out-now = Jetzt abmelden
detour = Ihr Netz sperrt den direkten Weg. Wir nehmen einen Umweg, der genauso sicher ist.

# Interrupted
reconnecting-title = Verbindung unterbrochen
reconnecting-what = Wir stellen sie wieder her. Sie brauchen nichts zu tun, auch keine neue TAN.
silent-since = Unterbrochen seit
next-try = Nächster Versuch
reconnecting-longer = Dauert es länger als 1 Minute?
reconnecting-others = Sehen Sie nach, ob andere Webseiten gehen.
reconnecting-router = Wenn nicht: Router 10 Sekunden ausschalten.

# The end of a session
ending-title = Sie werden abgemeldet
ending-what = Wir beenden die Verbindung und räumen auf. Das dauert nur einen Moment.
ended-at = Beendet
ended-why = Grund
ended-signed-out-title = Sie sind abgemeldet
ended-signed-out-what = Die Verbindung ist beendet. Gespeicherte Dateien bleiben auf dem PC, alles andere ist gelöscht.
ended-signed-out-why = Von Ihnen
ended-idle-title = Nach einer Pause abgemeldet
ended-idle-what = Einige Zeit lief nichts über die Verbindung. Zum Schutz Ihrer Daten haben wir sie beendet.
ended-idle-why = Längere Pause
ended-absolute-title = Die Sitzung ist abgelaufen
ended-absolute-what = Eine Sitzung gilt nur eine begrenzte Zeit. Mit einer neuen TAN geht es weiter.
ended-absolute-why = Zeit abgelaufen
ended-newer-sign-in-title = Sie sind hier abgemeldet
ended-newer-sign-in-what = Mit Ihrem Namen, Passwort und Token hat sich jemand neu angemeldet. Es gilt immer nur eine Sitzung. Waren Sie das selbst, ist alles in Ordnung.
ended-newer-sign-in-why = Neuere Anmeldung
ended-desk-title = Ihre KV hat die Sitzung beendet
ended-desk-what = Der IT-ServiceDesk hat diese Sitzung geschlossen. Den Grund erfahren Sie am Telefon.
ended-desk-why = Von Ihrer KV
ended-token-lost-title = Ihr Token ist gesperrt
ended-token-lost-what = Der Token wurde als verloren gemeldet. Er öffnet nichts mehr. Waren Sie das nicht, rufen Sie bitte gleich an.
ended-token-lost-why = Token gesperrt
sign-in-again = Neu anmelden

# The token is lost
lost-title = Melden Sie es gleich
lost-what = Ein gesperrter Token öffnet nichts mehr, auch wenn ihn jemand findet.
lost-here = Hier sofort sperren
lost-sessions = Alle Sitzungen mit diesem Token enden, auch diese.
lost-new = Sie brauchen danach einen neuen Token. Rückgängig machen geht nicht.
lost-go = Token jetzt sperren
lost-or-call = Oder anrufen
lost-signed-out = Hier sperren geht nur, solange Sie angemeldet sind. Am Telefon geht es immer.
lost-sure = Token wirklich sperren?
lost-sure-what = Er öffnet danach nie wieder etwas, und Sie werden abgemeldet. Sichern Sie vorher, was im Portal noch offen ist.
lost-sure-go = Ja, sperren und abmelden

# The token is out of step
resync = Token abgleichen
resync-title = Zwei TANs hintereinander
resync-what = Nimmt Ihre KV die TANs nicht immer an, sind Token und KV nicht mehr im Takt. Zwei TANs bringen sie wieder zusammen.
resync-first = Erste TAN
resync-second = Zweite TAN
resync-wait = Die nächste TAN vom selben Token. Knopf noch einmal drücken; wechselt sie von selbst, bis zu 30 Sekunden warten.
resync-same = Das ist noch dieselbe TAN. Warten Sie auf die nächste.
resync-counts = Die beiden TANs müssen direkt aufeinander folgen. Passen sie nicht, zählt das als ein Versuch.
resync-go = Abgleichen
resync-lost = Token verloren?
resync-done = Ihr Token ist wieder im Takt
resync-done-what = Sie brauchen nichts weiter zu tun. Die beiden TANs sind verbraucht; nehmen Sie beim nächsten Anmelden eine neue.
resync-signed-out = Abgleichen ohne Anmeldung
resync-signed-out-what = Hier geht es nur, solange Sie angemeldet sind. Sonst macht es der IT-ServiceDesk mit Ihnen am Telefon.
resync-signed-out-steps =
    Nehmen Sie den Token in die Hand und rufen Sie an.
    Sagen Sie, dass die TANs nicht mehr angenommen werden.
    Lesen Sie zwei TANs vor, die direkt aufeinander folgen.
token-row-refused = TAN wird nicht angenommen

# Locked
locked-ready = Legen Sie bereit
locked-also = Außerdem
locked-token = Ihr Token
locked-call = Der Anruf dauert etwa 5 Minuten. Niemand fragt nach Ihrem Passwort.
locked-open-again = Mein Zugang ist wieder offen

# It did not work
what-to-do = Das können Sie tun
unsent = Ihr Passwort wurde nicht gesendet. Kein Versuch verbraucht.
counted-no = Kein Versuch verbraucht.
counted-yes = Diese TAN ist verbraucht. Für den nächsten Anlauf brauchen Sie eine neue.
counted-unknown = Ob ein Versuch verbraucht ist, wissen wir nicht: Die Antwort kam nicht an. Nehmen Sie eine neue TAN.
back-to-sign-in = Zurück zur Anmeldung
for-desk = Für den IT-ServiceDesk
away-again = Wir sehen jede Sekunde nach. Sobald es geht, geht es hier von selbst weiter.
maintenance-until = Wartung bis { $time }
maintenance-day = Voraussichtlich fertig: { $day }, { $time }.

# The desk
desk-title = { $desk } Ihrer KV
desk-call = Anrufen: { $phone }
desk-open = Jetzt geöffnet, bis { $time }
desk-opens = Geschlossen. Öffnet wieder { $time }
desk-closed = Zurzeit geschlossen

# Read aloud
read = Vorlesen
read-code = Code vorlesen, große Schrift
read-phone = Nummer vorlesen, große Schrift
read-code-title = Code vorlesen
read-code-what = Lesen Sie diese Zeichen am Telefon vor, von links nach rechts. Zum Beispiel: „K{"\u00A0"}wie{"\u00A0"}Köln“.
read-phone-title = Nummer vorlesen
read-phone-what = Die Nummer in großer Schrift, Ziffer für Ziffer.
read-check-code-title = Prüfcode vorlesen
read-check-code-what = Lesen Sie diese Zeichen am Telefon vor, von links nach rechts.
read-number-title = Berichtsnummer vorlesen
read-number-what = Lesen Sie diese Ziffern am Telefon vor, von links nach rechts.
read-aloud = Laut vorlesen
# DIN 5009 of 2022; digits as on the telephone.
spell-as = { $sign } wie { $word }
spell-a = Aachen
spell-b = Berlin
spell-c = Chemnitz
spell-d = Düsseldorf
spell-e = Essen
spell-f = Frankfurt
spell-g = Goslar
spell-h = Hamburg
spell-i = Ingelheim
spell-j = Jena
spell-k = Köln
spell-l = Leipzig
spell-m = München
spell-n = Nürnberg
spell-o = Offenbach
spell-p = Potsdam
spell-q = Quickborn
spell-r = Rostock
spell-s = Salzwedel
spell-t = Tübingen
spell-u = Unna
spell-v = Völklingen
spell-w = Wuppertal
spell-x = Xanten
spell-y = Ypsilon
spell-z = Zwickau
spell-0 = null
spell-1 = eins
spell-2 = zwo
spell-3 = drei
spell-4 = vier
spell-5 = fünf
spell-6 = sechs
spell-7 = sieben
spell-8 = acht
spell-9 = neun
spell-plus = plus

# Messages
saved = „{ $name }“ liegt jetzt im Ordner Downloads.
saved-not = „{ $name }“ ist nicht vollständig angekommen. Bitte noch einmal laden.
show-folder = Ordner öffnen
leave-title = Sitzung beenden?
leave-what = Sie sind noch verbunden. Mit KV-FlexNet endet auch die Verbindung.
leave-stay = Verbunden bleiben
leave-go = Abmelden und beenden

# Settings
settings-start = Start und Anmeldung
settings-look = Anzeige
start-with-system = Mit dem PC starten
keep-running = Beim Schließen verbunden bleiben
keep-running-on = Die Sitzung läuft weiter, bis Sie sich abmelden.
keep-running-off = Beim Schließen fragen wir nach und melden Sie dann ab.
password-is-kept = Passwort ist gemerkt
forget = Vergessen
choice-theme = Farben
choice-text_size = Schriftgröße
choice-language = Sprache
choice-system = wie das Betriebssystem
choice-theme-light = hell
choice-theme-dark = dunkel
choice-percent = { $percent }{"\u00A0"}%
choice-language-de = Deutsch
choice-language-en = English

# About
about-version = Fassung { $version }
about-kv = Ihre KV
about-service = Dienst
about-service-runs = läuft, { $version }
about-service-away = antwortet nicht
about-system = System
about-licence = Lizenz
about-what = KV-FlexNet verbindet einen einzelnen PC mit dem Mitgliederportal Ihrer KV.
about-data = Passwort und TAN gehen nur an Ihre KV. Das Passwort bleibt nur dann auf diesem PC, wenn Sie es wünschen.
about-copy = Angaben kopieren
about-copied = Kopiert.

# Where does it hang?
diagnose = Wo hängt es?
diagnose-go = Prüfen, wo es hängt
the-way = Der Weg
looking-title = Wir gehen den Weg ab
looking-what = Von Ihrem PC bis zum Mitgliederportal. Das dauert höchstens 15 Sekunden.
looking-progress = Fortschritt
looking-done = { $done } von { $of }
looking-checks = Prüfungen fertig.
looking-next = Gerade: { $check }
looking-private = Wir sehen nur auf diesen PC und seine Leitung. Andere Geräte in Ihrem Netz durchsuchen wir nicht. Nichts verlässt den PC, bis Sie es senden.
look-again = Noch einmal prüfen
place-pc-what = Uhr, Updates, Virenschutz
place-network-what = WLAN, Kabel, Router
place-internet-what = Namen und Adressen
place-way-what = Sicherheit der Leitung
place-sign-in-what = Zugang Ihrer KV
place-portal-what = Antwort des Portals
point-good = in Ordnung
point-seen = angesehen
point-now = läuft
point-wait = kommt noch
point-bad = hier hängt es
point-care = bitte ansehen
point-skipped = nicht geprüft
point-count = { $good } von { $looked } in Ordnung
point-here = Hier hängt es
point-please-look = Geht, bitte trotzdem ansehen
point-follows = Folgt aus dem Punkt davor
point-without-session = Geht erst nach der Anmeldung
point-not-looked = Diesmal nicht geprüft
found-next = So geht es weiter
found-later = Danach zu erledigen
found-hints = Bitte auch ansehen
found-follows = Folgt daraus: { $codes }
free-title = Der ganze Weg ist frei
free-to-sign-in-title = Der Weg zur Anmeldung ist frei
free-as-seen-title = So weit wir sehen konnten, ist der Weg frei
free-as-seen = Den Rest konnten wir diesmal nicht prüfen.
free-what = { $all ->
    [yes] Alle { $looked } Prüfungen sind in Ordnung.
   *[no] { $good } von { $looked } Prüfungen sind in Ordnung. Die anderen hindern Sie nicht.
}
free-sign-in = Sie können sich anmelden.
free-checked = Gerade eben geprüft
free-took = { $day }, { $time }. Dauer: { $took }.
free-still = Es klappt trotzdem etwas nicht?
free-still-what = Dann liegt es an einer Stelle, die wir von hier nicht sehen. Rufen Sie gern an.

report-show = Bericht ansehen
report = Bericht
report-shown-title = Alles, was gesendet würde
report-making = Der Bericht wird geschrieben.
report-dated = Diagnose vom { $made }
report-about = Über den Bericht
report-in = Das steht im Bericht
report-in-verdict = Befund und Code
report-in-pc = Betriebssystem, Virenschutz, Netz
report-in-events = Die letzten Ereignisse
report-out = Das steht nicht darin
report-out-names = Namen, Passwörter, TANs
report-out-addresses = Adressen von PC und Anschluss
report-out-portal = Inhalte aus dem Portal
check-code = Prüfcode
check-code-what = An ihm erkennt der IT-ServiceDesk am Telefon genau diesen Bericht.
check-code-of-report = Prüfcode des Berichts
report-send = An den IT-ServiceDesk senden
report-sending = Wird gesendet
report-show-number = Nummer zeigen
report-save = Als Datei speichern
report-unsent = Der Bericht kam nicht an
report-unsent-save = Speichern Sie ihn als Datei. Am Telefon genügen Code und Prüfcode.
sent-title = Der Bericht ist angekommen
sent-what = Nennen Sie am Telefon diese Nummer:
sent-number = Berichtsnummer { $number }
sent-kept = Der IT-ServiceDesk sieht den Befund dann vor sich. Gelöscht wird der Bericht am { $day }.
sent-large = Nummer groß zeigen
done = Fertig
number = Berichtsnummer

# Repair
repair-title = Aufräumen auf diesem PC
repair-plan-title = { $count ->
    [0] Nichts aufzuräumen
    [one] Eine Sache aufräumen
   *[other] { $count } Dinge aufräumen
}
repair-plan-what = { $count ->
    [0] Auf diesem PC ist nichts von einer früheren Sitzung zurückgeblieben.
   *[other] Eine frühere Sitzung endete nicht sauber. Das blieb zurück:
}
repair-looking = Wir sehen nach, was aufzuräumen ist.
repair-stays = Bleibt, wie es ist
repair-left = { $count ->
    [one] Eine Sache ließ sich nicht aufräumen.
   *[other] { $count } Dinge ließen sich nicht aufräumen.
}
repair-unasked = Der Dienst von KV-FlexNet antwortet nicht
repair-unasked-what = Ohne ihn können wir hier weder nachsehen noch aufräumen.
repair-first = Erst abmelden, dann aufräumen
repair-first-what = Solange eine Sitzung läuft, bleibt alles, wie es ist. Danach räumen Sie hier auf.
repair-safe = Sie brauchen dafür weder Anmeldung noch Internet.
repair-files = Ihre Dateien und Einstellungen bleiben, wie sie sind.
repair-time = Das dauert nur wenige Sekunden.
repair-go = Jetzt aufräumen
repair-done = Aufgeräumt
repair-nothing = Alles ist in Ordnung
repair-partly = Ein Rest ist geblieben
repair-result = { $count ->
    [0] Es gab nichts zurückzunehmen.
    [one] Eine Änderung ist zurückgenommen.
   *[other] { $count } Änderungen sind zurückgenommen.
}
repair-call = Starten Sie den PC neu und räumen Sie noch einmal auf. Bleibt es dabei, rufen Sie bitte an.

# Help
help-search = Hilfe durchsuchen
help-placeholder = Was suchen Sie?
help-clear = Suche leeren
help-often = Häufig gefragt
help-results = Hilfe: Suche
help-hits = { $count ->
    [0] Kein Treffer
    [one] 1 Treffer
   *[other] { $count } Treffer
}
help-not-found = Nicht dabei?
help-call = Rufen Sie gern an.
help-offline = Die Hilfe ist auch ohne Internet da.

# Words that a search leaves out.
help-ignored-words = ich mein meine meinen meinem er es sie wir mir mich der die das den dem des ein eine einen einem einer kein keine keinen nicht kann geht gehen ist sind hat habe wird werden und oder zu zum zur im in am an auf aus von vom mit für bei beim wie was wo warum wieso woher bitte mehr noch

help-locked-title = Mein Zugang ist gesperrt
help-locked-text = Nach fünf falschen Eingaben hintereinander sperrt Ihre KV den Zugang.
help-locked-steps =
    Rufen Sie den IT-ServiceDesk an. Nur er kann den Zugang öffnen.
    Legen Sie Ihren Benutzernamen und den Token bereit.
    Melden Sie sich nach dem Anruf mit einer neuen TAN an.
help-locked-words = entsperren Sperre fünf Fehlversuche richtige Eingaben gehen nicht

help-tan-title = Die TAN wird nicht angenommen
help-tan-text = Jede TAN gilt nur einmal. Am häufigsten hilft einfach eine neue.
help-tan-steps =
    Drücken Sie den Knopf am Token noch einmal und nehmen Sie die neue TAN. Wechselt sie von selbst, warten Sie bis zu 30 Sekunden.
    Tippen Sie alle Ziffern ab, auch Nullen am Anfang.
    Sehen Sie auf der Rückseite nach: Ist es wirklich Ihr Token?
    Klappt es zweimal nicht, gleichen Sie den Token ab oder rufen Sie an.
help-tan-words = falsch ungültig Code Ziffern Takt prüfen ersetzen

help-lost-title = Ich habe meinen Token verloren
help-lost-text = Rufen Sie gleich an. Ein gesperrter Token öffnet nichts mehr.
help-lost-steps =
    Sperren Sie ihn hier, solange Sie angemeldet sind, oder rufen Sie den IT-ServiceDesk an.
    Er wird sofort gesperrt. Eine laufende Sitzung mit ihm endet.
    Fragen Sie nach einem neuen Token.
help-lost-words = gestohlen Diebstahl weg kaputt Batterie leer sperren

help-password-title = Mein Passwort wird nicht angenommen
help-password-text = Hier gilt das Passwort von „meine KVid“, nicht das des Portals.
help-password-steps =
    Sehen Sie nach, ob die Feststelltaste an ist.
    Zeigen Sie das Passwort mit dem Auge im Feld an und lesen Sie nach.
    Haben Sie es vergessen, rufen Sie an.
help-password-words = vergessen falsch Kennwort zurücksetzen ändern Feststelltaste

help-portal-login-title = Das Portal fragt noch einmal
help-portal-login-text = Das Mitgliederportal hat eine eigene Anmeldung. Das ist richtig so.
help-portal-login-steps =
    Melden Sie sich im Portal mit dessen Benutzernamen und Passwort an.
    KV-FlexNet sieht und merkt sich diese Angaben nicht.
help-portal-login-words = zweimal zweite Anmeldung doppelt Passwort Portal

help-interrupted-title = Die Verbindung bricht ab
help-interrupted-text = Wir stellen sie von selbst wieder her. Eine neue TAN brauchen Sie dafür nicht.
help-interrupted-steps =
    Sehen Sie nach, ob andere Webseiten gehen.
    Wenn nicht: Schalten Sie den Router für 10 Sekunden aus.
    Nutzen Sie DSL oder Kabel. Mobilfunk und Surfsticks werden nicht unterstützt.
help-interrupted-words = Internet Internetverbindung Netz offline WLAN Router langsam unterbrochen Abbruch

help-access-title = Welcher Zugang passt zu mir?
help-access-text = Das hängt davon ab, wo Ihr PC steht.
help-access-steps =
    Zu Hause: KV-FlexNet passt.
    In der Praxis, PC ganz getrennt vom Praxisnetz: KV-FlexNet passt.
    In der Praxis, PC im Praxisnetz: Nutzen Sie bitte KV-SafeNet.
    Sie senden eArztbriefe oder rechnen mit 1‑Click ab: Dafür brauchen Sie KV-SafeNet.
help-access-words = VPN KV-SafeNet Praxis Praxisnetz Router zu Hause eArztbrief KV-Connect

help-token-title = So bekommen Sie die TAN
help-token-text = Ihr Token zeigt die TAN auf Knopfdruck.
help-token-steps =
    Drücken Sie den runden Knopf am Token.
    Tippen Sie alle Ziffern ab, auch Nullen am Anfang.
    Leerzeichen dürfen Sie weglassen.
help-token-words = TAN-Generator Knopf finden woher Ziffern

help-attempts-title = Wie viele Versuche habe ich?
help-attempts-text = Fünf. Eine richtige Eingabe setzt den Zähler zurück.
help-attempts-steps =
    Nach jeder falschen Eingabe zeigen wir, wie viele Versuche bleiben.
    Nach der vierten halten wir an und raten zu einem Anruf.
    Nach der fünften ist der Zugang gesperrt.
help-attempts-words = Versuche Zähler fünf Sperre

help-antivirus-title = Der Virenschutz meldet sich
help-antivirus-text = Manche Programme prüfen auch gesicherte Verbindungen. Dann halten wir an.
help-antivirus-steps =
    Sehen Sie in der Meldung nach, welches Programm es ist.
    Nehmen Sie KV-FlexNet dort von der Prüfung gesicherter Verbindungen aus.
    Wissen Sie nicht, wo: Fragen Sie Ihren IT-Betreuer oder rufen Sie an.
help-antivirus-words = Antivirus Firewall blockiert mitlesen Sicherheitsprogramm Ausnahme

help-portal-silent-title = Das Portal antwortet nicht
help-portal-silent-text = Steht die Verbindung, liegt es meist nicht an Ihrem PC.
help-portal-silent-steps =
    Warten Sie eine Minute und öffnen Sie das Portal noch einmal.
    Dauert es länger als 15 Minuten, rufen Sie an und nennen den Code.
help-portal-silent-words = leer weiß Seite lädt nicht Portal Störung

help-files-title = Wo liegen meine Dateien?
help-files-text = Was Sie im Portal laden, liegt im Ordner Downloads.
help-files-steps =
    Nach dem Laden meldet sich das Fenster. „Ordner öffnen“ führt hin.
    Die Dateien bleiben nach dem Abmelden auf dem PC.
help-files-words = Download Honorar herunterladen speichern Ordner

help-idle-title = Ich wurde abgemeldet
help-idle-text = Nach einer längeren Pause und am Ende der erlaubten Zeit endet jede Sitzung.
help-idle-steps =
    Kurz vorher fragen wir. Mit „Verbunden bleiben“ geht es ohne neue TAN weiter.
    Melden Sie sich mit einer neuen TAN wieder an.
    Es gilt immer nur eine Sitzung. Eine neue Anmeldung beendet die ältere.
help-idle-words = Pause Zeit abgelaufen automatisch Sitzung endet

help-clock-title = Die Uhr des PCs geht falsch
help-clock-text = Dann lässt sich die gesicherte Verbindung nicht prüfen, und wir halten an.
help-clock-steps =
    Stellen Sie in den Einstellungen des PCs die Uhrzeit auf „automatisch“.
    Prüfen Sie auch das Datum und die Zeitzone.
    Melden Sie sich danach neu an.
help-clock-words = Uhr Uhrzeit Zeit Datum Zeitzone Sommerzeit stellen

help-print-title = Wie drucke ich aus dem Portal?
help-print-text = Das Fenster des Portals hat oben einen Knopf zum Drucken.
help-print-steps =
    Öffnen Sie im Portal die Seite, die Sie drucken möchten.
    Wählen Sie oben den Drucker oder drücken Sie Strg und P.
    Geladene Dateien drucken Sie aus dem Ordner Downloads.
help-print-words = drucken Druck Drucker ausdrucken Papier

help-other-title = Ein anderes Programm stört die Verbindung
help-other-text = Zwei gesicherte Verbindungen zugleich vertragen sich oft nicht.
help-other-steps =
    Beenden Sie andere Programme, die eine gesicherte Verbindung aufbauen.
    Öffnen Sie im Menü „Reparatur“ und räumen Sie auf.
    Melden Sie sich mit einer neuen TAN an.
help-other-words = VPN VPN-Programm Fernzugriff Tunnel Homeoffice Firewall

help-repair-title = Nach einem Absturz geht etwas nicht
help-repair-text = Die Reparatur nimmt zurück, was eine frühere Sitzung geändert hat.
help-repair-steps =
    Öffnen Sie im Menü „Reparatur“.
    Wählen Sie „Jetzt aufräumen“.
help-repair-words = Absturz Reste aufräumen Internet geht nicht mehr

help-code-title = Was bedeutet der Code?
help-code-text = Er sagt dem IT-ServiceDesk genau, was geschehen ist.
help-code-misread = Die letzte Ziffer passt nicht zu diesem Code. Sehen Sie ihn bitte noch einmal an.
help-code-steps =
    Öffnen Sie „Vorlesen“ neben dem Code.
    Lesen Sie die Zeichen am Telefon von links nach rechts vor.
help-code-words = KVF Nummer Fehlercode buchstabieren vorlesen
