# Texts of the service desk's web console. For people who work with it.

console-title = KV-FlexNet console
console-skip = Skip to content
console-nav = Sections
console-nav-find = Members
console-nav-report = Reports
console-nav-tokens = Token stock
console-nav-audit = Audit
console-foot = Everything you do is in the audit under your name. Nobody sees passwords, TANs or token seeds here.
console-sign-out = Sign out
console-role-desk = Service desk
console-role-token_officer = Token officer
console-role-auditor = Auditor
console-done = Done:
console-care = Please note:
console-back = Back to the first page

# Pages for what cannot be
console-not-found = There is no such page
console-not-found-text = Nothing is at this address. The account may have been erased meanwhile.
console-bad = That does not work
console-bad-text = The request could not be understood. Nothing was changed.
console-unavailable = The gateway does not answer at the moment
console-unavailable-text = Whether it was done is not known. Please look again in a moment.
console-foreign = This form comes from elsewhere
console-foreign-text = The browser does not say that it comes from this console. Nothing was changed.
console-role = Your role is not there for this
console-role-text = Nothing was changed. Roles are given by the gateway's administrators.

# Sign-in
console-entry-title = Sign in
console-entry-lead = For staff of the KV. Members do not sign in here.
console-entry-failed = Not signed in:
console-entry-wrong = User name, password or TAN is wrong.
console-entry-locked = This access is locked. Only the gateway's administrators can open it.
console-entry-shape = A TAN has six to eight digits, and no field may be empty. No attempt was counted.
console-entry-busy = Too many people are signing in at the moment. Please try again shortly. No attempt was counted.
console-entry = Sign in
console-username = User name
console-password = Password
console-tan = TAN from the token
console-tan-hint = Six to eight digits; blanks do not matter.

# Find a member
console-find-title = Find a member
console-find-label = Name, user name or address of the session
console-find-hint = A part will do, from two characters on. An address such as 10.200.0.7 finds who has it now.
console-find = Search
console-find-locked = Show everyone locked
console-find-short = Please type at least two characters.
console-hits = { $count ->
    [0] Nobody found
    [1] 1 member found
   *[other] { $count } members found
}
console-hits-more = More than 50 found. These are the first; please search more closely.

# A member
console-standing = Status
console-account = Account
console-on = on
console-off = switched off
console-access = Access
console-locked = locked
console-open = open
console-left = { $count ->
    [0] No attempt left
    [1] 1 attempt left
   *[other] { $count } attempts left
}
console-last-sign-in = Last sign-in
console-from = from network { $network }
console-never = never
console-created = Account since

console-unlock-title = Unlock the access
console-unlock-text = Five attempts are free again afterwards. No password is changed by it.
console-reason = Reason
console-reason-hint = Goes into the audit, 200 characters at most. Never a password or a TAN.
console-verified = Caller verified
console-unlock = Unlock

console-sessions = Open sessions
console-no-sessions = None at the moment.
console-since = Since
console-network = Network
console-addresses = Addresses in the tunnel
console-active = Last used
console-until = Until at most
console-act = Action
console-end-session = End session

console-tokens = Tokens
console-no-tokens = The member has no token.
console-serial = Serial number
console-kind = Kind
console-kind-hotp = by button
console-kind-totp = by clock
console-state = State
console-token-active = in use
console-token-lost = lost
console-token-withdrawn = withdrawn
console-token-stock = in stock
console-last-use = Last used
console-counter = { $count ->
    [1] 1 TAN spent
   *[other] { $count } TANs spent
}
console-lost = Report as lost
console-lost-text = The token will open nothing any more, and all of the member's sessions end. This cannot be taken back.
console-lost-now = Yes, block the token

console-assign-title = Give out a token
console-serial-hint = As printed on the device. The token must be in stock.
console-assign = Give out

console-resync-title = Resynchronise a token
console-resync-text = Ask for two TANs that the token has shown one after the other. A wrong try counts towards the lock.
console-first = First TAN
console-second = Second TAN
console-resync = Resynchronise

console-history = History
console-no-history = Nothing yet.
console-when = When
console-what = What
console-who = Who
console-whom = Concerns
console-actor-member = the member
console-actor-gateway = the gateway
console-actor-staff = somebody at the console's sign-in

# How something ended
console-note-unlocked = The access is unlocked.
console-note-was-open = The access was not locked. The count starts anew.
console-note-reason-missing = To unlock, give a reason (200 characters at most) and tick “Caller verified”. Nothing was changed.
console-note-session-ended = The session is ended.
console-note-no-session = This session is not there any more.
console-note-token-lost = The token is blocked, the sessions are ended.
console-note-no-token = The member has no such token. Nothing was changed.
console-note-token-assigned = The token is given out.
console-note-not-in-stock = No token with this serial number is in stock. Nothing was changed.
console-note-in-step = The token is in step again. Both TANs are spent.
console-note-not-in-step = No token of the member fits these two TANs. The attempt was counted.
console-note-resync-locked = The access is locked. Please unlock it first.
console-note-tan-shape = A TAN has six to eight digits. No attempt was counted.
console-note-accepted = The tokens are in stock now.
console-note-refused = The delivery is refused and deleted.
console-note-own-import = Who brings a delivery cannot let it in.
console-note-no-import = This delivery does not wait any more.
console-note-taken = One of the serial numbers is there already. Nothing was let in.

# Report
console-report-title = Read a report
console-report-text = From a report or a code read aloud: what the member's window says and what you need to know. Nothing of it is kept.
console-report-paste = Text of the report, or a code
console-report-file = or the file
console-report-read = Read
console-report-found = { $count ->
    [0] No code found
    [1] 1 code found
   *[other] { $count } codes found
}
console-report-unknown = No code of this catalogue. Perhaps misread, or the program is newer:
console-report-explained = Follows from { $code }. Mend that first.
console-report-member = The member reads
console-label-cause = Cause
console-label-question = Ask
console-cause = Likely cause
console-question = Next question

# Reports
console-reports-title = Reports
console-reports-label = Number, check code or fault code
console-reports-hint = The number has five digits, the check code eight characters, a fault code begins with KVF. Upper and lower case, blanks and hyphens are the same.
console-reports-misheard = That does not fit together. Please have it read aloud once more.
console-reports-no-fault = There is no such fault code. Perhaps the program is newer than the gateway.
console-reports-neither = That is no number, no check code and no fault code.
console-reports-not-kept = There is no such report here. Perhaps it was not sent, or its 30 days are over.
console-reports-gone = There is no such report
console-reports-gone-text = Perhaps its 30 days are over, or the number is another one.
console-reports-several = Several reports with this check code
console-reports-kept = Reports sent in
console-reports-none = None at the moment.
console-reports-number = Number
console-reports-received = Received
console-reports-verdict = Verdict
console-reports-code = Check code
console-reports-good = no fault found
console-sheet-title = Report { $number }
console-sheet-file = Report from a file
console-sheet-forged = The signature does not fit: this report was changed. Rely on nothing that stands in it.
console-sheet-good = The diagnosis found nothing that stops the connection.
console-sheet-hints = Look at this as well
console-sheet-later = Mend this next
console-sheet-explained = Follows from the verdict
console-sheet-subject = Concerns
console-sheet-way = The way
console-sheet-facts = Everything that was seen
console-sheet-identity = By what this report is known
console-sheet-rendering = Only the report that lies sealed in the file, and stands here, was checked. What the file itself displays the console cannot check. This report is not kept.
console-sheet-signature = Signature
console-sheet-right = right
console-sheet-wrong = wrong
console-sheet-key = Key of the installation
console-sheet-known = Key known since
console-sheet-unknown = not seen yet among the reports sent in
console-sheet-made = Made (by the PC’s clock)
console-sheet-version = Version of the program
console-sheet-until = Deleted on
console-sheet-back = To all reports
console-fact = Fact
console-seen = Seen
console-facts-cut = The report is longer. What is missing is shown by “admin reports show” on the gateway, or by the file.
console-point = Point
console-checks = Checks without findings
console-checks-good = { $good } of { $looked }
console-place-pc = The PC
console-place-network = Network and router
console-place-internet = Internet
console-place-way = Way to the gateway
console-place-sign-in = Sign-in and tunnel
console-place-portal = Portal
console-point-good = in order
console-point-care = please look
console-point-broken = here it breaks
console-point-open = not judged

# Token stock
console-tokens-title = Token stock
console-imports = Deliveries that wait for a second person
console-imports-hint = A delivery is read in on the gateway. Somebody else must let it in.
console-no-imports = None at the moment.
console-import-count = { $count ->
    [1] 1 token
   *[other] { $count } tokens
}
console-import-by = Brought by { $name }, { $time }
console-import-hash = Checksum of the file (SHA-256):
console-import-own = You brought this delivery. Somebody else must let it in.
console-serials = Serial numbers
console-accept = Let in
console-refuse = Refuse
console-stock = { $count ->
    [0] No token in stock
    [1] 1 token in stock
   *[other] { $count } tokens in stock
}
console-stock-hint = A token is given out on the member's page. At most 200 are shown here.

# Audit
console-audit-title = Audit
console-audit-none = Nothing found.
console-number = No.
console-gateway = Gateway
console-erased = erased
console-any = everything
console-from-day = From
console-to-day = To
console-filter = Filter
console-older = Show older
console-verify = Verify the chain
console-verify-title = Verification of the chain
console-verify-sound = The chain is sound.
console-verify-rows = Rows verified: { $rows }.
console-verify-cut = Deleted in time up to no.
console-verify-last = Last row
console-verify-hash = Its hash
console-verify-broken = The chain is broken.
console-verify-limit = What this cannot see: a whole older database. So keep number and hash of the last row somewhere else.
console-verify-back = Back to the audit
console-broken-missing = Row { $row } is missing.
console-broken-surplus = Row { $row } stands behind the sealed end.
console-broken-previous = Row { $row } does not follow the one before it.
console-broken-changed = Row { $row } was changed.
console-broken-personal = In row { $row } name, network or note was changed or taken away.
console-broken-end = Row { $row } is not the end that was sealed.
console-broken-seal = The end was changed from outside (at row { $row }).
console-broken-anchor = Row { $row } is not as it was kept elsewhere.
console-broken-no-head = The end of the chain is missing.

console-event-attempt = Sign-in attempt
console-event-lock = Access locked
console-event-unlock = Access unlocked
console-event-token-added = Token added
console-event-token-lost = Token reported lost
console-event-tokens-brought = Delivery of tokens brought
console-event-tokens-accepted = Delivery let in
console-event-tokens-refused = Delivery refused
console-event-token-assigned = Token given out
console-event-token-withdrawn = Token withdrawn
console-event-token-resynchronised = Token resynchronised
console-event-session-started = Session started
console-event-session-extended = Session extended
console-event-session-resumed = Session resumed
console-event-session-ended = Session ended
console-event-account-added = Account added
console-event-password-changed = Password changed
console-event-account-disabled = Account switched off
console-event-account-enabled = Account switched on
console-event-account-erased = Account erased
console-event-keys-rotated = Keys rotated
console-event-restored = Database restored
console-event-clock-accepted = Clock accepted
console-event-audit-resealed = Audit sealed anew
console-event-report-shown = Report opened
console-event-report-deleted = Report deleted
console-event-staff-attempt = Attempt to sign in to the console
console-event-staff-lock = Access to the console locked
console-event-staff-unlock = Access to the console unlocked
console-event-staff-signed-out = Signed out of the console
console-event-staff-added = Member of staff added
console-event-staff-password-changed = Password for the console changed
console-event-staff-disabled = Access to the console switched off
console-event-staff-enabled = Access to the console switched on
console-event-handoff-redeemed = Hand-off to the program begun
console-event-handoff-confirmed = Hand-off confirmed
console-event-handoff-refused = Hand-off refused
console-event-maintenance = Maintenance

console-detail-accepted = accepted
console-detail-abandoned = abandoned, counted as wrong
console-detail-refused-no-such-name = refused: no such name
console-detail-refused-account-disabled = refused: account switched off
console-detail-refused-locked-or-changed-meanwhile = refused: locked or changed meanwhile
console-detail-refused-tan = refused: TAN
console-detail-refused-password = refused: password
console-detail-refused-password-and-tan = refused: password and TAN
console-detail-refused-resynchronisation = refused: resynchronisation
console-detail-not-decided-no-address-is-left = not decided: no address left
console-detail-not-decided-another-session-has-this-key = not decided: key taken
console-detail-not-decided-the-gateway-failed = not decided: the gateway failed
console-detail-was-not-locked = was not locked
console-detail-caller-verified = caller verified
console-detail-signed-out = signed out
console-detail-idle = not used
console-detail-absolute = longest duration reached
console-detail-newer-sign-in = newer sign-in
console-detail-desk = by the service desk
console-detail-token-lost = token lost
console-detail-hotp = by button
console-detail-totp = by clock
console-detail-auditor = auditor
console-detail-token-officer = token officer
console-detail-accepted-on-the-page = accepted on the page
console-detail-accepted-resynchronisation = accepted: resynchronisation
console-detail-not-decided = not decided
console-detail-not-decided-a-foreign-server-gave-no-verdict = not decided: a foreign server gave no verdict
console-detail-refused-resynchronisation-of-a-lost-token = refused: resynchronisation of a lost token
console-detail-from-another-network-than-the-page = from another network than the page
console-detail-by-the-member = by the member
console-detail-a-second-application = a second application
console-detail-account-disabled-meanwhile = account switched off meanwhile
console-detail-locked-meanwhile = locked meanwhile
console-detail-none-of-ours = none of ours
console-detail-on = on
console-detail-off = off
console-told-import = import { $first }, tokens: { $second }
console-told-until = on until { $first }
console-told-key = key { $first }
console-told-later = tokens by button go on by { $first } TANs
console-told-void = times up to { $first } seconds ahead are void
console-detail-in-the-application = in the application
