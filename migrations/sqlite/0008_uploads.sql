-- Received objects that are being written, and that no result names yet: what a crash leaves is found
-- here and removed. Nothing else in the archive is.
CREATE TABLE uploads (
    object_key TEXT PRIMARY KEY,
    begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
