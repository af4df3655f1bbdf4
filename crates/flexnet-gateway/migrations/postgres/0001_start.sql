-- The gateway's database on PostgreSQL: the same tables as on SQLite, so that the same statements work on both; booleans are 0 and 1 there, and here too. Times are seconds since 1970 UTC. Seeds, outcomes and preshared keys are sealed (AES-256-GCM) under a key that lies in a file
-- outside; passwords, session tokens and request bodies are hashed.

-- The lockout. One row for every name ever tried, invented ones included, under a keyed hash of the normalised name.
-- seq counts the attempts that were let through to be evaluated; ok_seq is where the last success or unlock stands. Neither falls.
CREATE TABLE guard (
    key      BYTEA   PRIMARY KEY,
    seq      BIGINT  NOT NULL DEFAULT 0,
    ok_seq   BIGINT  NOT NULL DEFAULT 0,
    locked   BIGINT  NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
    failures BIGINT  NOT NULL DEFAULT 0,
    CHECK (ok_seq <= seq)
);

CREATE TABLE account (
    id           BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username     TEXT    NOT NULL UNIQUE,
    display_name TEXT    NOT NULL,
    password     TEXT    NOT NULL,
    state        TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    created      BIGINT  NOT NULL,
    last_sign_in BIGINT,
    last_network TEXT
);

-- What was answered to an attempt, so that a repeated request gets the same answer and is counted once.
-- seq is null for an attempt that found the name locked, outcome while the attempt is being evaluated.
CREATE TABLE attempt (
    id      BYTEA   PRIMARY KEY,
    body    BYTEA   NOT NULL,
    guard   BYTEA   NOT NULL,
    gateway TEXT    NOT NULL,
    seq     BIGINT,
    created BIGINT  NOT NULL,
    outcome BYTEA
);
CREATE INDEX attempt_created ON attempt (created);

CREATE TABLE session (
    id              BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name            TEXT    NOT NULL UNIQUE,
    account         BIGINT  NOT NULL REFERENCES account (id),
    token_hash      BYTEA   NOT NULL UNIQUE,
    public_key      BYTEA   NOT NULL,
    preshared_key   BYTEA   NOT NULL,
    addresses       TEXT    NOT NULL,
    network         TEXT    NOT NULL,
    gateway         TEXT    NOT NULL,
    started         BIGINT  NOT NULL,
    last_active     BIGINT  NOT NULL,
    absolute_end    BIGINT  NOT NULL,
    failures_before BIGINT  NOT NULL,
    last_sign_in    BIGINT,
    same_network    BIGINT  NOT NULL DEFAULT 0,
    ended           BIGINT,
    end_reason      TEXT,
    CHECK ((ended IS NULL) = (end_reason IS NULL))
);
CREATE UNIQUE INDEX session_one_live ON session (account) WHERE ended IS NULL;
CREATE UNIQUE INDEX session_live_key ON session (public_key) WHERE ended IS NULL;

-- A chain: hash covers the row and the hash of the row before it. The personal fields enter as a salted commitment, so they can be erased later.
CREATE TABLE audit (
    number     BIGINT  PRIMARY KEY,
    gateway    TEXT    NOT NULL,
    at         BIGINT  NOT NULL,
    event      TEXT    NOT NULL,
    subject    TEXT,
    actor      TEXT    NOT NULL,
    network    TEXT,
    detail     TEXT    NOT NULL,
    note       TEXT,
    salt       BYTEA,
    commitment BYTEA   NOT NULL,
    previous   BYTEA   NOT NULL,
    hash       BYTEA   NOT NULL
);

-- The service desk.
CREATE TABLE staff (
    id           BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username     TEXT    NOT NULL UNIQUE,
    display_name TEXT    NOT NULL,
    password     TEXT    NOT NULL,
    role         TEXT    NOT NULL CHECK (role IN ('desk', 'token_officer', 'auditor')),
    state        TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    created      BIGINT  NOT NULL,
    last_sign_in BIGINT
);

CREATE TABLE staff_session (
    id          BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash  BYTEA   NOT NULL UNIQUE,
    staff       BIGINT  NOT NULL REFERENCES staff (id),
    network     TEXT    NOT NULL,
    started     BIGINT  NOT NULL,
    last_active BIGINT  NOT NULL,
    ended       BIGINT
);

-- last: the highest step (TOTP) or counter (HOTP) that was ever spent; only greater ones are accepted.
-- drift: steps by which the token's clock is ahead, as learned (TOTP only).
CREATE TABLE token (
    id         BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account    BIGINT  REFERENCES account (id),
    staff      BIGINT  REFERENCES staff (id),
    serial     TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL CHECK (kind IN ('hotp', 'totp')),
    algorithm  TEXT    NOT NULL CHECK (algorithm IN ('sha1', 'sha256', 'sha512')),
    digits     BIGINT  NOT NULL CHECK (digits BETWEEN 6 AND 8),
    period     BIGINT  NOT NULL CHECK (period > 0),
    seed       BYTEA   NOT NULL,
    last       BIGINT  NOT NULL DEFAULT -1,
    drift      BIGINT  NOT NULL DEFAULT 0,
    state      TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('stock', 'active', 'lost', 'withdrawn')),
    created    BIGINT  NOT NULL,
    CHECK (account IS NULL OR staff IS NULL),
    CHECK (state <> 'active' OR account IS NOT NULL OR staff IS NOT NULL),
    CHECK (state <> 'stock' OR (account IS NULL AND staff IS NULL))
);
CREATE INDEX token_account ON token (account);
CREATE INDEX token_staff ON token (staff);

-- Tokens that one person has brought and another must let in. tokens: sealed.
CREATE TABLE token_import (
    id         BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_hash  BYTEA   NOT NULL,
    tokens     BYTEA,
    count      BIGINT  NOT NULL,
    brought_by TEXT    NOT NULL,
    brought    BIGINT  NOT NULL,
    judged_by  TEXT,
    judged     BIGINT,
    state      TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'accepted', 'refused')),
    CHECK (judged_by <> brought_by),
    CHECK ((state = 'waiting') = (judged_by IS NULL))
);

-- A sign-in on a page that an application is to continue. Ticket and page's cookie are kept as hashes, the answer sealed.
-- body: keyed hash of the request that redeemed it; only the same request again gets the answer.
CREATE TABLE ticket (
    hash            BYTEA   PRIMARY KEY,
    page_hash       BYTEA   NOT NULL UNIQUE,
    account         BIGINT  NOT NULL REFERENCES account (id),
    guard           BYTEA   NOT NULL,
    network         TEXT    NOT NULL,
    created         BIGINT  NOT NULL,
    expires         BIGINT  NOT NULL,
    failures_before BIGINT  NOT NULL,
    state           TEXT    NOT NULL DEFAULT 'issued' CHECK (state IN ('issued', 'redeemed', 'confirmed', 'refused', 'used')),
    digits          BIGINT,
    body            BYTEA,
    answer          BYTEA
);
CREATE INDEX ticket_expires ON ticket (expires);

CREATE INDEX session_live ON session (gateway) WHERE ended IS NULL;
CREATE INDEX session_account ON session (account);
CREATE INDEX audit_subject ON audit (subject);
CREATE INDEX audit_at ON audit (at);

-- The gateways over this database. turn: counts the addresses given out; who takes one takes its turn first.
CREATE TABLE gateway (
    name    TEXT    PRIMARY KEY,
    started BIGINT  NOT NULL,
    seen    BIGINT  NOT NULL,
    turn    BIGINT  NOT NULL DEFAULT 0
);

-- The last row of the audit; who appends takes it first. seal: keyed, so that a cut end is found. Rows up to cut were deleted when their time was over.
CREATE TABLE audit_head (
    one      BIGINT  PRIMARY KEY CHECK (one = 1),
    number   BIGINT  NOT NULL,
    hash     BYTEA   NOT NULL,
    seal     BYTEA   NOT NULL,
    cut      BIGINT  NOT NULL DEFAULT 0,
    cut_hash BYTEA   NOT NULL
);

-- Foreign TANs that were sent to a token server: each once, for one name, under a keyed hash.
CREATE TABLE foreign_tan (
    hash BYTEA  PRIMARY KEY,
    at   BIGINT NOT NULL
);
CREATE INDEX foreign_tan_at ON foreign_tan (at);

-- What an administrator has said once, by name.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
