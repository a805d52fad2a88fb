-- Misses are remembered for every bucket that anybody can empty, not for links alone.
DROP INDEX link_misses_time;
ALTER TABLE link_misses RENAME TO misses;
ALTER TABLE misses RENAME COLUMN link TO bucket;
CREATE INDEX misses_time ON misses (missed_at);

-- Which client has read which file under which grant: its ranges go by the one entry in the record.
CREATE TABLE grant_reads (
    secret_sha256 BLOB NOT NULL REFERENCES grants (secret_sha256) ON DELETE CASCADE,
    n             INTEGER NOT NULL,
    client        BLOB NOT NULL,
    PRIMARY KEY (secret_sha256, n, client)
) STRICT;
