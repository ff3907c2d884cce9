"""The same statement by other people's libraries, on the labelled JSON Lines that `yuqing statements group` reads.

    peer_statements.py --file FILE --method minhash    datasketch: MinHashLSH over character 3-grams, Jaccard >= 0.5
    peer_statements.py --file FILE --method simhash    64-bit SimHash over character 3-grams, distance <= 3
    peer_statements.py --file FILE --groups GROUPS     scores what `yuqing statements group FILE --json` printed

A line holds `text` (and `title`), and `label`: posts of one label are one statement. The last line printed is one JSON
object: posts, seconds, posts_per_second, peak_rss_mb, and the pairs of posts: precision, recall, false_joins (posts that
stand with a stranger, by the label that most of their group have), missed (posts apart from most of their label).
"""

import argparse
import collections
import hashlib
import json
import resource
import time


def read(file):
    posts, seen = [], set()
    with open(file, encoding="utf-8-sig") as lines:
        for line in lines:
            if not line.strip():
                continue
            post = json.loads(line)
            key = (str(post.get("site", "")), str(post.get("id", "")))
            if "label" not in post or key in seen:
                continue
            seen.add(key)
            text = "\n".join(part for part in (post.get("title"), post.get("text")) if part)
            posts.append((key, text, str(post["label"]), str(post.get("family", ""))))
    return posts


def grams(text):
    chars = [c for c in text if c.isalnum()]
    return {"".join(chars[i : i + 3]) for i in range(len(chars) - 2)}


class Sets:
    """Disjoint sets by union and find."""

    def __init__(self, n):
        self.parent = list(range(n))

    def find(self, i):
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, i, j):
        self.parent[self.find(i)] = self.find(j)


def by_minhash(posts, threshold, permutations):
    from datasketch import MinHash, MinHashLSH

    index, sets, kept = MinHashLSH(threshold=threshold, num_perm=permutations), Sets(len(posts)), []
    for i, (_, text, *_) in enumerate(posts):
        own = grams(text)
        sketch = MinHash(num_perm=permutations)
        sketch.update_batch([gram.encode() for gram in own])
        kept.append(sketch)
        if not own:
            continue
        for other in index.query(sketch):
            # What shares a bucket is only likely; the sketches themselves say how alike it is.
            if sketch.jaccard(kept[other]) >= threshold:
                sets.join(i, other)
        index.insert(i, sketch)
    return [sets.find(i) for i in range(len(posts))]


def simhash(own):
    counts = [0] * 64
    for gram in own:
        bits = int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest(), "big")
        for bit in range(64):
            counts[bit] += 1 if bits >> bit & 1 else -1
    return sum(1 << bit for bit in range(64) if counts[bit] > 0)


def by_simhash(posts, distance):
    # Of distance + 1 blocks one is equal when at most `distance` bits differ.
    n_blocks = distance + 1
    width = -(-64 // n_blocks)
    index, sets, kept = collections.defaultdict(list), Sets(len(posts)), []
    for i, (_, text, *_) in enumerate(posts):
        own = grams(text)
        sketch = simhash(own)
        kept.append(sketch)
        if not own:
            continue
        for block in range(n_blocks):
            key = block, sketch >> (block * width) & ((1 << width) - 1)
            for other in index[key]:
                if (sketch ^ kept[other]).bit_count() <= distance:
                    sets.join(i, other)
            index[key].append(i)
    return [sets.find(i) for i in range(len(posts))]


def of_groups(posts, file):
    placed = {}
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            placed[one["site"], one["id"]] = one["statement"]
    # What was not printed stands alone.
    return [placed.get(key, f"missing {i}") for i, (key, *_) in enumerate(posts)]


def score(posts, groups):
    """Precision and recall over all pairs of posts, of one family where families are written: generated texts of
    different families are made of the same sentences, and nobody can say whether they are one statement."""
    both, by_group, by_label = collections.Counter(), collections.Counter(), collections.Counter()
    for (_, _, label, family), group in zip(posts, groups):
        group = (family, group)
        both[group, label] += 1
        by_group[group] += 1
        by_label[label] += 1
    pairs = lambda counter: sum(n * (n - 1) // 2 for n in counter.values())
    right, said, true = pairs(both), pairs(by_group), pairs(by_label)
    most_of_group, most_of_label = collections.Counter(), collections.Counter()
    for (group, label), n in both.items():
        most_of_group[group] = max(most_of_group[group], n)
        most_of_label[label] = max(most_of_label[label], n)
    return {
        "precision": round(right / said, 6) if said else 1.0,
        "recall": round(right / true, 6) if true else 1.0,
        "false_joins": len(posts) - sum(most_of_group.values()),
        "missed": len(posts) - sum(most_of_label.values()),
        "statements": len(by_group),
        "labels": len(by_label),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", required=True, help="labelled posts, JSON Lines")
    parser.add_argument("--method", choices=["minhash", "simhash"], default="minhash")
    parser.add_argument("--groups", help="what `yuqing statements group --json` printed: only scores it")
    parser.add_argument("--threshold", type=float, default=0.5, help="least Jaccard of MinHash")
    parser.add_argument("--permutations", type=int, default=128)
    parser.add_argument("--distance", type=int, default=3, help="most different bits of SimHash")
    asked = parser.parse_args()
    posts = read(asked.file)
    if asked.groups:
        print(json.dumps({"method": "groups", "posts": len(posts), **score(posts, of_groups(posts, asked.groups))}))
        return
    if asked.method == "minhash":
        import datasketch  # noqa: F401  loading it is not part of the race
    begun = time.perf_counter()
    if asked.method == "minhash":
        groups = by_minhash(posts, asked.threshold, asked.permutations)
    else:
        groups = by_simhash(posts, asked.distance)
    seconds = time.perf_counter() - begun
    print(
        json.dumps(
            {
                "method": asked.method,
                "posts": len(posts),
                "seconds": round(seconds, 3),
                "posts_per_second": round(len(posts) / max(seconds, 1e-9), 1),
                "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
                **score(posts, groups),
            }
        )
    )


if __name__ == "__main__":
    main()
