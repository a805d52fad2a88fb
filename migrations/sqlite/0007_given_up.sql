-- Stable code of why nothing more can be appended to a revision, once that is known: the sweep passes
-- it by, and goes on with the other files of the result.
ALTER TABLE revisions ADD COLUMN given_up TEXT;
