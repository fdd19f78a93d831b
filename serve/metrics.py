"""Figures for Prometheus, added to those that BentoML shows at ``/metrics``."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

# BentoML names the folder of the workers' figures in the environment before this module is imported.
from prometheus_client import Counter, Gauge, Histogram

_requests = Counter("kawat_requests", "Requests by route and status.", ["route", "status"])
_seconds = Histogram(
    "kawat_request_seconds",
    "Time from the headers of a request to its answer.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_articles = Counter("kawat_articles", "Articles labelled, by language.", ["language"])
_labels = Counter("kawat_labels", "Labels assigned.", ["label"])
_version = Gauge(
    "kawat_model_version", "Version that serves, as the last worker to swap has it.", multiprocess_mode="mostrecent"
)
_swaps = Counter("kawat_swaps", "New versions taken, and new versions refused.", ["outcome"])
_lookups = Counter("kawat_lookup_failures", "Looks at the registry that failed.")
for _outcome in ("swapped", "refused"):
    _swaps.labels(_outcome)

_request = lru_cache(512)(lambda route, status: (_requests.labels(route, status), _seconds.labels(route)))
_language = lru_cache(64)(_articles.labels)
_label = lru_cache(256)(_labels.labels)


def count_request(route: str, status: int, seconds: float) -> None:
    """Count a request; `route` is one of ours, or ``other``, never what a stranger made up."""
    number, duration = _request(route, status)
    number.inc()
    duration.observe(seconds)


def count_result(result: dict[str, Any]) -> None:
    """Count an article's labels."""
    # A caller may name any language, and each new name would stay in memory.
    _language(result["language"] if result["language"] in ("id", "en", "und") else "other").inc()
    for name in result["labels"]:
        _label(name).inc()


def count_event(event: str, version: str) -> None:
    """Count what happened to the model: ``swapped``, ``refused`` or ``lookup_failed``."""
    if event == "lookup_failed":
        _lookups.inc()
        return
    _swaps.labels(event).inc()
    if event == "swapped" and version.isdigit():
        _version.set(int(version))
