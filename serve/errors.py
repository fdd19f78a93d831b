"""Errors: their stable codes, and the one shape in which they are told."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

CODES = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
    415: "unsupported_media_type",
    500: "internal_error",
    503: "overloaded",
    504: "deadline",
}
NOT_READY = "not_ready"
"""Code of a 503 without a model: who waits for it is not sent away because of too much work."""
_STABLE = frozenset({*CODES.values(), NOT_READY})
_MESSAGES = {
    404: "no such route; GET /docs.json lists them",
    405: "no such method on this route; GET /docs.json lists them",
    500: "the service failed; its log says where",
}
_MAX_DETAILS = 20
"""Things that are wrong which one answer lists; a body can hold a million of them."""
_MAX_NAME = 80


class RequestError(Exception):
    """A request that is answered with an error.

    Parameters
    ----------
    status : int
        Of the answer.
    message : str
        What came, where, and what would be right; never the text of an article.
    loc : tuple of str and int
        Where in the body.
    code : str or None
        Stable code; by default that of the status.
    headers : dict of str to str or None
        Further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        loc: tuple[str | int, ...] = (),
        *,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code or CODES[status]
        self.headers = headers or {}
        self.body = error_body(self.code, message, loc)

    @classmethod
    def of_status(cls, status: int, headers: dict[str, str] | None = None) -> RequestError:
        """Return the error of a status whose message is always the same."""
        return cls(status, _MESSAGES[status], headers=headers)

    @classmethod
    def of_validation(cls, error: ValidationError) -> RequestError:
        """Return the error that tells what pydantic found, without what was sent."""
        made = cls(400, "")
        count = error.error_count()
        if count > 50 * _MAX_DETAILS:
            made.body = error_body(
                made.code, f"{count:,} things are wrong in the body; see the schema in GET /docs.json"
            )
            return made
        found = error.errors(include_url=False, include_context=False, include_input=False)
        detail = [{"loc": [_shortened(part) for part in item["loc"]], "msg": item["msg"]} for item in found]
        if len(detail) > _MAX_DETAILS:
            detail[_MAX_DETAILS:] = [{"loc": [], "msg": f"and {len(detail) - _MAX_DETAILS} more"}]
        made.body = {"error": made.code, "detail": detail}
        return made


def error_body(code: str, message: str, loc: tuple[str | int, ...] = ()) -> dict[str, Any]:
    """Return the body of an error answer."""
    return {"error": code, "detail": [{"loc": list(loc), "msg": message}]}


def shaped(status: int, body: bytes) -> dict[str, Any]:
    """Return the error in the contract's shape, whatever `body` a library gave it."""
    code = CODES.get(status, "internal_error" if status >= 500 else "invalid_request")
    if status in _MESSAGES:
        return error_body(code, _MESSAGES[status])
    try:
        document = json.loads(body)
    except ValueError:
        return error_body(code, body.decode("utf-8", "replace").strip() or "the request could not be handled")
    if isinstance(document, dict) and isinstance(document.get("detail"), list):
        detail = [
            {"loc": list(item.get("loc", ())), "msg": str(item.get("msg", ""))}
            for item in document["detail"]
            if isinstance(item, dict)
        ]
        return {"error": document["error"] if document.get("error") in _STABLE else code, "detail": detail}
    return error_body(code, str(document))


def _shortened(part: str | int) -> str | int:
    return part if isinstance(part, int) or len(part) <= _MAX_NAME else part[:_MAX_NAME] + "…"
