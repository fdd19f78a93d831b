"""The service follows the alias; a bad version never takes the place of a good one; nobody notices a swap."""

import copy
import json
import shutil
import threading
import time

import numpy as np
import pytest
import skops.io
from starlette.testclient import TestClient

from serve import champion as champion_module
from serve import smoke
from serve.champion import Champion, Registry
from serve.errors import RequestError
from serve.smoke import SmokeError, examine
from tests import stores
from tests.service.conftest import ADDRESS
from train import store
from train.aliases import move
from train.artifact import FILE
from train.registry import RegisteredClassifier, model_folder


class Events(list):
    def __call__(self, event, version, reason):
        self.append((event, version, reason))


class Scripted:
    """A source that says and gives what the test wants; an exception is raised."""

    def __init__(self, classifier):
        self.classifier = classifier
        self.says = "1"
        self.gives = {}
        self.loads = []

    def version(self):
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def load(self, version):
        self.loads.append(version)
        given = self.gives.get(version, self.classifier)
        if isinstance(given, Exception):
            raise given
        return RegisteredClassifier("kawat", version, "run", given)


@pytest.fixture
def source(tiny_classifier):
    return Scripted(tiny_classifier)


@pytest.fixture
def events():
    return Events()


@pytest.fixture
def following(source, events):
    following = Champion(source, examine, events)
    following.look()
    return following


def test_without_a_model_it_says_so_and_takes_the_first_that_comes(source, events):
    source.says = LookupError("none yet")
    following = Champion(source, examine, events)
    following.look()
    with pytest.raises(RequestError) as caught:
        following.serving()
    assert (caught.value.status, caught.value.code) == (503, "not_ready")
    assert not following.is_ready
    source.says = "1"
    following.look()
    assert following.serving().version == "1"


def test_a_moved_alias_is_followed_and_a_request_ends_with_the_model_it_began_with(following, source, events):
    held = following.serving()
    source.says = "2"
    following.look()
    assert (held.version, following.serving().version) == ("1", "2")
    assert [event[:2] for event in events] == [("swapped", "1"), ("swapped", "2")]


@pytest.mark.parametrize("error", [RuntimeError("foreign type"), MemoryError(), KeyError("x")])
def test_a_version_that_does_not_load_is_refused_once_and_the_old_one_goes_on(following, source, events, error):
    source.says, source.gives["2"] = "2", error
    for _ in range(5):
        following.look()
    assert following.serving().version == "1"
    assert following.refused.version == "2"
    assert following.refused.reason
    assert source.loads == ["1", "2"]
    assert [event[0] for event in events] == ["swapped", "refused"]


def test_a_refusal_ends_when_the_alias_moves_on_or_back(following, source):
    source.says, source.gives["2"] = "2", RuntimeError("broken")
    following.look()
    source.says = "1"
    following.look()
    assert following.refused is None
    source.says = "2"
    following.look()
    assert following.refused.version == "2"
    source.says = "3"
    following.look()
    assert following.refused is None
    assert following.serving().version == "3"


def test_a_refused_version_is_tried_again_much_later(following, source, monkeypatch):
    source.says, source.gives["2"] = "2", OSError("the store was away")
    following.look()
    later = following.refused.at + champion_module._RETRY_REFUSED[0] + 1
    monkeypatch.setattr(time, "time", lambda: later)
    del source.gives["2"]
    following.look()
    assert following.serving().version == "2"


def test_failed_looks_keep_the_model_back_off_and_are_counted(following, source, events):
    source.says = OSError("database is locked")
    pauses = [following.look() for _ in range(10)]
    assert following.serving().version == "1"
    assert pauses[:3] == [champion_module.POLL_SECONDS * factor for factor in (2, 4, 8)]
    assert pauses[-1] == 30.0
    assert [event[0] for event in events].count("lookup_failed") == 10
    source.says = "2"
    assert following.look() == champion_module.POLL_SECONDS
    assert following.serving().version == "2"


def changed(classifier, **attributes):
    model = copy.copy(classifier)
    for name, value in attributes.items():
        setattr(model, name, value)
    return model


def broken(classifier):
    """Models that load, and must not serve."""
    flat = np.zeros_like(classifier.calibration_)
    inverted = classifier.calibration_ * [-1.0, 1.0]
    return {
        "the same for every article": changed(classifier, calibration_=flat),
        "the opposite of what it learned": changed(classifier, calibration_=inverted),
        "no number": changed(classifier, calibration_=classifier.calibration_ * np.nan),
    }


@pytest.mark.parametrize("kind", ["the same for every article", "the opposite of what it learned", "no number"])
def test_the_smoke_test_keeps_senseless_models_out(kind, tiny_classifier, following, source):
    model = broken(tiny_classifier)[kind]
    with pytest.raises(SmokeError, match="smoke test"):
        examine(RegisteredClassifier("kawat", "2", "run", model))
    source.says, source.gives["2"] = "2", model
    following.look()
    assert following.serving().version == "1"


def test_an_explanation_that_does_not_add_up_keeps_a_model_out(tiny_classifier, monkeypatch):
    def explaining(*_):
        yield
        return {
            "explanation": {"nuclear": {"margin": 1.0, "base": 0.5, "unplaced": [], "evidence": [{"weight": 0.25}]}}
        }

    monkeypatch.setattr(smoke, "explaining", explaining)
    with pytest.raises(SmokeError, match=r"nuclear .* adds up to 0\.75, expected 1\.0"):
        examine(RegisteredClassifier("kawat", "2", "run", tiny_classifier))


@pytest.fixture(scope="module")
def registry(tiny_classifier, template_store, tmp_path_factory):
    """A store with two good versions, a broken one, and one that another version of the features made."""
    template, model_id = template_store
    folder = tmp_path_factory.mktemp("store")
    shutil.copytree(template / "mlruns", folder / "mlruns")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", stores.uri(folder))
        client = store.open_client()
        store.experiment_id(client, stores.NAME)  # a training opens the store so
        logged, run_id = model_folder(client, model_id), client.get_logged_model(model_id).source_run_id
        client.create_registered_model(stores.NAME)
        for version in "1234":
            copied = folder / "mlruns" / "artifacts" / f"copy-{version}"
            shutil.copytree(logged, copied)
            client.create_model_version(stores.NAME, copied.as_uri(), run_id)
        (folder / "mlruns" / "artifacts" / "copy-3" / FILE).write_bytes(b"no model")
        features = copy.copy(tiny_classifier.features_)
        features.features_version_ = "of another time"
        other = changed(tiny_classifier, features_=features)
        skops.io.dump(other, folder / "mlruns" / "artifacts" / "copy-4" / FILE)
        move(client, stores.NAME, "1")
        yield client, folder


def test_the_registry_is_followed_and_what_it_must_not_take_is_refused(registry, events):
    client, _ = registry
    following = Champion(Registry("kawat"), examine, events)
    following.look()
    assert following.serving().version == "1"
    for version, reason in {"3": "not a readable skops file", "4": "features version of another time"}.items():
        move(client, stores.NAME, version)
        following.look()
        assert following.serving().version == "1"
        assert reason in following.refused.reason
        assert following.refused.version == version
    move(client, stores.NAME, "2")
    following.look()
    assert following.serving().version == "2"
    assert following.refused is None


def test_a_registry_that_goes_away_and_comes_back_is_survived(registry, events):
    client, folder = registry
    move(client, stores.NAME, "1")
    following = Champion(Registry("kawat"), examine, events)
    following.look()
    database = folder / "mlruns" / "mlflow.db"
    shutil.move(database, folder / "away.db")
    following.look()
    assert following.serving().version == "1"
    shutil.move(folder / "away.db", database)
    move(client, stores.NAME, "2")
    following.look()
    assert following.serving().version == "2"
    assert [event[0] for event in events] == ["swapped", "lookup_failed", "swapped"]


@pytest.mark.parametrize("moves", [8, pytest.param(50, marks=pytest.mark.soak)])
def test_nobody_notices_that_the_alias_moves(registry, moves):
    client, _ = registry
    move(client, stores.NAME, "1")
    following = Champion(Registry("kawat"), examine, Events(), poll=0.05)
    following.start()
    try:
        seen, failed = asked_while(
            following, lambda: [moved(client, following, str(n % 2 + 1)) for n in range(1, moves + 1)]
        )
    finally:
        following.stop()
    assert failed == []
    assert seen == {"1", "2"}


def moved(client, following, version):
    move(client, stores.NAME, version)
    deadline = time.monotonic() + 30
    while following.serving().version != version:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def asked_while(following, act):
    """Ask without pause until `act` has ended; return the versions that answered, and whatever was no answer."""
    from serve.front import Front
    from serve.guard import Access
    from serve.routes import ROUTES
    from serve.work import Desk

    methods = {path: frozenset({"POST"}) for path in ROUTES}
    app = Front(None, Desk(following), ROUTES, methods, Access({}))
    seen, failed, ended = set(), [], threading.Event()
    batch = {"articles": [{"text": "Rusia mengirim rudal ke India."}] * 40}

    def ask(path, body):
        client = TestClient(app, base_url=ADDRESS, raise_server_exceptions=False)
        while not ended.is_set():
            response = client.post(path, json=body)
            if response.status_code != 200:
                failed.append((response.status_code, response.text))
                return
            answer = json.loads(response.content)
            versions = {answer["model"]["version"]} | {
                result["model"]["version"] for result in answer.get("results", [])
            }
            if len(versions) > 1:
                failed.append(versions)
            seen.update(versions)

    askers = [
        threading.Thread(target=ask, args=given)
        for given in [("/classify", {"text": "Iran diberi sanksi."}), ("/classify_batch", batch)]
    ]
    for asker in askers:
        asker.start()
    try:
        act()
    finally:
        ended.set()
        for asker in askers:
            asker.join(60)
    return seen, failed
