"""What ``features.word_kernel`` and ``features.ngram_kernel`` compute, in plain Python: written from its docstrings, slow, and sharing no code with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

HYPHENS = "-\u2010\u2011"
APOSTROPHES = "'\u2018\u2019\u02bc\u02bb\uff07`\u00b4"

WORD_SEED = 0x51ED270B0E02B7A1
CHAR_SEED = 0xC2B2AE3D27D4EB4F
PRIME = 0x9E3779B97F4A7C15
MODULUS = 2**64


class Char(NamedTuple):
    """A folded character and its offset in the text."""

    folded: str
    offset: int


class Ngram(NamedTuple):
    """One occurrence: column of the matrix, and span of the text."""

    column: int
    start: int
    end: int


Word = list[Char]


def is_joiner(char: str) -> bool:
    return char in HYPHENS + APOSTROPHES


def is_ignorable(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"


def is_word_character(char: str) -> bool:
    if is_joiner(char) or is_ignorable(char):
        return False
    return char.isalnum() or unicodedata.category(char).startswith("M")


def fold(char: str) -> str:
    if char in HYPHENS:
        return "-"
    return "'" if char in APOSTROPHES else char.lower()[0]


def split_words(text: str) -> list[Word]:
    """Return the runs of word characters, with the single joiners between two of them; what is ignorable is not there."""
    visible = [(char, offset) for offset, char in enumerate(text) if not is_ignorable(char)]
    kinds = ["w" if is_word_character(char) else "j" if is_joiner(char) else " " for char, _ in visible]
    words: list[Word] = [[]]
    for place, (char, offset) in enumerate(visible):
        inner_joiner = (
            kinds[place] == "j" and kinds[place - 1 : place] == ["w"] and kinds[place + 1 : place + 2] == ["w"]
        )
        if kinds[place] == "w" or inner_joiner:
            words[-1].append(Char(fold(char), offset))
        else:
            words.append([])
    return [word for word in words if word]


def hash_sequence(value: int, items: Iterable[int]) -> int:
    for item in items:
        value = (value ^ item) * PRIME % MODULUS
    return value


def bucket(value: int, n_features: int) -> int:
    """Return the top bits of the mixed hash, as many as number the buckets."""
    mixed = (value ^ (value >> 32)) * 0xFF51AFD7ED558CCD % MODULUS
    return mixed * n_features // MODULUS


def hash_word(word: Word) -> int:
    """Return the hash of the folded UTF-8 bytes, eight at a time, the first one lowest."""
    text = "".join(char.folded for char in word).encode()
    value = WORD_SEED
    for at in range(0, len(text), 8):
        value = hash_sequence(value, [int.from_bytes(text[at : at + 8], "little")])
        value ^= value >> 32
    return value


def hash_words(hashes: list[int]) -> int:
    """Return the hash of a word n-gram: that of its first word goes on with the hashes of the others."""
    value = hashes[0]
    for item in hashes[1:]:
        value = (value * PRIME % MODULUS) ^ item
    return value


def char_grams(padded: list, low: int, high: int) -> Iterator[list]:
    """Yield the n-grams of a padded word; one that is shorter than `low` is a single n-gram."""
    if len(padded) < low:
        yield padded
    for n in range(low, high + 1):
        for start in range(len(padded) - n + 1):
            yield padded[start : start + n]


def ngrams(text: str, words: tuple[int, int] | None, chars: tuple[int, int] | None, n_features: int) -> Iterator[Ngram]:
    """Yield every n-gram of a text."""
    found = split_words(text)
    if words is not None:
        hashes = [hash_word(word) for word in found]
        for n in range(words[0], words[1] + 1):
            for first in range(len(found) - n + 1):
                value = hash_words(hashes[first : first + n])
                yield Ngram(bucket(value, n_features), found[first][0].offset, found[first + n - 1][-1].offset + 1)
    if chars is not None:
        block = n_features if words is not None else 0
        pad = Char(" ", -1)
        for word in found:
            for gram in char_grams([pad, *word, pad], *chars):
                value = hash_sequence(CHAR_SEED, (ord(char.folded) for char in gram))
                offsets = [char.offset for char in gram if char is not pad] or [word[0].offset]
                yield Ngram(block + bucket(value, n_features), offsets[0], offsets[-1] + 1)
