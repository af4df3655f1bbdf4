-- Reports of diagnoses, each under a number that is read aloud, until their time is over. hash: SHA-256 of the report's text. code: the Prüfcode of it.
-- key: public key of the installation that made it. verdict: code of the first fault, empty if there is none. size: bytes of the envelope, which body has sealed.
CREATE TABLE report (
    id       BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash     BYTEA   NOT NULL UNIQUE,
    number   BIGINT  NOT NULL UNIQUE CHECK (number BETWEEN 10000 AND 99999),
    code     TEXT    NOT NULL,
    key      BYTEA   NOT NULL,
    verdict  TEXT    NOT NULL,
    received BIGINT  NOT NULL,
    until    BIGINT  NOT NULL,
    size     BIGINT  NOT NULL CHECK (size > 0),
    body     BYTEA   NOT NULL
);
CREATE INDEX report_code ON report (code);
CREATE INDEX report_key ON report (key);
CREATE INDEX report_until ON report (until);

-- How much is kept. Who keeps or drops a report takes this row first, so the last place is given once.
CREATE TABLE report_room (
    one     BIGINT  PRIMARY KEY CHECK (one = 1),
    reports BIGINT  NOT NULL CHECK (reports >= 0),
    bytes   BIGINT  NOT NULL CHECK (bytes >= 0)
);
INSERT INTO report_room (one, reports, bytes) VALUES (1, 0, 0);
