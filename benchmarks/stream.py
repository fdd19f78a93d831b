"""Articles streamed in batches: time an article and peak memory, for 10,000 and for 500,000 of them."""

from __future__ import annotations

import itertools
import json
import sys
import time

from benchmarks.articles import articles
from benchmarks.cases import _ours
from benchmarks.memory import PeakMemory

_BATCH = 1_000
_DIFFERENT = 5_000
"""Different articles; they come again and again, since to make one takes longer than to read it."""


def main(n: int) -> None:
    """Vectorise `n` articles in batches and print one JSON object."""
    vectorizer = _ours(chars=True)
    stock = list(articles(_DIFFERENT))
    vectorizer.transform(stock[:200])
    endless = itertools.cycle([stock[k : k + _BATCH] for k in range(0, _DIFFERENT, _BATCH)])
    peak = PeakMemory()
    start = time.perf_counter()
    for batch in itertools.islice(endless, n // _BATCH):
        vectorizer.transform(batch)
    seconds = time.perf_counter() - start
    print(json.dumps({"articles": n, "microseconds": seconds / n * 1e6, "grown_mb": peak.megabytes}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
