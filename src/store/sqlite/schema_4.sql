-- The audit: each entry holds the SHA-256 of its body, and of the entry before it together with itself.
-- Entries of an older file are chained by the migration, from the first.
ALTER TABLE entry ADD COLUMN body_hash BLOB;
ALTER TABLE entry ADD COLUMN hash BLOB;
CREATE TRIGGER entry_is_never_changed
BEFORE UPDATE OF number, incident, at, kind, body_hash, hash ON entry WHEN OLD.hash IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER entry_is_never_deleted
BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- Contents of files that belong to cases, by their SHA-256 in hex.
CREATE TABLE file (
    sha256 TEXT PRIMARY KEY,
    body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
