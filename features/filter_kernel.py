"""Two small filters in front of a table of phrases, so that the table, far away in memory, is seldom asked in vain.

The first has four bits for each bucket of a token's hash: may the token, its clitic cut off, be the whole of a folded
phrase, or of an exact one, and may longer ones of each kind begin with it? The second is a Bloom filter of the pairs of
tokens with which phrases begin, both bits of a pair in one word (Putze, Sanders and Singler, "Cache-, hash- and
space-efficient Bloom filters", 2007).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.token_kernel import GLUED, LINE, SOFT, TOKEN_SEED
from features.word_kernel import bucket, follow, hash_bytes, mix

_TOKEN_BITS, _PAIR_BITS = 20, 14
TOKEN_CELLS, PAIR_CELLS = 2 ** (_TOKEN_BITS - 1), 2**_PAIR_BITS
"""Elements of the filters: two buckets of a token in a uint8, and a word of 64 bits of the Bloom filter."""
FOLDED, EXACT, LONGER = 1, 2, 4
_TOKEN_SHIFT, _PAIR_SHIFT = np.uint64(64 - _TOKEN_BITS), np.uint64(64 - _PAIR_BITS)
_CLITICS = (b"nya", b"lah", b"kah", b"pun", b"ku")
_NINE = ord("9")
_ZERO, _1, _6, _63 = (np.uint64(n) for n in (0, 1, 6, 63))


@njit(cache=True, nogil=True, inline="always")
def _kinds(token, tokens):
    """Return what the filter has for a token: ``FOLDED`` and ``EXACT``, and the same times ``LONGER``."""
    cell = bucket(token, _TOKEN_SHIFT)
    return (tokens[cell >> 1] >> (4 * (cell & 1))) & 15


@njit(cache=True, nogil=True, inline="always")
def _pair_bits(pair):
    """Return where a pair stands in the filter: a word, and two bits of it."""
    mixed = mix(pair)
    return np.int64(mixed >> _PAIR_SHIFT), (_1 << (mixed & _63)) | (_1 << ((mixed >> _6) & _63))


@njit(cache=True, nogil=True, inline="always")
def _may_begin(pair, pairs):
    """Return whether a phrase may begin with a pair of tokens."""
    word, bits = _pair_bits(pair)
    return pairs[word] & bits == bits


@njit(cache=True, nogil=True)
def _note(token, before, position, kind, tokens, pairs):
    """Note in the filters a token that begins a phrase, or the second one with that before it."""
    if position == 0:
        cell = bucket(token, _TOKEN_SHIFT)
        tokens[cell >> 1] |= kind << (4 * (cell & 1))
    elif position == 1:
        word, bits = _pair_bits(follow(before, token))
        pairs[word] |= bits


@njit(cache=True, nogil=True)
def note_beginning(hashes, n, begins, ends, text, exact, scratch, tokens, pairs):
    """Note in the filters how a phrase of `n` tokens begins; behind the last of one or two may be a clitic.

    Parameters
    ----------
    hashes, n, begins, ends, text
        The tokens, as ``features.token_kernel.split_tokens`` gives them.
    exact : bool
        Whether case and diacritics count.
    scratch : ndarray of uint8, shape (>= longest token + 3,)
        Work space, and 8 elements more.
    tokens, pairs : ndarray of uint8 and uint64, shapes (TOKEN_CELLS,) and (PAIR_CELLS,)
        The filters.
    """
    kind = EXACT if exact else FOLDED
    _note(hashes[0], _ZERO, 0, kind if n == 1 else kind * LONGER, tokens, pairs)
    if n > 1:
        _note(hashes[1], hashes[0], 1, kind, tokens, pairs)
    last = n - 1
    if last > 1 or text[ends[last] - 1] <= _NINE:
        return
    size = ends[last] - begins[last]
    scratch[:size] = text[begins[last] : ends[last]]
    for clitic in _CLITICS:
        for k in range(len(clitic)):
            scratch[size + k] = clitic[k]
        token = hash_bytes(TOKEN_SEED, scratch, 0, size + len(clitic))
        _note(token, hashes[0], last, kind, tokens, pairs)


@njit(cache=True, nogil=True)
def find_candidates(hashes, gaps, n, tokens, pairs, places, kinds):
    """Write which tokens may begin a phrase and return how many do.

    Nothing here branches, so that the processor reads the filters for many tokens at once.

    Parameters
    ----------
    hashes, gaps, n
        The tokens, as ``features.token_kernel.split_tokens`` gives them; a line's end is added behind them.
    tokens, pairs
        The filters.
    places, kinds : ndarray of int32 and uint8, shape (>= n + 1,)
        Receive numbers of tokens and the sum of what may begin with each: ``FOLDED`` and ``EXACT`` for itself, the same
        times ``LONGER`` for more.

    Returns
    -------
    int
        Number of tokens left.
    """
    n_first = 0
    for t in range(n):
        places[n_first] = t
        kinds[n_first] = _kinds(hashes[t], tokens)
        n_first += (kinds[n_first] != 0) & (gaps[t] != GLUED)
    hashes[n], gaps[n] = _ZERO, LINE
    n_kept = 0
    for k in range(n_first):
        t = np.int64(places[k])
        longer = (gaps[t + 1] <= SOFT) & _may_begin(follow(hashes[t], hashes[t + 1]), pairs)
        kept = kinds[k] & (LONGER * (FOLDED | EXACT) * longer | FOLDED | EXACT)
        places[n_kept], kinds[n_kept] = t, kept
        n_kept += kept != 0
    return n_kept
