"""Texts in one buffer, as the compiled loops read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_PADDING = bytes(80)
"""The loops read up to 64 bytes at once, beyond the end of the last text."""


class Packed(NamedTuple):
    """UTF-8 bytes of many texts, one behind the other.

    Attributes
    ----------
    data : ndarray of uint8
        The bytes, and some zeros behind them; lone surrogates are encoded as three bytes.
    starts : ndarray of int64, shape (n_texts + 1,)
        Byte at which each text begins, and the end of the last.
    plain : ndarray of bool, shape (n_texts,)
        Whether a text is all ASCII, so that its bytes are its code points.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    plain: NDArray[np.bool_]


def pack(texts: Sequence[str]) -> Packed:
    """Pack texts.

    Parameters
    ----------
    texts : sequence of str
        Any strings.

    Returns
    -------
    Packed
        In the same order.
    """
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    starts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=starts[1:])
    plain = np.fromiter(map(str.isascii, texts), np.bool_, len(encoded))
    encoded.append(_PADDING)
    return Packed(np.frombuffer(b"".join(encoded), np.uint8), starts, plain)


def batches(texts: Sequence[str], characters: int) -> Iterator[list[str]]:
    """Yield `texts` in lists of about so many code points; a longer text is a list of its own."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= characters:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
