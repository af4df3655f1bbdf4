# Words of the desktop application outside the ui: the portal window.

portal-window-title = Member portal – { $organisation }

portal-tools = Portal window
portal-tools-back = Back
portal-tools-reload = Reload
portal-tools-smaller = Smaller
portal-tools-larger = Larger
portal-tools-print = Print

portal-choose-title = Choose a file
portal-choose-open = Choose
portal-choose-cancel = Cancel

portal-trouble-title = The member portal does not answer
portal-trouble-what = The page could not be loaded. Please try once more after a minute.
portal-trouble-call = If this lasts longer than 15 minutes, please call the { $desk }: { $phone }.
portal-trouble-code = Code
portal-trouble-again = Load again now
