"""Decides whether an ambiguous form is meant as an entity where it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.gazetteer import Context, Entry, Form
from features.language import ENGLISH, detect_language

_WORD, _AS = re.compile(r"\w+"), re.compile(r"\bAS\b")
_WINDOW = 120
"""Characters to either side of an ambiguous form that are searched for a context word."""

# Columns of `features.phrase_kernel.match_phrases`.
TEXT, START, END, FORM, SENTENCE, BESIDE = range(6)
_AFTER_CAPITAL, _BEFORE_CAPITAL = 1, 2


class Marks(NamedTuple):
    """What the gazetteer says of each form: arrays of shape (n_forms,).

    Attributes
    ----------
    ambiguous, personal, function_word, currency : ndarray of bool
        Whether a form needs a context, whether it must not be part of a person's name, whether it is an English
        function word in other case (``AS``), and whether a dollar sign behind it makes money of it (``US$``).
    entry, type : ndarray of int32
        Numbers of its entry and of the type of that.
    """

    ambiguous: NDArray[np.bool_]
    personal: NDArray[np.bool_]
    function_word: NDArray[np.bool_]
    currency: NDArray[np.bool_]
    entry: NDArray[np.int32]
    type: NDArray[np.int32]

    @classmethod
    def of(cls, forms: Sequence[tuple[int, Entry, Form]], types: Sequence[str]) -> Marks:
        """Collect the marks of forms, each given with the number of its entry."""
        number = {name: k for k, name in enumerate(types)}
        return cls(
            np.array([form.ambiguous for _, _, form in forms], bool),
            np.array([form.personal for _, _, form in forms], bool),
            np.array(
                [form.exact and form.text.isupper() and form.text.lower() in ENGLISH for _, _, form in forms], bool
            ),
            np.array([form.exact and form.text.isupper() and len(form.text) == 2 for _, _, form in forms], bool),
            np.array([k for k, _, _ in forms], np.int32),
            np.array([number[entry.type] for _, entry, _ in forms], np.int32),
        )


def kept_rows(
    rows: NDArray[np.int32], texts: Sequence[str], marks: Marks, types: Sequence[str], context: Context
) -> NDArray[np.bool_]:
    """Tell which matches are meant.

    Parameters
    ----------
    rows : ndarray of int32, shape (n_matches, 7)
        From `features.phrase_kernel.match_phrases`, forms numbered as in `marks`.
    texts : sequence of str
        The texts that were searched.
    marks : Marks
        Of the forms.
    types : sequence of str
        Names of the types that `marks` numbers.
    context : Context
        Words that decide.

    Returns
    -------
    ndarray of bool, shape (n_matches,)
        A form that may be part of a person's name is dropped beside a capitalised word that is no entity, letters of a
        currency before their sign. An ambiguous
        one is kept where its sentence holds another entity of its type or a context word is near, or where the text
        names the same entity unambiguously.
    """
    forms = rows[:, FORM]
    keep = np.ones(len(rows), bool)
    for k in np.flatnonzero(marks.personal[forms] & (rows[:, BESIDE] > 0)).tolist():
        keep[k] = not _beside_name(rows, k, texts[rows[k, TEXT]], context)
    for k in np.flatnonzero(marks.function_word[forms] & keep).tolist():
        keep[k] = not _in_english_capitals(texts[rows[k, TEXT]], rows[k, START])
    for k in np.flatnonzero(marks.currency[forms] & keep).tolist():
        end = rows[k, END]
        keep[k] = texts[rows[k, TEXT]][end : end + 1] != "$"
    doubtful = np.flatnonzero(marks.ambiguous[forms] & keep)
    if len(doubtful) == 0:
        return keep
    keep[doubtful] = False
    in_doubt = np.zeros(len(texts), bool)
    in_doubt[rows[doubtful, TEXT]] = True
    sure = rows[keep & in_doubt[rows[:, TEXT]]]
    types_seen = set(
        zip(*(column.tolist() for column in (sure[:, TEXT], sure[:, SENTENCE], marks.type[sure[:, FORM]])), strict=True)
    )
    entries_seen = set(zip(sure[:, TEXT].tolist(), marks.entry[sure[:, FORM]].tolist(), strict=True))
    for k in doubtful.tolist():
        text, start, end, form, sentence = rows[k, :BESIDE].tolist()
        type_ = int(marks.type[form])
        keep[k] = (
            (text, sentence, type_) in types_seen
            or (text, int(marks.entry[form])) in entries_seen
            or _has_cue(texts[text], start, end, context.cues[types[type_]], near=types[type_] == "city")
        )
    return keep


def _beside_name(rows: NDArray[np.int32], k: int, text: str, context: Context) -> bool:
    """Return whether a capitalised word beside match `k` makes it part of a person's name."""
    _, start, end, _, _, beside = rows[k, : BESIDE + 1].tolist()
    same_text = rows[:, TEXT] == rows[k, TEXT]
    if beside & _AFTER_CAPITAL:
        before = _WORD.findall(text[max(0, start - 40) : start])
        known = k > 0 and same_text[k - 1] and rows[k - 1, END] == start - 1
        if before and not known and before[-1].casefold() not in context.neutral:
            return True
    if beside & _BEFORE_CAPITAL:
        after = _WORD.search(text, end)
        known = k + 1 < len(rows) and same_text[k + 1] and rows[k + 1, START] == end + 1
        if after and not known and after[0].casefold() not in context.neutral:
            return True
    return False


def _in_english_capitals(text: str, start: int) -> bool:
    """Return whether the line is an English headline in capitals, where AS is a conjunction; the rest of it tells."""
    left, right = text.rfind("\n", 0, start) + 1, text.find("\n", start)
    line = text[left:right] if right >= 0 else text[left:]
    return line.isupper() and detect_language(_AS.sub("", line)) == "en"


def _has_cue(text: str, start: int, end: int, cues: frozenset[str], *, near: bool) -> bool:
    """Return whether a context word is in the sentence, or, for `near`, right before the form."""
    if near:
        before = _WORD.findall(text[max(0, start - 20) : start].casefold())
        return bool(before) and before[-1] in cues
    left = max(0, start - _WINDOW, text.rfind("\n", 0, start))
    window = f"{text[left:start]} {text[end : end + _WINDOW].split(chr(10), 1)[0]}"
    return not cues.isdisjoint(_WORD.findall(window.casefold()))
