"""What a good hand writes in Python for speed: aiohttp with a pool of kept connections, lxml for feeds and
lists, one Hyperscan database of all words, prepared statements, uvloop where there is one.
"""

import asyncio
import time
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

import aiohttp
import hyperscan
import lxml.etree
import lxml.html

import common

try:
    import uvloop
except ImportError:  # pragma: no cover
    uvloop = None

AGENT = "bench (+mailto:nobody@example.org)"
CONNECTIONS = 16
ROWS = lxml.etree.XPath("//tbody[starts-with(@id, 'normalthread_')]")
TITLE = lxml.etree.XPath(".//th//a[contains(concat(' ', @class, ' '), ' xst ')]")
COUNTS = lxml.etree.XPath("string(.//td[@class='num']/em)"), lxml.etree.XPath("string(.//td[@class='num']/a)")
WHEN = lxml.etree.XPath("string(.//td[@class='by']/em/span)")


class Words:
    """All words as one Hyperscan database of literals over UTF-8."""

    def __init__(self, words):
        self.words = words
        self.database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self.database.compile(
            expressions=[word.encode() for word in words],
            ids=list(range(len(words))),
            elements=len(words),
            flags=[hyperscan.HS_FLAG_SINGLEMATCH] * len(words),
            literal=True,
        )
        self.scratch = hyperscan.Scratch(self.database)
        self.database.scratch = self.scratch
        self.found = []

    def note(self, word, start, end, flags, context):
        self.found.append(word)

    def within(self, text):
        self.found.clear()
        self.database.scan(text.encode(), match_event_handler=self.note)
        return [self.words[word] for word in sorted(set(self.found))]


def read_feed(body, url):
    for item in lxml.etree.fromstring(body).iterfind("channel/item"):
        described = item.findtext("description") or ""
        text = lxml.html.fragment_fromstring(described, create_parent="div").text_content() if described else ""
        link = item.findtext("link")
        yield item.findtext("guid") or link, item.findtext("title"), text, link, item.findtext("pubDate"), None, None


def read_list(body, url):
    page = lxml.html.document_fromstring(body, parser=lxml.html.HTMLParser(encoding="utf-8"))
    for row in ROWS(page):
        link = TITLE(row)[0]
        whole = urljoin(url, link.get("href"))
        views, replies = (int(count(row) or 0) for count in COUNTS)
        yield whole, link.text_content(), "", whole, WHEN(row), views, replies


class Collector:
    def __init__(self, asked):
        self.asked, self.measure = asked, common.Measure()
        self.store, self.words = common.Store(asked.db), Words(common.words_of(asked))
        self.read = read_list if asked.mode in ("list", "same") else read_feed

    async def run(self):
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        timeout = aiohttp.ClientTimeout(total=30)
        headers = {"User-Agent": AGENT}
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session:
            self.session = session
            await self.read_robots()
            for round in range(self.asked.warm + self.asked.rounds):
                if round == self.asked.warm:
                    self.measure.begin()
                self.left = iter(common.urls(self.asked, round))
                await asyncio.gather(*(self.work() for _ in range(CONNECTIONS)))

    async def read_robots(self):
        self.robots = RobotFileParser()
        async with self.session.get(self.asked.server + "/robots.txt") as answer:
            self.robots.parse((await answer.text()).splitlines())

    async def work(self):
        for url in self.left:
            if self.robots.can_fetch(AGENT, url):
                await self.look(url)

    async def look(self, url):
        key = url.partition("?")[0]
        etag, known = self.store.pages.get(key, (None, None))
        headers = {"If-None-Match": etag} if etag and self.asked.mode == "not-modified" else {}
        async with self.session.get(url, headers=headers) as answer:
            self.measure.units += 1
            if answer.status == 304:
                return
            answer.raise_for_status()
            body, etag = await answer.read(), answer.headers.get("ETag")
        digest = common.digest(body)
        if digest == known:
            return
        now, hits, n_posts = time.time(), [], 0
        for post in self.read(body, url):
            n_posts += 1
            found = self.words.within(post[1] + "\n" + post[2])
            if found:
                hits.append((post[0], " ".join(found), *post[1:], now))
        self.store.keep(key, etag, digest, n_posts, hits)
        self.measure.posts += n_posts
        self.measure.hits += len(hits)


def main():
    asked = common.arguments()
    collector = Collector(asked)
    run = uvloop.run if uvloop else asyncio.run
    run(collector.run())
    collector.measure.say(asked, "expert")


if __name__ == "__main__":
    main()
