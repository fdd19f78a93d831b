"""The service around a tiny model in this process, a real server started as the README says, a store, a browser."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

# Figures are asked for in this process too; to be named before prometheus_client is imported.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="kawat-test-metrics-"))

from playwright.sync_api import Browser, sync_playwright
from starlette.testclient import TestClient

from tests import stores
from tests.processes import BIN, ROOT, free_port, run, server
from tests.service.trainings import tiny_data
from train import registration, store
from train.classifier import ArticleClassifier
from train.dataset import Dataset
from train.registry import RegisteredClassifier

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 420
"""The session's server trains before it serves: half a minute on a quiet machine, many times that on a busy one."""
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
    uri = stores.uri(workplace)
    if (BIN.parent / "installed").exists():
        arguments = ["make", "--no-print-directory", "serve", f"VENV={BIN.parent}", f"PORT={port}"]
    else:
        # The environment was not made by the Makefile, which would install into it.
        run(str(BIN / "kawat"), "train", "--quick", cwd=ROOT, timeout=START_SECONDS, MLFLOW_TRACKING_URI=uri)
        arguments = [str(BIN / "kawat"), "serve", "--port", str(port)]
    log, tracking = workplace / "serve.log", {"MLFLOW_TRACKING_URI": uri}
    with server(arguments, port, cwd=ROOT, log=log, timeout=START_SECONDS, **tracking) as url:
        yield url


@pytest.fixture(scope="session")
def client(service: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A working folder with a tiny data set of three labels."""
    folder = tmp_path_factory.mktemp("place")
    tiny_data(folder)
    return folder


# For one module at a time: as long as it is open, no other test can run an event loop in this thread.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def registry_client(logged: str) -> MlflowClient:
    """A client of the test's own store, which holds the tiny classifier, logged but not registered."""
    client = store.open_client()
    store.experiment_id(client, stores.NAME)  # a training opens the store so
    return client


@pytest.fixture
def register(registry_client: MlflowClient, logged: str, small_test: Dataset, tiny_classifier: ArticleClassifier):
    """Register the tiny classifier, or what is handed in as if it had been logged."""

    def register(classifier=tiny_classifier, test=small_test):
        return registration.register(registry_client, stores.NAME, logged, classifier, test, {"candidate": "linear"})

    return register
