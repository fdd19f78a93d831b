"""A real server, started as the README says."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes import BIN, ROOT, free_port, run, server


@pytest.fixture(scope="session")
def workplace(tmp_path_factory) -> Path:
    """A folder where the champion of this session lives."""
    return tmp_path_factory.mktemp("workplace")


@pytest.fixture(scope="session")
def service(workplace: Path) -> Iterator[str]:
    """The address of a real server: `make serve` in the checkout, its store in the workplace."""
    port = free_port()
    store = f"sqlite:///{workplace / 'mlruns' / 'mlflow.db'}"
    if (BIN.parent / "installed").exists():
        arguments = ["make", "--no-print-directory", "serve", f"VENV={BIN.parent}", f"PORT={port}"]
    else:
        # The environment was not made by the Makefile, which would install into it.
        run(str(BIN / "kawat"), "train", "--quick", cwd=ROOT, MLFLOW_TRACKING_URI=store)
        arguments = [str(BIN / "kawat"), "serve", "--port", str(port)]
    with server(arguments, port, cwd=ROOT, log=workplace / "serve.log", MLFLOW_TRACKING_URI=store) as url:
        yield url


@pytest.fixture(scope="session")
def client(service: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service, timeout=30, trust_env=False) as client:
        yield client
