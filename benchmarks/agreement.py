"""Checks that what is compared is the same work: counts of n-grams and lists of entities agree with the peers'."""

from __future__ import annotations

import numpy as np

from benchmarks import cases
from benchmarks.articles import articles


def check() -> None:
    """Compare on a few hundred articles; raise AssertionError where the work differs."""
    texts = list(articles(300, plain=True))
    ours, theirs = cases._ours(chars=True).transform(texts), cases._union().transform(texts)
    block = cases.N_FEATURES
    for name, part in (("word", slice(0, block)), ("character", slice(block, 2 * block))):
        mine, peer = ours[:, part].sum(axis=1), theirs.tocsr()[:, part].sum(axis=1)
        # Hashes differ, so single buckets cannot be compared; every row must hold as many n-grams.
        assert np.array_equal(np.asarray(mine), np.asarray(peer)), f"{name} n-grams are counted differently"
    spans, words = cases.entities(), list(articles(300))
    peer_spans = cases.entities_peer().work(words)
    mine_spans = spans.work(words)
    same = [
        [(a, b, c.lower()) for a, b, c in left] == [(a, b, c.lower()) for a, b, c in right]
        for left, right in zip(mine_spans, peer_spans, strict=True)
    ]
    print(f"entities: {sum(same)} of {len(same)} articles have the same list, {sum(map(len, mine_spans))} spans")
    # Clitics and other separators inside a name, which the peer does not know, make the rest.
    assert sum(same) >= 0.9 * len(same), "entities differ"


if __name__ == "__main__":
    check()
