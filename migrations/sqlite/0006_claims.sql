-- Which request holds a claim: one that was taken over knows by it that it is another's now.
ALTER TABLE idempotency ADD COLUMN holder BLOB NOT NULL DEFAULT x'';
