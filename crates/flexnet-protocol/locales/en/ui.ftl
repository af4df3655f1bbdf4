# Words of the main window. Texts of faults are in faults.ftl.

# Where long words may break.
ui-hyphens = admin|istrator operating|-system

# Times
time-clock = { $time }
time-unit = { "" }
time-today = today
time-yesterday = yesterday
time-tomorrow = tomorrow
time-day = { $weekday }, { $day } { $month }
day-mon-short = Mon
day-tue-short = Tue
day-wed-short = Wed
day-thu-short = Thu
day-fri-short = Fri
day-sat-short = Sat
day-sun-short = Sun
day-mon-long = Monday
day-tue-long = Tuesday
day-wed-long = Wednesday
day-thu-long = Thursday
day-fri-long = Friday
day-sat-long = Saturday
day-sun-long = Sunday
span-short = { $first }–{ $last }
span-long = { $first } to { $last }
hours-short = { $days } { $from }–{ $to }
hours-long = { $days } { $from } to { $to } o’clock
hours-holidays = not on public holidays
seconds = { $count ->
    [one] 1 second
   *[other] { $count } seconds
}
minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
in-seconds = { $count ->
    [one] in 1 second
   *[other] in { $count } seconds
}
just-now = now

# Bar, foot, menu
menu = Menu
menu-settings = Settings
menu-token = Token help
menu-token-lost = Token lost
menu-access = Which access suits me?
menu-repair = Repair
menu-about = About KV-FlexNet
menu-quit = Quit KV-FlexNet
help = Help
back = Back
close = Close
cancel = Cancel
change = Change
code = Code
phone = Telephone number
connection = Connection
session = Session
way-pc = This PC
way-portal = Member portal
starting-title = KV-FlexNet is starting

# First start
first-title = Safely into the member portal
first-what = KV-FlexNet builds a secured connection from this PC to your KV.
first-need = What you need
first-need-name = User name and password of “meine KVid”
first-need-token = Your token. It shows a TAN at the press of a button, usually six digits.
first-need-pc = A single PC: at home, or in the practice and separate from its network
first-go = Go to sign-in

# Sign-in
sign-in-title = Sign in
sign-in-hello = Welcome back
sign-in = Sign in
username = User name
username-missing = Please enter your user name.
username-is-number = This looks like your LANR or BSNR. We need the user name of “meine KVid”.
password = Password
password-missing = Please enter your password of “meine KVid”.
password-kept = kept on this PC
password-show = Show password
caps-lock = Caps Lock is on.
tan = TAN
tan-where = Where is my TAN?
tan-hint = Press the button on your token and type the digits.
tan-again = A new TAN please: press the button again, or wait until it changes.
tan-missing = Please enter the TAN of your token.
tan-digits = A TAN has digits only.
tan-short = { $count ->
    [one] The TAN has at least 6 digits. 1 more to go.
   *[other] The TAN has at least 6 digits. { $count } more to go.
}
tan-long = The TAN has 8 digits at most.
remember-username = Remember user name
keep-password = Remember password
attempts-left = { $count ->
    [one] 1 attempt left
   *[other] { $count } attempts left
}
refused-what = Name, password or TAN was not right. To protect your access we do not say which.
nothing-sent = Nothing was sent yet. No attempt was used.

# Halt after the fourth
halt-title = Please pause for a moment
halt-what = You have one attempt left. If it is wrong too, your access is locked. A call first saves you that.
halt-often = Often it is this
halt-caps = Caps Lock was on.
halt-token = The TAN came from somebody else’s token.
halt-portal = It was the portal’s password. Here it is the one of “meine KVid”.
halt-use = Use the last attempt anyway

# Being connected
connecting-title = One moment please
connecting-what = This usually takes a few seconds only.
connecting-limit = If it does not work, we tell you why.
step-done = done:
step-now = running:
step-later = to come:
step-gateway-do = Reach the access of your KV
step-gateway-done = Access of your KV reached
step-sign-in-do = Check the sign-in
step-sign-in-done = Sign-in confirmed
step-tunnel-do = Build the secured connection
step-tunnel-done = Secured connection stands
step-portal-do = Wait for the member portal
step-portal-done = Member portal reached

# A sign-in from the browser
identity-title = Is this you?
identity-opens = This link opens the access of
identity-unnamed = This link opens an access. Your KV does not say for whom. Only “Yes” if you signed in yourself in the browser just now.
identity-other = If in doubt, “No”. Somebody may have sent you a link of their own.
identity-yes = Yes, this is me
identity-no = No
confirm-title = Does the browser show the same number?
confirm-back = Go back to the web page of your KV.
confirm-yes = If it shows { $digits } too, confirm there.
confirm-other = Another number, or none? Cancel and call the { $desk }: { $phone }.
confirm-other-bare = Another number, or none? Cancel and call your KV.
confirm-left = { $count ->
    [0] The time is nearly over. After that, sign in on the web page again.
    [one] Good for 1 more second. After that, sign in on the web page again.
   *[other] Good for { $count } more seconds. After that, sign in on the web page again.
}

# Connected
connected-title = Connected
connected-as = as { $name }
connected-until = Connected, until { $time } at the latest.
since = Since
until = Until at the latest
traffic = Traffic, last 5 minutes
round-trip = Response time
round-trip-value = { $ms } ms, { $pace }
pace-good = good
pace-slow = slow
pace-very-slow = very slow
last-sign-in = Last sign-in: { $day }, { $time }, { $from }.
same-network = from the same line
other-network = from another line
first-sign-in = This is your first sign-in with KV-FlexNet.
failures-before = Before that
wrong-entries = { $count ->
    [one] 1 wrong entry
   *[other] { $count } wrong entries
}
not-me = This was not me
open-portal = Open member portal
open-portal-anyway = Open portal
sign-out = Sign out

# This was not me
not-me-title = How to secure your access
not-me-what = Perhaps it was a slip of your own. If not, two steps help.
not-me-end = End the session
not-me-end-what = There is only ever one session. After this none is open.
not-me-call = Call the IT-ServiceDesk
not-me-call-what = Ask for a new password.
not-me-elsewhere = Was it you, at another PC? Then all is well. If not, please call at once.
not-me-desk-ends = Have the other session ended
not-me-desk-ends-what = The IT-ServiceDesk sees it and closes it while you are on the telephone.
not-me-was-me = It was me after all

# An end that is near
ends-in = In { $figure }
seconds-unit = { $count ->
    [one] second
   *[other] seconds
}
minutes-unit = { $count ->
   *[other] minutes
}
ends-at = The session ends at { $time }. Please save until then.
ends-idle-title = Are you still there?
ends-idle-what = we will sign you out. You have not used the portal for a while.
ends-idle-click = One click is enough. You need no new TAN.
ends-idle-kept = What you have typed in the portal stays then.
ends-absolute-title = Please save now
ends-absolute-what = your session ends. It lasts until { $time } at most and cannot be prolonged.
ends-absolute-then = After that you sign in again with a new TAN. It takes less than 1 minute.
stay-connected = Stay connected
show-portal = Show the portal
to-portal-and-save = Go to the portal and save
sign-out-now = Sign out now
detour = Your network blocks the direct way. We take a detour that is just as secure.

# Interrupted
reconnecting-title = Connection interrupted
reconnecting-what = We are restoring it. There is nothing you need to do, not even a new TAN.
silent-since = Interrupted for
next-try = Next try
reconnecting-longer = Does it take longer than 1 minute?
reconnecting-others = See whether other web pages work.
reconnecting-router = If not: switch the router off for 10 seconds.

# The end of a session
ending-title = You are being signed out
ending-what = We are ending the connection and tidying up. It takes just a moment.
ended-at = Ended
ended-why = Reason
ended-signed-out-title = You are signed out
ended-signed-out-what = The connection has ended. Saved files stay on the PC, everything else is deleted.
ended-signed-out-why = By you
ended-idle-title = Signed out after a pause
ended-idle-what = Nothing passed over the connection for some time. To protect your data we ended it.
ended-idle-why = Long pause
ended-absolute-title = The session has run out
ended-absolute-what = A session lasts for a limited time. A new TAN takes you on.
ended-absolute-why = Time is up
ended-newer-sign-in-title = You are signed out here
ended-newer-sign-in-what = Somebody has signed in anew with your name, password and token. There is only ever one session. If it was you, all is well.
ended-newer-sign-in-why = Newer sign-in
ended-desk-title = Your KV ended the session
ended-desk-what = The IT-ServiceDesk closed this session. You can learn why on the telephone.
ended-desk-why = By your KV
ended-token-lost-title = Your token is blocked
ended-token-lost-what = The token was reported lost. It opens nothing any more. If it was not you, please call at once.
ended-token-lost-why = Token blocked
sign-in-again = Sign in again

# The token is lost
lost-title = Report it at once
lost-what = A locked token opens nothing any more, even if somebody finds it.
lost-here = Lock it here at once
lost-sessions = All sessions with this token end, this one too.
lost-new = You will need a new token. It cannot be undone.
lost-go = Lock the token now
lost-or-call = Or call
lost-signed-out = It can be locked here only while you are signed in. By telephone it always can.
lost-sure = Really lock the token?
lost-sure-what = It will never open anything again, and you will be signed out. Save what is still open in the portal first.
lost-sure-go = Yes, lock it and sign out

# The token is out of step
resync = Bring the token into step
resync-title = Two TANs, one after the other
resync-what = If your KV does not always take the TANs, token and KV are out of step. Two TANs bring them together again.
resync-first = First TAN
resync-second = Second TAN
resync-wait = The next TAN of the same token. Press the button again; if it changes by itself, wait up to 30 seconds.
resync-same = This is still the same TAN. Wait for the next one.
resync-counts = The two TANs must follow each other directly. If they do not fit, that counts as one attempt.
resync-go = Bring into step
resync-lost = Token lost?
resync-done = Your token is in step again
resync-done-what = Nothing else to do. The two TANs are used up; take a new one for your next sign-in.
resync-signed-out = Without being signed in
resync-signed-out-what = It can be done here only while you are signed in. Otherwise the IT-ServiceDesk does it with you on the telephone.
resync-signed-out-steps =
    Take the token in your hand and call.
    Say that its TANs are not accepted any more.
    Read out two TANs that follow each other directly.
token-row-refused = The TAN is not accepted

# Locked
locked-ready = Have ready
locked-also = Also
locked-token = Your token
locked-call = The call takes about 5 minutes. Nobody will ask for your password.
locked-open-again = My access is open again

# It did not work
what-to-do = What you can do
unsent = Your password was not sent. No attempt was used.
counted-no = No attempt was used.
counted-yes = This TAN is used up. You need a new one for the next try.
counted-unknown = We do not know whether an attempt was used: the answer never came. Take a new TAN.
back-to-sign-in = Back to sign-in
for-desk = For the IT-ServiceDesk
away-again = We look again every second. As soon as it works, this window goes on by itself.
maintenance-until = Maintenance until { $time }
maintenance-day = Expected to be done: { $day }, { $time }.

# The desk
desk-title = { $desk } of your KV
desk-call = Call { $phone }
desk-open = Open now, until { $time }
desk-opens = Closed. Opens again { $time }
desk-closed = Closed at present

# Read aloud
read = Read out
read-code = Read out the code, large print
read-phone = Read out the number, large print
read-code-title = Read out the code
read-code-what = Read these signs out on the telephone, from left to right. For example: “K{"\u00A0"}as{"\u00A0"}in{"\u00A0"}Kilo”.
read-phone-title = Read out the number
read-phone-what = The number in large print, digit by digit.
read-check-code-title = Read out the check code
read-check-code-what = Read these signs out on the telephone, from left to right.
read-number-title = Read out the report number
read-number-what = Read these digits out on the telephone, from left to right.
read-aloud = Speak it
spell-as = { $sign } as in { $word }
spell-a = Alfa
spell-b = Bravo
spell-c = Charlie
spell-d = Delta
spell-e = Echo
spell-f = Foxtrot
spell-g = Golf
spell-h = Hotel
spell-i = India
spell-j = Juliett
spell-k = Kilo
spell-l = Lima
spell-m = Mike
spell-n = November
spell-o = Oscar
spell-p = Papa
spell-q = Quebec
spell-r = Romeo
spell-s = Sierra
spell-t = Tango
spell-u = Uniform
spell-v = Victor
spell-w = Whiskey
spell-x = X-ray
spell-y = Yankee
spell-z = Zulu
spell-0 = zero
spell-1 = one
spell-2 = two
spell-3 = three
spell-4 = four
spell-5 = five
spell-6 = six
spell-7 = seven
spell-8 = eight
spell-9 = nine
spell-plus = plus

# Messages
saved = “{ $name }” is now in the Downloads folder.
saved-not = “{ $name }” did not arrive completely. Please load it again.
show-folder = Open folder
leave-title = End the session?
leave-what = You are still connected. Closing KV-FlexNet ends the connection too.
leave-stay = Stay connected
leave-go = Sign out and quit

# Settings
settings-start = Start and sign-in
settings-look = Appearance
start-with-system = Start with the PC
keep-running = Stay connected when closed
keep-running-on = The session goes on until you sign out.
keep-running-off = On closing we ask, and then sign you out.
password-is-kept = Password is remembered
forget = Forget
choice-theme = Colours
choice-text_size = Text size
choice-language = Language
choice-system = as the operating system
choice-theme-light = light
choice-theme-dark = dark
choice-percent = { $percent }%
choice-language-de = Deutsch
choice-language-en = English

# About
about-version = Version { $version }
about-kv = Your KV
about-service = Service
about-service-runs = running, { $version }
about-service-away = does not answer
about-system = System
about-licence = Licence
about-what = KV-FlexNet connects a single PC with the member portal of your KV.
about-data = Password and TAN go to your KV only. The password stays on this PC only if you wish so.
about-copy = Copy these details
about-copied = Copied.

# Where does it hang?
diagnose = Where does it hang?
diagnose-go = Check where it hangs
the-way = The way
looking-title = We are walking the way
looking-what = From your PC to the member portal. It takes 15 seconds at most.
looking-progress = Progress
looking-done = { $done } of { $of }
looking-checks = checks done.
looking-next = Now: { $check }
looking-private = We look at this PC and its line only. We do not search other devices in your network. Nothing leaves the PC until you send it.
look-again = Check once more
place-pc-what = Clock, updates, virus scanner
place-network-what = Wi-Fi, cable, router
place-internet-what = Names and addresses
place-way-what = Safety of the line
place-sign-in-what = Your KV’s access
place-portal-what = The portal’s answer
point-good = in order
point-seen = looked at
point-now = running
point-wait = still to come
point-bad = it hangs here
point-care = please look
point-skipped = not checked
point-count = { $good } of { $looked } in order
point-here = It hangs here
point-please-look = Works, but please look
point-follows = Follows from the point before
point-without-session = Only after signing in
point-not-looked = Not checked this time
found-next = How to go on
found-later = To be done after that
found-hints = Please look at this as well
found-follows = Follows from it: { $codes }
free-title = The whole way is clear
free-to-sign-in-title = The way to the sign-in is clear
free-as-seen-title = As far as we could see, the way is clear
free-as-seen = The rest could not be checked this time.
free-what = { $all ->
    [yes] All { $looked } checks are in order.
   *[no] { $good } of { $looked } checks are in order. The others do not stop you.
}
free-sign-in = You can sign in.
free-checked = Checked just now
free-took = { $day }, { $time }. It took { $took }.
free-still = Something does not work nevertheless?
free-still-what = Then it is at a place that we cannot see from here. Do give us a call.

report-show = View the report
report = Report
report-shown-title = Everything that would be sent
report-making = The report is being written.
report-dated = Diagnosis of { $made }
report-about = About the report
report-in = This is in the report
report-in-verdict = What was found, and its code
report-in-pc = Operating system, virus scanner, network
report-in-events = The last events
report-out = This is not in it
report-out-names = Names, passwords, TANs
report-out-addresses = Addresses of PC and line
report-out-portal = Anything from inside the portal
check-code = Check code
check-code-what = By it the IT-ServiceDesk knows on the telephone exactly which report is meant.
check-code-of-report = Check code of the report
report-send = Send to the IT-ServiceDesk
report-sending = Being sent
report-show-number = Show the number
report-save = Save as a file
report-unsent = The report did not arrive
report-unsent-save = Save it as a file. On the telephone, code and check code are enough.
sent-title = The report has arrived
sent-what = Tell this number on the telephone:
sent-number = Report number { $number }
sent-kept = The IT-ServiceDesk then has the finding in front of them. The report is deleted on { $day }.
sent-large = Show the number large
done = Done
number = Report number

# Repair
repair-title = Tidy up this PC
repair-plan-title = { $count ->
    [0] Nothing to tidy up
    [one] One thing to tidy up
   *[other] { $count } things to tidy up
}
repair-plan-what = { $count ->
    [0] Nothing of an earlier session is left on this PC.
   *[other] An earlier session did not end cleanly. This is left of it:
}
repair-looking = We are looking what there is to tidy up.
repair-stays = Stays as it is
repair-left = { $count ->
    [one] One thing could not be tidied up.
   *[other] { $count } things could not be tidied up.
}
repair-unasked = KV-FlexNet’s service does not answer
repair-unasked-what = Without it we can neither look nor tidy up here.
repair-first = Sign out first, then tidy up
repair-first-what = While a session runs, everything stays as it is. Then tidy up here.
repair-safe = You need neither a sign-in nor the internet.
repair-files = Your files and settings stay as they are.
repair-time = It takes a few seconds only.
repair-go = Tidy up now
repair-done = All tidy
repair-nothing = Everything is fine
repair-partly = Something is left
repair-result = { $count ->
    [0] There was nothing to take back.
    [one] One change was taken back.
   *[other] { $count } changes were taken back.
}
repair-call = Restart the PC and tidy up once more. If it stays like this, please call.

# Help
help-search = Search the help
help-placeholder = What are you looking for?
help-clear = Clear the search
help-often = Often asked
help-results = Help: search
help-hits = { $count ->
    [0] Nothing found
    [one] 1 result
   *[other] { $count } results
}
help-not-found = Not here?
help-call = Do give us a call.
help-offline = The help is here without the internet too.

# Words that a search leaves out.
help-ignored-words = i my me we it he she a an the no not can cannot is are has have will and or to of in on at from with for by how what where why please more

help-locked-title = My access is locked
help-locked-text = After five wrong entries in a row your KV locks the access.
help-locked-steps =
    Call the IT-ServiceDesk. Nobody else can open the access.
    Have your user name and your token ready.
    After the call sign in with a new TAN.
help-locked-words = unlock lock five failed attempts right entries do not work

help-tan-title = The TAN is not accepted
help-tan-text = Each TAN works once only. Most often a new one simply helps.
help-tan-steps =
    Press the button on the token again and take the new TAN. If it changes by itself, wait up to 30 seconds.
    Type all the digits, zeros at the beginning too.
    Look at the back: is it really your token?
    If it fails twice, bring the token into step, or call.
help-tan-words = wrong invalid code digits out of step check replace

help-lost-title = I have lost my token
help-lost-text = Call at once. A blocked token opens nothing any more.
help-lost-steps =
    Lock it here while you are signed in, or call the IT-ServiceDesk.
    It is blocked at once. A running session with it ends.
    Ask for a new token.
help-lost-words = stolen theft gone broken battery empty block

help-password-title = My password is not accepted
help-password-text = Here it is the password of “meine KVid”, not the portal’s.
help-password-steps =
    See whether Caps Lock is on.
    Show the password with the eye in the field and read it.
    If you have forgotten it, call.
help-password-words = forgotten wrong reset change caps lock

help-portal-login-title = The portal asks once more
help-portal-login-text = The member portal has a sign-in of its own. That is as it should be.
help-portal-login-steps =
    Sign in to the portal with its own user name and password.
    KV-FlexNet does not see or keep these.
help-portal-login-words = twice second login double password portal

help-interrupted-title = The connection breaks off
help-interrupted-text = We restore it by ourselves. You do not need a new TAN for that.
help-interrupted-steps =
    See whether other web pages work.
    If not: switch the router off for 10 seconds.
    Use DSL or cable. Mobile connections and surf sticks are not supported.
help-interrupted-words = internet network offline wifi router slow interrupted

help-access-title = Which access suits me?
help-access-text = That depends on where your PC stands.
help-access-steps =
    At home: KV-FlexNet suits you.
    In the practice, PC wholly separate from its network: KV-FlexNet suits you.
    In the practice, PC inside its network: please use KV-SafeNet.
    You send eArztbriefe or use 1‑Click billing: you need KV-SafeNet for that.
help-access-words = VPN KV-SafeNet practice network router home KV-Connect

help-token-title = How to get the TAN
help-token-text = Your token shows the TAN at the press of its button.
help-token-steps =
    Press the round button on the token.
    Type all the digits, zeros at the beginning too.
    You may leave out blanks.
help-token-words = TAN generator button find where digits

help-attempts-title = How many attempts do I have?
help-attempts-text = Five. A right entry sets the count back.
help-attempts-steps =
    After each wrong entry we show how many attempts are left.
    After the fourth we stop and advise a call.
    After the fifth the access is locked.
help-attempts-words = attempts count five lock

help-antivirus-title = The virus scanner speaks up
help-antivirus-text = Some programs look into secured connections as well. Then we stop.
help-antivirus-steps =
    See in the message which program it is.
    Exempt KV-FlexNet from its check of secured connections.
    If you do not know where: ask your IT support, or call.
help-antivirus-words = antivirus firewall blocked read along security program exception

help-portal-silent-title = The portal does not answer
help-portal-silent-text = If the connection stands, it is usually not your PC.
help-portal-silent-steps =
    Wait a minute and open the portal again.
    If it takes longer than 15 minutes, call and give the code.
help-portal-silent-words = empty white page does not load portal

help-files-title = Where are my files?
help-files-text = What you load in the portal is in the Downloads folder.
help-files-steps =
    The window tells you when a file has arrived. “Open folder” takes you there.
    The files stay on the PC after you sign out.
help-files-words = download fees save folder

help-idle-title = I was signed out
help-idle-text = Every session ends after a long pause and when its time is up.
help-idle-steps =
    We ask shortly before. “Stay connected” goes on without a new TAN.
    Sign in again with a new TAN.
    There is only ever one session. A new sign-in ends the older one.
help-idle-words = pause time out automatic session ends

help-clock-title = The PC’s clock is wrong
help-clock-text = Then the secured connection cannot be checked, and we stop.
help-clock-steps =
    Set the time to “automatic” in the PC’s settings.
    Check the date and the time zone as well.
    Then sign in again.
help-clock-words = clock time date zone summer set

help-print-title = How do I print from the portal?
help-print-text = The portal’s window has a button for printing at the top.
help-print-steps =
    Open the page in the portal that you want to print.
    Choose the printer at the top, or press Ctrl and P.
    Print loaded files from the Downloads folder.
help-print-words = print printer printing paper

help-other-title = Another program disturbs the connection
help-other-text = Two secured connections at once often do not get along.
help-other-steps =
    Quit other programs that build a secured connection.
    Open “Repair” in the menu and tidy up.
    Sign in with a new TAN.
help-other-words = VPN remote access tunnel home office firewall

help-repair-title = Something fails after a crash
help-repair-text = The repair takes back what an earlier session changed.
help-repair-steps =
    Open “Repair” in the menu.
    Choose “Tidy up now”.
help-repair-words = crash leftovers tidy up internet no longer works

help-code-title = What does the code mean?
help-code-text = It tells the IT-ServiceDesk exactly what happened.
help-code-misread = The last digit does not fit this code. Please look at it once more.
help-code-steps =
    Open “Read out” beside the code.
    Read the signs out on the telephone from left to right.
help-code-words = KVF number error code spell read
