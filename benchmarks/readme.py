"""The README's tables, which benchmarks write between their marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_README = Path(__file__).resolve().parent.parent / "README.md"


def write_table(name: str, rows: Sequence[str], readme: Path = _README) -> None:
    """Put a table between its marks, ``<!-- name -->`` and ``<!-- /name -->``.

    Parameters
    ----------
    name : str
        Of the marks.
    rows : sequence of str
        Lines of the table.
    readme : Path
        The file, which is changed in place.

    Raises
    ------
    ValueError
        If the marks are not there exactly once.
    """
    first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
    table = "\n".join([first, *rows, last])
    text, count = re.subn(f"{first}.*?{last}", lambda _: table, readme.read_text("utf-8"), flags=re.S)
    if count != 1:
        raise ValueError(f"{readme}: {count} places between {first} and {last}, expected 1")
    readme.write_text(text, "utf-8")
