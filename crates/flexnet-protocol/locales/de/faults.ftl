# What the catalogue of faults says: to the member a headline, what it means and what to do; to the desk layer, cause and question.
# One line of -do is one step. That the password was not sent is said by the window itself, where it is known (area 4).
# $named is `yes` where a finding names a product, an adapter or a program, and $subject is that name.

# SafeNetRoute
fault-001-title = Dieser PC steht wohl im Praxisnetz
fault-001-what = KV-FlexNet ist für einzelne PCs gedacht. Aus einem Praxisnetz führt der eigene Weg der Praxis zum Portal.
fault-001-do =
    Öffnen Sie das Portal in der Praxis wie gewohnt über KV-SafeNet oder den Konnektor.
    Nutzen Sie KV-FlexNet an einem PC, der nicht im Praxisnetz steht.
fault-001-desk =
    Ebene: Nutzungsregel. Route zu KV-SafeNet oder zum Konnektor in der Wegetabelle des PCs; nur abgelesen, nichts gesucht.
    Ursache: Der PC steht im Praxisnetz.
    Frage: Steht der PC in der Praxis? Dann KV-SafeNet nutzen, oder den PC vom Praxisnetz trennen.

# DomainMember
fault-002-title = Dieser PC wird von anderen verwaltet
fault-002-what = KV-FlexNet ist für einzelne PCs gedacht. Dieser gehört zur Verwaltung einer Praxis, Klinik oder Firma.
fault-002-do =
    Fragen Sie Ihren IT-Betreuer, ob Sie KV-FlexNet hier nutzen dürfen.
    Sonst nehmen Sie einen eigenen PC.
fault-002-desk =
    Ebene: Nutzungsregel. Mitglied einer Domäne (Active Directory, Entra ID) oder einer Geräteverwaltung (MDM).
    Frage: Wer verwaltet den PC? Ausnahme vereinbaren und eintragen.

# SecondNetwork
fault-003-title = Dieser PC hat zwei eigene Netze
fault-003-what = KV-FlexNet ist für PCs in einem einzigen Netz gedacht. Eines der beiden könnte das Netz einer Praxis sein.
fault-003-do =
    Trennen Sie das Netz, das in eine Praxis führt, bevor Sie sich anmelden.
    Steht der PC zu Hause und hat Kabel und WLAN: Schalten Sie eines davon aus.
fault-003-desk =
    Ebene: Nutzungsregel. Zwei Adapter mit verschiedenen privaten Netzen.
    Frage: Welches Kabel oder WLAN führt ins Praxisnetz? Trennen, oder KV-SafeNet nutzen.

# MobileLine
fault-004-title = Sie sind über Mobilfunk verbunden
fault-004-what = KV-FlexNet ist für Anschlüsse über Kabel und DSL gedacht. Über Mobilfunk kann es stocken.
fault-004-do =
    Nehmen Sie, wenn es geht, den Internetanschluss zu Hause oder in der Praxis.
    Stockt es hier, suchen Sie einen Platz mit besserem Empfang.
fault-004-desk =
    Ebene: Nutzungsregel. Der Weg ins Internet führt über einen Mobilfunk-Adapter (UMTS, LTE, 5G, Surfstick, Telefon am USB).
    Frage: Gibt es einen Festnetzanschluss? Dorthin wechseln.

# PracticeShares
fault-005-title = Hier sind Ordner anderer PCs eingebunden
fault-005-what = KV-FlexNet ist für einzelne PCs gedacht. Ordner einer Praxis sollen während der Sitzung nicht offen sein.
fault-005-do =
    Gehören die Ordner zu einer Praxis: Trennen Sie diese, bevor Sie sich anmelden.
    Ist es Ihr eigener Speicher zu Hause, müssen Sie nichts tun.
fault-005-desk =
    Ebene: Nutzungsregel. Freigaben eines privaten Netzes eingebunden (Art darunter, nie der Name).
    Frage: Wessen Freigaben sind es? Ein eigener Netzspeicher zu Hause ist in Ordnung.

# ClockDrifts
fault-101-title = Die Uhr des PCs geht ungenau
fault-101-what = Noch stört das nicht. Geht sie weiter falsch, klappt die Anmeldung bald nicht mehr.
fault-101-do =
    Stellen Sie in den Einstellungen des PCs die Uhrzeit auf „automatisch“.
    Dauer: etwa 2 Minuten.
fault-101-desk =
    Ebene: PC, Uhr. Abweichung zum Gateway 30 Sekunden bis 5 Minuten.
    Ursache: Zeitabgleich aus oder lange her.
    Frage: Ist der Zeitabgleich eingeschaltet?

# ClockWrong
fault-102-title = Die Uhr des PCs geht falsch
fault-102-what = Datum oder Uhrzeit weichen zu weit ab. So lässt sich die gesicherte Verbindung nicht prüfen.
fault-102-do =
    Stellen Sie in den Einstellungen des PCs die Uhrzeit auf „automatisch“.
    Prüfen Sie auch das Datum und die Zeitzone.
    Melden Sie sich danach neu an.
fault-102-desk =
    Ebene: PC, Uhr. Abweichung zum Gateway über 5 Minuten.
    Ursache: Zeitabgleich aus, Zeitzone falsch oder leere Pufferbatterie.
    Frage: Welches Datum zeigt der PC? Geht die Uhr nach jedem Ausschalten wieder falsch?

# SystemUnsupported
fault-103-title = Das Betriebssystem ist zu alt
fault-103-what = { $named ->
    [yes] „{ $subject }“ bekommt vom Hersteller keine Sicherheitsupdates mehr.
   *[other] Es bekommt vom Hersteller keine Sicherheitsupdates mehr.
} Anmelden können Sie sich noch.
fault-103-do =
    Lassen Sie ein neueres Betriebssystem einrichten.
    Fragen Sie dazu Ihren IT-Betreuer.
fault-103-desk =
    Ebene: PC, Betriebssystem. Vom Hersteller abgekündigt; Fassung steht darunter.
    Frage: Lässt sich der PC aufrüsten?

# UpdatesWaiting
fault-104-title = Auf diesem PC fehlen Updates
fault-104-what = Sicherheitsupdates oder ein Neustart stehen aus. Anmelden können Sie sich trotzdem.
fault-104-do =
    Installieren Sie die Updates des Betriebssystems.
    Starten Sie den PC danach neu.
fault-104-desk =
    Ebene: PC, Betriebssystem. Updates oder Neustart offen.
    Frage: Wann wurde der PC zuletzt neu gestartet?

# ScannerOff
fault-105-title = Der Virenschutz ist aus oder veraltet
fault-105-what = { $named ->
    [yes] „{ $subject }“ schützt diesen PC gerade nicht oder nicht aktuell.
   *[other] Dieser PC meldet keinen eingeschalteten, aktuellen Virenschutz.
} Anmelden können Sie sich trotzdem.
fault-105-do =
    Schalten Sie den Virenschutz ein.
    Lassen Sie ihn nach Updates suchen.
fault-105-desk =
    Ebene: PC, Schutz. Kein Virenschutz eingeschaltet, oder Signaturen alt; Produkte stehen darunter.
    Frage: Welches Produkt? Ist die Lizenz abgelaufen?

# FirewallOff
fault-106-title = Die Firewall des PCs ist aus
fault-106-what = { $named ->
    [yes] „{ $subject }“ ist ausgeschaltet.
   *[other] Keine Firewall dieses PCs ist eingeschaltet.
} Anmelden können Sie sich trotzdem.
fault-106-do = Schalten Sie die Firewall in den Sicherheitseinstellungen des PCs ein.
fault-106-desk =
    Ebene: PC, Schutz. Alle genannten Firewalls sind aus.
    Frage: Hat ein anderes Produkt die Firewall übernommen und ist abgelaufen?

# KeyringLocked
fault-107-title = Das Passwort wurde nicht gemerkt
fault-107-what = Der Schlüsselbund dieses PCs ist gesperrt oder fehlt. Anmelden können Sie sich trotzdem.
fault-107-do =
    Geben Sie das Passwort wie gewohnt ein.
    Soll der PC es merken: Melden Sie sich am PC ab und wieder an.
fault-107-desk =
    Ebene: PC, Schlüsselbund des Benutzers (Secret Service, Credential Manager).
    Ursache: automatische Anmeldung am PC ohne Passwort, oder kein Dienst für Schlüssel vorhanden.
    Frage: Meldet sich der Benutzer am PC mit Passwort an?

# BlockedHere
fault-108-title = Ein Schutzprogramm sperrt KV-FlexNet
fault-108-what = { $named ->
    [yes] Dieser PC selbst verbietet die Verbindung zu Ihrer KV, vermutlich durch „{ $subject }“.
   *[other] Dieser PC selbst verbietet die Verbindung zu Ihrer KV. Das tut meist ein Virenschutz oder eine Firewall.
}
fault-108-do =
    { $named ->
        [yes] Öffnen Sie „{ $subject }“.
       *[other] Öffnen Sie Ihr Sicherheitsprogramm (Virenschutz, Firewall).
    }
    Erlauben Sie KV-FlexNet dort alle Verbindungen.
    Kommen Sie nicht weiter, fragen Sie Ihren IT-Betreuer. Dauer: etwa 5 Minuten.
fault-108-desk =
    Ebene: PC, lokale Firewall. Das Betriebssystem verweigert das Senden (EPERM, WSAEACCES) oder meldet es von einer eigenen Adresse.
    Ursache: Firewall-Regel, Virenschutz oder Filtertreiber; bekannte Produkte stehen darunter.
    Frage: Welches Produkt, seit wann? Ausnahme für kv-flexnet-service und kv-flexnet-diagnose.

# DiskFull
fault-110-title = Der Speicher des PCs ist voll
fault-110-what = Ohne freien Platz ändern wir nichts an den Einstellungen dieses PCs. Die Verbindung wurde nicht aufgebaut.
fault-110-do =
    Löschen Sie Dateien, die Sie nicht brauchen.
    Leeren Sie den Papierkorb.
    Melden Sie sich danach neu an.
fault-110-desk =
    Ebene: PC, Platte. ENOSPC beim Schreiben des Journals; die Änderung wurde nicht gemacht.
    Frage: Wie viel ist auf dem Systemlaufwerk frei?

# StateReadOnly
fault-111-title = KV-FlexNet kann nichts speichern
fault-111-what = Der Ordner des Programms lässt sich nicht beschreiben. Die Verbindung wurde nicht aufgebaut.
fault-111-do =
    Starten Sie den PC neu und melden Sie sich noch einmal an.
    Bleibt es dabei, rufen Sie bitte an.
fault-111-desk =
    Ebene: PC, Zustandsordner des Dienstes (/var/lib/kv-flexnet).
    Ursache: Dateisystem nur lesbar, Rechte geändert oder Ordner gelöscht.
    Frage: Wurde am PC etwas aufgeräumt oder eine Sicherung eingespielt?

# SettingsUnsaved
fault-112-title = Ihre Einstellung wurde nicht gespeichert
fault-112-what = Sie gilt nur, bis Sie KV-FlexNet beenden.
fault-112-do =
    Schaffen Sie etwas freien Platz auf dem PC und stellen Sie es noch einmal ein.
    Bleibt es dabei, fragen Sie Ihren IT-Betreuer.
fault-112-desk =
    Ebene: PC, Einstellungen des Benutzers.
    Ursache: Platte voll, Benutzerordner nur lesbar oder falscher Besitzer.
    Frage: Kann der Benutzer in seinem Ordner Dateien anlegen?

# ResourcesExhausted
fault-113-title = Der PC ist an seiner Grenze
fault-113-what = Er kann keine weiteren Dateien und Verbindungen öffnen. Deshalb geht vieles nicht.
fault-113-do =
    Schließen Sie Programme, die Sie nicht brauchen.
    Starten Sie den PC neu. Dauer: etwa 5 Minuten.
fault-113-desk =
    Ebene: PC, Betriebsmittel. Weniger als 48 freie Handles (EMFILE) für dieses Programm.
    Ursache: Grenze zu klein, oder ein Programm verliert Handles.
    Frage: Was läuft noch? Hilft ein Neustart nur kurz: Bericht anfordern.

# HomeUnwritable
fault-114-title = Ihr eigener Ordner lässt nichts zu
fault-114-what = KV-FlexNet kann Ihre Einstellungen auf diesem PC nicht ablegen. Der Ordner fehlt oder lässt sich nur lesen.
fault-114-do =
    Melden Sie sich am PC ab und wieder an.
    Bleibt es dabei, fragen Sie Ihren IT-Betreuer.
fault-114-desk =
    Ebene: PC, Benutzerordner. EROFS, EACCES oder nicht vorhanden; Art steht darunter.
    Ursache: servergespeichertes Profil nicht geladen, falscher Besitzer, Dateisystem nur lesbar.
    Frage: Kann der Benutzer in seinem Ordner Dateien anlegen?

# NoAdapter
fault-201-title = Kein Netz ist eingeschaltet
fault-201-what = An diesem PC ist kein Netzanschluss und kein WLAN aktiv.
fault-201-do =
    Schalten Sie das WLAN ein, oder stecken Sie das Netzkabel an.
    Prüfen Sie, ob der Flugmodus an ist.
    Starten Sie den PC neu, wenn beides nicht hilft.
fault-201-desk =
    Ebene: PC, Netzadapter. Keiner vorhanden oder eingeschaltet.
    Ursache: Flugmodus, Adapter deaktiviert, Treiber fehlt.
    Frage: Zeigt der Geräte-Manager einen Netzadapter?

# LinkDown
fault-202-title = Der PC ist nicht angeschlossen
fault-202-what = Das Netzkabel hat keinen Kontakt, oder der PC ist mit keinem WLAN verbunden.
fault-202-do =
    Stecken Sie das Netzkabel an PC und Router fest ein.
    Mit WLAN: Wählen Sie Ihr WLAN aus und verbinden Sie sich.
    Sehen Sie nach, ob der Router eingeschaltet ist.
fault-202-desk =
    Ebene: Leitung vor Ort. Adapter eingeschaltet, kein Träger.
    Ursache: Kabel lose oder defekt, Router aus, WLAN nicht verbunden.
    Frage: Leuchtet die Netzbuchse? Kabel und Buchse tauschen.

# NoAddress
fault-203-title = Der PC bekommt keine Adresse
fault-203-what = Der Anschluss steht, aber der Router gibt diesem PC keine Adresse. Ohne sie geht nichts ins Internet.
fault-203-do =
    Schalten Sie den Router für 10 Sekunden aus und warten Sie 5 Minuten.
    Starten Sie den PC neu.
    Bleibt es dabei, fragen Sie Ihren IT-Betreuer.
fault-203-desk =
    Ebene: Netz vor Ort, Adresse. Nur 169.254/16 oder gar keine, auch keine globale IPv6-Adresse.
    Ursache: DHCP des Routers aus oder voll, falsches WLAN-Passwort, Gastnetz mit Sperre.
    Frage: Sind andere Geräte am selben Router im Internet?

# DuplicateAddress
fault-204-title = Zwei Geräte haben dieselbe Adresse
fault-204-what = Ein anderes Gerät in Ihrem Netz nutzt die Adresse dieses PCs. Deshalb bricht die Verbindung ab.
fault-204-do =
    Schalten Sie den Router für 10 Sekunden aus und warten Sie 5 Minuten.
    Starten Sie den PC neu.
    Bleibt es dabei, fragen Sie Ihren IT-Betreuer.
fault-204-desk =
    Ebene: Netz vor Ort, Adresse doppelt (DAD).
    Ursache: feste IP-Adresse im DHCP-Bereich, zwei DHCP-Server.
    Frage: Ist an einem Gerät eine feste Adresse eingestellt? Auf automatisch stellen.

# NoDefaultRoute
fault-205-title = Der PC kennt keinen Weg hinaus
fault-205-what = Er ist im eigenen Netz, weiß aber nicht, wo es ins Internet geht.
fault-205-do =
    Stellen Sie das Netz in den Einstellungen des PCs auf „automatisch“.
    Beenden Sie andere Programme, die eine gesicherte Verbindung aufbauen.
    Starten Sie den PC neu.
fault-205-desk =
    Ebene: Netz vor Ort, Route. Keine Standardroute, weder IPv4 noch IPv6.
    Ursache: feste IP ohne Gateway, Rest eines VPN.
    Frage: Feste IP-Adresse? Lief vorher ein VPN? Auf DHCP stellen.

# RouterSilent
fault-206-title = Ihr Router antwortet nicht
fault-206-what = Der PC ist angeschlossen, aber der Router meldet sich nicht.
fault-206-do =
    Schalten Sie den Router für 10 Sekunden aus.
    Warten Sie 5 Minuten und melden Sie sich neu an.
    Bleibt es dabei, rufen Sie Ihren Internetanbieter an.
fault-206-desk =
    Ebene: Netz vor Ort, Router. Kein ARP/ND, keine Antwort auf TCP 53 und 80, kein Hop.
    Ursache: Router hängt, falsches WLAN, Gastnetz mit Trennung.
    Frage: Was zeigen die Lampen des Routers?

# InternetGone
fault-207-title = Ihr Router hat kein Internet
fault-207-what = Bis zum Router ist alles in Ordnung. Dahinter antwortet nichts.
fault-207-do =
    Schalten Sie den Router für 10 Sekunden aus und warten Sie 5 Minuten.
    Bleibt es dabei, rufen Sie Ihren Internetanbieter an.
fault-207-desk =
    Ebene: Internet. Anker, Gateway (TCP und UDP) stumm; der letzte Hop steht darunter.
    Ursache: Störung des Anbieters, Router ohne Verbindung.
    Frage: Gehen andere Webseiten? Ist eine Störung gemeldet?

# CaptivePortal
fault-208-title = Dieses Netz will eine Anmeldung
fault-208-what = Hotel, Klinik oder Hotspot: Das Netz lässt Sie erst nach einer eigenen Anmeldung ins Internet.
fault-208-do =
    Öffnen Sie den Browser und eine beliebige Webseite.
    Melden Sie sich dort im Netz an. Geben Sie dort kein Passwort Ihrer KV ein.
    Melden Sie sich danach hier an.
fault-208-desk =
    Ebene: Internet, Anmeldeseite (Captive Portal: 302, 511 oder fremde Seite statt 204).
    Frage: Hotel, Klinik, Hotspot? Im Browser anmelden oder anderes Netz.

# ProxyNeeded
fault-209-title = Dieses Netz hat eine Zwischenstation
fault-209-what = Direkt lässt es niemanden ins Internet. Die Zwischenstation ist auf diesem PC nicht eingestellt.
fault-209-do =
    Fragen Sie, wer dieses Netz betreibt, wie die Zwischenstation einzutragen ist.
    Oder versuchen Sie es an einem anderen Anschluss.
fault-209-desk =
    Ebene: Netz vor Ort, Proxy. TCP 443 direkt gesperrt, Proxy angekündigt (WPAD), am PC keiner eingestellt.
    Frage: Wer betreibt das Netz? Proxy eintragen oder Gateway auf TCP 443 freigeben.

# ProxyFails
fault-210-title = Die Zwischenstation hält uns auf
fault-210-what = Dieses Netz führt nur über eine Zwischenstation ins Internet. Sie antwortet nicht oder lässt uns nicht durch.
fault-210-do =
    Fragen Sie, wer dieses Netz betreibt, ob sie den Zugang Ihrer KV durchlässt.
    Sind Sie zu Hause: Lassen Sie Ihren IT-Betreuer die Einstellung entfernen.
fault-210-desk =
    Ebene: Netz vor Ort, Proxy. CONNECT wird abgelehnt, oder der Proxy antwortet nicht; direkt kommt auch nichts durch.
    Ursache: Proxy aus, falsche Adresse, Filterliste des Proxys. Eingestellt in /etc/environment oder für den Dienst (https_proxy).
    Frage: Zu Hause oder in der Praxis? Freigabe für den Namen des Gateways und TCP 443?

# ProxyWantsPassword
fault-211-title = Die Zwischenstation will ein Passwort
fault-211-what = Dieses Netz führt nur über eine Zwischenstation ins Internet, und die verlangt eine eigene Anmeldung.
fault-211-do =
    Fragen Sie, wer dieses Netz betreibt: Der Zugang Ihrer KV soll ohne diese Anmeldung erreichbar sein.
    Geben Sie das Passwort Ihrer KV nirgends sonst ein.
fault-211-desk =
    Ebene: Netz vor Ort, Proxy. Antwort 407 auf CONNECT.
    Ursache: Proxy mit Anmeldung; in den Einstellungen steht keine oder eine falsche.
    Frage: Kann der Betreiber des Netzes das Gateway auf TCP 443 freigeben?

# LineSlow
fault-212-title = Ihre Leitung ist sehr langsam
fault-212-what = Das Portal geht, lädt aber sehr langsam.
fault-212-do =
    Beenden Sie andere Downloads und Videos.
    Nehmen Sie ein Kabel statt WLAN.
    Bleibt es dabei, rufen Sie Ihren Internetanbieter an.
fault-212-desk =
    Ebene: Leitung. Unter 200 kbit/s in eine Richtung gemessen (DSL 1000 als Untergrenze); Wert steht darunter.
    Frage: Wer nutzt die Leitung noch? Welcher Tarif?

# LineLoses
fault-213-title = Ihre Leitung hat Aussetzer
fault-213-what = Ein Teil der Daten geht unterwegs verloren. Dadurch stockt alles oder bricht ab.
fault-213-do =
    Nehmen Sie ein Kabel statt WLAN, oder gehen Sie näher an den Router.
    Schalten Sie den Router für 10 Sekunden aus.
    Bleibt es dabei, rufen Sie Ihren Internetanbieter an.
fault-213-desk =
    Ebene: Leitung. 10 % der Pakete oder mehr verloren; Zahl steht darunter.
    Ursache: schlechtes WLAN, überlastete oder gestörte Leitung.
    Frage: WLAN oder Kabel? Seit wann?

# LineDelays
fault-214-title = Ihre Leitung antwortet langsam
fault-214-what = Jede Antwort braucht lange. Das Portal geht, reagiert aber träge.
fault-214-do =
    Beenden Sie andere Downloads und Videos.
    Nutzen Sie Satellit oder Mobilfunk, nehmen Sie, wenn es geht, einen anderen Anschluss.
fault-214-desk =
    Ebene: Leitung. Umlaufzeit über 300 ms; Wert steht darunter.
    Ursache: Satellit, Mobilfunk, Upload, der die Leitung füllt.
    Frage: Welche Art Anschluss? Läuft eine Sicherung ins Netz?

# OnlyIpv6
fault-215-title = Ihrem Anschluss fehlt ein Weg
fault-215-what = Er kennt nur die neue Art von Internetadressen. Die Brücke zur alten fehlt, und Ihre KV ist so nicht erreichbar.
fault-215-do =
    Schalten Sie den Router für 10 Sekunden aus und warten Sie 5 Minuten.
    Bleibt es dabei, rufen Sie Ihren Internetanbieter an.
fault-215-desk =
    Ebene: Leitung. Nur IPv6, kein NAT64, Gateway über IPv6 nicht erreichbar.
    Ursache: DS-Lite oder 464XLAT gestört.
    Frage: Gehen Seiten, die nur IPv4 haben? Anbieter.

# Ipv6Broken
fault-216-title = Ein Teil Ihrer Leitung ist gestört
fault-216-what = Wir nehmen den anderen Weg. Sie müssen nichts tun.
fault-216-do = Arbeiten Sie einfach weiter. Startet das Internet oft langsam, fragen Sie Ihren Internetanbieter.
fault-216-desk =
    Ebene: Leitung. IPv6 tot, IPv4 gut; IPv4 wird genutzt.
    Abhilfe: Firmware des Routers, Anbieter.

# Ipv4Broken
fault-217-title = Ein Teil Ihres Anschlusses ist gestört
fault-217-what = Wir nehmen den anderen Weg. Bei Ihrer KV müssen Sie nichts tun, manche Webseiten können fehlen.
fault-217-do = Gehen andere Webseiten nicht, rufen Sie Ihren Internetanbieter an.
fault-217-desk =
    Ebene: Leitung. IPv4 tot, IPv6 gut (AFTR, DS-Lite); IPv6 wird genutzt.
    Abhilfe: Anbieter.

# ForeignVpn
fault-218-title = Ein anderes Programm leitet alles um
fault-218-what = { $named ->
    [yes] „{ $subject }“ schickt Ihre Verbindungen über einen eigenen Weg. Darüber ist Ihre KV nicht zu erreichen.
   *[other] Es schickt Ihre Verbindungen über einen eigenen Weg. Darüber ist Ihre KV nicht zu erreichen.
}
fault-218-do =
    { $named ->
        [yes] Beenden Sie „{ $subject }“.
       *[other] Beenden Sie andere Programme, die eine gesicherte Verbindung aufbauen.
    }
    Melden Sie sich danach hier an.
fault-218-desk =
    Ebene: Netz am PC. Die Route zum Gateway führt durch einen fremden Tunnel; Adapter steht darunter.
    Ursache: anderes VPN aktiv oder abgestürzt.
    Frage: Welches VPN? Trennen, sonst Neustart.

# NoNameServers
fault-301-title = Die Namenssuche ist nicht eingestellt
fault-301-what = Dieser PC weiß nicht, wo er Internetnamen nachschlagen soll. Webseiten gehen dann nicht auf.
fault-301-do =
    Stellen Sie das Netz in den Einstellungen des PCs auf „automatisch“.
    Starten Sie den PC neu.
    Bleibt es dabei, fragen Sie Ihren IT-Betreuer.
fault-301-desk =
    Ebene: Namensdienst. Kein Resolver eingetragen.
    Ursache: Rest eines VPN, feste Einstellung ohne DNS.
    Frage: Lief vorher ein VPN? DNS auf automatisch.

# NamesSilent
fault-302-title = Die Namenssuche antwortet nicht
fault-302-what = Ihre Leitung steht. Wer hier Internetnamen nachschlägt, schweigt aber, und Webseiten gehen nicht auf.
fault-302-do =
    Schalten Sie den Router für 10 Sekunden aus und warten Sie 5 Minuten.
    Bleibt es dabei, rufen Sie Ihren Internetanbieter an.
fault-302-desk =
    Ebene: Namensdienst. Resolver stumm über UDP und TCP, oder Unsinn als Antwort; Standort steht darunter.
    Frage: Eigener DNS-Server eingetragen? Router neu starten.

# NamesFail
fault-303-title = Die Namenssuche ist gestört
fault-303-what = Ihre Leitung steht. Wer hier Internetnamen nachschlägt, meldet selbst eine Störung.
fault-303-do =
    Warten Sie 10 Minuten und melden Sie sich dann neu an.
    Bleibt es dabei, schalten Sie den Router für 10 Sekunden aus.
fault-303-desk =
    Ebene: Namensdienst. SERVFAIL.
    Ursache: Störung beim Anbieter, DNSSEC.
    Frage: Gehen andere Seiten?

# NameUnknown
fault-304-title = Ihre KV wird nicht gefunden
fault-304-what = Die Namenssuche in diesem Netz kennt die Adresse Ihrer KV nicht.
fault-304-do =
    Versuchen Sie es an einem anderen Anschluss.
    Bleibt es dabei, rufen Sie bitte an.
fault-304-desk =
    Ebene: Namensdienst. NXDOMAIN für den Namen des Gateways; ob andere Namen gehen, steht darunter.
    Ursache: Filter, eigene Zone im Netz, veraltetes Profil.
    Frage: Nur unser Name? Geht es von einem anderen Anschluss?

# NamesRefused
fault-305-title = Die Namenssuche weist uns ab
fault-305-what = Ihre Leitung steht. Wer hier Internetnamen nachschlagen soll, lehnt die Anfragen ab.
fault-305-do =
    Stellen Sie das Netz in den Einstellungen des PCs auf „automatisch“.
    Schalten Sie den Router für 10 Sekunden aus.
    Bleibt es dabei, fragen Sie Ihren IT-Betreuer.
fault-305-desk =
    Ebene: Namensdienst. REFUSED, oder Port 53 geschlossen.
    Ursache: fest eingetragener, fremder DNS-Server; Dienst im Router tot.
    Frage: Ist ein DNS-Server fest eingetragen? Auf automatisch stellen.

# NamesFalse
fault-306-title = Die Namenssuche nennt Falsches
fault-306-what = Dieses Netz nennt eine falsche Adresse für Ihre KV. Zur Sicherheit halten wir an.
fault-306-do =
    Versuchen Sie es an einem anderen Anschluss.
    Melden Sie sich in diesem Netz nicht an.
    Rufen Sie bitte an und nennen Sie den Code.
fault-306-desk =
    Ebene: Namensdienst. Die Antwort nennt keine der Adressen des Profils.
    Ursache: DNS-Umleitung, befallener Router, Gastnetz, veraltetes Profil.
    Frage: Fremdes WLAN? Bei eigenem Router: DNS-Einstellung des Routers prüfen.

# NameBlocked
fault-307-title = Ein Filter sperrt Ihre KV
fault-307-what = Die Namenssuche in diesem Netz hält die Adresse Ihrer KV zurück. Das tun Kindersicherungen und Werbefilter.
fault-307-do =
    Erlauben Sie den Zugang Ihrer KV im Router oder im Filter.
    Bleibt es dabei, fragen Sie, wer dieses Netz betreibt.
fault-307-desk =
    Ebene: Namensdienst. Leere Antwort, 0.0.0.0 oder Loopback.
    Ursache: Kindersicherung, Pi-hole, Rebind-Schutz.
    Frage: Welcher Filter? Ausnahme für den Namen des Gateways eintragen.

# NamesSlow
fault-308-title = Die Namenssuche ist sehr langsam
fault-308-what = Es geht, aber jede Seite beginnt mit einer Pause.
fault-308-do =
    Schalten Sie den Router für 10 Sekunden aus und warten Sie 5 Minuten.
    Bleibt es dabei, rufen Sie Ihren Internetanbieter an.
fault-308-desk =
    Ebene: Namensdienst. Erste Antwort nach 2 Sekunden oder später.
    Frage: Ist der erste eingetragene DNS-Server tot? Reihenfolge prüfen.

# NamesTruncated
fault-309-title = Die Namenssuche antwortet unvollständig
fault-309-what = Ihre Leitung steht. Die Antworten kommen aber nur halb an.
fault-309-do =
    Schalten Sie den Router für 10 Sekunden aus und warten Sie 5 Minuten.
    Bleibt es dabei, fragen Sie Ihren IT-Betreuer.
fault-309-desk =
    Ebene: Namensdienst. TC=1, und TCP 53 ist zu.
    Ursache: Firewall des Routers.
    Frage: Welcher Router? TCP 53 erlauben oder Firmware.

# HostsFile
fault-310-title = Eine Datei leitet Ihre KV um
fault-310-what = Auf diesem PC steht eine falsche Adresse für Ihre KV. Zur Sicherheit halten wir an.
fault-310-do =
    Melden Sie sich an diesem PC nicht an.
    Rufen Sie bitte an und nennen Sie den Code.
fault-310-desk =
    Ebene: PC, hosts-Datei. Eine Zeile gibt dem Namen des Gateways eine fremde Adresse.
    Ursache: von Hand gesetzt, Testaufbau oder Schadsoftware.
    Frage: Wer hat sie gesetzt? Zeile entfernen; bei Zweifel PC prüfen lassen.

# ForeignNameServer
fault-311-title = Ein Rest stört die Namenssuche
fault-311-what = Ein anderes Programm hat eine Einstellung hinterlassen. Dieser PC sucht Internetnamen deshalb am falschen Ort.
fault-311-do =
    Öffnen Sie im Menü „Reparatur“ und räumen Sie auf.
    Stellen Sie das Netz in den Einstellungen des PCs auf „automatisch“.
    Starten Sie den PC neu.
fault-311-desk =
    Ebene: PC, Namensdienst. Resolver in einem fremden privaten Netz, weder Router noch eigenes Netz, und er antwortet nicht.
    Ursache: Rest eines VPN.
    Frage: Welches VPN war da? DNS auf automatisch stellen.

# GatewayRefuses
fault-401-title = Ihre KV nimmt keine Verbindung an
fault-401-what = Der Zugang Ihrer KV weist die Verbindung ab.
fault-401-do =
    Warten Sie 10 Minuten und melden Sie sich dann neu an.
    Bleibt es dabei, rufen Sie bitte an.
fault-401-desk =
    Ebene: Weg zum Gateway. TCP 443 wird abgewiesen (RST).
    Ursache: Dienst des Gateways steht, oder eine Firewall antwortet an seiner Stelle.
    Frage: Geht es von einem anderen Anschluss? Wenn nein: Betrieb verständigen.

# GatewaySilent
fault-402-title = Ihre KV ist nicht erreichbar
fault-402-what = Von hier kommt keine Antwort vom Zugang Ihrer KV.
fault-402-do =
    Sehen Sie nach, ob andere Webseiten gehen.
    Wenn nicht: Schalten Sie den Router für 10 Sekunden aus.
    Gehen andere Webseiten, rufen Sie bitte an.
fault-402-desk =
    Ebene: Weg zum Gateway. TCP 443 bleibt stumm.
    Ursache: kein Internet, Filter im Netz (Klinik, Firma) oder Gateway ohne Strom.
    Frage: Gehen andere Seiten? Steht der PC in einem fremden Netz?

# ConnectionCut
fault-403-title = Die Verbindung bricht sofort wieder ab
fault-403-what = Etwas auf dem Weg beendet sie, bevor Ihre KV antwortet.
fault-403-do =
    Melden Sie sich noch einmal an.
    Versuchen Sie es an einem anderen Anschluss.
    Bleibt es dabei, rufen Sie bitte an.
fault-403-desk =
    Ebene: Weg zum Gateway. Ende der TCP-Verbindung vor dem ersten Byte.
    Ursache: Firewall mit Inhaltsprüfung, Lastverteiler ohne Ziel.
    Frage: Welche Firewall steht im Netz? Gibt es eine Ausnahme für das Gateway?

# PacketsTooLarge
fault-404-title = Große Datenpakete gehen verloren
fault-404-what = Kleines kommt bei Ihrer KV an, Großes verschwindet auf Ihrer Leitung.
fault-404-do =
    Schalten Sie den Router für 10 Sekunden aus und warten Sie 5 Minuten.
    Versuchen Sie es an einem anderen Anschluss.
    Bleibt es dabei, rufen Sie bitte an.
fault-404-desk =
    Ebene: Weg, Paketgröße (PMTU-Loch). Größte Größe steht darunter; TLS bleibt hängen.
    Ursache: Router verwirft ICMP, PPPoE oder VPN-Router ohne MSS-Klemmung.
    Frage: Welcher Router? MTU oder MSS-Klemmung einstellen.

# LargeHelloDropped
fault-405-title = Ein Gerät verträgt die Verschlüsselung nicht
fault-405-what = Etwas auf dem Weg kennt die neue Verschlüsselung Ihrer KV nicht und hält sie auf.
fault-405-do =
    Versuchen Sie es an einem anderen Anschluss.
    Fragen Sie, wer dieses Netz betreibt, nach neuer Software für Router oder Firewall.
fault-405-desk =
    Ebene: TLS, Zwischengerät. Großer ClientHello (X25519MLKEM768) scheitert, kleiner (X25519) geht durch.
    Frage: Welches Modell, welche Firmware? Ausnahme für das Gateway.

# Intercepted
fault-411-title = Jemand will die Verbindung mitlesen
fault-411-what = { $named ->
    [yes] „{ $subject }“ öffnet gesicherte Verbindungen dieses PCs. Das lassen wir nicht zu. Ihr Passwort wurde nicht gesendet.
   *[other] Ein Programm oder Gerät öffnet gesicherte Verbindungen. Das lassen wir nicht zu. Ihr Passwort wurde nicht gesendet.
}
fault-411-do =
    { $named ->
        [yes] Öffnen Sie „{ $subject }“, meist Ihr Sicherheitsprogramm (Virenschutz).
       *[other] Öffnen Sie Ihr Sicherheitsprogramm (Virenschutz).
    }
    Nehmen Sie KV-FlexNet dort von der Prüfung gesicherter Verbindungen aus.
    Kommen Sie nicht weiter, rufen Sie bitte an. Dauer: etwa 5 Minuten.
fault-411-desk =
    Ebene: TLS, Abfang. Aussteller steht im Speicher dieses Systems oder hat sich selbst unterschrieben; Name darunter.
    Ursache: Virenschutz mit Web-Prüfung, Firewall mit TLS-Interception, Router.
    Frage: Welcher Virenschutz? Ausnahme für das Gateway eintragen.

# CertificateExpired
fault-412-title = Ein Nachweis Ihrer KV ist abgelaufen
fault-412-what = Daran erkennt dieser PC Ihre KV. Zur Sicherheit halten wir an.
fault-412-do =
    Prüfen Sie Datum und Uhrzeit des PCs.
    Stimmen beide, rufen Sie bitte an.
fault-412-desk =
    Ebene: TLS. Zertifikat des Gateways abgelaufen (notAfter).
    Ursache: Erneuerung versäumt, oder die Uhr des PCs geht vor.
    Frage: Welches Datum zeigt der PC? Stimmt es: Betrieb, Zertifikat erneuern.

# CertificateNotYetValid
fault-413-title = Ein Nachweis gilt noch nicht
fault-413-what = Daran erkennt dieser PC Ihre KV. Meist geht dann die Uhr nach.
fault-413-do =
    Prüfen Sie Datum und Uhrzeit des PCs.
    Stimmen beide, rufen Sie bitte an.
fault-413-desk =
    Ebene: TLS. Zertifikat des Gateways gilt noch nicht (notBefore).
    Ursache: Uhr des PCs geht nach, oder die Uhr der ausstellenden Stelle ging vor.
    Frage: Welches Datum zeigt der PC?

# CertificateWrongName
fault-414-title = Hier antwortet nicht Ihre KV
fault-414-what = Am anderen Ende meldet sich etwas unter fremdem Namen.
fault-414-do =
    Versuchen Sie es an einem anderen Anschluss.
    Bleibt es dabei, rufen Sie bitte an.
fault-414-desk =
    Ebene: TLS. Der Name im Zertifikat passt nicht zum Gateway.
    Ursache: umgebogene Namensauflösung oder Adresse, Gateway mit falschem Zertifikat.
    Frage: Hotel, Gastnetz, Klinik? Geht es von zu Hause?

# CertificateUntrusted
fault-415-title = Verbindung angehalten
fault-415-what = Ein Programm auf dem Weg zu Ihrer KV will mitlesen. Das lassen wir nicht zu.
fault-415-do =
    Öffnen Sie Ihr Sicherheitsprogramm (Virenschutz).
    Nehmen Sie KV-FlexNet dort von der Prüfung gesicherter Verbindungen aus.
    Kommen Sie nicht weiter, rufen Sie bitte an. Dauer: etwa 5 Minuten.
fault-415-desk =
    Ebene: TLS. Aussteller ist nicht die Zertifizierungsstelle des Profils.
    Ursache: Virenschutz mit Web-Prüfung, Proxy mit TLS-Interception, veraltetes Profil oder Angriff.
    Frage: Welcher Virenschutz? Ausnahme für das Gateway eintragen. Der Aussteller steht darunter.

# TlsRefused
fault-416-title = Die gesicherte Verbindung wurde abgelehnt
fault-416-what = PC und Zugang Ihrer KV finden keine gemeinsame Verschlüsselung.
fault-416-do =
    Versuchen Sie es an einem anderen Anschluss.
    Bleibt es dabei, rufen Sie bitte an.
fault-416-desk =
    Ebene: TLS. Handshake endete mit einem Alert; die Nummer steht darunter.
    Ursache: Zwischengerät verträgt X25519MLKEM768 nicht, oder das Gateway bietet es nicht an.
    Frage: Welche Firewall steht im Netz? Firmware aktuell?

# NotTls
fault-417-title = Ein anderes Gerät antwortet
fault-417-what = Statt Ihrer KV meldet sich etwas ohne Verschlüsselung.
fault-417-do =
    Öffnen Sie eine Webseite. Vielleicht müssen Sie sich erst im Netz anmelden.
    Versuchen Sie es an einem anderen Anschluss.
    Bleibt es dabei, rufen Sie bitte an.
fault-417-desk =
    Ebene: Weg zum Gateway. Auf 443 antwortet etwas, das kein TLS spricht.
    Ursache: Anmeldeseite eines Gastnetzes, Sperrseite, Filter.
    Frage: In welchem Netz ist der PC?

# TlsSilent
fault-418-title = Die gesicherte Verbindung bleibt stehen
fault-418-what = Der Anfang klappt, dann kommt keine Antwort mehr.
fault-418-do =
    Melden Sie sich noch einmal an.
    Versuchen Sie es an einem anderen Anschluss.
    Bleibt es dabei, rufen Sie bitte an.
fault-418-desk =
    Ebene: TLS. TCP steht, der ClientHello bleibt ohne Antwort.
    Ursache: Zwischengerät verwirft große ClientHellos (X25519MLKEM768), oder MTU-Problem am Anschluss.
    Frage: Welcher Router? Hilft ein anderer Anschluss?

# CertificateEndsSoon
fault-419-title = Alles in Ordnung
fault-419-what = Ein Nachweis Ihrer KV endet bald. Ihre KV erneuert ihn, Sie müssen nichts tun.
fault-419-do = Arbeiten Sie einfach weiter.
fault-419-desk =
    Ebene: TLS. Zertifikat des Gateways endet in weniger als 7 Tagen.
    Betrieb: erneuern.

# GatewayUnreachable
fault-420-title = Kein Weg zu Ihrer KV
fault-420-what = Dieser PC findet keinen Weg ins Internet oder zu Ihrer KV.
fault-420-do =
    Sehen Sie nach, ob Kabel oder WLAN verbunden sind.
    Schalten Sie den Router für 10 Sekunden aus.
    Gehen andere Webseiten, rufen Sie bitte an.
fault-420-desk =
    Ebene: Anschluss, Weg. Das Netz meldet „nicht erreichbar“ (ICMP oder keine Route).
    Ursache: kein Netz, Router ohne Verbindung, Sperre auf dem Weg.
    Frage: Gehen andere Seiten? Wer betreibt das Netz?

# Maintenance
fault-501-title = Ihre KV arbeitet am Zugang
fault-501-what = Der Zugang wird gewartet. An Ihrem PC ist alles in Ordnung.
fault-501-do = Melden Sie sich nach der Wartung neu an. Sie können das Fenster schließen.
fault-501-desk =
    Ebene: Gateway. Wartung, vom Gateway selbst gemeldet.
    Das angegebene Ende nennen. Am PC ist nichts zu tun.

# GatewayDraining
fault-502-title = Ihre KV wechselt gerade den Zugang
fault-502-what = Dieser Zugang wird geleert, ein anderer übernimmt. An Ihrem PC ist alles in Ordnung.
fault-502-do = Warten Sie 2 Minuten und melden Sie sich dann neu an.
fault-502-desk =
    Ebene: Gateway. Draining, vom Gateway selbst gemeldet.
    Betrieb: ein anderes Gateway muss übernehmen.

# GatewayDatabase
fault-503-title = Ihre KV hat eine Störung
fault-503-what = Der Zugang kann gerade nichts prüfen. An Ihrem PC ist alles in Ordnung.
fault-503-do =
    Warten Sie 10 Minuten und melden Sie sich dann mit einer neuen TAN an.
    Bleibt es dabei, rufen Sie bitte an.
fault-503-desk =
    Ebene: Gateway. Datenbank antwortet nicht; nicht gezählt.
    Betrieb sofort verständigen.

# GatewayHangs
fault-504-title = Ihre KV antwortet nicht
fault-504-what = Die Verbindung steht, aber es kommt keine Antwort. Das liegt nicht an Ihrem PC.
fault-504-do =
    Warten Sie 10 Minuten und melden Sie sich dann mit einer neuen TAN an.
    Bleibt es dabei, rufen Sie bitte an.
fault-504-desk =
    Ebene: Gateway. TCP und TLS stehen, keine Antwort auf die Anfrage.
    Ursache: Prozess des Gateways hängt oder ist überlastet.
    Betrieb: Prozess und Last prüfen. Ob gezählt wurde, steht im Protokoll.

# GatewayAnswer
fault-505-title = Die Antwort war nicht lesbar
fault-505-what = Der Zugang Ihrer KV hat etwas geantwortet, das wir nicht verstehen. Zur Sicherheit halten wir an.
fault-505-do =
    Melden Sie sich mit einer neuen TAN noch einmal an.
    Bleibt es dabei, rufen Sie bitte an.
fault-505-desk =
    Ebene: Gateway. Unerwarteter Status oder Inhalt; Einzelheit darunter.
    Ursache: Fassungen von Client und Gateway passen nicht, oder eine Störung im Gateway.
    Frage: Welche Fassung zeigt „Über KV-FlexNet“?

# ClientTooOld
fault-506-title = KV-FlexNet ist zu alt
fault-506-what = Ihre KV verlangt eine neuere Fassung. Ihre Eingabe wurde nicht gezählt.
fault-506-do =
    Installieren Sie die neue Fassung von den Seiten Ihrer KV.
    Dafür brauchen Sie Administratorrechte. Fragen Sie sonst Ihren IT-Betreuer.
fault-506-desk =
    Ebene: PC, Programm. Fassung liegt unter der Mindestfassung des Gateways.
    Frage: Hat der Benutzer Administratorrechte?

# GatewayBusy
fault-508-title = Gerade melden sich viele an
fault-508-what = Ihre KV kommt mit dem Prüfen nicht nach. An Ihrem PC ist alles in Ordnung.
fault-508-do = Warten Sie 1 Minute und melden Sie sich dann mit einer neuen TAN an.
fault-508-desk =
    Ebene: Gateway. Warteschlange der Anmeldungen voll; nicht gezählt.
    Betrieb: Last prüfen, Angriff ausschließen.

# VerifierSilent
fault-509-title = Die Prüfung geht gerade nicht
fault-509-what = Der Prüfdienst der KV antwortet nicht. Der Versuch zählt nicht. An Ihrem PC ist alles in Ordnung.
fault-509-do =
    Warten Sie 5 Minuten und melden Sie sich dann mit einer neuen TAN an.
    Bleibt es dabei, rufen Sie bitte an.
fault-509-desk =
    Ebene: Gateway. Token-Server (RADIUS) oder Verzeichnis (LDAP) gibt kein Urteil; nicht gezählt, die TAN ist verbraucht.
    Betrieb sofort verständigen: Log des Gateways nennt den Server.

# UdpBlocked
fault-601-title = Wir nehmen den langsameren Weg
fault-601-what = Dieses Netz sperrt den schnellen Weg zu Ihrer KV. Sie müssen nichts tun.
fault-601-do = Arbeiten Sie einfach weiter. Ist es zu langsam, versuchen Sie einen anderen Anschluss.
fault-601-desk =
    Ebene: UDP zum Gateway. Keine Antwort auf Echos, TCP 443 gut.
    Ursache: Firmen- oder Gastnetz, Firewall.
    Frage: Kann der Betreiber UDP zum Gateway freigeben?

# UdpThrottled
fault-603-title = Dieses Netz bremst die Verbindung
fault-603-what = Es lässt auf dem schnellen Weg nur wenig durch. Wir nehmen den langsameren, Sie müssen nichts tun.
fault-603-do = Arbeiten Sie einfach weiter. Ist es zu langsam, versuchen Sie einen anderen Anschluss.
fault-603-desk =
    Ebene: UDP zum Gateway. Über 75 % Verlust nur bei UDP, TCP ohne Verlust; Zahl steht darunter.
    Ursache: Ratenbegrenzung für UDP.
    Frage: Wer betreibt das Netz?

# UdpPacketsSmall
fault-604-title = Wir verkleinern die Datenpakete
fault-604-what = Auf dem schnellen Weg kommen nur kleine Pakete an. Bleiben Seiten des Portals hängen, rufen Sie an.
fault-604-do = Arbeiten Sie einfach weiter. Bleiben Seiten hängen, versuchen Sie einen anderen Anschluss.
fault-604-desk =
    Ebene: UDP zum Gateway. Größte Paketgröße steht darunter, TLS gut.
    Ursache: kleine MTU auf dem Weg (PPPoE, VPN-Router, Mobilfunk).
    Frage: Hängen große Seiten? MTU am Router prüfen.

# TunnelNoHandshake
fault-605-title = Die gesicherte Verbindung kommt nicht zustande
fault-605-what = Ihre Anmeldung stimmt. Danach kam auf dem Weg zum Portal keine Antwort.
fault-605-do =
    Melden Sie sich mit einer neuen TAN noch einmal an.
    Versuchen Sie es an einem anderen Anschluss.
    Bleibt es dabei, rufen Sie bitte an.
fault-605-desk =
    Ebene: Tunnel. Kein WireGuard-Handshake.
    Ursache: UDP gesperrt und der Umweg über TCP 443 kommt auch nicht zustande, oder das Gateway kennt den Schlüssel der Sitzung nicht.
    Frage: Firmen- oder Gastnetz? Sonst Betrieb: prüfen, ob die Sitzung im Gateway eingerichtet ist (WireGuard).

# TunnelLost
fault-606-title = Verbindung unterbrochen
fault-606-what = Die gesicherte Verbindung ist verstummt. Wir stellen sie von selbst wieder her.
fault-606-do =
    Warten Sie 1 Minute.
    Sehen Sie nach, ob andere Webseiten gehen.
    Wenn nicht: Schalten Sie den Router für 10 Sekunden aus.
fault-606-desk =
    Ebene: Tunnel. Stand, und seit 15 Sekunden kommt nichts mehr hindurch, oder das Netz hat gewechselt.
    Ursache: Anschluss weg, Netz gewechselt, PC war im Ruhezustand.
    Frage: Gehen andere Seiten?

# RouteTaken
fault-607-title = Der Weg zum Portal ist belegt
fault-607-what = { $named ->
    [yes] „{ $subject }“ leitet die Verbindung zum Portal um.
   *[other] Die Verbindung zum Portal führt an KV-FlexNet vorbei.
}
fault-607-do =
    { $named ->
        [yes] Beenden Sie „{ $subject }“.
       *[other] Beenden Sie andere Programme, die eine gesicherte Verbindung aufbauen.
    }
    Melden Sie sich dann mit einer neuen TAN an.
fault-607-desk =
    Ebene: Netz am PC. Die Route zu den Portalnetzen führt nicht in unseren Tunnel; Adapter steht darunter.
    Ursache: anderes VPN, Route von Hand.
    Frage: Welches VPN läuft? Trennen und neu anmelden.

# NetworksOverlap
fault-608-title = Ihr Netz nutzt dieselben Adressen
fault-608-what = Ihr Router vergibt Adressen, die auch das Netz Ihrer KV nutzt. Beides zugleich geht nicht.
fault-608-do =
    Fragen Sie Ihren IT-Betreuer nach einem anderen Adressbereich im Router.
    Oder versuchen Sie es an einem anderen Anschluss.
fault-608-desk =
    Ebene: Ihr Netz. LAN und Portalnetze überschneiden sich; beide stehen darunter.
    Abhilfe: Adressbereich des Routers ändern.
    Frage: Welcher Router? Wer betreut ihn?

# TunnelDevice
fault-609-title = Der Netz-Adapter lässt sich nicht anlegen
fault-609-what = KV-FlexNet braucht einen eigenen Netz-Adapter. Der PC hat ihn nicht angelegt.
fault-609-do =
    Starten Sie den PC neu und melden Sie sich mit einer neuen TAN an.
    Meldet sich der Virenschutz, erlauben Sie KV-FlexNet.
    Bleibt es dabei, rufen Sie bitte an.
fault-609-desk =
    Ebene: PC, TUN-Gerät. Anlegen schlug fehl; Einzelheit darunter.
    Ursache: /dev/net/tun oder Treiber fehlt, Virenschutz sperrt, Rest einer alten Sitzung.
    Frage: Meldung des Virenschutzes? Danach „Reparatur“.

# NetworkSettings
fault-610-title = Die Netzeinstellungen ließen sich nicht setzen
fault-610-what = Ohne sie bauen wir keine Verbindung auf. Alles ist so, wie es vorher war.
fault-610-do =
    Öffnen Sie im Menü „Reparatur“ und räumen Sie auf.
    Melden Sie sich dann mit einer neuen TAN an.
    Bleibt es dabei, rufen Sie bitte an.
fault-610-desk =
    Ebene: PC, Netz. Adressen, Routen, Namensdienst oder Paketfilter nicht gesetzt; Schritt steht darunter.
    Ursache: anderes VPN-Programm, fremde Firewall, fehlendes nftables.
    Frage: Läuft ein anderes VPN-Programm?

# GrantOutsideProfile
fault-611-title = Zur Sicherheit angehalten
fault-611-what = Ihre KV wollte mehr einrichten, als auf diesem PC erlaubt ist. Das haben wir nicht zugelassen.
fault-611-do = Rufen Sie bitte an und nennen Sie den Code.
fault-611-desk =
    Ebene: Profil. Das Gateway bot Routen, Namensdienste oder Namen außerhalb des installierten Profils an.
    Ursache: Profil veraltet, Gateway falsch eingerichtet oder übernommen.
    Betrieb verständigen; neues Profil ausliefern, falls die Änderung gewollt ist.

# Locked
fault-700-title = Ihr Zugang ist gesperrt
fault-700-what = Fünf Eingaben hintereinander waren falsch. Nur der IT-ServiceDesk kann ihn wieder öffnen.
fault-700-do =
    Rufen Sie den IT-ServiceDesk an.
    Legen Sie Benutzernamen und Token bereit.
fault-700-desk =
    Ebene: Anmeldung. Sperre nach fünf Fehlversuchen.
    Identität prüfen, dann entsperren und den Grund eintragen.
    Frage: Feststelltaste? Fremder Token? Passwort des Portals statt „meine KVid“?

# Refused
fault-701-title = Das hat nicht gestimmt
fault-701-what = Name, Passwort oder TAN hat nicht gestimmt. Was genau, sagen wir zum Schutz Ihres Zugangs nicht.
fault-701-do =
    Sehen Sie nach, ob die Feststelltaste an ist.
    Nehmen Sie eine neue TAN: Knopf am Token noch einmal drücken. Wechselt sie von selbst, bis zu 30 Sekunden warten.
fault-701-desk =
    Ebene: Anmeldung. Fehlversuch, gezählt. Nicht verraten, was falsch war.
    Frage: Feststelltaste? Eigener Token? Passwort von „meine KVid“?

# TanUsed
fault-702-title = Diese TAN war schon dran
fault-702-what = Jede TAN gilt nur einmal. Noch nichts gesendet. Kein Versuch verbraucht.
fault-702-do = Drücken Sie den Knopf am Token noch einmal und nehmen Sie die neue TAN. Wechselt sie von selbst, warten Sie bis zu 30 Sekunden.
fault-702-desk =
    Ebene: Anmeldung. Am PC erkannt, nichts gesendet, nicht gezählt.
    Bei einem Token mit Zeittakt: bis zu 30 Sekunden auf die nächste TAN warten.

# AccountDisabled
fault-705-title = Ihr Zugang ist abgeschaltet
fault-705-what = Ihre Angaben stimmen. Ihre KV hat diesen Zugang aber ausgeschaltet.
fault-705-do = Rufen Sie bitte an. Neue TANs helfen hier nicht.
fault-705-desk =
    Ebene: Anmeldung. Konto deaktiviert; beide Faktoren waren richtig.
    Frage: Wann und warum abgeschaltet? Antrag bei der Mitgliederberatung?

# SessionEnded
fault-707-title = Ihre Sitzung ist beendet
fault-707-what = Ihre KV hat die Sitzung geschlossen, zum Beispiel nach einer Pause.
fault-707-do = Melden Sie sich mit einer neuen TAN wieder an.
fault-707-desk =
    Ebene: Sitzung. Vom Gateway beendet; der Grund steht im Protokoll.
    Ursache: Leerlauf, Höchstdauer, neuere Anmeldung, Desk oder verlorener Token.

# EntryShape
fault-709-title = Bitte noch einmal ansehen
fault-709-what = Eine Angabe hat nicht die nötige Form. Noch nichts gesendet. Kein Versuch verbraucht.
fault-709-do =
    Füllen Sie Benutzername, Passwort und TAN aus.
    Eine TAN hat 6 bis 8 Ziffern, auch Nullen am Anfang zählen.
fault-709-desk = Ebene: Anmeldung. Form am PC geprüft, nichts gesendet, nicht gezählt.

# HandoffOver
fault-711-title = Die Übergabe ist abgelaufen
fault-711-what = Eine Anmeldung im Browser gilt nur einmal und nur eine Minute lang. Diese gilt nicht mehr.
fault-711-do =
    Melden Sie sich im Browser mit einer neuen TAN noch einmal an.
    Oder melden Sie sich gleich hier an.
fault-711-desk =
    Ebene: Anmeldung, Übergabe vom Browser. Ticket nach 60 Sekunden abgelaufen, unbekannt oder schon benutzt; nicht gezählt.
    Frage: Kam die Rückfrage des Browsers, ob er KV-FlexNet öffnen darf? Wurde im Browser bestätigt?

# HandoffRefused
fault-712-title = Die Übergabe wurde abgelehnt
fault-712-what = Im Browser wurde „Nein“ gewählt, oder ein zweites Programm wollte dieselbe Anmeldung. Verbunden ist niemand.
fault-712-do =
    Haben Sie selbst „Nein“ gewählt: Melden Sie sich mit einer neuen TAN noch einmal an.
    Waren die beiden Ziffern hier und im Browser verschieden: Rufen Sie bitte gleich an.
fault-712-desk =
    Ebene: Anmeldung, Übergabe vom Browser. Abgelehnt vom Mitglied, oder zwei Programme kamen mit einem Ticket; das Protokoll sagt, was („Übergabe abgelehnt“).
    Ziffern verschieden oder zweites Programm: Jemand hat das Ticket mitgelesen. Passwort ändern, PC prüfen lassen.

# TokenOutOfStep
fault-713-title = Der Token passt noch nicht
fault-713-what = Die beiden TANs gehören nicht zu Ihrem Token oder folgen nicht aufeinander. Das zählt als Versuch.
fault-713-do =
    Drücken Sie den Knopf am Token und geben Sie die TAN ein.
    Nehmen Sie danach die nächste TAN desselben Tokens, ohne eine auszulassen.
    Hilft das nicht, rufen Sie bitte an.
fault-713-desk =
    Ebene: Anmeldung, Token abgleichen. Zwei TANs nacheinander fanden sich in keinem Fenster; gezählt wie eine Anmeldung.
    Frage: Eigener Token? Keine TAN ausgelassen? Bei einem Token mit Zeittakt: gewartet, bis sich die TAN geändert hat?
    Abhilfe: am Desk noch einmal abgleichen, sonst Token ersetzen.

# TokenLost
fault-714-title = Dieser Token ist als verloren gemeldet
fault-714-what = Mit ihm kann sich niemand mehr anmelden, auch wenn er wieder da ist.
fault-714-do =
    Rufen Sie den IT-ServiceDesk an.
    Sie bekommen einen anderen Token.
fault-714-desk =
    Ebene: Token. Als verloren gemeldet; er wird nie wieder gültig. Wann und von wem, steht im Protokoll („Token verloren gemeldet“).
    Abhilfe: anderen Token zuweisen, diesen zurücknehmen.

# LinkBroken
fault-715-title = Dieser Link ist nicht vollständig
fault-715-what = Ein Link von einer Webseite sollte KV-FlexNet öffnen. Ihm fehlt etwas, oder er gehört nicht zu uns. Es ist nichts geschehen.
fault-715-do =
    Melden Sie sich im Browser mit einer neuen TAN noch einmal an.
    Oder melden Sie sich gleich hier an.
fault-715-desk =
    Ebene: Anmeldung, Übergabe vom Browser. Link nicht in der Form kv-flexnet://connect?ticket=…; am PC verworfen, nichts gesendet.
    Frage: Kam der Link von der Seite Ihrer KV? Wenn nicht: nicht öffnen.

# AlreadySignedIn
fault-716-title = Sie sind hier schon angemeldet
fault-716-what = Es gilt immer nur eine Sitzung. Die Anmeldung aus dem Browser wurde nicht übernommen.
fault-716-do =
    Arbeiten Sie einfach weiter.
    Soll die neue Anmeldung gelten: erst hier abmelden, dann im Browser mit einer neuen TAN noch einmal anmelden.
fault-716-desk =
    Ebene: Anmeldung, Übergabe vom Browser. Auf diesem PC läuft eine Sitzung; das Ticket wurde nicht eingelöst und verfällt.
    Frage: Haben Sie den Link selbst geöffnet?

# PortalNameService
fault-801-title = Das Portal wird nicht gefunden
fault-801-what = Ihre Verbindung steht. Im Netz Ihrer KV antwortet die Namenssuche nicht. Das liegt nicht an Ihrem PC.
fault-801-do =
    Warten Sie 10 Minuten. Wir sehen von selbst wieder nach.
    Bleibt es dabei, rufen Sie bitte an.
fault-801-desk =
    Ebene: Portalnetz. Namensdienst im Tunnel antwortet nicht.
    Betrieb: DNS im Portalnetz prüfen.

# PortalNoName
fault-802-title = Das Portal hat keinen Eintrag
fault-802-what = Ihre Verbindung steht. Das Netz Ihrer KV kennt die Adresse des Portals nicht. Das liegt nicht an Ihrem PC.
fault-802-do = Rufen Sie bitte an und nennen Sie den Code.
fault-802-desk =
    Ebene: Portalnetz. Der Name des Portals hat innen keine Adresse (NXDOMAIN oder leer).
    Betrieb: Zone prüfen; stimmt der Name im Profil?

# PortalSilent
fault-803-title = Das Mitgliederportal antwortet nicht
fault-803-what = Ihre Verbindung steht. Das Portal selbst meldet sich gerade nicht. Das liegt nicht an Ihrem PC.
fault-803-do =
    Warten Sie etwas. Wir sehen von selbst wieder nach.
    Dauert es länger als 15 Minuten, rufen Sie bitte an.
fault-803-desk =
    Ebene: Portal. Tunnel bewiesen, Portal nimmt keine Verbindung an oder bleibt stumm.
    Portalbetrieb verständigen.

# PortalMaintenance
fault-804-title = Das Mitgliederportal wird gewartet
fault-804-what = Ihre Verbindung steht. Am Portal wird gearbeitet, das liegt nicht an Ihrem PC.
fault-804-do = Versuchen Sie es in 30 Minuten noch einmal. Sie können verbunden bleiben.
fault-804-desk =
    Ebene: Portal. Antwortet mit 503.
    Portalbetrieb: Wartung bekannt?

# PortalSlow
fault-805-title = Das Mitgliederportal braucht zu lange
fault-805-what = Ihre Verbindung steht. Das Portal nimmt sie an, schickt aber nichts. Das liegt nicht an Ihrem PC.
fault-805-do =
    Warten Sie 1 Minute und laden Sie die Seite neu.
    Dauert es länger als 15 Minuten, rufen Sie bitte an.
fault-805-desk =
    Ebene: Portal. TCP steht, in 4 Sekunden kein Byte.
    Portalbetrieb: Last prüfen.

# PortalPagesCut
fault-806-title = Große Seiten kommen nicht durch
fault-806-what = Ihre Verbindung steht. Kleine Antworten des Portals kommen an, ganze Seiten nicht.
fault-806-do =
    Melden Sie sich ab und mit einer neuen TAN wieder an.
    Versuchen Sie es an einem anderen Anschluss.
    Bleibt es dabei, rufen Sie bitte an.
fault-806-desk =
    Ebene: Tunnel, Paketgröße. HEAD wird beantwortet, GET bleibt hängen.
    Ursache: MTU des Tunnels zu groß für den Weg.
    Betrieb: MTU und MSS im Portalnetz prüfen.

# NotInstalled
fault-901-title = KV-FlexNet ist nicht installiert
fault-901-what = Auf diesem PC fehlt der Dienst von KV-FlexNet. Ohne ihn gibt es keine Verbindung.
fault-901-do =
    Installieren Sie KV-FlexNet von den Seiten Ihrer KV.
    Dafür brauchen Sie Administratorrechte. Fragen Sie sonst Ihren IT-Betreuer.
fault-901-desk =
    Ebene: PC, Programm. Kein Dienst eingerichtet.
    Ursache: nie installiert, Setup abgebrochen, von einem Schutzprogramm entfernt.
    Frage: Administratorrechte vorhanden? Meldung des Virenschutzes?

# ServiceDown
fault-902-title = Der Dienst läuft nicht
fault-902-what = KV-FlexNet hat einen Dienst auf diesem PC. Ohne ihn gibt es keine Verbindung.
fault-902-do =
    Starten Sie den PC neu.
    Hilft das nicht, rufen Sie bitte an.
fault-902-desk =
    Ebene: PC, Dienst kv-flexnet-service. Kein Socket oder keine Antwort auf die Verbindung.
    Ursache: Dienst aus, abgestürzt oder nicht installiert.
    Prüfen: systemctl status kv-flexnet-service.

# ServiceHangs
fault-903-title = Der Dienst antwortet nicht
fault-903-what = KV-FlexNet hat einen Dienst auf diesem PC. Er läuft, meldet sich aber nicht.
fault-903-do =
    Warten Sie 1 Minute.
    Starten Sie dann den PC neu.
    Hilft das nicht, rufen Sie bitte an.
fault-903-desk =
    Ebene: PC, Dienst kv-flexnet-service. Verbindung steht, keine Antwort.
    Ursache: Dienst hängt, PC überlastet.
    Prüfen: journalctl -u kv-flexnet-service.

# VersionsDiffer
fault-904-title = Zwei Fassungen passen nicht zusammen
fault-904-what = Dienst und Fenster von KV-FlexNet haben verschiedene Fassungen. Meist ist eine Aktualisierung noch nicht fertig.
fault-904-do =
    Starten Sie den PC neu.
    Hilft das nicht, installieren Sie KV-FlexNet noch einmal.
fault-904-desk =
    Ebene: PC, Programm. Fassungen von Dienst und Fenster verschieden; beide stehen darunter.
    Ursache: halbe Aktualisierung, Dienst nicht neu gestartet.

# ServiceImpostor
fault-905-title = Ein fremdes Programm antwortet
fault-905-what = Es gibt sich als Dienst von KV-FlexNet aus. Geben Sie bitte kein Passwort ein.
fault-905-do =
    Melden Sie sich auf diesem PC nicht an.
    Rufen Sie bitte gleich an.
fault-905-desk =
    Ebene: PC, lokaler Socket. Am Socket sitzt ein Prozess, der nicht dem System gehört; uid steht darunter.
    Ursache: falscher Test-Aufbau oder Schadsoftware. PC prüfen lassen.

# Leftovers
fault-906-title = Vom letzten Mal ist etwas übrig
fault-906-what = Eine frühere Sitzung ist nicht sauber geendet. Ein Rest ließ sich noch nicht zurücknehmen.
fault-906-do =
    Öffnen Sie im Menü „Reparatur“ und räumen Sie auf.
    Starten Sie den PC neu, falls ein Rest bleibt.
    Hilft das nicht, rufen Sie bitte an.
fault-906-desk =
    Ebene: PC, Journal. Nicht alle Änderungen zurückgenommen; der Rest steht darunter.
    Abhilfe: abmelden, dann „Reparatur“ oder kv-flexnet repair. Bleibt ein Rest: Neustart.
    Frage: Läuft ein anderes Programm, das das Netz verwaltet?

# ProfileBroken
fault-907-title = Die Einrichtung ist unvollständig
fault-907-what = Die Datei mit den Angaben Ihrer KV fehlt oder ist beschädigt. Ohne sie kennt KV-FlexNet Ihre KV nicht.
fault-907-do =
    Installieren Sie KV-FlexNet noch einmal, oder fragen Sie Ihren IT-Betreuer.
    Hilft das nicht, rufen Sie bitte Ihre KV an.
fault-907-desk =
    Ebene: PC, Profil (/etc/kv-flexnet/profile.toml). Fehlt oder nicht lesbar; Zeile steht darunter.
    Ursache: von Hand geändert, Paket unvollständig.
    Abhilfe: Profil neu einspielen, Dienst neu starten.

# NotPermitted
fault-908-title = Dieses Benutzerkonto darf das nicht
fault-908-what = Auf diesem PC dürfen nur bestimmte Konten KV-FlexNet benutzen.
fault-908-do =
    Melden Sie sich am PC mit Ihrem eigenen Konto an.
    Fragen Sie sonst Ihren IT-Betreuer.
fault-908-desk =
    Ebene: PC, lokaler Socket. Konto ist weder das der aktiven Sitzung noch in der Gruppe kv-flexnet.
    Abhilfe: Konto in die Gruppe aufnehmen und neu anmelden.

# SetupRuns
fault-909-title = Die Installation läuft noch
fault-909-what = KV-FlexNet wird auf diesem PC gerade eingerichtet.
fault-909-do =
    Warten Sie, bis die Installation fertig ist. Dauer: etwa 5 Minuten.
    Starten Sie den PC neu, wenn sie nicht endet.
fault-909-desk =
    Ebene: PC, Programm. Setup oder Paketverwaltung läuft gerade.
    Frage: Wartet ein Fenster der Installation auf eine Antwort?

# BadRequest
fault-910-title = Fenster und Dienst verstehen sich nicht
fault-910-what = Der Dienst hat eine Nachricht nicht verstanden. Es wurde nichts gesendet.
fault-910-do =
    Beenden Sie KV-FlexNet und starten Sie es neu.
    Hilft das nicht, rufen Sie bitte an.
fault-910-desk =
    Ebene: PC, lokales Protokoll. Nachricht ohne Sinn; Einzelheit darunter.
    Ursache: fremdes Programm am Socket oder ein Mangel von KV-FlexNet. Bitte melden.

# NotOnThisSystem
fault-911-title = Auf diesem System noch nicht
fault-911-what = Dieser Teil von KV-FlexNet ist für das Betriebssystem dieses PCs noch nicht fertig.
fault-911-do = Fragen Sie Ihre KV, welche Systeme schon gehen.
fault-911-desk = Ebene: Programm. Für dieses Betriebssystem nicht gebaut; der Teil steht darunter.

# Busy
fault-912-title = Bitte einen Moment
fault-912-what = KV-FlexNet ist noch mit etwas beschäftigt.
fault-912-do = Warten Sie kurz und versuchen Sie es noch einmal.
fault-912-desk = Ebene: Dienst. Ein anderer Vorgang läuft; er steht darunter.

# Internal
fault-999-title = Das hätte nicht geschehen dürfen
fault-999-what = In KV-FlexNet ist etwas schiefgegangen. Es liegt nicht an Ihnen.
fault-999-do =
    Versuchen Sie es noch einmal.
    Geschieht es wieder, rufen Sie bitte an und nennen Sie den Code.
fault-999-desk =
    Ebene: Programm. Mangel von KV-FlexNet; Einzelheit darunter.
    Bitte mit Fassung und Zeitpunkt melden.
