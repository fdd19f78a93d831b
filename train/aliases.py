"""Which version serves: the champion's alias, moved by hand or by the gate, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from train import store
from train.registry import CHAMPION, NoModelError, load, require_store, resolve, versions

if TYPE_CHECKING:
    from mlflow import MlflowClient

HISTORY = "kawat.history"
"""Tag of the registered model: the versions that served before, the latest last, separated by spaces."""
_REMEMBERED = 10
"""Former champions that `kawat rollback` can go back to, and that `kawat prune` therefore keeps."""


@dataclass(frozen=True)
class Move:
    """What a move of the champion's alias changed.

    Attributes
    ----------
    name : str
        The registered model.
    before, after : str or None
        Versions; the same where nothing changed, None for `before` where nothing served.
    labels_added, labels_removed : tuple of str
        How the labels that are assigned change.
    """

    name: str
    before: str | None
    after: str
    labels_added: tuple[str, ...] = ()
    labels_removed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the move as `--json` prints it."""
        return {
            "name": self.name,
            "before": int(self.before) if self.before else None,
            "after": int(self.after),
            "labels_added": list(self.labels_added),
            "labels_removed": list(self.labels_removed),
        }

    def __str__(self) -> str:
        if self.before == self.after:
            return f"{self.name} version {self.after} is the champion already; nothing was changed"
        was = f"version {self.before} was" if self.before else "there was none"
        added = f"; labels added: {', '.join(self.labels_added)}" if self.labels_added else ""
        removed = f"; labels no longer assigned: {', '.join(self.labels_removed)}" if self.labels_removed else ""
        return f"{self.name} version {self.after} is the champion now ({was}){added}{removed}"


def champion_version(client: MlflowClient, name: str) -> str | None:
    """Return the version that serves, or None if there is none; a store that does not answer is no such answer."""
    from mlflow.exceptions import MlflowException

    try:
        version = client.get_registered_model(name).aliases.get(CHAMPION)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    return None if version is None else str(version)


def history(client: MlflowClient, name: str) -> list[str]:
    """Return the versions that served before, the latest last, as far as they still exist."""
    existing = {str(version.version) for version in versions(client, name)}
    noted = client.get_registered_model(name).tags.get(HISTORY, "").split()
    return [version for version in noted if version in existing]


def move(client: MlflowClient, name: str, version: str) -> str | None:
    """Point the champion's alias to a version, remember the one before, and return it; to be called under the lock."""
    before = champion_version(client, name)
    if before is not None and before != version:
        # Noted first: killed in between, the history ends with the champion itself, which a rollback passes over.
        noted = [*(past for past in history(client, name) if past != before), before]
        client.set_registered_model_tag(name, HISTORY, " ".join(noted[-_REMEMBERED:]))
    client.set_registered_model_alias(name, CHAMPION, version)
    return before


def promote(name: str, which: str) -> Move:
    """Let a version serve, whatever the gate said of it.

    Parameters
    ----------
    name : str
        Of the registered model.
    which : str
        A version number, or ``challenger``.

    Returns
    -------
    Move
        From which version to which.

    Raises
    ------
    NoModelError
        If there is no such version.
    ArtifactError
        If it cannot be loaded; then nothing is changed.
    """
    chosen = load(name, which)
    client = store.open_client()
    with store.lock():
        before = move(client, name, chosen.version)
    return _move(client, name, before, chosen.version)


def rollback(name: str) -> Move:
    """Let the version serve that served before the champion.

    Parameters
    ----------
    name : str
        Of the registered model.

    Returns
    -------
    Move
        From which version to which; called again, it goes back one more.

    Raises
    ------
    NoModelError
        If nothing served before.
    ArtifactError
        If what served before cannot be loaded; then nothing is changed.
    """
    require_store()
    client = store.open_client()
    with store.lock():
        before = champion_version(client, name)
        if before is None:
            resolve(client, name)  # says what there is and how to get a champion
        past = history(client, name)
        while past and past[-1] == before:
            past.pop()
        if not past:
            known = ", ".join(str(version.version) for version in versions(client, name))
            raise NoModelError(
                f"no version of {name} served before version {before}, so there is nothing to go back to "
                f"(versions: {known}); choose one with `kawat promote VERSION`"
            )
        chosen = load(name, past[-1])
        client.set_registered_model_alias(name, CHAMPION, chosen.version)
        client.set_registered_model_tag(name, HISTORY, " ".join(past[:-1]))
    return _move(client, name, before, chosen.version)


def _move(client: MlflowClient, name: str, before: str | None, after: str) -> Move:
    old, new = (set(labels_of(client, name, version)) for version in (before, after))
    if not old or not new:
        return Move(name, before, after)
    return Move(name, before, after, tuple(sorted(new - old)), tuple(sorted(old - new)))


LABELS = "labels"
"""Tag of a version: the names of its labels, separated by commas, readable even where the model is not."""


def labels_of(client: MlflowClient, name: str, version: str | None) -> list[str]:
    """Return the names of a version's labels; empty where it does not say them."""
    if version is None:
        return []
    return [label for label in client.get_model_version(name, version).tags.get(LABELS, "").split(",") if label]
