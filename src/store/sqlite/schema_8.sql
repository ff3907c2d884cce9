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
