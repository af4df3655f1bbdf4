# Words of the gateway's pages for members. What the window says as well is taken from ui.ftl, faults from faults.ftl.
page-title = { $title } – KV-FlexNet
page-title-error = Fehler: { $title }
page-skip = Zum Inhalt
page-areas = Bereiche
page-language = Sprache
page-download = Herunterladen
page-of = Zugang der { $organisation } zum Mitgliederportal

# Sign-in
page-sign-in-what = Melden Sie sich hier an. Danach öffnet sich KV-FlexNet auf diesem PC und baut die gesicherte Verbindung auf.
page-sign-in-go = Jetzt anmelden
page-need-program = Das Programm KV-FlexNet auf diesem PC.
page-need-get = Noch nicht da? Hier herunterladen
page-address = Geben Sie Ihr Passwort nur ein, wenn oben im Browser genau { $host } steht.
page-entry-trouble = Bitte noch einmal ansehen
page-name-long = Dieser Benutzername ist zu lang.
page-password-long = Dieses Passwort ist zu lang.
page-again = Bitte noch einmal absenden: Die Seite war älter als ihr Formular. Kein Versuch verbraucht.

# Hand-off to the application
page-open-title = Jetzt KV-FlexNet öffnen
page-open-what = Ihre Anmeldung stimmt. Der Knopf öffnet KV-FlexNet auf diesem PC. Das geht eine Minute lang.
page-open-as = Angemeldet als { $name }.
page-open-go = KV-FlexNet öffnen
page-open-ask = Fragt der Browser nach, erlauben Sie das Öffnen.
page-open-next = Wie es weitergeht
page-open-identity = KV-FlexNet fragt, ob Sie { $name } sind. Sagen Sie dort „Ja“.
page-open-digits = Dann zeigt KV-FlexNet zwei Ziffern. Diese Seite zeigt sie auch.
page-open-confirm = Sind beide gleich, bestätigen Sie hier.
page-open-connected = Die Verbindung steht, das Mitgliederportal öffnet sich.
page-open-look = Zu den zwei Ziffern
page-open-waits = Diese Seite sieht von selbst nach.
page-nothing-title = Es öffnet sich nichts?
page-nothing-what = Dann ist KV-FlexNet auf diesem PC wohl noch nicht eingerichtet.
page-nothing-get = KV-FlexNet herunterladen
page-nothing-tan = Danach melden Sie sich mit einer neuen TAN an. Diese hier ist verbraucht.

page-compare-title = Zeigt KV-FlexNet die { $digits }?
page-compare-what = Sehen Sie im Fenster von KV-FlexNet auf diesem PC nach. Fragt es noch, ob Sie { $name } sind, sagen Sie dort erst „Ja“.
page-compare-yes = Ja, verbinden
page-compare-no = Nein, das war ich nicht
page-compare-care = Andere Zahl oder gar keine? Dann wählen Sie „Nein“. Bestätigen Sie nie, weil jemand am Telefon Sie darum bittet.

page-done-title = Bestätigt
page-done-what = KV-FlexNet baut jetzt die gesicherte Verbindung auf. Diese Seite können Sie schließen.
page-done-portal = Das Mitgliederportal fragt nach seinem eigenen Benutzernamen und Passwort. Das ist richtig so.

page-refused-title = Nicht verbunden
page-refused-what = Es gibt keine Verbindung, und der Link gilt nicht mehr.
page-refused-call = Haben Sie weder hier „Nein“ gewählt noch in KV-FlexNet abgebrochen, oder zeigte KV-FlexNet eine andere Zahl? Dann rufen Sie bitte gleich an: Vielleicht kennt jemand Ihr Passwort.

page-expired-title = Die Zeit ist abgelaufen
page-expired-what = Zwischen Anmeldung und Bestätigung verging zu viel Zeit. Es gibt keine Verbindung.
page-expired-next = Für den nächsten Anlauf brauchen Sie eine neue TAN.

# Download
page-get-title = KV-FlexNet herunterladen
page-get-what = Einmal auf dem PC eingerichtet, meldet KV-FlexNet Sie auch ohne diese Seite an.
page-get-yours = Passt zu diesem PC
page-get-for = Für { $system }
page-get-others = Für andere Betriebssysteme
page-get-go = Herunterladen
page-get-file = Datei
page-get-version = Fassung
page-get-size = Größe
page-get-sum = SHA-256
page-get-megabytes = { $size } MB
page-get-kilobytes = { $size } kB
page-get-steps = So geht es weiter
page-get-steps-windows =
    Öffnen Sie die geladene Datei, nur einmal. Das Einrichten beginnt erst nach einigen Sekunden.
    Stimmen Sie zu, wenn Windows nach Administratorrechten fragt.
    Öffnen Sie KV-FlexNet und melden Sie sich mit einer neuen TAN an.
page-get-steps-macos =
    Öffnen Sie die geladene Datei, nur einmal.
    Geben Sie das Passwort eines Administrators ein, wenn macOS danach fragt.
    Öffnen Sie KV-FlexNet und melden Sie sich mit einer neuen TAN an.
page-get-steps-linux =
    Öffnen Sie die geladene Datei mit der Softwareverwaltung. Für Debian und Ubuntu passt die Datei auf .deb, für Fedora und openSUSE die auf .rpm.
    Geben Sie das Passwort eines Administrators ein.
    Öffnen Sie KV-FlexNet und melden Sie sich mit einer neuen TAN an.
page-get-missing = Für { $system } liegt hier zurzeit nichts bereit. Der IT-ServiceDesk hilft Ihnen weiter.
page-get-nothing = Hier liegt zurzeit nichts bereit. Der IT-ServiceDesk hilft Ihnen weiter.
page-get-phone = Auf Telefon und Tablet läuft KV-FlexNet nicht. Öffnen Sie diese Seite auf dem PC, den Sie verbinden möchten.
page-get-check = Ist die Datei unverändert angekommen?
page-get-check-what = Ihr IT-Betreuer kann das prüfen: Dieser Befehl muss genau die SHA-256 von oben zeigen.
page-system-windows = Windows
page-system-macos = macOS
page-system-linux = Linux

# Help
page-help-title = Hilfe zur Anmeldung
page-help-lost-steps =
    Rufen Sie den IT-ServiceDesk an und melden Sie den Token als verloren.
    Sind Sie gerade verbunden, können Sie ihn auch im Fenster von KV-FlexNet sperren.
    Er öffnet dann nichts mehr. Eine laufende Sitzung mit ihm endet.
    Fragen Sie nach einem neuen Token.
page-help-tan-steps =
    Drücken Sie den Knopf am Token noch einmal und nehmen Sie die neue TAN. Wechselt sie von selbst, warten Sie bis zu 30 Sekunden.
    Tippen Sie alle Ziffern ab, auch Nullen am Anfang.
    Sehen Sie auf der Rückseite nach: Ist es wirklich Ihr Token?
    Klappt es zweimal nicht, rufen Sie an. Der IT-ServiceDesk prüft den Token oder ersetzt ihn.

# What is not there, not allowed or not possible
page-lost-title = Diese Seite gibt es nicht
page-lost-what = Vielleicht ist die Adresse vertippt.
page-foreign-title = Das kam nicht von dieser Seite
page-foreign-what = Ihr Browser hat ein Formular einer anderen Seite gesendet. Wir haben es nicht beachtet. Kein Versuch verbraucht.
page-bad-title = Das geht so nicht
page-bad-what = Ihre Anfrage ließ sich nicht lesen. Kein Versuch verbraucht.
page-home = Zur Anmeldung

# Months, for a desk that opens more than a week ahead.
page-month-1 = Januar
page-month-2 = Februar
page-month-3 = März
page-month-4 = April
page-month-5 = Mai
page-month-6 = Juni
page-month-7 = Juli
page-month-8 = August
page-month-9 = September
page-month-10 = Oktober
page-month-11 = November
page-month-12 = Dezember
