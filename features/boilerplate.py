"""Lines and phrases that portals print around an article, found by rules that are data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from features.offsets import Edit
from features.packing import pack
from features.scan_kernel import MARK_SHIFT, enter_triggers, find_triggers

_HEAD = 400
"""Characters at the start of a text in which a head rule may match."""
_TAIL = 200
"""Characters at the end of a text in which a tail rule may match."""
_SEARCHED = ("head", "line", "inline")
"""Where rules stand whose triggers are searched for all at once; few characters are searched for a tail's."""


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
        triggers: tuple[str, ...] = tuple(row["triggers"])  # type: ignore[arg-type]
        least = 0 if where in ("line", "inline") else 3  # of a rule without triggers
        if where in _SEARCHED and min((len(trigger.encode()) for trigger in triggers), default=least) < 3:
            raise ValueError(
                f"boilerplate rule {name!r}: triggers = {triggers!r}, expected some of three bytes or more"
            )
        return Rule(str(name), str(where), triggers, pattern, str(row["removes"]), str(row["keeps"]))
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


class TriggerTable:
    """The triggers of the rules, compiled.

    Parameters
    ----------
    rules : sequence of Rule
        Those of the tail are passed over.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        searched = [rule for rule in rules if rule.where in _SEARCHED]
        pairs = [(trigger, rule.name) for rule in searched for trigger in rule.triggers]
        self._rules = [name for _, name in pairs]
        packed = pack([trigger for trigger, _ in pairs])
        marks, heads = np.zeros(65536 >> MARK_SHIFT, np.uint8), np.zeros(65536, np.int16)
        following = np.zeros(len(pairs), np.int16)
        enter_triggers(packed.data, packed.starts, marks, heads, following)
        self._table = packed.data, packed.starts, marks, heads, following

    def find(self, texts: Sequence[str]) -> list[dict[str, list[int]]]:
        """Return for each text, by the name of the rule, where its triggers stand, in code points and in order."""
        found: list[dict[str, list[int]]] = [{} for _ in texts]
        for text, place, trigger in find_triggers(*pack(texts), *self._table).tolist():
            found[text].setdefault(self._rules[trigger], []).append(place)
        return found


@cache
def _trigger_table() -> TriggerTable:
    return TriggerTable(load_rules())


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
    return edits_of_all([text])[0]


def edits_of_all(texts: Sequence[str]) -> list[list[Edit]]:
    """Return the edits that remove boilerplate from each of `texts`, see `boilerplate_edits`."""
    return [_edits(text, places) for text, places in zip(texts, _trigger_table().find(texts), strict=True)]


def _edits(text: str, places: dict[str, list[int]]) -> list[Edit]:
    found: list[tuple[int, int, str]] = []
    head_end = 0
    rules = _rules_by_place()
    for rule in rules["head"]:
        # Head rules follow one another: breadcrumb, byline, time, dateline.
        near = not rule.triggers or any(0 <= at - head_end < _HEAD for at in places.get(rule.name, ()))
        match = rule.pattern.match(text, head_end) if near else None
        if match and head_end < match.end() <= head_end + _HEAD:
            found.append((head_end, match.end(), ""))
            head_end = match.end()
    start = max(head_end, len(text) - _TAIL)
    ending = text[start:]
    for rule in rules["tail"]:
        match = rule.pattern.search(text, start) if rule.applies(ending) else None
        if match:
            found.append((match.start(), match.end(), ""))
    for rule in rules["line"]:
        if rule.name in places:
            found += [(start, end, "") for start, end in _lines(rule, text, head_end, places[rule.name])]
    for rule in rules["inline"]:
        if rule.name in places:
            found += [(match.start(), match.end(), " ") for match in rule.pattern.finditer(text, head_end)]
    return list(_merged(found)) if found else []


@cache
def _rules_by_place() -> dict[str, list[Rule]]:
    return {where: [rule for rule in load_rules() if rule.where == where] for where in _WRAPPERS}


def _lines(rule: Rule, text: str, head_end: int, places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the lines of `text` that `rule` matches, looking only at those that hold one of its triggers."""
    end = -1
    for at in places:
        if at < head_end or at < end:
            continue
        start = max(text.rfind("\n", 0, at) + 1, head_end)
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if rule.pattern.fullmatch(text[start:end].strip()):
            yield start, min(end + 1, len(text))


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
