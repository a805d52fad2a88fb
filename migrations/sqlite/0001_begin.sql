-- The first tables. Times are milliseconds since 1970-01-01T00:00Z; ids are 26 letters of text;
-- digests and keyed indices are 32 bytes; "sealed" columns hold AES-256-GCM of the named value.

-- What the installation is: one row a fact (the fingerprint of the key ring, the probe of the archive).
CREATE TABLE installation (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE agencies (
    id                TEXT PRIMARY KEY,
    parent_id         TEXT REFERENCES agencies (id),
    name              TEXT NOT NULL,
    -- Beginnings of the codes that this agency issues, a JSON list; empty: any code will do.
    code_prefixes     TEXT NOT NULL DEFAULT '[]',
    -- Names of the code profiles that it uses, a JSON list; empty: all.
    code_profiles     TEXT NOT NULL DEFAULT '[]',
    -- 'clerk' or 'automatic'; the choice is in the audit trail.
    sealing           TEXT NOT NULL DEFAULT 'clerk',
    -- 1: its results are register extracts and need no earlier signature.
    unsigned_allowed  INTEGER NOT NULL DEFAULT 0,
    appearance        TEXT NOT NULL DEFAULT 'none',
    telephone         TEXT,
    created_at        INTEGER NOT NULL,
    disabled_at       INTEGER
) STRICT;

-- A signing identity: where its key lies, never the key itself.
CREATE TABLE identities (
    id          TEXT PRIMARY KEY,
    agency_id   TEXT NOT NULL REFERENCES agencies (id),
    name        TEXT NOT NULL,
    -- JSON: {"kind":"pkcs12","file":...,"passphrase_file":...} or {"kind":"pem","key":...,"cert":...,"chain":...}
    source      TEXT NOT NULL,
    -- 'pss', 'pkcs1', 'ecdsa'; null: the default for its key.
    scheme      TEXT,
    created_at  INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;
CREATE INDEX identities_agency ON identities (agency_id);

CREATE TABLE officers (
    id            TEXT PRIMARY KEY,
    agency_id     TEXT NOT NULL REFERENCES agencies (id),
    login         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    -- JSON list of 'clerk', 'publisher', 'head', 'auditor', 'administrator'.
    roles         TEXT NOT NULL,
    -- A PHC string of Argon2id with its parameters, made under the pepper of that version.
    password_hash TEXT NOT NULL,
    pepper_version INTEGER NOT NULL,
    language      TEXT,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER
) STRICT;

CREATE TABLE sessions (
    -- SHA-256 of the cookie's secret.
    secret_sha256 BLOB PRIMARY KEY,
    officer_id    TEXT NOT NULL REFERENCES officers (id),
    created_at    INTEGER NOT NULL,
    seen_at       INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_officer ON sessions (officer_id);

CREATE TABLE api_keys (
    id            TEXT PRIMARY KEY,
    agency_id     TEXT NOT NULL REFERENCES agencies (id),
    name          TEXT NOT NULL,
    secret_sha256 BLOB NOT NULL,
    -- JSON list of 'publish', 'read', 'approve', 'withdraw', 'dossiers'.
    scopes        TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    disabled_at   INTEGER
) STRICT;

CREATE TABLE portals (
    id          TEXT PRIMARY KEY,
    agency_id   TEXT NOT NULL REFERENCES agencies (id),
    name        TEXT NOT NULL,
    -- JSON list of exact origins, 'https://portal.example'.
    origins     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE dossiers (
    id               TEXT PRIMARY KEY,
    agency_id        TEXT NOT NULL REFERENCES agencies (id),
    code_index       BLOB NOT NULL,
    code_key_version INTEGER NOT NULL,
    code_sealed      BLOB NOT NULL,
    procedure        TEXT,
    -- What the one-stop system said, 1 to 10; null: known only by its result.
    status           INTEGER,
    received_at      INTEGER,
    due_at           INTEGER,
    finished_at      INTEGER,
    returned_at      INTEGER,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX dossiers_code ON dossiers (agency_id, code_index);
CREATE INDEX dossiers_code_alone ON dossiers (code_index);

CREATE TABLE results (
    id               TEXT PRIMARY KEY,
    agency_id        TEXT NOT NULL REFERENCES agencies (id),
    dossier_id       TEXT NOT NULL REFERENCES dossiers (id),
    -- SHA-256 of the link id, and the id itself for officers' pages.
    link_sha256      BLOB NOT NULL UNIQUE,
    link_sealed      BLOB NOT NULL,
    title            TEXT NOT NULL,
    document_number  TEXT,
    procedure        TEXT,
    policy           TEXT NOT NULL,
    appearance       TEXT NOT NULL,
    contact_sealed   BLOB,
    state            TEXT NOT NULL,
    -- Rises by one at each change of state or worker: the compare of every compare-and-set.
    fence            INTEGER NOT NULL DEFAULT 0,
    -- Stable code and sentence of why it is held or was returned, withdrawn.
    reason_code      TEXT,
    reason           TEXT,
    manifest         BLOB NOT NULL,
    identity_id      TEXT REFERENCES identities (id),
    -- The child's deaths over this result's files; two hold it.
    deaths           INTEGER NOT NULL DEFAULT 0,
    attempts         INTEGER NOT NULL DEFAULT 0,
    -- Who works on it (a worker's random name) until when. Without an owner the time says when
    -- it is due again.
    lease_owner      TEXT,
    lease_until      INTEGER,
    -- 'officer:<id>' or 'key:<id>'.
    created_by       TEXT NOT NULL,
    replaces_id      TEXT REFERENCES results (id),
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    approved_at      INTEGER,
    stored_at        INTEGER,
    released_at      INTEGER,
    -- The first release to a requester.
    handed_over_at   INTEGER
) STRICT;
CREATE UNIQUE INDEX results_live_dossier ON results (dossier_id)
    WHERE state NOT IN ('returned', 'replaced', 'withdrawn');
CREATE INDEX results_work ON results (state, lease_until);
CREATE INDEX results_agency ON results (agency_id, created_at, id);
CREATE INDEX results_agency_state ON results (agency_id, state, created_at, id);

CREATE TABLE files (
    result_id       TEXT NOT NULL REFERENCES results (id),
    -- From 1; the main one first.
    n               INTEGER NOT NULL,
    name            TEXT NOT NULL,
    received_key    TEXT NOT NULL,
    received_sha256 BLOB NOT NULL,
    received_size   INTEGER NOT NULL,
    -- JSON of what the intake found: pages, findings, earlier signatures with their verdict.
    inspection      TEXT NOT NULL,
    PRIMARY KEY (result_id, n)
) STRICT;

-- The sealed file, and each later one of a higher level; the newest counts.
CREATE TABLE revisions (
    result_id  TEXT NOT NULL,
    n          INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    object_key TEXT NOT NULL UNIQUE,
    sha256     BLOB NOT NULL,
    size       INTEGER NOT NULL,
    level      TEXT NOT NULL,
    scheme     TEXT NOT NULL,
    signer     TEXT NOT NULL,
    signed_at  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (result_id, n, revision),
    FOREIGN KEY (result_id, n) REFERENCES files (result_id, n)
) STRICT;

-- Written before the key is used: each use of a key has its row, and each row one use.
CREATE TABLE signing_intents (
    id                 TEXT PRIMARY KEY,
    result_id          TEXT NOT NULL,
    n                  INTEGER NOT NULL,
    identity_id        TEXT NOT NULL REFERENCES identities (id),
    certificate_sha256 BLOB NOT NULL,
    signed_at          INTEGER NOT NULL,
    -- Where the sealed object will lie is known only after the signature; null until then.
    object_key         TEXT,
    created_at         INTEGER NOT NULL,
    -- 'signed', 'failed' or null (a crash came between).
    outcome            TEXT,
    FOREIGN KEY (result_id, n) REFERENCES files (result_id, n)
) STRICT;
CREATE INDEX signing_intents_result ON signing_intents (result_id);

CREATE TABLE grants (
    secret_sha256 BLOB PRIMARY KEY,
    result_id     TEXT NOT NULL REFERENCES results (id),
    client        BLOB NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX grants_expiry ON grants (expires_at);

-- Which result which client has opened, for the bucket of distinct results.
CREATE TABLE openings (
    client    BLOB NOT NULL,
    result_id TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    PRIMARY KEY (client, result_id)
) STRICT;
CREATE INDEX openings_time ON openings (opened_at);

-- GCRA: the theoretical arrival time of each bucket; keys are HMACs, so no address is kept.
CREATE TABLE throttle (
    bucket BLOB PRIMARY KEY,
    tat    INTEGER NOT NULL
) STRICT;
CREATE INDEX throttle_tat ON throttle (tat);

-- Which network has missed on which link lately: one that has not still gets a try.
CREATE TABLE link_misses (
    link      BLOB NOT NULL,
    net       BLOB NOT NULL,
    missed_at INTEGER NOT NULL,
    PRIMARY KEY (link, net)
) STRICT;
CREATE INDEX link_misses_time ON link_misses (missed_at);

CREATE TABLE idempotency (
    -- 'officer:<id>' or 'key:<id>'.
    caller       TEXT NOT NULL,
    key_sha256   BLOB NOT NULL,
    -- SHA-256 over the parsed fields and the files' digests.
    fingerprint  BLOB NOT NULL,
    -- Null while in flight.
    result_id    TEXT REFERENCES results (id),
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (caller, key_sha256)
) STRICT;
CREATE INDEX idempotency_time ON idempotency (created_at);

-- The record of acts; append-only, each row chained to the one before by its hash.
CREATE TABLE audit (
    seq       INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    agency_id TEXT,
    -- 'officer:<id>', 'key:<id>', 'requester:<hex of the hashed client>', 'service', 'operator'.
    actor     TEXT NOT NULL,
    action    TEXT NOT NULL,
    result_id TEXT,
    -- JSON, without codes, names of persons or addresses.
    detail    TEXT NOT NULL,
    previous  BLOB NOT NULL,
    hash      BLOB NOT NULL
) STRICT;
CREATE INDEX audit_result ON audit (result_id, seq);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
