"""The labels that a classifier assigns: names, titles, definitions."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

_NAME = re.compile(r"[^\s|,]+")


class Label(NamedTuple):
    """One label.

    Attributes
    ----------
    name : str
        What data files and answers hold, such as ``arms-transfer``.
    title : dict of str to str
        Its title by language code.
    definition, boundary : str
        What an article must report to carry it, and what does not count.
    frequency : float or None
        Share of the articles that carry it where the model will be used; None for as many as in the training data.
    """

    name: str
    title: dict[str, str]
    definition: str = ""
    boundary: str = ""
    frequency: float | None = None

    @property
    def info(self) -> dict[str, object]:
        """What a model keeps of a label, for whoever asks what it means."""
        return {"title": self.title, "definition": self.definition, "boundary": self.boundary}


class LabelError(ValueError):
    """A file of labels that cannot be used; the message says where and why."""


def load_labels(path: Path | None = None) -> tuple[Label, ...]:
    """Read labels from a TOML file.

    Parameters
    ----------
    path : Path, optional
        By default the file of the embedded corpus.

    Returns
    -------
    tuple of Label
        At least two, in the order of the file.

    Raises
    ------
    LabelError
        If the file cannot be read or a label is bad.
    """
    source = path if path is not None else files("train.corpus").joinpath("labels.toml")
    try:
        table = tomllib.loads(source.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LabelError(f"{source}: {error}; expected a TOML file with a [[label]] table for each label") from None
    rows = table.get("label", [])
    if not isinstance(rows, list):
        raise LabelError(f"{source}: label = {rows!r}, expected a [[label]] table for each label")
    labels = tuple(_label(row, f"{source}: label {place}") for place, row in enumerate(rows, start=1))
    names = [label.name for label in labels]
    if len(set(names)) != len(names):
        raise LabelError(f"{source}: a name stands twice in {', '.join(names)}")
    if len(labels) < 2:
        raise LabelError(f"{source}: {len(labels)} [[label]] tables, expected at least two")
    return labels


def _label(row: object, where: str) -> Label:
    if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not _NAME.fullmatch(row["name"]):
        raise LabelError(
            f"{where}: name = {row.get('name') if isinstance(row, dict) else row!r}, "
            "expected a word without spaces, commas or |"
        )
    title = row.get("title", row["name"])
    titles = title if isinstance(title, dict) else {"id": str(title), "en": str(title)}
    frequency = row.get("frequency")
    if frequency is not None and not (isinstance(frequency, float) and 0 < frequency < 1):
        raise LabelError(f"{where}: frequency = {frequency!r}, expected a number between 0 and 1 such as 0.05")
    return Label(row["name"], titles, str(row.get("definition", "")), str(row.get("boundary", "")), frequency)
