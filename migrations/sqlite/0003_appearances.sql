-- How an agency's seal shows. A sub-agency that has none of its own uses what the nearest agency above
-- it has: each of default, language, image and every template by itself.

-- 1: `appearance` is not its own choice but that of the agency above. Rows from before chose.
ALTER TABLE agencies ADD COLUMN appearance_inherited INTEGER NOT NULL DEFAULT 0;
-- 'vi' or 'en'; null: that of the agency above, at the top 'vi'.
ALTER TABLE agencies ADD COLUMN mark_language TEXT;

-- The image of the agency's seal.
CREATE TABLE seal_images (
    agency_id  TEXT PRIMARY KEY REFERENCES agencies (id),
    -- The PNG as it was given.
    image      BLOB NOT NULL,
    sha256     BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- An agency's own templates of marks.
CREATE TABLE mark_templates (
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    name       TEXT NOT NULL,
    -- The TOML as it was given.
    template   TEXT NOT NULL,
    sha256     BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (agency_id, name)
) STRICT;
