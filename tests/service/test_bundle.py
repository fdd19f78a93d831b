"""A Bento answers as the service does, with nothing but itself."""

import json
import re
import subprocess
from importlib.metadata import requires
from pathlib import Path

import httpx
import pytest
import skops.io
from packaging.requirements import Requirement

from serve import bundle
from serve.bundle import Bundled
from serve.champion import Registry
from tests import stores
from tests.processes import BIN, ROOT, environment, free_port, run, server

ARTICLE = {
    "title": "Turki Teken Pembelian Jet Tempur Eurofighter dari Inggris",
    "text": "ANKARA - Turki dan Inggris menandatangani kontrak pembelian 20 jet tempur 😀.\n\nRusia mengecam.",
}
TRAINING_ONLY = ["mlflow", "optuna", "matplotlib"]


@pytest.fixture(scope="module")
def built(service, workplace, tmp_path_factory) -> dict:
    """What `kawat bundle` says; BentoML's store is the parent of ``home``."""
    home = tmp_path_factory.mktemp("bento-home")
    store = stores.uri(workplace)
    done = run(str(BIN / "kawat"), "bundle", "--json", cwd=ROOT, MLFLOW_TRACKING_URI=store, BENTOML_HOME=str(home))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) | {"home": str(home)}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Path:
    """An empty folder, and beside it packages that fail if they are imported."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for name in TRAINING_ONLY:
        (folder / "absent" / name).mkdir(parents=True)
        (folder / "absent" / name / "__init__.py").write_text(f"raise ImportError('{name} is not in the Bento')\n")
    (folder / "empty").mkdir()
    return folder


@pytest.fixture(scope="module")
def served(built, elsewhere):
    port = free_port()
    with (
        server(
            [str(BIN / "python"), "-m", "bentoml", "serve", built["tag"], "--host", "127.0.0.1", "--port", str(port)],
            port,
            cwd=elsewhere / "empty",
            log=elsewhere / "bento.log",
            BENTOML_HOME=built["home"],
            PYTHONPATH=str(elsewhere / "absent"),
        ) as url,
        httpx.Client(base_url=url, timeout=30, trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize("path", ["/classify", "/explain"])
def test_it_answers_as_the_service_does(served, client, path):
    assert served.post(path, json=ARTICLE).json() == client.post(path, json=ARTICLE).json()


def test_it_tells_of_the_same_model(served, client, built):
    ours, other = served.get("/model").json(), client.get("/model").json()
    assert ours == other
    assert ours["version"] == built["model_version"]
    assert served.get("/labels").json() == client.get("/labels").json()
    assert served.get("/docs.json").json()["info"] == client.get("/docs.json").json()["info"]


def test_it_brings_the_page(served):
    assert served.get("/").status_code == served.get("/page/page.js").status_code == 200


def test_it_leaves_nothing_where_it_runs(served, elsewhere):
    served.post("/classify", json=ARTICLE)
    assert list((elsewhere / "empty").iterdir()) == []


def test_it_does_not_start_beyond_this_machine_without_a_key(built, elsewhere):
    done = subprocess.run(
        [str(BIN / "python"), "-m", "bentoml", "serve", built["tag"], "--host", "0.0.0.0", "--port", str(free_port())],
        cwd=elsewhere / "empty",
        env=environment(BENTOML_HOME=built["home"]),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "KAWAT_API_KEY" in done.stdout + done.stderr


def test_it_holds_the_packages_and_the_model_and_no_more(built):
    source = Path(built["folder"]) / "src"
    assert {path.name for path in source.iterdir()} <= {
        "features",
        "train",
        "serve",
        "kawat.py",
        "bentofile.yaml",
        next(source.glob("kawat-*.dist-info")).name,
    }
    files = [path for path in source.rglob("*") if path.is_file()]
    assert {path.name for path in files if path.stat().st_size > 500_000} == {"model.skops"}
    assert not [path for path in files if path.suffix in (".pyc", ".jsonl", ".db")]
    assert (source / "train" / "corpus" / "labels.toml").exists()
    assert (source / "serve" / "page" / "index.html").exists()


def test_its_requirements_are_the_lock_s(built):
    lock = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.M))
    pins = dict(
        line.split("==") for line in (Path(built["folder"]) / "env/python/requirements.txt").read_text().split()
    )
    assert {name: lock.get(name) for name in pins} == pins
    direct = {Requirement(line).name.lower() for line in requires("kawat") if "extra ==" not in line}
    assert direct - set(pins) == set(TRAINING_ONLY)
    assert not set(pins) & {*TRAINING_ONLY, "pytest", "kawat"}


def test_its_dockerfile_installs_the_pins_and_runs_as_a_user_of_its_own(built):
    lines = (Path(built["folder"]) / "env" / "docker" / "Dockerfile").read_text().splitlines()
    text = "\n".join(lines)
    assert next(line for line in lines if line.startswith("FROM")).startswith("FROM python:3.")
    assert any("apt-get install" in line and "libgomp1" in line for line in lines)
    assert "pip install -r $BENTO_PATH/env/python/requirements.txt" in text
    assert text.index("\nUSER bentoml") < text.index("\nENTRYPOINT")
    assert "BENTOML_DO_NOT_TRACK=True" in text
    assert "KAWAT_API_KEY" not in text
    assert "KAWAT_OPEN" not in text


def test_a_model_that_is_not_there_is_named(workplace, service):
    store = stores.uri(workplace)
    done = run(str(BIN / "kawat"), "bundle", "--model", "99", cwd=ROOT, MLFLOW_TRACKING_URI=store)
    assert done.returncode == 1
    assert "no '99'" in done.stderr


@pytest.fixture
def folder(tmp_path, tiny_classifier) -> Path:
    skops.io.dump(tiny_classifier, tmp_path / "model.skops")
    facts = {"name": "kawat", "version": "7", "run_id": "r", "metrics": {"cv.macro_f1": 0.5}}
    (tmp_path / "champion.json").write_text(json.dumps(facts))
    return tmp_path


def test_a_bundled_model_is_loaded_with_what_is_known_of_it(folder, tiny_classifier):
    source = Bundled(folder)
    model = source.load(source.version())
    assert (model.name, model.version, model.metrics) == ("kawat", "7", {"cv.macro_f1": 0.5})
    assert model.classifier.classify([ARTICLE])[0] == tiny_classifier.classify([ARTICLE])[0]


def test_without_a_model_inside_the_registry_is_asked(folder, monkeypatch):
    assert isinstance(bundle.source("kawat"), Registry)
    monkeypatch.setattr(bundle, "FOLDER", folder)
    assert isinstance(bundle.source("kawat"), Bundled)
