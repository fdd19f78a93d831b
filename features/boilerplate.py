"""Lines and phrases that portals print around an article, found by rules that are data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from features.offsets import Edit

_HEAD = 400
"""Characters at the start of a text in which a head rule may match."""
_TAIL = 200
"""Characters at the end of a text in which a tail rule may match."""


@dataclass(frozen=True)
class Rule:
    """One rule of ``boilerplate.toml``."""

    name: str
    where: str
    triggers: tuple[str, ...]
    pattern: re.Pattern[str]
    removes: str
    keeps: str

    def applies(self, text: str) -> bool:
        """Return whether one of the literal triggers occurs in `text`."""
        return not self.triggers or any(trigger in text for trigger in self.triggers)


@cache
def load_rules() -> tuple[Rule, ...]:
    """Read the rules that come with the package.

    Returns
    -------
    tuple of Rule
        In the order in which they are tried.

    Raises
    ------
    ValueError
        If a rule has an unknown place, lacks a key or holds a bad expression; the message names the rule.
    """
    table = tomllib.loads(files("features").joinpath("boilerplate.toml").read_text("utf-8"))
    return tuple(_rule(row) for row in table["rule"])


def _rule(row: dict[str, object]) -> Rule:
    name, where = row.get("name"), row.get("where")
    if where not in _WRAPPERS:
        raise ValueError(f"boilerplate rule {name!r}: where = {where!r}, expected one of {', '.join(_WRAPPERS)}")
    try:
        pattern = re.compile(_WRAPPERS[str(where)].format(row["pattern"]))
        return Rule(str(name), str(where), tuple(row["triggers"]), pattern, str(row["removes"]), str(row["keeps"]))  # type: ignore[arg-type]
    except KeyError as error:
        raise ValueError(f"boilerplate rule {name!r}: key {error} is missing") from None
    except re.error as error:
        raise ValueError(f"boilerplate rule {name!r}: bad pattern: {error}") from None


_WRAPPERS = {
    "head": r"\s*(?:{})",
    "line": "(?:{})",
    "inline": "(?:{})",
    "tail": r"(?:{})\Z",
}


def boilerplate_edits(text: str) -> list[Edit]:
    """Return the edits that remove boilerplate from `text`.

    Parameters
    ----------
    text : str
        Plain text of an article, normalised.

    Returns
    -------
    list of Edit
        Sorted and not overlapping. An inline match leaves a space, so that no words are joined.
    """
    found: list[tuple[int, int, str]] = []
    head_end = 0
    for rule in load_rules():
        if rule.where == "head":
            # Head rules follow one another: breadcrumb, byline, time, dateline.
            match = rule.pattern.match(text, head_end) if rule.applies(text[head_end : head_end + _HEAD]) else None
            if match and head_end < match.end() <= head_end + _HEAD:
                found.append((head_end, match.end(), ""))
                head_end = match.end()
        elif rule.where == "tail":
            start = max(head_end, len(text) - _TAIL)
            match = rule.pattern.search(text, start) if rule.applies(text[start:]) else None
            if match:
                found.append((match.start(), match.end(), ""))
        elif rule.where == "line":
            found += [(start, end, "") for start, end in _lines(rule, text, head_end)]
        elif rule.applies(text):
            found += [(match.start(), match.end(), " ") for match in rule.pattern.finditer(text, head_end)]
    return list(_merged(found))


def _lines(rule: Rule, text: str, head_end: int) -> Iterator[tuple[int, int]]:
    """Yield the lines of `text` that `rule` matches, looking only at those that hold one of its triggers."""
    for trigger in rule.triggers:
        at = text.find(trigger, head_end)
        while at >= 0:
            start = text.rfind("\n", 0, at) + 1
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            start = max(start, head_end)
            line = text[start:end].strip()
            if rule.pattern.fullmatch(line):
                yield start, min(end + 1, len(text))
            at = text.find(trigger, end)


def _merged(found: Iterable[tuple[int, int, str]]) -> Iterable[Edit]:
    last: Edit | None = None
    for start, end, text in sorted(found, key=lambda match: (match[0], -match[1])):
        if last is not None and start < last.end:
            last = Edit(last.start, max(last.end, end), last.text)
            continue
        if last is not None:
            yield last
        last = Edit(start, end, text)
    if last is not None:
        yield last
