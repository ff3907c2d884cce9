"""The whole street in the usual way: Scrapy fetches, feedparser reads, pyahocorasick finds the words, an item
pipeline keeps a page's posts in sqlite3 with one synced commit and mails what must be told by smtplib.
"""

import smtplib
import sqlite3
import time

import ahocorasick
import feedparser
import scrapy
from scrapy.crawler import CrawlerProcess
from w3lib.html import remove_tags, replace_entities

import common
import street_common as street
from peer_scrapy import SETTINGS


class Store:
    def __init__(self, path, mail):
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.executescript(street.SCHEMA)
        self.pages, self.mails = {}, 0
        host, port = mail.split(":")
        self.mail = host, int(port)

    def keep(self, grader, url, etag, digest, n_posts, hits):
        run, now = self.connection.execute, time.time()
        run("BEGIN IMMEDIATE")
        notices = [street.keep_post(run, grader, post, found, now) for post, found in hits]
        run(street.PAGE, (url, etag, digest, n_posts))
        run("COMMIT")
        self.pages[url] = (etag, digest)
        for notice in filter(None, notices):
            with smtplib.SMTP(*self.mail) as server:
                server.send_message(street.mail(*notice))
            run(street.ACCEPTED, (time.time(), notice[0]))
            self.mails += 1


class Sites(scrapy.Spider):
    name = "sites"

    def __init__(self, asked, measure, store, **kwargs):
        super().__init__(**kwargs)
        self.asked, self.measure, self.store = asked, measure, store
        words = common.words_of(asked)
        self.grader = street.Grader(words, asked.alerting)
        self.automaton = ahocorasick.Automaton()
        for word in words:
            self.automaton.add_word(word, word)
        self.automaton.make_automaton()
        self.round, self.waits_for = -asked.warm, 0

    async def start(self):
        for request in self.requests():
            yield request

    def requests(self):
        pages = street.urls(self.asked)
        if self.round == 0:
            self.measure.begin()
            self.store.mails = 0
        self.waits_for = len(pages)
        for url in pages:
            yield scrapy.Request(url, self.parse, dont_filter=True)

    def parse(self, response):
        digest = common.digest(response.body)
        if self.store.pages.get(response.url, (None, None))[1] != digest:
            hits, n_posts = [], 0
            for entry in feedparser.parse(response.body).entries:
                n_posts += 1
                text = replace_entities(remove_tags(entry.get("summary", "")))
                found = sorted({word for _, word in self.automaton.iter(entry.title + "\n" + text)})
                if found:
                    post = entry.get("id", entry.link), entry.title, text, entry.link, entry.get("published")
                    hits.append((post, found))
            self.store.keep(self.grader, response.url, None, digest, n_posts, hits)
            self.measure.posts += n_posts
            self.measure.hits += len(hits)
        self.waits_for -= 1
        if self.waits_for == 0:
            self.round += 1
            if self.round < self.asked.rounds:
                yield from self.requests()


def main():
    asked, measure = street.arguments(), common.Measure()
    store = Store(asked.db, asked.mail)
    process = CrawlerProcess(SETTINGS)
    process.crawl(Sites, asked=asked, measure=measure, store=store)
    process.start()
    street.say(measure, asked, "scrapy", store.mails)


if __name__ == "__main__":
    main()
