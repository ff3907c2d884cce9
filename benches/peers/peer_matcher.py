"""Looks for words in posts with pyahocorasick and with Hyperscan, which both normalise nothing.

    peer_matcher.py POSTS WORDS

POSTS has a post a line, WORDS a word a line. Prints one line of JSON: for each peer the gigabytes (UTF-8) that it
reads in a second of its own time on the processor, what it found, and the seconds that building took. A peer that
is not installed is left out.
"""

import json
import sys
import time


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [line for line in file.read().split("\n") if line]


def measured(build, search, posts, size):
    began = time.thread_time()
    machine = build()
    built = time.thread_time()
    found = search(machine, posts)
    ended = time.thread_time()
    return {"gigabytes_per_second": size / 1e9 / (ended - built), "found": found, "build_seconds": built - began}


def by_pyahocorasick(words, posts, size):
    import ahocorasick

    def build():
        machine = ahocorasick.Automaton()
        for number, word in enumerate(words):
            machine.add_word(word, number)
        machine.make_automaton()
        return machine

    def search(machine, posts):
        return sum(1 for post in posts for _ in machine.iter(post))

    return measured(build, search, posts, size)


def by_hyperscan(words, posts, size):
    import hyperscan

    def build():
        machine = hyperscan.Database()
        expressions = [word.encode() for word in words]
        # A match for each word and end, like the others'; the words are literals.
        machine.compile(
            expressions=expressions,
            ids=list(range(len(words))),
            elements=len(words),
            flags=[0] * len(words),
            literal=True,
        )
        return machine

    found = 0

    def meet(*_):
        nonlocal found
        found += 1

    def search(machine, posts):
        # One long text: what is measured is the machine, not the way into it from Python.
        machine.scan("\n".join(posts).encode(), match_event_handler=meet)
        return found

    return measured(build, search, posts, size)


def main():
    posts, words = lines(sys.argv[1]), lines(sys.argv[2])
    size = sum(len(post.encode()) for post in posts)
    told = {}
    for name, peer in [("pyahocorasick", by_pyahocorasick), ("hyperscan", by_hyperscan)]:
        try:
            told[name] = peer(words, posts, size)
        except ImportError as error:
            print(error, file=sys.stderr)
    print(json.dumps(told))


main()
