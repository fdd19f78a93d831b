"""Old runs and versions that nothing points at, removed with their files."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from train import store
from train.abandoned import is_alive
from train.aliases import history
from train.registry import NoModelError, local_copy, require_store, versions

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run

_PARENT = "mlflow.parentRunId"
_PAGE = 500


@dataclass(frozen=True)
class Pruned:
    """What was removed, or would be.

    Attributes
    ----------
    name : str
        Of the experiment and of the registered model.
    versions : tuple of int
        Registered versions.
    runs : tuple of str
        Runs, those of candidates included.
    freed : int
        Bytes of their files; 0 where a server keeps them.
    kept : tuple of int
        Versions that stay.
    dry_run, is_local : bool
        Whether nothing was removed; whether the files are in this machine's store.
    """

    name: str
    versions: tuple[int, ...]
    runs: tuple[str, ...]
    freed: int
    kept: tuple[int, ...]
    dry_run: bool
    is_local: bool

    def as_json(self) -> dict[str, Any]:
        """Return what `kawat prune --json` prints."""
        return {
            "name": self.name,
            "versions": list(self.versions),
            "runs": list(self.runs),
            "bytes": self.freed,
            "kept": list(self.kept),
            "dry_run": self.dry_run,
        }

    def __str__(self) -> str:
        done = "would remove" if self.dry_run else "removed"
        numbers = f" ({', '.join(map(str, self.versions))})" if self.versions else ""
        kept = f"versions that stay: {', '.join(map(str, self.kept)) or 'none'}"
        if not self.versions and not self.runs:
            return f"nothing of {self.name} to remove; {kept}"
        amount = f", {self.freed / 1e6:.1f} MB" if self.is_local else "; `mlflow gc` on the server removes their files"
        return f"{done} {len(self.versions)} versions{numbers} and {len(self.runs)} runs of {self.name}{amount}; {kept}"


def prune(name: str, *, keep: int = 5, dry_run: bool = False) -> Pruned:
    """Remove old trainings and versions that nothing points at.

    Parameters
    ----------
    name : str
        Of the experiment and of the registered model.
    keep : int, default=5
        So many of the newest trainings and of the newest versions stay in any case.
    dry_run : bool, default=False
        Only say what would be removed.

    Returns
    -------
    Pruned
        What was removed. A version stays if an alias points at it or `kawat rollback` can go back to it; a run stays
        if a version that stays came from it, or if its process still lives.

    Raises
    ------
    NoModelError
        If there is no such experiment.
    """
    require_store()
    client = store.open_client()
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        raise NoModelError(f"no trainings of {name!r} under {store.tracking_uri()}; start with `kawat train`")
    with store.lock():
        found = versions(client, name)
        registered = client.get_registered_model(name) if found else None
        needed = {str(number) for number in registered.aliases.values()} if registered else set()
        needed |= set(history(client, name)) if registered else set()
        needed |= {str(version.version) for version in found[:keep]}
        old = [version for version in found if str(version.version) not in needed]
        runs = _runs(client, experiment.experiment_id)
        sources = {str(version.run_id) for version in found if version not in old}
        removed = _unneeded(runs, keep, sources)
        models = [model for model in _models(client, experiment.experiment_id) if str(model.source_run_id) in removed]
        folders = _folders([run for run in runs if run.info.run_id in removed], models)
        freed = _size(folders)
        if not dry_run:
            for version in old:
                client.delete_model_version(name, str(version.version))
            _remove(client, removed, models, folders)
    numbers = [int(version.version) for version in old]
    stay = [int(version.version) for version in found if version not in old]
    return Pruned(
        name, tuple(numbers), tuple(sorted(removed)), freed, tuple(stay), dry_run, store.local_folder() is not None
    )


def _runs(client: MlflowClient, experiment_id: str) -> list[Run]:
    """Return all runs, those deleted in the UI as well, newest first."""
    from mlflow.entities import ViewType

    found: list[Run] = []
    token = None
    while True:
        page = client.search_runs(
            [experiment_id],
            run_view_type=ViewType.ALL,
            max_results=_PAGE,
            order_by=["attributes.start_time DESC"],
            page_token=token,
        )
        found += page
        if not (token := page.token):
            return found


def _models(client: MlflowClient, experiment_id: str) -> list[LoggedModel]:
    found: list[LoggedModel] = []
    token = None
    while True:
        page = client.search_logged_models([experiment_id], max_results=_PAGE, page_token=token)
        found += page
        if not (token := page.token):
            return found


def _unneeded(runs: Iterable[Run], keep: int, sources: Collection[str]) -> set[str]:
    """Return the runs that nothing needs, given those that kept versions came from."""
    runs = list(runs)
    parents = [run for run in runs if _PARENT not in run.data.tags]
    present = [run.info.run_id for run in parents if run.info.lifecycle_stage == "active"]
    stay = {*present[:keep], *sources}
    for run in parents:
        # A training that has ended but lives may be about to register what it logged.
        if is_alive(run.data.tags, default=run.info.status == "RUNNING"):
            stay.add(run.info.run_id)
    return {run.info.run_id for run in runs if not {run.info.run_id, run.data.tags.get(_PARENT)} & stay}


def _folders(runs: Iterable[Run], models: Iterable[LoggedModel]) -> list[Path]:
    """Return the folders of runs and models within this machine's store; none where a server keeps them."""
    if (folder := store.local_folder()) is None:
        return []
    uris = [str(run.info.artifact_uri) for run in runs] + [model.artifact_location for model in models]
    places = [local_copy(uri).parent for uri in uris]  # each has its files in a folder `artifacts` of its own
    return [place for place in places if folder / store.ARTIFACTS in place.parents]


def _size(folders: Iterable[Path]) -> int:
    return sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())


def _remove(client: MlflowClient, runs: Iterable[str], models: Iterable[LoggedModel], folders: Iterable[Path]) -> None:
    """Remove files first and their records then: what is interrupted is found again by the next call."""
    from mlflow.tracking._tracking_service.utils import _get_store

    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    # What `mlflow gc` calls; a server does not offer it, there runs are only marked as deleted.
    tracking = _get_store()
    erase_model = getattr(tracking, "_hard_delete_logged_model", client.delete_logged_model)
    erase_run = getattr(tracking, "_hard_delete_run", client.delete_run)
    for model in models:
        erase_model(model.model_id)
    for run in runs:
        erase_run(run)
    if (local := store.local_folder()) is not None:
        database = local / store.DATABASE
        # A reader at work keeps the file from shrinking; the next call finds it idle.
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(database)) as connection:
            connection.execute("VACUUM")
