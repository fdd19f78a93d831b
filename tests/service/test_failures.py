"""What cannot be done ends with one line that says why: a dead server, a full disk, no model, a path that moved."""

import errno
import os
import sys
from pathlib import Path

import mlflow
import pytest
from click.testing import CliRunner

from kawat import main
from serve import bulk, launch, service
from tests.processes import free_port, run
from train import glance, registry, store
from train.registry import RegisteredClassifier
from train.rows import DataFileError

COMMANDS = {
    "evaluate": ["evaluate", "a.jsonl"],
    "runs": ["runs"],
    "models": ["models"],
    "models --champion": ["models", "--champion", "--quiet"],
    "promote": ["promote", "1"],
    "rollback": ["rollback"],
    "prune": ["prune"],
    "ui": ["ui"],
    "label": ["label", "a.jsonl"],
    "serve": ["serve"],
    "bundle": ["bundle"],
}


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A working folder with an article."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text('{"text": "Rusia mengirim rudal.", "labels": []}\n')
    return tmp_path


@pytest.fixture
def dead_server(place, monkeypatch) -> str:
    """The address of a tracking server that is not there."""
    uri = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    before = mlflow.get_tracking_uri()
    yield uri
    mlflow.set_tracking_uri(before)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dead_server_is_named_in_one_line(dead_server, command):
    result = CliRunner().invoke(main, COMMANDS[command])
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"error: {dead_server}: ")
    assert "see that it can be reached" in line
    assert "again" in line
    assert result.stdout == ""


def test_only_a_training_asks_a_dead_server_for_minutes(dead_server, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")  # so that it is as it was when the test ends
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES")
    CliRunner().invoke(main, ["train", "--help"])
    assert "MLFLOW_HTTP_REQUEST_MAX_RETRIES" not in os.environ
    CliRunner().invoke(main, ["runs", "--help"])
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "1"


@pytest.fixture
def model(monkeypatch, tiny_classifier) -> RegisteredClassifier:
    """The champion, without a registry."""
    loaded = RegisteredClassifier("kawat", "1", "run", tiny_classifier)
    monkeypatch.setattr(registry, "load", lambda name, which: loaded)
    return loaded


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet"])
def test_a_full_disk_is_work_not_done_and_not_wrong_usage(place, model, name):
    (place / f"{name}.partial").symlink_to("/dev/full")
    result = CliRunner().invoke(main, ["label", "a.jsonl", "-o", name])
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"error: {name}: no space is left on the disk; make room, then call the command again"
    ]
    assert [path.name for path in place.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize(("target", "message"), [("nowhere/out.csv", "No such file"), ("out.csv", "is a folder")])
def test_a_target_that_cannot_be_is_wrong_usage(place, model, target, message):
    (place / "out.csv").mkdir()
    with pytest.raises(DataFileError, match=message):
        bulk.label_file(Path("a.jsonl"), Path(target))


def test_what_fails_beside_the_target_is_not_blamed_on_it(place, monkeypatch):
    def load(name: str, which: str) -> RegisteredClassifier:
        raise PermissionError(errno.EACCES, "Permission denied", "/store/model.skops")

    monkeypatch.setattr(registry, "load", load)
    result = CliRunner().invoke(main, ["label", "a.jsonl", "-o", "out.csv"])
    assert result.exit_code == 1
    assert result.stderr.startswith("error: /store/model.skops: Permission denied; see to the rights")
    assert not (place / "out.csv").exists()


def test_a_relative_store_is_the_same_wherever_a_process_works(place, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlruns/x.db")
    uri = f"sqlite:///{place / 'mlruns' / 'x.db'}"
    assert store.tracking_uri() == uri
    started = {}
    monkeypatch.setattr(launch, "_champion_version", lambda name: "1")
    monkeypatch.setattr(os, "chdir", lambda folder: started.update(folder=folder))
    monkeypatch.setattr(os, "execve", lambda path, arguments, environment: started.update(environment))
    launch.launch(host="127.0.0.1", port=3000, workers=1, name="kawat")
    assert started["folder"] != place
    assert started["MLFLOW_TRACKING_URI"] == uri


def test_an_absolute_store_and_a_server_stay_as_they_are(place, monkeypatch):
    for uri in (f"sqlite:///{place}/mlflow.db", "http://127.0.0.1:5000"):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        assert store.tracking_uri() == uri


class Nothing:
    """A source without a version."""

    def version(self) -> str:
        raise LookupError("none")


@pytest.mark.parametrize("path", ["/classify", "/classify_batch", "/explain", "/model", "/labels", "/readyz"])
def test_without_a_model_every_route_says_so_by_one_code(inside, monkeypatch, path):
    bodies = {"/classify": {"text": "rudal"}, "/explain": {"text": "rudal"}}
    bodies["/classify_batch"] = {"articles": [{"text": "rudal"}]}
    monkeypatch.setattr(service.champion, "_source", Nothing())
    monkeypatch.setattr(service.champion, "_model", None)
    answer = inside.post(path, json=bodies[path]) if path in bodies else inside.get(path)
    assert (answer.status_code, answer.json()["error"], answer.headers["Retry-After"]) == (503, "not_ready", "5")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_the_page_has_one_policy_and_what_is_refused_there_the_other(inside):
    assert "script-src 'self'" in inside.get("/").headers["Content-Security-Policy"]
    assert "script-src" not in inside.get("/page/none.js").headers["Content-Security-Policy"]


@pytest.fixture
def champion(logged, tiny_classifier) -> Path:
    """The file of a champion in a store that has been moved since it was made."""
    client = store.open_client()
    client.create_registered_model("kawat")
    version = client.create_model_version("kawat", f"models:/{logged}", model_id=logged)
    client.set_registered_model_alias("kawat", "champion", version.version)
    return registry.model_folder(client, logged) / "model.skops"


def test_a_whole_champion_is_seen_without_mlflow(champion):
    assert glance.has_champion("kawat")
    assert not glance.has_champion("other")
    code = (
        "import sys, kawat; kawat.main(['models', '--champion', '--quiet'], standalone_mode=False); print(*sys.modules)"
    )
    done = run(sys.executable, "-c", code, cwd=Path.cwd())
    assert done.returncode == 0, done.stderr
    assert not {"mlflow", "sklearn", "numba"} & set(done.stdout.split())


def damaged(content: bytes) -> bytes:
    return content[:2000] + b"\0\0\0\0" + content[2004:]


@pytest.mark.parametrize("change", [damaged, lambda content: content[:-100], lambda content: b""])
def test_a_damaged_champion_is_loaded_to_say_what_is_wrong(champion, change):
    champion.write_bytes(change(champion.read_bytes()))
    assert not glance.has_champion("kawat")
    result = CliRunner().invoke(main, ["models", "--champion", "--quiet"])
    assert result.exit_code == 1
    assert "train anew with `kawat train`" in result.stderr


def test_a_champion_of_other_features_is_none(champion, monkeypatch):
    monkeypatch.setattr(glance, "FEATURES_VERSION", "0")
    assert not glance.has_champion("kawat")
