"""What nothing points at is removed with its files; what serves, served or runs stays."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from mlflow.entities import ViewType

from kawat import main
from tests.stores import NAME, log
from train import registration, registry
from train.aliases import promote, rollback
from train.prune import prune


@pytest.fixture
def client(registry_client, tiny_classifier, small_test, logged):
    """Five versions, each with a run and a candidate's run of its own; 1 served before 3, 5 is the challenger."""
    client = registry_client
    for _ in range(4):
        fake_training(client, logged)
    nothing = small_test.subset(np.arange(0))  # the gate has nothing to compare, and takes no time
    for model in sorted(client.search_logged_models([experiment(client)]), key=lambda model: model.creation_timestamp):
        registration.register(client, NAME, model.model_id, tiny_classifier, nothing, {})
    promote(NAME, "3")
    return client


def experiment(client):
    return client.get_experiment_by_name(NAME).experiment_id


def fake_training(client, model_id):
    """A run with a nested one and a logged model, which has the files of another: quicker than to log anew."""
    parent = client.create_run(experiment(client))
    nested = client.create_run(experiment(client), tags={"mlflow.parentRunId": parent.info.run_id})
    for run in (parent, nested):
        client.log_text(run.info.run_id, "figure", "figure.txt")
        client.set_terminated(run.info.run_id)
    model = client.create_logged_model(experiment(client), source_run_id=parent.info.run_id)
    shutil.copytree(registry.model_folder(client, model_id), registry.local_copy(model.artifact_location))
    client.finalize_logged_model(model.model_id, "READY")


def files():
    return {path.name for path in [*Path("mlruns/artifacts").iterdir(), *Path("mlruns/artifacts/models").iterdir()]}


def runs(client):
    return {run.info.run_id for run in client.search_runs([experiment(client)], run_view_type=ViewType.ALL)}


def existing(client):
    return sorted(int(version.version) for version in registry.versions(client, NAME))


def test_what_no_alias_and_no_rollback_needs_is_removed_with_its_files(client):
    assert existing(client) == [1, 2, 3, 4, 5]
    before, records = files(), runs(client)
    pruned = prune(NAME, keep=0)
    assert pruned.versions == (4, 2)
    assert pruned.kept == (5, 3, 1)
    assert pruned.freed > 100_000
    assert existing(client) == [1, 3, 5]
    assert len(pruned.runs) == 4  # two trainings with a candidate each
    assert runs(client) == records - set(pruned.runs)
    assert before - files() >= set(pruned.runs)
    assert len(before - files()) == len(pruned.runs) + 2  # and the two models
    assert len(client.search_logged_models([experiment(client)])) == 3
    for version in ("1", "3", "5"):
        registry.load(NAME, version)
    assert rollback(NAME).after == "1"
    assert prune(NAME, keep=0).versions == (3,)  # went back behind it


def test_the_newest_are_kept(client):
    assert prune(NAME, keep=2).versions == (2,)
    assert prune(NAME, keep=2).versions == ()
    assert existing(client) == [1, 3, 4, 5]


def test_a_dry_run_says_the_same_and_removes_nothing(client):
    before, records = files(), runs(client)
    said = prune(NAME, keep=0, dry_run=True)
    assert (files(), runs(client), existing(client)) == (before, records, [1, 2, 3, 4, 5])
    done = prune(NAME, keep=0)
    assert (said.versions, said.runs, said.freed) == (done.versions, done.runs, done.freed)


def test_the_command_says_what_it_removed(client):
    def kawat(*arguments):
        done = CliRunner().invoke(main, ["prune", "--keep", "0", *arguments])
        assert done.exit_code == 0
        return done.stdout

    assert "would remove 2 versions (4, 2) and 4 runs of kawat, " in kawat("--dry-run")
    document = json.loads(kawat("--json"))
    assert (document["versions"], document["kept"], document["dry_run"]) == ([4, 2], [5, 3, 1], False)
    assert "nothing of kawat to remove; versions that stay: 5, 3, 1" in kawat()


def test_runs_deleted_in_the_ui_go_for_good_but_not_those_of_versions_that_stay(client):
    serving = client.get_model_version(NAME, "3").run_id
    stray = client.create_run(experiment(client)).info.run_id
    client.set_terminated(stray)
    client.delete_run(stray)
    client.delete_run(serving)
    assert stray in prune(NAME, keep=10).runs
    assert stray not in runs(client)
    assert serving in runs(client)
    registry.load(NAME)


def test_a_run_whose_process_lives_stays_and_one_of_the_dead_goes(client, tiny_classifier, tiny_dataset):
    from train.abandoned import PROCESS, process_tag

    host = process_tag()[PROCESS].split()[0]
    lives = client.create_run(experiment(client), tags=process_tag()).info.run_id
    dead = client.create_run(experiment(client), tags={PROCESS: f"{host} 4194304 1"}).info.run_id
    elsewhere = client.create_run(experiment(client), tags={PROCESS: "elsewhere 1 1"}).info.run_id
    removed = prune(NAME, keep=0).runs
    assert dead in removed
    assert lives not in removed
    assert elsewhere not in removed


def test_another_project_in_the_same_store_is_left_alone(client, tiny_classifier, tiny_dataset, small_test):
    model_id = log(tiny_classifier, tiny_dataset, "other")
    registration.register(client, "other", model_id, tiny_classifier, small_test, {})
    prune(NAME, keep=0)
    registry.load("other")


def test_what_was_interrupted_is_finished_by_the_next_call(client, monkeypatch):
    from mlflow.tracking._tracking_service.utils import _get_store

    def interrupted(run_id):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(_get_store()), "_hard_delete_run", lambda self, run_id: interrupted(run_id))
        with pytest.raises(KeyboardInterrupt):
            prune(NAME, keep=0)
    for version in ("1", "3", "5"):
        registry.load(NAME, version)
    assert len(prune(NAME, keep=0).runs) == 4
