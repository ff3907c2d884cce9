"""The whole street as a good hand writes it in Python for speed: aiohttp with kept connections, lxml, one
Hyperscan database, sqlite3 with one synced commit for all pages of 50 ms, one kept mail connection on a thread of
its own, acceptances in the next batch.
"""

import asyncio
import queue
import smtplib
import sqlite3
import threading
import time
from urllib.robotparser import RobotFileParser

import aiohttp

import common
import street_common as street
from peer_expert import AGENT, CONNECTIONS, Words, read_feed, uvloop

BATCH_SECONDS = 0.05


class Mailer(threading.Thread):
    """Sends what it is given over one connection."""

    def __init__(self, address, loop, accepted):
        super().__init__(daemon=True)
        self.address, self.loop, self.accepted = address, loop, accepted
        self.waiting, self.mails = queue.SimpleQueue(), 0

    def run(self):
        host, port = self.address.split(":")
        with smtplib.SMTP(host, int(port)) as server:
            while (notice := self.waiting.get()) is not None:
                server.send_message(street.mail(*notice))
                self.mails += 1
                self.loop.call_soon_threadsafe(self.accepted.append, (time.time(), notice[0]))


class Collector:
    def __init__(self, asked):
        self.asked, self.measure = asked, common.Measure()
        words = common.words_of(asked)
        self.words, self.grader = Words(words), street.Grader(words, asked.alerting)
        self.connection = sqlite3.connect(asked.db, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.executescript(street.SCHEMA)
        self.pages, self.batch, self.accepted = {}, [], []

    async def run(self):
        self.mailer = Mailer(self.asked.mail, asyncio.get_running_loop(), self.accepted)
        self.mailer.start()
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        headers = {"User-Agent": AGENT}
        timeout = aiohttp.ClientTimeout(total=30)
        keeper = asyncio.create_task(self.keep_always())
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session:
            self.session = session
            self.robots = RobotFileParser()
            async with session.get(self.asked.server + "/robots.txt") as answer:
                self.robots.parse((await answer.text()).splitlines())
            for round in range(self.asked.warm + self.asked.rounds):
                if round == self.asked.warm:
                    self.keep()
                    self.measure.begin()
                    self.mails_before = self.mailer.mails
                self.left = iter(street.urls(self.asked))
                await asyncio.gather(*(self.work() for _ in range(CONNECTIONS)))
        keeper.cancel()
        self.keep()
        self.mailer.waiting.put(None)
        await asyncio.to_thread(self.mailer.join)
        self.keep()

    async def work(self):
        for url in self.left:
            if self.robots.can_fetch(AGENT, url):
                await self.look(url)

    async def look(self, url):
        async with self.session.get(url) as answer:
            answer.raise_for_status()
            body, etag = await answer.read(), answer.headers.get("ETag")
        digest = common.digest(body)
        if digest == self.pages.get(url):
            return
        hits, n_posts = [], 0
        for post in read_feed(body, url):
            n_posts += 1
            found = self.words.within(post[1] + "\n" + post[2])
            if found:
                hits.append((post[:5], found))
        self.pages[url] = digest
        self.batch.append((url, etag, digest, n_posts, hits))
        self.measure.posts += n_posts
        self.measure.hits += len(hits)

    async def keep_always(self):
        while True:
            await asyncio.sleep(BATCH_SECONDS)
            self.keep()

    def keep(self):
        batch, self.batch = self.batch, []
        accepted = self.accepted[:]
        del self.accepted[: len(accepted)]
        if not batch and not accepted:
            return
        run, now, notices = self.connection.execute, time.time(), []
        run("BEGIN IMMEDIATE")
        for url, etag, digest, n_posts, hits in batch:
            notices += [street.keep_post(run, self.grader, post, found, now) for post, found in hits]
            run(street.PAGE, (url, etag, digest, n_posts))
        self.connection.executemany(street.ACCEPTED, accepted)
        run("COMMIT")
        for notice in filter(None, notices):
            self.mailer.waiting.put(notice)


def main():
    asked = street.arguments()
    collector = Collector(asked)
    run = uvloop.run if uvloop else asyncio.run
    run(collector.run())
    mails = collector.mailer.mails - collector.mails_before
    street.say(collector.measure, asked, "expert", mails)


if __name__ == "__main__":
    main()
