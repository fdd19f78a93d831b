"""What the end of a training leaves in the registry, and how the champion's alias is moved."""

import copy
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kawat import main
from tests.stores import NAME, spoilt
from train import registration, registry, store
from train.aliases import champion_version, history, promote, rollback
from train.artifact import FILE, ArtifactError
from train.registry import load
from train.trained_on import FILE as TRAINED_ON
from train.trained_on import TrainedOn


@pytest.fixture
def client(logged):
    client = store.open_client()
    store.experiment_id(client, NAME)  # a training opens the store so
    return client


@pytest.fixture
def register(client, logged, small_test, tiny_classifier):
    """Register the tiny classifier, or what is handed in as if it had been logged."""

    def register(classifier=tiny_classifier, test=small_test):
        return registration.register(client, NAME, logged, classifier, test, {"candidate": "linear"})

    return register


def pointers(client):
    return {alias: str(version) for alias, version in client.get_registered_model(NAME).aliases.items()}


def kawat(*arguments):
    return CliRunner().invoke(main, arguments)


def folder_of(client, version):
    return registry.version_folder(client, client.get_model_version(NAME, version))


def test_the_first_model_becomes_champion(client, register):
    version, decision = register()
    assert decision.promoted
    assert decision.reason == "there was no champion"
    assert pointers(client) == {"champion": version, "challenger": version}


def test_a_worse_model_becomes_challenger_alone_and_the_list_says_why(client, register, tiny_classifier):
    register()
    version, decision = register(spoilt(tiny_classifier, 30))
    assert not decision.promoted
    assert pointers(client) == {"champion": "1", "challenger": "2"} != {"challenger": version}
    row, first = json.loads(kawat("models", "--json").stdout)
    assert row["gate"] == decision.reason
    assert "version 1 stays" in row["gate"]
    assert first["gate"] == "there was no champion"
    assert f"version 2: {decision.reason}" in kawat("models").stdout


def test_a_better_model_becomes_champion(client, register, logged, small_test, tiny_classifier):
    register()
    # What serves is made worse than what comes: version 1's file is that of a spoilt model.
    write(spoilt(tiny_classifier, 30), folder_of(client, "1"))
    version, decision = register()
    assert decision.promoted
    assert decision.difference > 0.05
    assert pointers(client) == {"champion": version, "challenger": version}
    assert history(client, NAME) == ["1"]


def write(classifier, folder):
    import skops.io

    skops.io.dump(classifier, folder / FILE)


def test_the_test_is_less_what_either_has_trained_on(client, register, small_test, tiny_dataset):
    register()
    seen = TrainedOn.of(tiny_dataset).covers(small_test)
    assert 0 < seen.sum() < len(small_test)
    _, decision = register()
    assert decision.articles == len(small_test) - seen.sum()
    _, nothing = register(test=small_test.subset(seen))
    assert not nothing.promoted
    assert "no test article is left" in nothing.reason


def test_what_only_the_champion_has_trained_on_is_left_out(client, register, small_test, tiny_dataset):
    register()
    half = small_test.subset(np.arange(100))
    # The champion's own file alone says that it has trained on half of the test.
    shutil.copytree(folder_of(client, "1"), Path("champion"))
    TrainedOn.of(half).save(Path("champion/extra_files") / TRAINED_ON)
    original, registration.version_folder = registration.version_folder, lambda *_: Path("champion")
    try:
        _, decision = register()
    finally:
        registration.version_folder = original
    rest = small_test.subset(np.arange(100, len(small_test)))
    assert decision.articles == len(rest) - TrainedOn.of(tiny_dataset).covers(rest).sum()


def other_labels(classifier, names):
    model = copy.deepcopy(classifier)
    model.classes_ = model.classes_.astype("<U40")
    for k, name in enumerate(names):
        model.classes_[k] = name
    return model


def test_another_label_set_never_promotes_itself(client, register, small_test, tiny_classifier):
    register()
    write(spoilt(tiny_classifier, 30), folder_of(client, "1"))
    test = small_test.subset(small_test.Y.any(axis=1))
    test.labels = ("weapons", *test.labels[1:])
    _, decision = register(other_labels(tiny_classifier, ["weapons"]), test)
    assert not decision.promoted
    assert decision.difference > 0
    assert set(decision.labels) == set(small_test.labels[1:])
    assert "label sets differ (arms-transfer, weapons)" in decision.reason
    moved = promote(NAME, "challenger")
    assert (moved.before, moved.after) == ("1", "2")
    assert moved.labels_added == ("weapons",)
    assert moved.labels_removed == ("arms-transfer",)


@pytest.mark.parametrize("damage", ["corrupt", "missing", "another features version"])
def test_where_the_champion_cannot_serve_any_more_the_new_model_takes_its_place(
    client, register, tiny_classifier, damage
):
    """Nothing would serve otherwise, and the label set is the same."""
    register()
    file = folder_of(client, "1") / FILE
    if damage == "missing":
        file.unlink()
    elif damage == "corrupt":
        file.write_bytes(file.read_bytes()[:1000])
    else:
        old = copy.deepcopy(tiny_classifier)
        old.features_.features_version_ = 0
        write(old, file.parent)
    with pytest.raises(ArtifactError, match="kawat train"):
        load(NAME)
    decision = again(client, register, file)
    assert decision.promoted
    assert "version 1 cannot serve any more" in decision.reason
    assert pointers(client)["champion"] == "2"


def again(client, register, file):
    """Register once more, with the old version's broken files and the new one's good ones in folders of their own."""
    broken = shutil.copytree(file.parent, "broken")
    original, registration.version_folder = registration.version_folder, lambda *_: Path(broken)
    try:
        return register()[1]
    finally:
        registration.version_folder = original


def test_but_another_label_set_does_not(client, register, small_test, tiny_classifier):
    register()
    (folder_of(client, "1") / FILE).unlink()
    _, decision = register(other_labels(tiny_classifier, ["weapons"]))
    assert not decision.promoted
    assert "label sets differ" in decision.reason
    assert pointers(client)["champion"] == "1"


def test_a_champion_whose_server_does_not_answer_stays(client, register, monkeypatch):
    register()

    def unreachable(*_):
        raise registry.UnreachableError("s3://bucket: cannot be fetched")

    monkeypatch.setattr(registration, "version_folder", unreachable)
    _, decision = register()
    assert not decision.promoted
    assert "could not be compared (s3://bucket" in decision.reason


def test_a_champion_that_does_not_say_what_it_has_trained_on_stays(client, register):
    register()
    (folder_of(client, "1") / "extra_files" / TRAINED_ON).unlink()
    _, decision = register()
    assert not decision.promoted
    assert "does not say what the model has trained on" in decision.reason
    assert "kawat promote" in decision.reason


def test_a_model_that_answers_otherwise_than_in_memory_is_not_registered(client, logged, tiny_dataset, tiny_classifier):
    with pytest.raises(ArtifactError, match="answers otherwise"):
        registration.validate(client, logged, spoilt(tiny_classifier, 1), tiny_dataset)


def test_a_moved_store_is_written_where_it_is_now(client, register, logged, template_store):
    """The client's store is a copy of another one, whose paths MLflow noted."""
    register()
    old = (template_store[0] / "mlruns").as_uri()
    with closing(sqlite3.connect("mlruns/mlflow.db")) as connection:
        assert not [line for line in connection.iterdump() if old in line]
    assert client.get_logged_model(logged).artifact_location.startswith(Path("mlruns").absolute().as_uri())


def test_promote_and_rollback_say_what_changed_and_walk_back(client, register, tiny_classifier):
    register()
    for _ in range(3):
        register(spoilt(tiny_classifier, 30))
    assert "version 3 is the champion now (version 1 was)" in kawat("promote", "3").stdout
    assert "version 2 is the champion now (version 3 was)" in kawat("promote", "2").stdout
    assert "version 4 is the champion now (version 2 was)" in kawat("promote", "challenger").stdout
    assert "already; nothing was changed" in kawat("promote", "4").stdout
    back = [json.loads(kawat("rollback", "--json").stdout) for _ in range(3)]
    assert [(move["before"], move["after"]) for move in back] == [(4, 2), (2, 3), (3, 1)]
    end = kawat("rollback")
    assert end.exit_code == 1
    assert "nothing to go back to" in end.stderr
    assert "kawat promote" in end.stderr
    assert champion_version(client, NAME) == "1"


def test_a_deleted_version_is_passed_over_on_the_way_back(client, register):
    for _ in range(3):
        register()
    promote(NAME, "2")
    promote(NAME, "3")
    client.delete_model_version(NAME, "2")
    assert rollback(NAME).after == "1"


def test_what_cannot_be_loaded_is_not_promoted(client, register):
    register()
    register()
    (folder_of(client, "2") / FILE).write_bytes(b"")
    for arguments in (("promote", "2"), ("promote", "challenger")):
        done = kawat(*arguments)
        assert done.exit_code == 1
        assert "kawat train" in done.stderr
    assert champion_version(client, NAME) == "1"


@pytest.mark.parametrize("which", ["99", "nobody"])
def test_an_unknown_version_is_an_error_that_lists_those_there_are(register, which):
    register()
    done = kawat("promote", which)
    assert done.exit_code == 1
    assert f"no '{which}' (versions: 1)" in done.stderr


@pytest.mark.parametrize("command", [["promote", "1"], ["rollback"], ["prune"]])
def test_without_a_store_the_commands_say_how_to_start(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    done = kawat(*command)
    assert done.exit_code == 1
    assert "kawat train" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_store_has_a_write_ahead_log_and_mlflow_waits_for_pointers(client):
    from mlflow.tracking._tracking_service.utils import _get_store
    from sqlalchemy import text

    with _get_store().ManagedSessionMaker() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA busy_timeout")).scalar() >= 10_000


def test_a_writer_that_finds_the_store_busy_waits(client, register):
    """Another process's transaction is open while an alias is moved; it ends a moment later."""
    import threading

    register()
    other = sqlite3.connect("mlruns/mlflow.db", isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.5, other.execute, ["COMMIT"])
        timer.start()
        client.set_registered_model_alias(NAME, "challenger", "1")
        timer.join()


def test_readers_do_not_wait_for_a_writer(client, register):
    register()
    with closing(sqlite3.connect("mlruns/mlflow.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert load(NAME).version == "1"
        other.execute("ROLLBACK")


def test_a_store_that_is_no_database_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / "mlruns").mkdir()
    (tmp_path / "mlruns" / "mlflow.db").write_bytes(b"no database" * 1000)
    done = kawat("models")
    assert done.exit_code == 1
    assert "not a database" in done.stderr
    assert "kawat train" in done.stderr


class Killed(BaseException):
    """Ends the work at once, as a signal would."""


WRITES = ("log_dict", "create_registered_model", "create_model_version", "set_registered_model_tag", "set_registered_model_alias")  # fmt: skip


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("n", range(6))
def test_ended_at_any_write_of_the_registration_the_champion_serves_and_no_version_is_half_written(
    client, register, tiny_classifier, n, after
):
    register()
    write(spoilt(tiny_classifier, 30), folder_of(client, "1"))
    count = 0

    def counted(original):
        def call(*arguments, **options):
            nonlocal count
            count += 1
            if count - 1 == n and not after:
                raise Killed
            try:
                return original(*arguments, **options)
            finally:
                if count - 1 == n:
                    raise Killed

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in WRITES:
            patch.setattr(client, name, counted(getattr(client, name)))
        with pytest.raises(Killed):
            register()
    fresh = store.open_client()
    found = registry.versions(fresh, NAME)
    for version in found:
        assert set(version.tags) == {"candidate", "labels", "gate"}
        assert version.status == "READY"
        load(NAME, str(version.version)).classifier.classify(["Rusia mengirim rudal ke India."])
    load(NAME).classifier.classify(["Rusia mengirim rudal ke India."])
    assert champion_version(fresh, NAME) in {str(version.version) for version in found}
    # Whatever was done, the way back and the next training work.
    if champion_version(fresh, NAME) == "2":
        assert rollback(NAME).after == "1"
    register()


def test_a_store_that_does_not_answer_is_not_taken_for_an_empty_one(client, register, monkeypatch):
    from mlflow.exceptions import MlflowException

    register()

    def fails(*_):
        raise MlflowException("connection refused")

    monkeypatch.setattr(type(client), "get_model_version_by_alias", fails)
    monkeypatch.setattr(type(client), "get_registered_model", fails)
    with pytest.raises(store.StoreError, match="connection refused"):
        load(NAME)
    with pytest.raises(MlflowException):
        register()
    assert [version.version for version in registry.versions(client, NAME)] == [1]
