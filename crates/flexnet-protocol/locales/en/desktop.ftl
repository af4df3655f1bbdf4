# Words of the desktop application outside the ui: the portal window.

portal-window-title = Member portal – { $organisation }

# Told by the operating system, whatever window is in front.
remind-idle-title = Are you still there?
remind-idle-what = At { $time } we will sign you out. One click in the window of KV-FlexNet is enough, and you stay connected.
remind-absolute-title = Please save
remind-absolute-what = At { $time } your session ends. It cannot be prolonged.

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
