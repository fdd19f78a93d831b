"""Where MLflow keeps runs and models: a SQLite file and a folder beside it, unless the environment names a server."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

FOLDER = "mlruns"
DATABASE = "mlflow.db"
ARTIFACTS = "artifacts"


def tracking_uri() -> str:
    """Return the tracking URI: ``MLFLOW_TRACKING_URI``, else the store in the working folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{Path.cwd() / FOLDER / DATABASE}"


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
    mlflow.set_tracking_uri(uri)
    return mlflow.MlflowClient()


def experiment_id(client: MlflowClient, name: str) -> str:
    """Return the id of an experiment, which is made if there is none."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    folder = local_folder()
    location = (folder / ARTIFACTS).as_uri() if folder is not None else None
    # Tells the UI to open on runs and models; by default it takes an experiment for one with language models.
    tags = {"mlflow.experimentKind": "custom_model_development"}
    return str(client.create_experiment(name, artifact_location=location, tags=tags))


def silence() -> None:
    """Keep MLflow from telling others that it is used, and from chatting; to be called before it is imported."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
