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
