"""Logs without the text of articles: one JSON line for each request and each event."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from typing import Any


class NoText(logging.Filter):
    """Reduce an exception in a log record to its type and place, since its message may hold what was sent."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop records of invalid input, which the caller is told about, and shorten the others."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        if type(error).__name__ == "ValidationError":
            return False
        record.msg, record.args, record.exc_info, record.exc_text = place_of(error), (), None, None
        return True


def place_of(error: BaseException) -> str:
    """Return the type of an exception and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__ + (f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else "")


def line(**fields: Any) -> None:
    """Write one line: the time, and fields that are not None."""
    kept = {name: value for name, value in fields.items() if value is not None}
    # One write, so that the lines of several workers do not mix; logging's machinery would cost more than the request.
    sys.stderr.write(json.dumps({"time": round(time.time(), 3)} | kept, ensure_ascii=False) + "\n")


def install() -> None:
    """Put the filter where BentoML and uvicorn log failed requests."""
    for name in ("bentoml._internal.server.http_app", "bentoml", "uvicorn.error"):
        logger = logging.getLogger(name)
        if not any(isinstance(present, NoText) for present in logger.filters):
            logger.addFilter(NoText())
