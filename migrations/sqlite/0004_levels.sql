-- How far an identity's signatures shall be provable, and what keeps them so.

-- 'B-B', 'B-T', 'B-LT', 'B-LTA': the level to reach.
ALTER TABLE identities ADD COLUMN level TEXT NOT NULL DEFAULT 'B-B';
-- With less than this no result goes out.
ALTER TABLE identities ADD COLUMN level_min TEXT NOT NULL DEFAULT 'B-B';
-- Where nobody tells whether its certificate is revoked: 'warn' seals, on record; 'hold' waits.
ALTER TABLE identities ADD COLUMN revocation TEXT NOT NULL DEFAULT 'warn';

-- When the newest archive time-stamp of a revision must be renewed at the latest.
ALTER TABLE revisions ADD COLUMN renew_by INTEGER;

-- Results whose sealed files are to be raised or renewed, and when.
CREATE TABLE raises (
    result_id TEXT PRIMARY KEY REFERENCES results (id),
    -- The level to reach.
    level     TEXT NOT NULL,
    due_at    INTEGER NOT NULL,
    -- In a row without success.
    attempts  INTEGER NOT NULL DEFAULT 0,
    -- Stable code of why the last one fell short.
    reason    TEXT
) STRICT;
CREATE INDEX raises_due ON raises (due_at);

-- Answers about revocation that were asked for before a key was used, each once.
CREATE TABLE revocation_answers (
    sha256 BLOB PRIMARY KEY,
    -- 'ocsp' or 'crl'.
    kind   TEXT NOT NULL,
    der    BLOB NOT NULL
) STRICT;
CREATE TABLE result_answers (
    result_id     TEXT NOT NULL REFERENCES results (id),
    answer_sha256 BLOB NOT NULL REFERENCES revocation_answers (sha256),
    asked_at      INTEGER NOT NULL,
    PRIMARY KEY (result_id, answer_sha256)
) STRICT;
