"""Where MLflow keeps runs and models: a SQLite file and a folder beside it, unless the environment names a server."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

FOLDER = "mlruns"
DATABASE = "mlflow.db"
ARTIFACTS = "artifacts"
_SQLITE = "sqlite:///"

_BUSY = 60.0
"""Seconds that a connection waits for another one's transaction, like MLflow's own, which wait 20."""
_FULL = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the quota is used up",
    errno.EFBIG: "a file may not grow so large",
}
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO)
"""What else the system says of a disk or of rights; any other error of a file is one of this code."""
_RAISED = {"sqlite3": "Error", "mlflow.exceptions": "MlflowException", "sqlalchemy.exc": "SQLAlchemyError"}


class StoreError(RuntimeError):
    """The store cannot be read or written; the message says why and what mends it."""


def tracking_uri() -> str:
    """Return the tracking URI: ``MLFLOW_TRACKING_URI``, else the store in the working folder.

    A SQLite file is named by its absolute path, which means the same file in a process that works elsewhere.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI") or f"{_SQLITE}{FOLDER}/{DATABASE}"
    return f"{_SQLITE}{Path(uri.removeprefix(_SQLITE)).absolute()}" if uri.startswith(_SQLITE) else uri


def local_folder(uri: str | None = None) -> Path | None:
    """Return the folder of a SQLite store, or None where a server keeps the runs."""
    uri = uri or tracking_uri()
    return Path(uri.removeprefix("sqlite:///")).absolute().parent if uri.startswith("sqlite:///") else None


def exists() -> bool:
    """Return whether there is a store to read, without making one."""
    uri = tracking_uri()
    return not uri.startswith("sqlite:///") or Path(uri.removeprefix("sqlite:///")).exists()


def open_client() -> MlflowClient:
    """Point MLflow to the store, which is made if there is none, and return a client.

    Returns
    -------
    MlflowClient
        For runs and registered models.
    """
    silence()
    import mlflow

    uri = tracking_uri()
    if (folder := local_folder(uri)) is not None:
        folder.mkdir(parents=True, exist_ok=True)
        _make(Path(uri.removeprefix("sqlite:///")))
        _let_readers_and_writers_be(Path(uri.removeprefix("sqlite:///")))
    mlflow.set_tracking_uri(uri)
    return mlflow.MlflowClient()


def _make(database: Path) -> None:
    """Make MLflow's tables in a new SQLite file, which gets its name when it is complete.

    MLflow makes them one after the other in place: killed in between, or met by another process, it leaves a file that
    no later call can open.
    """
    if database.exists():
        return
    from mlflow.store.db.utils import _initialize_tables, create_sqlalchemy_engine

    with lock(database.parent):
        unfinished = database.with_suffix(".new")
        if database.exists():
            return  # another process has made it meanwhile
        unfinished.unlink(missing_ok=True)  # of one that was killed
        engine = create_sqlalchemy_engine(f"sqlite:///{unfinished}")
        try:
            _initialize_tables(engine)
        finally:
            engine.dispose()
        unfinished.rename(database)


def _let_readers_and_writers_be(database: Path) -> None:
    """Switch a SQLite file to a write-ahead log, which it remembers: readers and a writer no longer wait for another.

    MLflow's connections set a busy timeout of 20 s themselves, for several writers.
    """
    if database.exists() and not os.access(database, os.W_OK):
        return
    try:
        with closing(sqlite3.connect(database, timeout=_BUSY)) as connection:
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                # Locked means that another process is at it, or just writes: then the next one to open it switches.
                with suppress(sqlite3.OperationalError):
                    connection.execute("PRAGMA journal_mode = wal").fetchone()
    except sqlite3.Error as error:
        raise StoreError(
            f"{database}: {error}; expected MLflow's SQLite file. If it is broken, move {database.parent} away "
            "(a copy of it, if you have one, into its place) and train anew with `kawat train`"
        ) from error


@contextmanager
def lock(folder: Path | None = None) -> Iterator[None]:
    """Keep other processes of this machine from registering and moving aliases at the same time.

    The lock is on the store's folder, so it leaves no file behind, and the system lifts it when a process dies. A
    server's store is not locked: there two trainings on two machines may meet, and the later one's alias counts.
    """
    folder = folder or local_folder()
    if folder is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def failures(remedy: str) -> Iterator[None]:
    """Turn a full disk, missing rights and a store that does not answer into a `StoreError` that says what mends it."""
    try:
        yield
    except _failing() as error:
        full = next(filter(None, map(_full, _chain(error))), None)
        if full is not None:
            raise StoreError(f"{full}; make room, then {remedy}") from error
        if isinstance(error, OSError):
            if error.errno not in _DENIED:
                raise
            raise StoreError(
                f"{error.filename or 'a file'}: {error.strerror}; see to the rights and the disk, then {remedy}"
            ) from error
        raise unanswered(error, remedy) from error


def unanswered(error: Exception, remedy: str) -> StoreError:
    """Return the one line that says what a store's error means."""
    cause = str(error).strip().splitlines()[0]
    return StoreError(f"{tracking_uri()}: {cause}; see that it can be reached and written to, then {remedy}")


def ask_briefly() -> None:
    """Give up soon on a server that does not answer, unless the environment says how long to try.

    MLflow asks seven times with growing pauses, which takes two minutes. That suits a training, whose work would be
    lost, but nobody who can simply ask again.
    """
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")


def _failing() -> tuple[type[Exception], ...]:
    """Return what stores and disks raise; a library that nobody has imported has raised nothing."""
    modules = [(sys.modules.get(module), name) for module, name in _RAISED.items()]
    return (OSError, *(getattr(module, name) for module, name in modules if module is not None))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Iterate over an error and those that it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _full(error: BaseException) -> str | None:
    """Return what an error says of a disk that is full, if it does."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return f"{error.filename}: {_FULL[error.errno]}" if error.filename else _FULL[error.errno]
    said = "database or disk is full" in str(error) or "disk I/O error" in str(error)
    return f"{tracking_uri()}: {error}" if said and isinstance(error, sqlite3.Error) else None


def experiment_id(client: MlflowClient, name: str) -> str:
    """Return the id of an experiment to log to, which is made if there is none.

    MLflow notes absolute paths. Where the store's folder has been moved or copied since, they are brought up to date,
    so that what is written next stands beside the rest.
    """
    folder = local_folder()
    location = (folder / ARTIFACTS).as_uri() if folder is not None else None
    # Tells the UI to open on runs and models; by default it takes an experiment for one with language models.
    tags = {"mlflow.experimentKind": "custom_model_development"}
    with lock():
        found = client.get_experiment_by_name(name)  # another training may have made it a moment ago
        if found is None:
            return str(client.create_experiment(name, artifact_location=location, tags=tags))
        if location is not None and found.artifact_location != location:
            _move_paths(found.artifact_location, location)
    return str(found.experiment_id)


_PATHS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Columns where MLflow notes absolute paths."""


def _move_paths(before: str, now: str) -> None:
    """Replace the beginning of all paths in the local store, all of them or none."""
    database = tracking_uri().removeprefix("sqlite:///")
    with closing(sqlite3.connect(database, timeout=_BUSY)) as connection, connection:
        for table, column in _PATHS:
            connection.execute(
                f"UPDATE {table} SET {column} = ?1 || substr({column}, length(?2) + 1) "
                f"WHERE {column} = ?2 OR substr({column}, 1, length(?2) + 1) = ?2 || '/'",
                (now, before),
            )


def silence() -> None:
    """Keep MLflow from telling others that it is used, and from chatting; to be called before it is imported."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")  # MLflow sets up its logger as it is imported
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
