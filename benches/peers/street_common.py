"""What the peers of the whole street share: the tables, what a mail says, and how a post is graded.

The duties are those of benches/street: a post that names a word is kept; posts with the same text are one
statement; a statement whose word demands it is told to the one on duty by mail, the notice kept before it is
sent and its acceptance after. (yuqing besides knows edited copies, follows counters, keeps limits and chains, makes
an HTML part and confirm links; the peers need not.)
"""

import argparse
import email.message
import email.utils
import hashlib
import time
import unicodedata

SENDER, RECIPIENT = "yuqing@street.invalid", "zhiban@street.invalid"
SCHEMA = """
CREATE TABLE IF NOT EXISTS statements (
    number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, tier TEXT NOT NULL, first_seen_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS posts (
    post TEXT PRIMARY KEY, statement INTEGER NOT NULL, words TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    url TEXT NOT NULL, published TEXT, seen_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notices (
    number INTEGER PRIMARY KEY, statement INTEGER NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL,
    text TEXT NOT NULL, state TEXT NOT NULL, created_at REAL NOT NULL, accepted_at REAL
);
CREATE TABLE IF NOT EXISTS pages (url TEXT PRIMARY KEY, etag TEXT, digest BLOB, n_posts INTEGER NOT NULL);
"""
POST = "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (post) DO UPDATE SET seen_at = excluded.seen_at"
STATEMENT = "INSERT INTO statements (digest, tier, first_seen_at) VALUES (?, ?, ?)"
KNOWN = "SELECT number FROM statements WHERE digest = ?"
NOTICE = """
INSERT INTO notices (statement, recipient, subject, text, state, created_at) VALUES (?, ?, ?, ?, 'pending', ?)
"""
ACCEPTED = "UPDATE notices SET state = 'accepted', accepted_at = ? WHERE number = ?"
PAGE = """
INSERT INTO pages VALUES (?, ?, ?, ?)
ON CONFLICT (url) DO UPDATE SET etag = excluded.etag, digest = excluded.digest, n_posts = excluded.n_posts
"""


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True, help="http://127.0.0.1:PORT")
    parser.add_argument("--mode", default="news")
    parser.add_argument("--feeds", type=int, default=200, help="sites, each asked once a round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--words", required=True, help="a word a line")
    parser.add_argument("--alerting", type=int, default=100, help="so many of the first words must be told")
    parser.add_argument("--mail", required=True, help="127.0.0.1:PORT")
    parser.add_argument("--db", required=True)
    asked = parser.parse_args()
    asked.warm = 1
    return asked


def urls(asked):
    return [f"{asked.server}/{asked.mode}/{site}" for site in range(asked.feeds)]


def statement_digest(text):
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    return hashlib.blake2b(folded.encode(), digest_size=16).digest()


class Grader:
    """The tier that a post's words demand."""

    def __init__(self, words, alerting):
        self.alerting = frozenset(words[:alerting])

    def tier(self, found):
        return "较大" if any(word in self.alerting for word in found) else "一般"


def keep_post(run, grader, post, found, now):
    """Keeps a post that was found; answers with its notice when it must be told."""
    key, title, text, url, published = post
    digest = statement_digest(text)
    known = run(KNOWN, (digest,)).fetchone()
    tier = grader.tier(found)
    number = known[0] if known else run(STATEMENT, (digest, tier, now)).lastrowid
    run(POST, (key, number, " ".join(found), title, text, url, published, now))
    if known or tier == "一般":
        return None
    subject = f"【{tier}】青禾县：{title}"
    body = f"等级: {tier}\n词: {' '.join(found)}\n标题: {title}\n链接: {url}\n发布: {published}\n\n{text[:300]}\n"
    notice = run(NOTICE, (number, RECIPIENT, subject, body, now)).lastrowid
    return notice, subject, body


def mail(notice, subject, body):
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, RECIPIENT, subject
    message["Date"], message["Message-ID"] = email.utils.formatdate(), f"<{notice}@street.invalid>"
    message.set_content(body)
    return message


def say(measure, asked, name, mails):
    """The bench's line, with mails."""
    import json
    import resource

    import common

    print(
        json.dumps(
            {
                "peer": name,
                "posts": measure.posts,
                "hits": measure.hits,
                "mails": mails,
                "seconds": round(time.perf_counter() - measure.wall, 4),
                "cpu_seconds": round(common.processor_seconds() - measure.processor, 4),
                "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            }
        ),
        flush=True,
    )
