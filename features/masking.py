"""Texts in which every entity is replaced by its type, so that a model can learn the event and not the names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.entities import Mentions
from features.gazetteer import TYPES
from features.offsets import Edit, apply_edits

_WORDS = [f" {name.upper()} " for name in TYPES]


def mask_edits(mentions: Mentions, n_chars: int) -> list[list[Edit]]:
    """Return for each text the edits that put types in the place of names.

    Parameters
    ----------
    mentions : Mentions
        The entities.
    n_chars : int
        Only mentions that end within so many code points.

    Returns
    -------
    list of list of Edit
        Such as ``COUNTRY`` for ``Rusia`` and ``WEAPON`` for ``S-400``, set off by spaces.
    """
    edits: list[list[Edit]] = [[] for _ in range(mentions.n_texts)]
    near = np.flatnonzero(mentions.end <= n_chars)
    columns = (mentions.text[near], mentions.start[near], mentions.end[near], mentions.facts.type[mentions.entry[near]])
    for text, start, end, type_ in zip(*(column.tolist() for column in columns), strict=True):
        edits[text].append(Edit(start, end, _WORDS[type_]))
    return edits


def masked(texts: Sequence[str], edits: Sequence[Sequence[Edit]]) -> list[str]:
    """Return `texts` with `edits` carried out: ``COUNTRY membeli WEAPON dari COUNTRY``."""
    return [apply_edits(text, changes) for text, changes in zip(texts, edits, strict=True)]
