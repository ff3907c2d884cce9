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
