"""Parts of a data set that figures are looked at separately for: by language, by length, by year."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.article import Document

FEWEST = 20
"""Articles below which a part says too little to be measured."""
_LENGTHS = ((500, "under-500"), (1500, "500-to-1499"), (None, "from-1500"))
"""Characters that a cleaned text has less than, and what such texts are called."""
_YEARS = 12
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def slices(documents: Sequence[Document]) -> dict[str, NDArray[np.bool_]]:
    """Return the parts that have enough articles.

    Parameters
    ----------
    documents : sequence of Document
        The articles.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_articles,)
        Such as ``language.id``, ``length.under-500`` (characters of the cleaned text), ``year.2025`` (of `published`,
        where that holds one; the last dozen years). A part is there from ``FEWEST`` articles on.
    """
    found = {
        f"language.{language}": _where(documents, language) for language in sorted({d.language for d in documents})
    }
    lengths = np.array([len(document.text) for document in documents])
    low = 0
    for high, name in _LENGTHS:
        found[f"length.{name}"] = (lengths >= low) & ((lengths < high) if high else True)
        low = high or low
    years = np.array([_year(document) for document in documents])
    for year in sorted(set(years.tolist()) - {0})[-_YEARS:]:
        found[f"year.{year}"] = years == year
    return {name: rows for name, rows in found.items() if rows.sum() >= FEWEST}


def _where(documents: Sequence[Document], language: str) -> NDArray[np.bool_]:
    return np.array([document.language == language for document in documents], bool)


def _year(document: Document) -> int:
    match = _YEAR.search(document.article.published or "")
    return int(match[0]) if match else 0
