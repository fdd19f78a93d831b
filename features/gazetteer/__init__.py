"""Names of states, places, persons, organisations, weapons, treaties, exercises and companies: data, one file a type.

Each ``<type>.csv`` has the columns ``name,class,forms,country`` (``weapon.csv`` also ``maker``). ``forms`` holds the
other surface forms, separated by ``|``. Marks before a form: ``=`` only in this case, ``?`` only where the sentence or
the article speaks of such things, ``^`` not beside another capitalised word (it may be part of a person's name). Lines
that begin with ``#`` are comments. ``context.toml`` holds the words that decide.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from babel import Locale

TYPES = ("country", "city", "person", "organisation", "weapon", "treaty", "exercise", "company")
"""Entity types; where two files hold the same form, the earlier type has it."""

_COLUMNS = ("name", "class", "forms", "country")
_MARKS = "=?^"
_CLASS = re.compile(r"[a-z]+(?:-[a-z]+)*|[A-Z]{2}")
_COUNTRIES = re.compile(r"(?:[A-Z]{2}(?: [A-Z]{2})*)?")


class Form(NamedTuple):
    """A surface form: its text, and whether it is bound to its case, to a context, or stands apart from names."""

    text: str
    exact: bool = False
    ambiguous: bool = False
    personal: bool = False

    @classmethod
    def parse(cls, text: str) -> Form:
        """Read a form with its marks, such as ``=?Lima``."""
        bare = text.lstrip(_MARKS)
        marks = text[: len(text) - len(bare)]
        return cls(bare, "=" in marks, "?" in marks, "^" in marks)


class Entry(NamedTuple):
    """One row of the gazetteer.

    Attributes
    ----------
    type, name : str
        One of ``TYPES``, and the canonical name.
    entity_class : str
        The ISO 3166 code of a country, else type and class, such as ``weapon.missile``.
    countries : tuple of str
        ISO 3166 codes of the states it belongs to.
    forms : tuple of Form
        All surface forms, the canonical name among them.
    """

    type: str
    name: str
    entity_class: str
    countries: tuple[str, ...]
    forms: tuple[Form, ...]


class Context(NamedTuple):
    """Words that decide where a form is ambiguous.

    Attributes
    ----------
    cues : dict of str to frozenset of str
        For each type, words near which an ambiguous form is meant.
    neutral : frozenset of str
        Capitalised words that may stand beside a state's name without making it a person's.
    not_in_slugs : frozenset of str
        Abbreviations that are a common word in lower case, even in a headline without capitals.

    decoys : frozenset of str
        Phrases that hold a name but mean something else.
    """

    cues: dict[str, frozenset[str]]
    neutral: frozenset[str]
    not_in_slugs: frozenset[str]
    decoys: frozenset[str]


def load_gazetteer(folder: Path | None = None) -> tuple[Entry, ...]:
    """Read all files of a gazetteer.

    Parameters
    ----------
    folder : Path, optional
        Where the files are; by default those of the package.

    Returns
    -------
    tuple of Entry
        In the order of ``TYPES`` and of the lines.

    Raises
    ------
    ValueError
        If a line is bad or a form stands twice; the message names file and line, and says what would be right.
    """
    root: Traversable = folder or files(__name__)
    return tuple(entry for type_ in TYPES for entry in _read(root.joinpath(f"{type_}.csv"), type_))


_WORD_LISTS = ("neutral", "not_in_slugs", "decoys")


@cache
def load_context() -> Context:
    """Read ``context.toml``, which comes with the package."""
    table = tomllib.loads(files(__name__).joinpath("context.toml").read_text("utf-8"))
    cues = {type_: frozenset(table["cues"].get(type_, ())) for type_ in TYPES}
    return Context(cues, *(frozenset(table[name]) for name in _WORD_LISTS))


def dump_gazetteer(entries: Sequence[Entry], context: Context) -> str:
    """Return entries and context words as one text, which `parse_gazetteer` reads back."""

    def mark(form: Form) -> str:
        return "=" * form.exact + "?" * form.ambiguous + "^" * form.personal + form.text

    rows = [
        [entry.type, entry.name, entry.entity_class, " ".join(entry.countries), "|".join(map(mark, entry.forms))]
        for entry in entries
    ]
    words = {**context.cues, **{name: getattr(context, name) for name in _WORD_LISTS}}
    return "\n".join("\t".join(row) for row in [[name, *sorted(words[name])] for name in words] + rows)


def parse_gazetteer(text: str) -> tuple[tuple[Entry, ...], Context]:
    """Read back what `dump_gazetteer` gave."""
    lines = [line.split("\t") for line in text.split("\n")]
    n_lists = len(TYPES) + len(_WORD_LISTS)
    words = {name: frozenset(rest) for name, *rest in lines[:n_lists]}
    context = Context({name: words[name] for name in TYPES}, *(words[name] for name in _WORD_LISTS))
    entries = tuple(
        Entry(type_, name, class_, tuple(countries.split()), tuple(map(Form.parse, forms.split("|"))))
        for type_, name, class_, countries, forms in lines[n_lists:]
    )
    return entries, context


def _read(file: Traversable, type_: str) -> Iterator[Entry]:
    with file.open(encoding="utf-8") as stream:
        rows = (
            (number, line) for number, line in enumerate(stream, start=1) if line.strip() and not line.startswith("#")
        )
        numbers: list[int] = []

        def lines() -> Iterator[str]:
            for number, line in rows:
                numbers.append(number)
                yield line

        reader = csv.DictReader(lines(), restkey="more")
        missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(
                f"{file.name} line {numbers[0] if numbers else 1}: no column {', '.join(missing)}; "
                f"expected {','.join(_COLUMNS)}"
            )
        seen: dict[str, int] = {}
        for row in reader:
            where = f"{file.name} line {numbers[-1]}"
            entry = _entry(row, type_, where)
            for form in entry.forms:
                first = seen.setdefault(_key(form), numbers[-1])
                if first != numbers[-1]:
                    raise ValueError(
                        f"{where}: the form {form.text!r} stands in line {first} already; a form belongs to one entry"
                    )
            yield entry


def _entry(row: dict[str, str], type_: str, where: str) -> Entry:
    if "more" in row or None in row.values():
        n = sum(value is not None for value in row.values())
        raise ValueError(f"{where}: {n} columns, expected as many as the header has; quote a field that holds a comma")
    name, class_, countries = row["name"].strip(), row["class"].strip(), row["country"].strip()
    if not name:
        raise ValueError(f"{where}: the name is empty")
    if not _CLASS.fullmatch(class_):
        raise ValueError(
            f"{where}: class {class_!r}, expected lower-case words joined by hyphens, or two capitals for a country"
        )
    if not _COUNTRIES.fullmatch(countries):
        raise ValueError(f"{where}: country {countries!r}, expected ISO 3166 codes such as 'US GB'")
    forms = [Form.parse(text.strip()) for text in row["forms"].split("|") if text.strip()]
    for form in forms:
        if not any(char.isalnum() for char in form.text):
            raise ValueError(f"{where}: the form {form.text!r} holds no letter or digit")
    # A form that the file marks takes the place of the same form without a mark.
    given = {_key(form._replace(exact=False)) for form in forms}
    names = [name, *(_cldr_names(class_) if type_ == "country" else ())]
    for form in map(Form.parse, names):
        if _key(form) not in given:
            given.add(_key(form))
            forms.insert(0, form)
    entity_class = class_ if type_ == "country" else f"{type_}.{class_}"
    return Entry(type_, name, entity_class, tuple(countries.split()), tuple(forms))


def _cldr_names(code: str) -> list[str]:
    names = [Locale(language).territories.get("PS" if code == "PS" else code) for language in ("id", "en")]
    return [name for name in names if name and "(" not in name and "SAR" not in name]


_TOKEN = re.compile(r"[^\W\d_]+|\d+")


def _key(form: Form) -> str:
    """Return what the matcher compares: runs of letters and of digits."""
    return " ".join(_TOKEN.findall(form.text if form.exact else form.text.casefold()))
