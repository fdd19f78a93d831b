"""Start the service: BentoML's server with this package's settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from serve.champion import NAME_VARIABLE
from serve.guard import OpenServiceError, check_exposure
from train import glance, store


def launch(*, host: str, port: int, workers: int, name: str) -> int:
    """Replace this process by the server.

    Parameters
    ----------
    host, port : str and int
        Where to listen.
    workers : int
        Processes that answer.
    name : str
        Registered model to serve.

    Returns
    -------
    int
        Exit code, where the service cannot be started.

    Raises
    ------
    NoModelError
        If there is no champion.
    """
    try:
        check_exposure(host)
    except OpenServiceError as error:
        click.echo(f"error: {error}", err=True)
        return 2
    click.echo(f"serving {name} version {_champion_version(name)} on http://{host}:{port}", err=True)
    package = Path(__file__).resolve().parent.parent
    environment = os.environ | {
        "MLFLOW_TRACKING_URI": store.tracking_uri(),
        NAME_VARIABLE: name,
        "KAWAT_WORKERS": str(workers),
        "BENTOML_DO_NOT_TRACK": "True",
        "BENTOML_HOST": host,
        "PYTHONSAFEPATH": "1",
    }
    arguments = ["serve", "serve.service:Kawat", "--host", host, "--port", str(port), "--working-dir", str(package)]
    # BentoML puts the working folder first on the path, where a foreign `serve` package may stand.
    os.chdir(package)
    os.execve(sys.executable, [sys.executable, "-m", "bentoml", *arguments], environment)


def _champion_version(name: str) -> str:
    """Return the version that will serve.

    MLflow's own way needs seconds of imports, which the workers spend once more: where a SQLite store plainly has a
    champion, it is read there; whatever else there is, MLflow says.
    """
    if found := glance.champion(name):
        return found[0]
    from train import registry

    registry.require_store()
    return str(registry.resolve(store.open_client(), name).version)
