# Words of the gateway's pages for members. What the window says as well is taken from ui.ftl, faults from faults.ftl.
page-title = { $title } – KV-FlexNet
page-title-error = Error: { $title }
page-skip = Skip to content
page-areas = Sections
page-language = Language
page-download = Download
page-of = Access of { $organisation } to the member portal

# Sign-in
page-sign-in-what = Sign in here. KV-FlexNet then opens on this PC and builds the secured connection.
page-sign-in-go = Sign in now
page-need-program = The program KV-FlexNet on this PC.
page-need-get = Not there yet? Download it here
page-address = Enter your password only if the top of your browser shows exactly { $host }.
page-entry-trouble = Please look again
page-name-long = This user name is too long.
page-password-long = This password is too long.
page-again = Please send it once more: the page was older than its form. No attempt was used.

# Hand-off to the application
page-open-title = Open KV-FlexNet now
page-open-what = Your sign-in is right. The button opens KV-FlexNet on this PC. It works for one minute.
page-open-as = Signed in as { $name }.
page-open-go = Open KV-FlexNet
page-open-ask = If the browser asks, allow it to open.
page-open-next = What comes next
page-open-identity = KV-FlexNet asks whether you are { $name }. Say “Yes” there.
page-open-digits = Then KV-FlexNet shows two digits. This page shows them too.
page-open-confirm = If both are the same, confirm here.
page-open-connected = The connection stands and the member portal opens.
page-open-look = On to the two digits
page-open-waits = This page looks by itself.
page-nothing-title = Nothing opens?
page-nothing-what = Then KV-FlexNet is probably not installed on this PC yet.
page-nothing-get = Download KV-FlexNet
page-nothing-tan = After that, sign in with a new TAN. This one is used up.

page-compare-title = Does KV-FlexNet show { $digits }?
page-compare-what = Look at the window of KV-FlexNet on this PC. If it still asks whether you are { $name }, say “Yes” there first.
page-compare-yes = Yes, connect
page-compare-no = No, this was not me
page-compare-care = Another number, or none at all? Then choose “No”. Never confirm because somebody on the telephone asks you to.

page-done-title = Confirmed
page-done-what = KV-FlexNet is now building the secured connection. You can close this page.
page-done-portal = The member portal asks for its own user name and password. That is as it should be.

page-refused-title = Not connected
page-refused-what = There is no connection, and the link is void.
page-refused-call = Did you neither choose “No” here nor cancel in KV-FlexNet, or did KV-FlexNet show another number? Then please call at once: somebody may know your password.

page-expired-title = Time has run out
page-expired-what = Too much time passed between sign-in and confirmation. There is no connection.
page-expired-next = You need a new TAN for the next try.

# Download
page-get-title = Download KV-FlexNet
page-get-what = Once it is installed on your PC, KV-FlexNet signs you in without this page as well.
page-get-yours = Fits this PC
page-get-for = For { $system }
page-get-others = For other operating systems
page-get-go = Download
page-get-file = File
page-get-version = Version
page-get-size = Size
page-get-sum = SHA-256
page-get-megabytes = { $size } MB
page-get-kilobytes = { $size } kB
page-get-steps = What to do next
page-get-steps-windows =
    Open the downloaded file, only once. It takes a few seconds before the installation begins.
    Agree when Windows asks for administrator rights.
    Open KV-FlexNet and sign in with a new TAN.
page-get-steps-macos =
    Open the downloaded file, only once.
    Enter an administrator’s password when macOS asks for it.
    Open KV-FlexNet and sign in with a new TAN.
page-get-steps-linux =
    Open the downloaded file with your software manager. For Debian and Ubuntu take the file ending in .deb, for Fedora and openSUSE the one ending in .rpm.
    Enter an administrator’s password.
    Open KV-FlexNet and sign in with a new TAN.
page-get-missing = There is nothing for { $system } here at present. The IT-ServiceDesk can help.
page-get-nothing = There is nothing here at present. The IT-ServiceDesk can help.
page-get-phone = KV-FlexNet does not run on telephones and tablets. Open this page on the PC that you want to connect.
page-get-check = Did the file arrive unchanged?
page-get-check-what = Your IT support can check: this command must show exactly the SHA-256 above.
page-system-windows = Windows
page-system-macos = macOS
page-system-linux = Linux

# Help
page-help-title = Help with signing in
page-help-lost-steps =
    Call the IT-ServiceDesk and report the token lost.
    If you are connected, you can block it in the window of KV-FlexNet as well.
    It opens nothing any more then. A session that runs with it ends.
    Ask for a new token.
page-help-tan-steps =
    Press the button on the token again and take the new TAN. If it changes by itself, wait up to 30 seconds.
    Type all digits, zeros at the beginning too.
    Look at the back: is it really your token?
    If it fails twice, call. The IT-ServiceDesk checks the token or replaces it.

# What is not there, not allowed or not possible
page-lost-title = There is no such page
page-lost-what = The address may have been mistyped.
page-foreign-title = That did not come from this page
page-foreign-what = Your browser sent a form of another site. We took no notice of it. No attempt was used.
page-bad-title = That does not work
page-bad-what = Your request could not be read. No attempt was used.
page-home = Go to sign-in

# Months, for a desk that opens more than a week ahead.
page-month-1 = January
page-month-2 = February
page-month-3 = March
page-month-4 = April
page-month-5 = May
page-month-6 = June
page-month-7 = July
page-month-8 = August
page-month-9 = September
page-month-10 = October
page-month-11 = November
page-month-12 = December
