-- The gateway's database. Times are seconds since 1970 UTC. Seeds, outcomes and preshared keys are sealed (AES-256-GCM) under a key that lies in a file
-- outside; passwords, session tokens and request bodies are hashed.

-- The lockout. One row for every name ever tried, invented ones included, under a keyed hash of the normalised name.
-- seq counts the attempts that were let through to be evaluated; ok_seq is where the last success or unlock stands. Neither falls.
CREATE TABLE guard (
    key      BLOB    PRIMARY KEY,
    seq      INTEGER NOT NULL DEFAULT 0,
    ok_seq   INTEGER NOT NULL DEFAULT 0,
    locked   INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
    failures INTEGER NOT NULL DEFAULT 0,
    CHECK (ok_seq <= seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    id           INTEGER PRIMARY KEY,
    username     TEXT    NOT NULL UNIQUE,
    display_name TEXT    NOT NULL,
    password     TEXT    NOT NULL,
    state        TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    created      INTEGER NOT NULL,
    last_sign_in INTEGER,
    last_network TEXT
) STRICT;

-- last: the highest step (TOTP) or counter (HOTP) that was ever spent; only greater ones are accepted.
CREATE TABLE token (
    id         INTEGER PRIMARY KEY,
    account    INTEGER NOT NULL REFERENCES account (id),
    serial     TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL CHECK (kind IN ('hotp', 'totp')),
    algorithm  TEXT    NOT NULL CHECK (algorithm IN ('sha1', 'sha256', 'sha512')),
    digits     INTEGER NOT NULL CHECK (digits BETWEEN 6 AND 8),
    period     INTEGER NOT NULL CHECK (period > 0),
    seed       BLOB    NOT NULL,
    last       INTEGER NOT NULL DEFAULT -1,
    state      TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'lost', 'withdrawn')),
    created    INTEGER NOT NULL
) STRICT;
CREATE INDEX token_account ON token (account);

-- What was answered to an attempt, so that a repeated request gets the same answer and is counted once.
-- seq is null for an attempt that found the name locked, outcome while the attempt is being evaluated.
CREATE TABLE attempt (
    id      BLOB    PRIMARY KEY,
    body    BLOB    NOT NULL,
    guard   BLOB    NOT NULL,
    seq     INTEGER,
    created INTEGER NOT NULL,
    outcome BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_created ON attempt (created);

CREATE TABLE session (
    id              INTEGER PRIMARY KEY,
    name            TEXT    NOT NULL UNIQUE,
    account         INTEGER NOT NULL REFERENCES account (id),
    token_hash      BLOB    NOT NULL UNIQUE,
    public_key      BLOB    NOT NULL,
    preshared_key   BLOB    NOT NULL,
    addresses       TEXT    NOT NULL,
    network         TEXT    NOT NULL,
    started         INTEGER NOT NULL,
    last_active     INTEGER NOT NULL,
    absolute_end    INTEGER NOT NULL,
    failures_before INTEGER NOT NULL,
    last_sign_in    INTEGER,
    same_network    INTEGER NOT NULL DEFAULT 0,
    ended           INTEGER,
    end_reason      TEXT,
    CHECK ((ended IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX session_one_live ON session (account) WHERE ended IS NULL;
CREATE UNIQUE INDEX session_live_key ON session (public_key) WHERE ended IS NULL;

-- A chain: hash covers the row and the hash of the row before it. The personal fields enter as a salted commitment, so they can be erased later.
CREATE TABLE audit (
    number     INTEGER PRIMARY KEY,
    gateway    TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    subject    TEXT,
    actor      TEXT    NOT NULL,
    network    TEXT,
    detail     TEXT    NOT NULL,
    salt       BLOB,
    commitment BLOB    NOT NULL,
    previous   BLOB    NOT NULL,
    hash       BLOB    NOT NULL
) STRICT;
