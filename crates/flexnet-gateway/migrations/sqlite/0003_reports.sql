-- Reports of diagnoses, each under a number that is read aloud, until their time is over. hash: SHA-256 of the report's text. code: the Prüfcode of it.
-- key: public key of the installation that made it. verdict: code of the first fault, empty if there is none. size: bytes of the envelope, which body has sealed.
CREATE TABLE report (
    id       INTEGER PRIMARY KEY,
    hash     BLOB    NOT NULL UNIQUE,
    number   INTEGER NOT NULL UNIQUE CHECK (number BETWEEN 10000 AND 99999),
    code     TEXT    NOT NULL,
    key      BLOB    NOT NULL,
    verdict  TEXT    NOT NULL,
    received INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    size     INTEGER NOT NULL CHECK (size > 0),
    body     BLOB    NOT NULL
) STRICT;
CREATE INDEX report_code ON report (code);
CREATE INDEX report_key ON report (key);
CREATE INDEX report_until ON report (until);

-- How much is kept. Who keeps or drops a report takes this row first, so the last place is given once.
CREATE TABLE report_room (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    reports INTEGER NOT NULL CHECK (reports >= 0),
    bytes   INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT;
INSERT INTO report_room (one, reports, bytes) VALUES (1, 0, 0);
