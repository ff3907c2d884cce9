-- The audit: each entry holds the SHA-256 of its body, and of the entry before it together with itself.
-- Entries of an older file are chained by the migration, from the first.
ALTER TABLE entry ADD COLUMN body_hash BLOB;
ALTER TABLE entry ADD COLUMN hash BLOB;
CREATE TRIGGER entry_is_never_changed
BEFORE UPDATE OF number, incident, at, kind, body_hash, hash ON entry WHEN OLD.hash IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
-- Retention may take rows away from the beginning, never from elsewhere; the hash of the last one taken stays.
CREATE TABLE audit_cut (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    hash   BLOB    NOT NULL
) STRICT;
CREATE TRIGGER entry_is_never_deleted
BEFORE DELETE ON entry WHEN OLD.number > coalesce((SELECT number FROM audit_cut), 0)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- Contents of files that belong to cases, by their SHA-256 in hex.
CREATE TABLE file (
    sha256 TEXT PRIMARY KEY,
    body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- What proves that a post was shown, once for each text of it. `shown` is the answer as JSON; `fragment` the
-- post's own part of it, deflated JSON, NULL when it was forgotten; hashes are hexadecimal.
CREATE TABLE evidence (
    number      INTEGER PRIMARY KEY,
    site        TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    text_sha256 TEXT    NOT NULL,
    shown       TEXT    NOT NULL,
    fragment    BLOB,
    UNIQUE (site, id, text_sha256)
) STRICT;
CREATE INDEX evidence_at ON evidence (at);
-- Retention goes by when things happened.
CREATE INDEX incident_archived ON incident (opened_at) WHERE state = 'archived';
