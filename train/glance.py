"""Whether there is a champion that can be loaded, told at a glance: without MLflow, whose import takes seconds."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from typing import Any

from features import FEATURES_VERSION
from train import store

_QUERY = """
SELECT version, storage_location FROM registered_model_aliases JOIN model_versions USING (name, version)
WHERE name = ? AND alias = 'champion'
"""
_FILE = "model.skops"
"""Like `train.artifact.FILE`, whose module brings the compiled loops."""
_CLASS = {"__module__": "train.classifier", "__class__": "ArticleClassifier"}


def has_champion(name: str) -> bool:
    """Return whether a SQLite store plainly has a champion whose file is whole and of this version of the features.

    Parameters
    ----------
    name : str
        Of the registered model.

    Returns
    -------
    bool
        False wherever only loading tells: with a server, with anything that is not as it should be. Which types the
        file holds is not asked; who loads it refuses foreign ones.
    """
    folder = store.local_folder()
    if folder is None or (found := champion(name)) is None:
        return False
    place = found[1].rpartition(f"/{store.ARTIFACTS}/models/")[2]
    try:
        with zipfile.ZipFile(folder / store.ARTIFACTS / "models" / place / _FILE) as archive:
            schema = json.loads(archive.read("schema.json"))
            return _is_ours(schema) and archive.testzip() is None
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def champion(name: str) -> tuple[str, str] | None:
    """Return the champion's version and where it says that its files are, or None where a SQLite store does not say."""
    uri = store.tracking_uri()
    if not uri.startswith("sqlite:///") or not store.exists():
        return None
    try:
        with closing(sqlite3.connect(f"file:{uri.removeprefix('sqlite:///')}?mode=ro", uri=True)) as database:
            found = database.execute(_QUERY, (name,)).fetchone()
    except sqlite3.Error:
        return None
    return (str(found[0]), str(found[1])) if found else None


def _is_ours(schema: Any) -> bool:
    """Return whether a skops schema is that of a classifier with features of this version."""
    try:
        state = schema["content"]["content"]["features_"]["content"]["content"]
        version = json.loads(state["features_version_"]["content"])
        return version == FEATURES_VERSION and _CLASS.items() <= schema.items()  # type: ignore[no-any-return]
    except (KeyError, TypeError, AttributeError):
        return False
