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
