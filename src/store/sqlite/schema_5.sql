-- Observations are by far the most numerous: up to 32 of a post are packed into one row (looks.rs says how),
-- keyed by the instant of the first of them. The migration packs those of the older table, which then goes.
ALTER TABLE observation RENAME TO loose_observation;
CREATE TABLE observation (
    post  INTEGER NOT NULL REFERENCES post (number) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    looks INTEGER NOT NULL,
    body  BLOB    NOT NULL,
    PRIMARY KEY (post, since)
) STRICT, WITHOUT ROWID;
-- What is overdue goes out gravest first.
CREATE INDEX outbox_grave ON notice (channel, rank DESC, due_at) WHERE state = 'pending';
