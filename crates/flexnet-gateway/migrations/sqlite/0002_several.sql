-- Tokens in stock and of staff, the service desk, hand-off from the browser, several gateways over one database, the end of the audit.

CREATE TABLE staff (
    id           INTEGER PRIMARY KEY,
    username     TEXT    NOT NULL UNIQUE,
    display_name TEXT    NOT NULL,
    password     TEXT    NOT NULL,
    role         TEXT    NOT NULL CHECK (role IN ('desk', 'token_officer', 'auditor')),
    state        TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    created      INTEGER NOT NULL,
    last_sign_in INTEGER
) STRICT;

CREATE TABLE staff_session (
    id          INTEGER PRIMARY KEY,
    token_hash  BLOB    NOT NULL UNIQUE,
    staff       INTEGER NOT NULL REFERENCES staff (id),
    network     TEXT    NOT NULL,
    started     INTEGER NOT NULL,
    last_active INTEGER NOT NULL,
    ended       INTEGER
) STRICT;

-- drift: steps by which the token's clock is ahead, as learned (TOTP only).
CREATE TABLE token_new (
    id         INTEGER PRIMARY KEY,
    account    INTEGER REFERENCES account (id),
    staff      INTEGER REFERENCES staff (id),
    serial     TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL CHECK (kind IN ('hotp', 'totp')),
    algorithm  TEXT    NOT NULL CHECK (algorithm IN ('sha1', 'sha256', 'sha512')),
    digits     INTEGER NOT NULL CHECK (digits BETWEEN 6 AND 8),
    period     INTEGER NOT NULL CHECK (period > 0),
    seed       BLOB    NOT NULL,
    last       INTEGER NOT NULL DEFAULT -1,
    drift      INTEGER NOT NULL DEFAULT 0,
    state      TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('stock', 'active', 'lost', 'withdrawn')),
    created    INTEGER NOT NULL,
    CHECK (account IS NULL OR staff IS NULL),
    CHECK (state <> 'active' OR account IS NOT NULL OR staff IS NOT NULL),
    CHECK (state <> 'stock' OR (account IS NULL AND staff IS NULL))
) STRICT;
INSERT INTO token_new (id, account, serial, kind, algorithm, digits, period, seed, last, state, created)
    SELECT id, account, serial, kind, algorithm, digits, period, seed, last, state, created FROM token;
DROP TABLE token;
ALTER TABLE token_new RENAME TO token;
CREATE INDEX token_account ON token (account);
CREATE INDEX token_staff ON token (staff);

-- Tokens that one person has brought and another must let in. tokens: sealed.
CREATE TABLE token_import (
    id         INTEGER PRIMARY KEY,
    file_hash  BLOB    NOT NULL,
    tokens     BLOB,
    count      INTEGER NOT NULL,
    brought_by TEXT    NOT NULL,
    brought    INTEGER NOT NULL,
    judged_by  TEXT,
    judged     INTEGER,
    state      TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'accepted', 'refused')),
    CHECK (judged_by <> brought_by),
    CHECK ((state = 'waiting') = (judged_by IS NULL))
) STRICT;

-- A sign-in on a page that an application is to continue. Ticket and page's cookie are kept as hashes, the answer sealed.
-- body: keyed hash of the request that redeemed it; only the same request again gets the answer.
CREATE TABLE ticket (
    hash            BLOB    PRIMARY KEY,
    page_hash       BLOB    NOT NULL UNIQUE,
    account         INTEGER NOT NULL REFERENCES account (id),
    guard           BLOB    NOT NULL,
    network         TEXT    NOT NULL,
    created         INTEGER NOT NULL,
    expires         INTEGER NOT NULL,
    failures_before INTEGER NOT NULL,
    state           TEXT    NOT NULL DEFAULT 'issued' CHECK (state IN ('issued', 'redeemed', 'confirmed', 'refused', 'used')),
    digits          INTEGER,
    body            BLOB,
    answer          BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_expires ON ticket (expires);

-- Which gateway holds the peer of a session, and evaluates an attempt. Empty: the one gateway of the time before there could be several.
ALTER TABLE session ADD COLUMN gateway TEXT NOT NULL DEFAULT '';
ALTER TABLE attempt ADD COLUMN gateway TEXT NOT NULL DEFAULT '';
CREATE INDEX session_live ON session (gateway) WHERE ended IS NULL;
CREATE INDEX session_account ON session (account);
CREATE INDEX audit_subject ON audit (subject);
CREATE INDEX audit_at ON audit (at);

-- What somebody wrote to a row. It goes when a person is erased, so it is part of the commitment.
ALTER TABLE audit ADD COLUMN note TEXT;

-- The gateways over this database. turn: counts the addresses given out; who takes one takes its turn first.
CREATE TABLE gateway (
    name    TEXT    PRIMARY KEY,
    started INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    turn    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- The last row of the audit; who appends takes it first. seal: keyed, so that a cut end is found. Rows up to cut were deleted when their time was over.
CREATE TABLE audit_head (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    number   INTEGER NOT NULL,
    hash     BLOB    NOT NULL,
    seal     BLOB    NOT NULL,
    cut      INTEGER NOT NULL DEFAULT 0,
    cut_hash BLOB    NOT NULL
) STRICT;

-- Foreign TANs that were sent to a token server: each once, for one name, under a keyed hash.
CREATE TABLE foreign_tan (
    hash BLOB    PRIMARY KEY,
    at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX foreign_tan_at ON foreign_tan (at);

-- What an administrator has said once, by name.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
