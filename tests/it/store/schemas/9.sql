-- What is asked for by a query has a column; the rest of a row is JSON in `body`.
-- Instants are microseconds since 1970 UTC. Nothing is keyed, or can be searched, by an author.

-- Snapshots of plans (an incident keeps the one that it began under), one row per content.
CREATE TABLE plan (
    hash TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
    id          INTEGER PRIMARY KEY,
    unit        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    rank        INTEGER NOT NULL,
    opened_at   INTEGER NOT NULL,
    merged_into INTEGER,
    plan        TEXT    NOT NULL REFERENCES plan (hash),
    body        TEXT    NOT NULL
) STRICT;
CREATE INDEX incident_list ON incident (rank DESC, opened_at DESC, id DESC);

-- A post stands in one incident of each unit that it mentions.
CREATE TABLE post (
    number        INTEGER PRIMARY KEY,
    unit          TEXT    NOT NULL,
    site          TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    incident      INTEGER NOT NULL REFERENCES incident (id),
    first_seen_at INTEGER NOT NULL,
    body          TEXT    NOT NULL,
    UNIQUE (unit, site, id)
) STRICT;
CREATE INDEX post_incident ON post (incident, first_seen_at);
CREATE INDEX post_identity ON post (site, id);

-- Up to 32 looks at a post in one row, keyed by the instant of the first of them.
CREATE TABLE observation (
    post  INTEGER NOT NULL REFERENCES post (number) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    looks INTEGER NOT NULL,
    body  BLOB    NOT NULL,
    PRIMARY KEY (post, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE deadline (
    key      TEXT    PRIMARY KEY,
    incident INTEGER NOT NULL REFERENCES incident (id),
    kind     TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    due_at   INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deadline_incident ON deadline (incident, due_at);
CREATE INDEX deadline_open ON deadline (due_at) WHERE state IN ('running', 'overdue');

-- The outbox. `body` is the notice as it was decided; where it stands now is `standing`.
CREATE TABLE notice (
    number          INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    incident        INTEGER,
    kind            TEXT    NOT NULL,
    contact         TEXT    NOT NULL,
    channel         TEXT    NOT NULL,
    rank            INTEGER NOT NULL,
    state           TEXT    NOT NULL,
    standing        TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    last_failure    TEXT,
    body            TEXT    NOT NULL
) STRICT;
CREATE INDEX notice_incident ON notice (incident, created_at);
CREATE INDEX notice_created ON notice (created_at);
CREATE INDEX outbox_due ON notice (channel, due_at) WHERE state = 'pending';
CREATE INDEX outbox_next ON notice (channel, next_attempt_at) WHERE state = 'pending';

CREATE TABLE entry (
    number   INTEGER PRIMARY KEY,
    incident INTEGER,
    at       INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE INDEX entry_incident ON entry (incident, number);

-- What the desk keeps beside incidents: one row.
CREATE TABLE desk (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    body TEXT    NOT NULL
) STRICT;

CREATE TABLE source (
    name    TEXT PRIMARY KEY,
    next_at INTEGER,
    health  TEXT NOT NULL,
    body    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE value (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The log of rounds of sources that owe so many a day.
CREATE TABLE round (
    number     INTEGER PRIMARY KEY,
    source     TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    answers    INTEGER NOT NULL,
    posts      INTEGER NOT NULL,
    new        INTEGER NOT NULL,
    trouble    TEXT    NOT NULL
) STRICT;
CREATE INDEX round_started ON round (started_at);
-- How often the rules of keyword lists hit. A rule is the same while unit, file, group and words are.
CREATE TABLE rule (
    number      INTEGER PRIMARY KEY,
    unit        TEXT    NOT NULL,
    file        TEXT    NOT NULL,
    in_group    TEXT    NOT NULL,
    rule        TEXT    NOT NULL,
    line        INTEGER NOT NULL,
    first_at    INTEGER NOT NULL,
    last_hit_at INTEGER,
    UNIQUE (unit, file, in_group, rule)
) STRICT;

-- Days are those of the office's zone, as '2026-11-21'; hours begin at an instant and are kept for two days.
CREATE TABLE rule_day (
    day  TEXT    NOT NULL,
    rule INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (day, rule)
) STRICT, WITHOUT ROWID;
CREATE TABLE rule_hour (
    hour INTEGER NOT NULL,
    rule INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (hour, rule)
) STRICT, WITHOUT ROWID;

-- Posts on which a unit's rules were tried; unit '' is all units.
CREATE TABLE looked_day (
    day   TEXT    NOT NULL,
    unit  TEXT    NOT NULL,
    posts INTEGER NOT NULL,
    PRIMARY KEY (day, unit)
) STRICT, WITHOUT ROWID;
-- A start reads what lives, however much was archived; an incident shows what was merged into it.
CREATE INDEX incident_state ON incident (state) WHERE state IN ('open', 'dormant', 'closed');
CREATE INDEX incident_merged ON incident (merged_into) WHERE merged_into IS NOT NULL;
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
-- What is overdue goes out gravest first.
CREATE INDEX outbox_grave ON notice (channel, rank DESC, due_at) WHERE state = 'pending';
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
-- The list of incidents: what it is sorted and filtered by, apart from the wide bodies. `gravity` is 0 at the highest
-- tier of the plan, -1 at the next; `words` is what is searched of the row itself; `hash` tells whether anything changed.
CREATE TABLE listed (
    id          INTEGER PRIMARY KEY REFERENCES incident (id) ON DELETE CASCADE,
    unit        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    gravity     INTEGER NOT NULL,
    detected_at INTEGER NOT NULL,
    words       TEXT    NOT NULL,
    hash        INTEGER NOT NULL
) STRICT;
CREATE INDEX listed_new ON listed (detected_at DESC, id DESC) WHERE state <> 'merged';
CREATE INDEX listed_grave ON listed (gravity DESC, detected_at DESC, id DESC) WHERE state <> 'merged';
CREATE INDEX listed_state_new ON listed (state, detected_at DESC, id DESC);
CREATE INDEX listed_state_grave ON listed (state, gravity DESC, detected_at DESC, id DESC);
CREATE INDEX listed_unit_new ON listed (unit, detected_at DESC, id DESC, state);
CREATE INDEX listed_unit_grave ON listed (unit, gravity DESC, detected_at DESC, id DESC, state);

-- By what else an incident can be found: tier, class, stage, site, group.
CREATE TABLE listed_by (
    kind TEXT    NOT NULL,
    name TEXT    NOT NULL,
    id   INTEGER NOT NULL REFERENCES listed (id) ON DELETE CASCADE,
    PRIMARY KEY (kind, name, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX listed_by_id ON listed_by (id);

-- The full text: pairs of neighbouring characters (text/search.rs says how). Row 2n is post number n, row 2n + 1
-- incident n. What is taken out is taken out of the file too.
CREATE VIRTUAL TABLE word USING fts5 (pairs, content = '', columnsize = 0, tokenize = 'ascii');
INSERT INTO word (word, rank) VALUES ('secure-delete', 1);
-- Hash of the words that stand in the index; NULL when there are none.
ALTER TABLE post ADD COLUMN words INTEGER;
-- Where a post belongs, without its body.
CREATE INDEX post_place ON post (number, incident);

CREATE TABLE saved_search (
    name  TEXT    PRIMARY KEY,
    query TEXT    NOT NULL,
    by    TEXT    NOT NULL,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What retention goes by, apart from the wide bodies: a row for each archived incident. `tier` is the tier that it is kept
-- as, NULL when nobody was told; nothing happened to it after `since`, or later than that; the looks of its members up
-- to number `thinned` were thinned, NULL when all were.
CREATE TABLE archived (
    id      INTEGER PRIMARY KEY REFERENCES incident (id) ON DELETE CASCADE,
    tier    TEXT,
    since   INTEGER NOT NULL,
    thinned INTEGER DEFAULT 0
) STRICT;
CREATE INDEX archived_since ON archived (tier, since);
CREATE INDEX archived_thick ON archived (since) WHERE thinned IS NOT NULL;
-- Notices of no incident go by themselves; a plan goes with the last incident under it.
CREATE INDEX notice_loose ON notice (created_at) WHERE incident IS NULL;
CREATE INDEX incident_plan ON incident (plan);

-- The words of posts that have settled are gathered by incident (post_words.rs says why): a row of `gathered_word` holds
-- those of many posts of one incident, each run once. Its number is the incident's, shifted by 20 bits, and a running one.
-- What is taken out is taken out of the file too.
CREATE VIRTUAL TABLE gathered_word USING fts5 (pairs, content = '', columnsize = 0, tokenize = 'ascii');
INSERT INTO gathered_word (gathered_word, rank) VALUES ('secure-delete', 1);
-- Rows that are searched no more and leave a little at a time: their runs, deflated, and how many pairs are out already.
CREATE TABLE leaving (
    number INTEGER PRIMARY KEY,
    words  BLOB    NOT NULL,
    taken  INTEGER NOT NULL DEFAULT 0
) STRICT;
-- 1 where a post has a row in `word`; the number of the row that its words were gathered into.
ALTER TABLE post ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
ALTER TABLE post ADD COLUMN gathered INTEGER;
CREATE INDEX post_loose ON post (first_seen_at) WHERE words IS NOT NULL AND gathered IS NULL;
CREATE INDEX post_twice ON post (number) WHERE own = 1 AND gathered IS NOT NULL;
