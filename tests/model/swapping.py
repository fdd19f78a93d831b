"""The same article about other states, leaders and weapons: entities replaced by others of their kind."""

import random
from collections.abc import Callable, Sequence

from features.article import Article, FoundEntity
from features.gazetteer import load_gazetteer

COUNTRIES = (
    "Rusia",
    "Jepang",
    "Brasil",
    "Turki",
    "Mesir",
    "Polandia",
    "Vietnam",
    "Kanada",
    "India",
    "Swedia",
    "Maroko",
    "Peru",
)
LEADERS = ("Macron", "Putin", "Erdogan", "Lula", "Modi", "Starmer", "Trudeau", "El-Sisi", "Marcos", "Netanyahu")  # fmt: skip


def weapons() -> dict[str, list[str]]:
    """Named weapon systems by class."""
    named: dict[str, list[str]] = {}
    for entry in load_gazetteer():
        if entry.type == "weapon" and entry.countries:
            named.setdefault(entry.entity_class, []).append(entry.name)
    return named


def swapped(
    article: Article, entities: list[FoundEntity], pick: Callable[[FoundEntity], Sequence[str]], seed: int
) -> Article | None:
    """Replace every entity that `pick` gives others for, the same by the same; None where there is none."""
    rng = random.Random(seed)
    chosen: dict[str, str] = {}
    fields = {"title": article.title or "", "text": article.text}
    for found in sorted(entities, key=lambda found: -found.span.start):
        pool = [name for name in pick(found) if name not in fields["title"] + fields["text"]]
        if pool:
            other = chosen.setdefault(found.entity.name, rng.choice(pool))
            text = fields[found.span.field]
            fields[found.span.field] = text[: found.span.start] + other + text[found.span.end :]
    return Article(**fields) if chosen else None
