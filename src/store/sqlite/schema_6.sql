-- Versions of the office's own files, the newest 200 of each. `content` is deflated; `who` is empty when the version
-- was found changed outside the console.
CREATE TABLE file_version (
    number  INTEGER PRIMARY KEY,
    file    TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    who     TEXT    NOT NULL,
    note    TEXT    NOT NULL,
    sha256  TEXT    NOT NULL,
    size    INTEGER NOT NULL,
    content BLOB    NOT NULL
) STRICT;
CREATE INDEX file_version_file ON file_version (file, number);
-- What a unit's rules caught lately is read by its newest incidents.
CREATE INDEX incident_of_unit ON incident (unit, opened_at);
