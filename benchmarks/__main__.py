"""Run every comparison in one go and write the README's table: `python -m benchmarks`."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks import agreement
from benchmarks.articles import KEPT
from benchmarks.readme import write_table

_ROOT = Path(__file__).resolve().parent.parent


class Comparison(NamedTuple):
    """One row of the table: two cases, and how many times the first shall be as fast as the second."""

    what: str
    against: str
    case: str
    peer: str
    aim: float


COMPARISONS = (
    Comparison("word 1-2-grams to CSR", "HashingVectorizer", "words", "words_peer", 12),
    Comparison("word 1-2 and char_wb 3-5 to CSR", "two HashingVectorizers", "both", "both_peer", 20),
    Comparison("entities to (start, end, name)", "ahocorasick_rs", "entities", "entities_peer", 3),
    Comparison("plain text to all features", "TfidfVectorizer word 1-2 alone", "pipeline", "pipeline_peer", 3),
    Comparison("the same, n-grams of the whole text", "the same", "whole_pipeline", "pipeline_peer", 3),
    Comparison("HTML page to clean text with map", "trafilatura.extract", "html", "html_peer", 3),
    Comparison("n-grams of a stream, two threads", "one thread", "threads", "one_thread", 1.7),
    Comparison("articles of 100 KB, by character", "articles of 2 KB", "long_articles", "short_articles", 1 / 1.5),
)


def _call(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _rounds(comparison: Comparison, rounds: int) -> str:
    """Measure a comparison, ours and the peer's in turn, and return its row."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_call("measure", comparison.case))
        theirs.append(_call("measure", comparison.peer))
    speed = [
        mine["megacharacters_per_second"] / peer["megacharacters_per_second"]
        for mine, peer in zip(ours, theirs, strict=True)
    ]
    memory = [statistics.median(run["grown_mb"] for run in side) for side in (ours, theirs)]
    rate = statistics.median(run["per_second"] for run in ours)
    return (
        f"| {comparison.what} | {comparison.against} | {statistics.median(speed):.1f} "
        f"({min(speed):.1f}–{max(speed):.1f}) | {comparison.aim:.1f} "
        f"| {rate:,.0f} | {memory[0]:,.0f} / {memory[1]:,.0f} |"
    )


def _streamed(rounds: int) -> str:
    short, long = ([_call("stream", str(n)) for _ in range(rounds)] for n in (10_000, 500_000))
    ratio = [b["microseconds"] / a["microseconds"] for a, b in zip(short, long, strict=True)]
    memory = [statistics.median(run["grown_mb"] for run in side) for side in (long, short)]
    return (
        f"| 500,000 streamed articles, time each | 10,000 | {1 / statistics.median(ratio):.2f} | 0.87 "
        f"| {1e6 / statistics.median(run['microseconds'] for run in long):,.0f} | {memory[0]:,.0f} / {memory[1]:,.0f} |"
    )


def _rate(what: str, case: str, rounds: int) -> str:
    """Measure a case alone, for orientation, and return its row."""
    try:
        runs = [_call("measure", case) for _ in range(rounds)]
    except subprocess.CalledProcessError as error:
        return f"| {what} | not here: {error.stderr.strip().splitlines()[-1]} | | | | |"
    rate, memory = (statistics.median(run[key] for run in runs) for key in ("per_second", "grown_mb"))
    return f"| {what} | for orientation | | | {rate:,.0f} | {memory:,.0f} |"


def _started(rounds: int) -> str:
    seconds = [_call("startup")["seconds"] for _ in range(rounds + 1)][1:]
    return (
        f"| start-up to the first features | one second | {1 / statistics.median(seconds):.1f} "
        f"({1 / max(seconds):.1f}–{1 / min(seconds):.1f}) | 1.0 | | |"
    )


def main() -> None:
    """Measure, print, and write the table between its marks in the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="cases to compare, such as words")
    options = parser.parse_args()
    agreement.check()
    with TemporaryDirectory() as folder:
        os.environ[KEPT] = folder
        _compare(options)


def _compare(options: argparse.Namespace) -> None:
    """Measure row by row."""
    rows = [
        "| what | against | times as fast (min–max) | aim | articles a second | peak memory for it, MB |",
        "|---|---|---|---|---|---|",
    ]
    for comparison in COMPARISONS:
        if not options.only or comparison.case in options.only:
            rows.append(_rounds(comparison, options.rounds))
            print(rows[-1], flush=True)
    if not options.only:
        for measured in (
            lambda: _streamed(options.rounds),
            lambda: _started(options.rounds),
            lambda: _rate("fastText predict, words and 2-grams to labels", "fasttext", options.rounds),
            lambda: _rate("Vowpal Wabbit predict, words and 2-grams to a margin", "vowpal_wabbit", options.rounds),
        ):
            rows.append(measured())
            print(rows[-1], flush=True)
        write_table("benchmarks", rows)


if __name__ == "__main__":
    main()
