"""Whatever happens to a training, the champion that served still serves, and nothing half-written is registered."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.processes import ROOT, environment
from tests.stores import NAME, snapshot
from tests.tiny_training import SMALL
from train import registry, run, store
from train.aliases import champion_version
from train.tracking import runs as list_runs

SEED = 20_261
ARTICLE = "Rusia mengirim sistem pertahanan udara S-400 ke Turki, kata Kementerian Pertahanan di Ankara."


def start(folder: Path, seed: int = 0, **options) -> subprocess.Popen:
    arguments = [sys.executable, "-m", "tests.tiny_training", NAME, str(seed), "data.jsonl"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(arguments, cwd=folder, env=environment(PYTHONPATH=str(ROOT)), **pipes, **options)


def finish(process: subprocess.Popen) -> tuple[str, str]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out, err


@pytest.fixture(scope="module")
def data() -> str:
    lines = (ROOT / "train" / "corpus" / "articles.jsonl").read_text("utf-8").splitlines(keepends=True)
    return "".join(lines[:100])


@pytest.fixture(scope="module")
def trained(tmp_path_factory, data) -> tuple[Path, float]:
    """A folder with a champion that a process has trained, and the seconds that it took."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "data.jsonl").write_text(data, "utf-8")
    started = time.monotonic()
    finish(start(folder, 1))
    return folder, time.monotonic() - started


@pytest.fixture
def folder(trained, tmp_path, monkeypatch) -> Path:
    """A moved copy of it, which is the working folder."""
    shutil.copytree(trained[0], tmp_path, dirs_exist_ok=True)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def state(folder: Path) -> tuple[str, dict[str, float], dict[str, bytes]]:
    """What must stay: the champion's version, its answer, and its files."""
    client = store.open_client()
    version = champion_version(client, NAME)
    files = snapshot(registry.version_folder(client, client.get_model_version(NAME, version)))
    return version, registry.load(NAME).classifier.classify([ARTICLE])[0].scores, files


def assert_nothing_half_written() -> None:
    client = store.open_client()
    for version in registry.versions(client, NAME):
        assert {"candidate", "labels", "gate"} <= set(version.tags)
        registry.load(NAME, str(version.version)).classifier.classify([ARTICLE])


def kill(folder: Path, seconds: float, seed: int) -> bool:
    """Start a training and kill it after so long; whether it was still at work."""
    process = start(folder, seed, start_new_session=True)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    return process.returncode == -signal.SIGKILL


def survive(folder: Path, length: float, times: int) -> int:
    """Kill so many trainings at random moments of their length, look after each, and return how many were at work."""
    moments = random.Random(SEED)
    before = state(folder)
    killed = 0
    for seed in range(times):
        killed += kill(folder, length * moments.random(), seed)
        now = state(folder)
        # Where the alias moved, the training had won and the gate had said so: then the new one must serve as well.
        if now[0] == before[0]:
            assert now == before
        assert_nothing_half_written()
        before = now
    return killed


def assert_the_next_training_tidies_up(folder: Path, killed: int) -> None:
    client = store.open_client()
    assert killed
    experiment = client.get_experiment_by_name(NAME).experiment_id
    left = len(client.search_runs([experiment], "attributes.status = 'RUNNING'"))
    _, err = finish(start(folder, 99))
    assert (f"marked {left} runs as failed" in err) is bool(left)
    assert not client.search_runs([experiment], "attributes.status = 'RUNNING'")
    assert not [model for model in client.search_logged_models([experiment]) if str(model.status) == "PENDING"]


def test_three_trainings_killed_at_random_moments(folder, trained):
    killed = survive(folder, trained[1], 3)
    assert_the_next_training_tidies_up(folder, killed)


@pytest.mark.soak
def test_twenty_trainings_killed_at_random_moments(folder, trained):
    killed = survive(folder, trained[1], 20)
    assert killed >= 10
    assert_the_next_training_tidies_up(folder, killed)


def test_a_training_killed_while_the_model_is_written_leaves_a_run_that_the_next_one_marks(folder, trained):
    """The moment is sought out: the run is there and has not ended."""
    before = state(folder)
    client = store.open_client()
    experiment = store.experiment_id(client, NAME)
    process = start(folder, 5, start_new_session=True)
    deadline = time.monotonic() + 240
    while not (running := client.search_runs([experiment], "attributes.status = 'RUNNING'")):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert state(folder) == before
    finish(start(folder, 6))
    assert client.get_run(running[0].info.run_id).info.status == "FAILED"


def test_two_trainings_at_once(tmp_path, data, monkeypatch):
    """In a folder without a store, which both want to make."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.jsonl").write_text(data, "utf-8")
    processes = [start(tmp_path, seed) for seed in (1, 2)]
    said = sorted(finish(process)[0] for process in processes)
    assert [line[:2] for line in said] == ["1 ", "2 "]
    assert said[0] == "1 there was no champion\n"
    assert "version 1" in said[1]  # the later one was compared with the earlier
    assert_nothing_half_written()
    client = store.open_client()
    assert len(list_runs(client, NAME, ())) == 2
    for version in registry.versions(client, NAME):
        gate = json.loads(Path("mlruns/artifacts", version.run_id, "artifacts", "gate.json").read_text("utf-8"))
        assert gate["reason"] == version.tags["gate"]


@pytest.fixture
def small(monkeypatch):
    """Trainings in this process are as small as those in processes of their own."""
    for name, smaller in SMALL.items():
        monkeypatch.setattr(run, name, smaller)


@pytest.fixture
def largest_file():
    """Let no file grow beyond so many bytes: what a full disk looks like to who writes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("place", ["model", "database"])
def test_a_full_disk(folder, small, largest_file, place):
    before = state(folder)
    versions = len(registry.versions(store.open_client(), NAME))
    model = next(Path("mlruns/artifacts/models").rglob("model.skops")).stat().st_size
    # The model is written once, in the end; the database's log grows from the first record on.
    largest_file(model // 2 if place == "model" else 20_000)
    with pytest.raises(store.StoreError) as caught:
        run.train(data=[Path("data.jsonl")], seed=3, quick=True)
    largest_file(resource.RLIM_INFINITY)
    assert "make room, then call `kawat train` again; the champion serves as before" in str(caught.value)
    assert state(folder) == before
    assert len(registry.versions(store.open_client(), NAME)) == versions
    if place == "model":
        report = run.train(data=[Path("data.jsonl")], seed=3, quick=True)  # there is room again
        assert int(report.version) == versions + 1


def test_an_artifact_that_was_damaged_as_it_was_written_is_not_registered(folder, small, monkeypatch):
    """The disk lies: what was written is not what is read."""
    from train.artifact import ArtifactError
    from train.tracking import Tracker

    before = state(folder)
    versions = len(registry.versions(store.open_client(), NAME))
    original = Tracker.log_model

    def damaged(self, *arguments):
        model_id = original(self, *arguments)
        file = registry.model_folder(self.client, model_id) / "model.skops"
        file.write_bytes(file.read_bytes()[:-5000])
        return model_id

    monkeypatch.setattr(Tracker, "log_model", damaged)
    with pytest.raises(ArtifactError, match="train anew with `kawat train`"):
        run.train(data=[Path("data.jsonl")], seed=3, quick=True)
    assert state(folder) == before
    assert len(registry.versions(store.open_client(), NAME)) == versions
    assert list_runs(store.open_client(), NAME, ())[0]["status"] == "FAILED"
