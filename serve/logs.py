"""Logs without the text of articles."""

from __future__ import annotations

import logging
import traceback


class NoText(logging.Filter):
    """Reduce an exception in a log record to its type and place, since its message may hold what was sent."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop records of invalid input, which the caller is told about, and shorten the others."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        if type(error).__name__ == "ValidationError":
            return False
        frames = traceback.extract_tb(error.__traceback__)
        place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        record.msg, record.args, record.exc_info, record.exc_text = f"{type(error).__name__}{place}", (), None, None
        return True


def install() -> None:
    """Put the filter where BentoML logs failed requests."""
    for name in ("bentoml._internal.server.http_app", "bentoml", "uvicorn.error"):
        logger = logging.getLogger(name)
        if not any(isinstance(present, NoText) for present in logger.filters):
            logger.addFilter(NoText())
