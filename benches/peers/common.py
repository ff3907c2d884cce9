"""What both peers share: arguments, the store of hits, and what is measured.

Both do what yuqing does on the same pages: fetch politely (robots.txt, conditional GET, an answer whose bytes
are those of the last one is not read again), take every post, strip its tags, look for the words, keep each
hit durably. The store is a plain SQLite file in WAL mode with a synced commit for each page.
"""

import argparse
import hashlib
import json
import os
import resource
import sqlite3
import time

SCHEMA = """
CREATE TABLE IF NOT EXISTS hits (
    post TEXT NOT NULL, words TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, url TEXT NOT NULL,
    published TEXT, views INTEGER, replies INTEGER, seen_at REAL NOT NULL, PRIMARY KEY (post)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (url TEXT PRIMARY KEY, etag TEXT, digest BLOB, n_posts INTEGER NOT NULL);
"""
HIT = """
INSERT INTO hits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (post) DO UPDATE SET views = excluded.views, replies = excluded.replies, seen_at = excluded.seen_at
"""
PAGE = """
INSERT INTO pages VALUES (?, ?, ?, ?)
ON CONFLICT (url) DO UPDATE SET etag = excluded.etag, digest = excluded.digest, n_posts = excluded.n_posts
"""

# What a mode asks for, by site and round.
PATHS = {
    "feed": "/feed/{site}?round={round}",
    "list": "/list/{site}?round={round}",
    "not-modified": "/feed/{site}?round=0",
    "same": "/same/{site}",
}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True, help="http://127.0.0.1:PORT")
    parser.add_argument("--feeds", type=int, default=200, help="sites, each asked once a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mode", choices=list(PATHS), default="feed")
    parser.add_argument("--words", required=True, help="a word a line")
    parser.add_argument("--db", required=True)
    asked = parser.parse_args()
    # Pages that do not change are read once before they are measured; a list too, so that it has changed.
    asked.warm = 0 if asked.mode == "feed" else 1
    return asked


def words_of(asked):
    with open(asked.words, encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip()]


def urls(asked, round):
    path = PATHS[asked.mode]
    return [asked.server + path.format(site=site, round=round) for site in range(asked.feeds)]


def digest(body):
    return hashlib.blake2b(body, digest_size=16).digest()


class Store:
    """Hits and the state of pages; a page's hits and its state are one durable transaction."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.executescript(SCHEMA)
        self.pages = {}

    def keep(self, url, etag, body_digest, n_posts, hits):
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        if hits:
            self.connection.executemany(HIT, hits)
        run(PAGE, (url, etag, body_digest, n_posts))
        run("COMMIT")
        self.pages[url] = (etag, body_digest)


class Measure:
    """Counts, and the time since the pages that warm up were read."""

    def __init__(self):
        self.units = self.posts = self.hits = 0
        self.begin()

    def begin(self):
        self.units = self.posts = self.hits = 0
        self.wall, self.processor = time.perf_counter(), processor_seconds()

    def say(self, asked, name):
        seconds, processor = time.perf_counter() - self.wall, processor_seconds() - self.processor
        print(
            json.dumps(
                {
                    "peer": name,
                    "mode": asked.mode,
                    "units": self.posts if asked.mode == "feed" else self.units,
                    "pages": self.units,
                    "posts": self.posts,
                    "hits": self.hits,
                    "seconds": round(seconds, 4),
                    "cpu_seconds": round(processor, 4),
                    "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
                }
            ),
            flush=True,
        )


def processor_seconds():
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
