"""Leads as further training articles: what a long article says first is what it reports."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.article import Document

_LONG = 1.6
"""An article of so many times the length of a lead has one of its own."""


def with_leads(
    documents: Sequence[Document], Y: NDArray[np.int8], lead_chars: int
) -> tuple[list[Document], NDArray[np.int8]]:
    """Return training articles with the leads of the long ones after them, as articles of the same labels.

    So an estimator learns to trust what stands in front, and meets every story at two lengths.

    Parameters
    ----------
    documents : sequence of Document
        Training articles.
    Y : ndarray of 0 and 1, shape (n_articles, n_labels)
        Whether an article carries a label.
    lead_chars : int
        Characters of a lead; 0 for none.

    Returns
    -------
    documents : list of Document
        The articles, then the leads.
    Y : ndarray of 0 and 1, shape (n_articles + n_leads, n_labels)
        Their labels.
    """
    long = [k for k, document in enumerate(documents) if lead_chars and len(document.text) > _LONG * lead_chars]
    leads = [documents[k]._replace(text=documents[k].text[:lead_chars]) for k in long]
    return [*documents, *leads], np.vstack([Y, Y[long]])
