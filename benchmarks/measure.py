"""Measure one case in a process of its own: `python -m benchmarks.measure CASE` prints seconds and peak memory."""

from __future__ import annotations

import json
import os
import sys
import time

from benchmarks.cases import CASES
from benchmarks.memory import PeakMemory


def main(name: str) -> None:
    """Run the case once, warmed up, and print one JSON object."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:2] if name == "threads" else cores[:1])
    items, work = CASES[name]()
    work(items[: max(8, len(items) // 200)])
    peak = PeakMemory()
    # Processor time is what one thread costs, whatever else the machine does; two show in the time on the wall.
    clock = time.perf_counter if name in ("threads", "one_thread") else time.process_time
    start = clock()
    work(items)
    seconds = clock() - start
    characters = sum(map(len, items))
    print(
        json.dumps(
            {
                "case": name,
                "seconds": seconds,
                "per_second": len(items) / seconds,
                "megacharacters_per_second": characters / seconds / 1e6,
                "grown_mb": peak.megabytes,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
