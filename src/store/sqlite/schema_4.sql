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
CREATE INDEX entry_loose ON entry (at) WHERE incident IS NULL;
CREATE INDEX incident_archived ON incident (opened_at) WHERE state = 'archived';
