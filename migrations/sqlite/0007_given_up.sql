-- Stable code of why nothing more can be appended to a revision, once that is known: the sweep passes
-- it by, and goes on with the other files of the result.
ALTER TABLE revisions ADD COLUMN given_up TEXT;

-- Whether somebody asked for an earlier renewal, which has not succeeded yet.
ALTER TABLE revisions ADD COLUMN renew_asked INTEGER NOT NULL DEFAULT 0;

-- A result was planned for the date of the file that was sealed last, and a file that could not be
-- raised took the plan of its whole result along: each is looked at once more.
UPDATE raises SET due_at = 0, attempts = 0;
INSERT INTO raises (result_id, level, due_at)
SELECT DISTINCT v.result_id, 'B-LTA', 0 FROM revisions AS v JOIN results AS r ON r.id = v.result_id
WHERE v.renew_by IS NOT NULL AND r.state IN ('stored', 'released')
AND v.result_id NOT IN (SELECT result_id FROM raises);
