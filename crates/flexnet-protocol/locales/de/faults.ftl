# What the catalogue of faults says: to the member a headline, what it means and what to do; to the desk layer, cause and question.
# One line of -do is one step. That the password was not sent is said by the window itself, where it is known (area 4).

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
