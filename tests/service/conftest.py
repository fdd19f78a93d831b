"""The service in this process around a tiny model, and a real server, started as the README says."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

# Figures are asked for in this process too; to be named before prometheus_client is imported.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="kawat-test-metrics-"))

from starlette.testclient import TestClient

from tests.processes import BIN, ROOT, free_port, run, server
from train.registry import RegisteredClassifier

ADDRESS = "http://127.0.0.1"


class Fixed:
    """A source that has one version."""

    def __init__(self, classifier) -> None:
        self.classifier = classifier

    def version(self) -> str:
        return "1"

    def load(self, version: str) -> RegisteredClassifier:
        return RegisteredClassifier("kawat", version, "run", self.classifier, {"cv.macro_f1": 0.5})


@pytest.fixture(scope="session")
def app(tiny_classifier):
    """The whole ASGI application, BentoML's and ours, around the tiny model."""
    from serve import service

    service.champion._source = Fixed(tiny_classifier)
    return service.Kawat.to_asgi()


@pytest.fixture(scope="session")
def inside(app) -> Iterator[TestClient]:
    """A client of it, without sockets."""
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


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
