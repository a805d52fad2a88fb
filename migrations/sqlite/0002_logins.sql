-- From which client an officer has logged in lately. A login's own bucket can be emptied by anybody;
-- a client that is known for it still gets its tries.
CREATE TABLE login_clients (
    officer_id TEXT NOT NULL REFERENCES officers (id),
    -- The keyed hash of the client's address.
    client     BLOB NOT NULL,
    seen_at    INTEGER NOT NULL,
    PRIMARY KEY (officer_id, client)
) STRICT;
CREATE INDEX login_clients_time ON login_clients (seen_at);

-- "When was this act last recorded" is asked at each refusal that an empty bucket folds.
CREATE INDEX audit_action ON audit (action, at);
