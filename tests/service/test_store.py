"""The store: where it lies, who waits for whom, and what an end in the middle of a write leaves behind."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.stores import NAME, folder_of, kawat, spoilt, write
from train import registry, store
from train.aliases import champion_version, rollback
from train.registry import load


def test_a_moved_store_is_written_where_it_is_now(registry_client, register, logged, template_store):
    """The registry_client's store is a copy of another one, whose paths MLflow noted."""
    register()
    old = (template_store[0] / "mlruns").as_uri()
    with closing(sqlite3.connect("mlruns/mlflow.db")) as connection:
        assert not [line for line in connection.iterdump() if old in line]
    assert registry_client.get_logged_model(logged).artifact_location.startswith(Path("mlruns").absolute().as_uri())


def test_the_store_has_a_write_ahead_log_and_mlflow_waits_for_pointers(registry_client):
    from mlflow.tracking._tracking_service.utils import _get_store
    from sqlalchemy import text

    with _get_store().ManagedSessionMaker() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA busy_timeout")).scalar() >= 10_000


def test_a_writer_that_finds_the_store_busy_waits(registry_client, register):
    """Another process's transaction is open while an alias is moved; it ends a moment later."""
    register()
    other = sqlite3.connect("mlruns/mlflow.db", isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.5, other.execute, ["COMMIT"])
        timer.start()
        registry_client.set_registered_model_alias(NAME, "challenger", "1")
        timer.join()


def test_readers_do_not_wait_for_a_writer(registry_client, register):
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


WRITES = ("log_dict", "create_registered_model", "create_model_version", "set_registered_model_tag", "set_registered_model_alias", "set_logged_model_tags")  # fmt: skip


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("n", range(7))
def test_ended_at_any_write_of_the_registration_the_champion_serves_and_no_version_is_half_written(
    registry_client, register, tiny_classifier, n, after
):
    register()
    write(spoilt(tiny_classifier, 30), folder_of(registry_client, "1"))
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
            patch.setattr(registry_client, name, counted(getattr(registry_client, name)))
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


def test_a_store_that_does_not_answer_is_not_taken_for_an_empty_one(registry_client, register, monkeypatch):
    from mlflow.exceptions import MlflowException

    register()

    def fails(*_):
        raise MlflowException("connection refused")

    monkeypatch.setattr(type(registry_client), "get_model_version_by_alias", fails)
    monkeypatch.setattr(type(registry_client), "get_registered_model", fails)
    with pytest.raises(store.StoreError, match="connection refused"):
        load(NAME)
    with pytest.raises(MlflowException):
        register()
    assert [version.version for version in registry.versions(registry_client, NAME)] == [1]
