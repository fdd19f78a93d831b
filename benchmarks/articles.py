"""Made-up articles with the statistics of Indonesian news: Zipf's law, affixes, names, punctuation, paragraphs."""

from __future__ import annotations

import functools
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

from features.gazetteer import load_gazetteer

_SYLLABLES = (
    "ba be bi bo bu ca da de di du fa ga ge gi gu ha ja ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni nu "
    "pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu wa ya yu an en in kan ngan rang tan sing bang jung"
    " dar ter"
).split()
_FUNCTION = (
    "yang dan di dari untuk dengan pada tidak ini itu dalam akan oleh juga telah ke sebagai karena bisa saat".split()
)
KEPT = "KAWAT_BENCHMARK_ARTICLES"
_VOCABULARY = 60_000
_NAMES = 0.025
"""Share of the words that begin a name of the gazetteer; in the real articles it is about 0.06."""


@functools.cache
def _vocabulary() -> tuple[list[str], list[float]]:
    chooser = random.Random(1)
    words = list(_FUNCTION)
    seen = set(words)
    while len(words) < _VOCABULARY:
        word = "".join(chooser.choices(_SYLLABLES, k=chooser.choice((2, 2, 3, 3, 4))))
        if chooser.random() < 0.3:
            word = chooser.choice(("me", "di", "ber", "pe")) + word + chooser.choice(("", "kan", "an", "nya"))
        if word not in seen:
            seen.add(word)
            words.append(word)
    total, cumulative = 0.0, []
    for rank in range(1, _VOCABULARY + 1):
        total += 1 / (rank + 2.7) ** 1.05
        cumulative.append(total)
    return words, cumulative


@functools.cache
def names() -> tuple[str, ...]:
    """Return the unmarked forms of the gazetteer, which count wherever they stand, in a fixed order."""
    return tuple(
        sorted(
            {
                form.text
                for entry in load_gazetteer()
                for form in entry.forms
                if not (form.exact or form.ambiguous or form.personal) and form.text.isascii() and len(form.text) > 3
            }
        )
    )


def articles(n: int, *, size: int = 2700, seed: int = 0, plain: bool = False) -> list[str]:
    """Return articles: to make them takes longer than to read them, so the cases of one run share them in a folder.

    See `_made` for the parameters; the folder's name is in the environment variable ``KEPT``, without which they are
    made anew.
    """
    folder = os.environ.get(KEPT)
    file = Path(folder) / f"{n}-{size}-{seed}-{plain}.json" if folder else None
    if file is None or not file.exists():
        made = list(_made(n, size=size, seed=seed, plain=plain))
        if file is None:
            return made
        file.write_text(json.dumps(made), "utf-8")
    read: list[str] = json.loads(file.read_text("utf-8"))
    return read


def _made(n: int, *, size: int, seed: int, plain: bool) -> Iterator[str]:
    """Yield articles.

    Parameters
    ----------
    n : int
        How many.
    size : int
        Characters of each, about.
    seed : int
        The same seed gives the same articles.
    plain : bool
        Lower-case words with one space between, on which every tokeniser agrees.
    """
    words, cumulative = _vocabulary()
    for number in range(n):
        chooser = random.Random(seed * 1_000_003 + number)
        drawn = chooser.choices(words, cum_weights=cumulative, k=max(4, size * 10 // 66))
        if plain:
            yield " ".join(drawn)
            continue
        for place in range(len(drawn)):
            if chooser.random() < _NAMES:
                drawn[place] = chooser.choice(names())
        yield _punctuated(drawn, chooser)


def _punctuated(words: list[str], chooser: random.Random) -> str:
    pieces, sentence = [], 0
    for word in words:
        pieces.append(word if sentence else word[:1].upper() + word[1:])
        sentence += 1
        if sentence > 6 and chooser.random() < 0.09:
            pieces[-1] += chooser.choice((". ", ". ", ".\n", ".\n\n", '," ujarnya. '))
            sentence = 0
        else:
            pieces[-1] += ", " if chooser.random() < 0.05 else " "
    return "".join(pieces)


def pages(n: int) -> Iterator[str]:
    """Yield articles as web pages: navigation, advertisements, related links, scripts and a footer around the text."""
    menu = "".join(f'<li><a href="/kanal/{k}">Kanal {k}</a></li>' for k in range(40))
    script = "<script>var data = {" + ",".join(f'"k{k}": "<p>{k}</p>"' for k in range(200)) + "};</script>"
    for number, text in enumerate(articles(n)):
        paragraphs = "".join(f"<p>{line}</p>\n" for line in text.split("\n") if line)
        related = "".join(f'<li><a href="/baca/{k}">Judul berita lain nomor {k}</a></li>' for k in range(12))
        yield (
            f"<!DOCTYPE html><html><head><title>Berita {number}</title>{script}<style>p {{ margin: 0 }}</style></head>"
            "<body>"
            f'<header><nav><ul class="menu">{menu}</ul></nav></header><article><h1>Berita {number}</h1>'
            f'<figure><img src="a.jpg"><figcaption>Foto: arsip</figcaption></figure>{paragraphs}'
            f'<div class="baca-juga"><ul>{related}</ul></div></article>'
            f'<aside class="sidebar"><ul>{related}</ul></aside>'
            f"<footer><ul>{menu}</ul></footer></body></html>"
        )
