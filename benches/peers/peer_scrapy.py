"""The usual way: Scrapy fetches, feedparser reads feeds and parsel lists, pyahocorasick finds the words.

Written as Scrapy's own documentation advises; the spider asks for the next round when the last page of a
round is kept.
"""

import time

import ahocorasick
import feedparser
import scrapy
from scrapy.crawler import CrawlerProcess
from w3lib.html import remove_tags, replace_entities

import common


SETTINGS = {
    "USER_AGENT": "bench (+mailto:nobody@example.org)",
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS": 32,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
    "DOWNLOAD_DELAY": 0,
    "HTTPERROR_ALLOWED_CODES": [304],
    "COOKIES_ENABLED": False,
    "RETRY_ENABLED": True,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "WARNING",
    "DOWNLOAD_MAXSIZE": 16 * 1024 * 1024,
    "DOWNLOAD_TIMEOUT": 30,
}


class Sites(scrapy.Spider):
    name = "sites"

    def __init__(self, asked, measure, **kwargs):
        super().__init__(**kwargs)
        self.asked, self.measure = asked, measure
        self.store = common.Store(asked.db)
        self.automaton = ahocorasick.Automaton()
        for word in common.words_of(asked):
            self.automaton.add_word(word, word)
        self.automaton.make_automaton()
        self.round, self.waits_for = -asked.warm, 0

    async def start(self):
        for request in self.requests():
            yield request

    def requests(self):
        pages = common.urls(self.asked, self.round + self.asked.warm)
        if self.round == 0:
            self.measure.begin()
        self.waits_for = len(pages)
        read = self.read_list if self.asked.mode in ("list", "same") else self.read_feed
        for url in pages:
            etag = self.store.pages.get(self.key(url), (None, None))[0]
            headers = {"If-None-Match": etag} if etag and self.asked.mode == "not-modified" else {}
            yield scrapy.Request(url, self.parse, headers=headers, dont_filter=True, cb_kwargs={"read": read})

    def key(self, url):
        return url.partition("?")[0]

    def parse(self, response, read):
        self.measure.units += 1
        if response.status != 304:
            key, body = self.key(response.url), common.digest(response.body)
            if self.store.pages.get(key, (None, None))[1] != body:
                hits = []
                n_posts = 0
                for post in read(response):
                    n_posts += 1
                    found = sorted({word for _, word in self.automaton.iter(post[1] + "\n" + post[2])})
                    if found:
                        hits.append((post[0], " ".join(found), *post[1:], time.time()))
                etag = response.headers.get("ETag")
                self.store.keep(key, etag.decode() if etag else None, body, n_posts, hits)
                self.measure.posts += n_posts
                self.measure.hits += len(hits)
        self.waits_for -= 1
        if self.waits_for == 0:
            self.round += 1
            if self.round < self.asked.rounds:
                yield from self.requests()

    def read_feed(self, response):
        for entry in feedparser.parse(response.body).entries:
            text = replace_entities(remove_tags(entry.get("summary", "")))
            yield entry.get("id", entry.link), entry.title, text, entry.link, entry.get("published"), None, None

    def read_list(self, response):
        for row in response.css("tbody[id^=normalthread_]"):
            link = row.css("th a.xst")
            url = response.urljoin(link.attrib["href"])
            yield (
                url,
                link.css("::text").get(""),
                "",
                url,
                row.css("td.by em > span::text").get(),
                int(row.css("td.num em::text").get("0")),
                int(row.css("td.num a::text").get("0")),
            )


def main():
    asked, measure = common.arguments(), common.Measure()
    process = CrawlerProcess(SETTINGS)
    process.crawl(Sites, asked=asked, measure=measure)
    process.start()
    measure.say(asked, "scrapy")


if __name__ == "__main__":
    main()
