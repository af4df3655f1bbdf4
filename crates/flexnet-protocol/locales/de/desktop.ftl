# Words of the desktop application outside the ui: the portal window.

portal-window-title = Mitgliederportal – { $organisation }

portal-tools = Portal-Fenster
portal-tools-back = Zurück
portal-tools-reload = Neu laden
portal-tools-smaller = Kleiner
portal-tools-larger = Größer
portal-tools-print = Drucken

portal-choose-title = Datei auswählen
portal-choose-open = Auswählen
portal-choose-cancel = Abbrechen

portal-trouble-title = Das Mitgliederportal antwortet nicht
portal-trouble-what = Die Seite ließ sich nicht laden. Versuchen Sie es nach einer Minute noch einmal.
portal-trouble-call = Dauert es länger als 15 Minuten, rufen Sie bitte den { $desk } an: { $phone }.
portal-trouble-code = Code
portal-trouble-again = Jetzt neu laden
