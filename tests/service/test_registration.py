"""What the end of a training leaves in the registry, and when the gate lets it serve."""

import copy
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.stores import NAME, folder_of, kawat, spoilt, write
from train import registration, registry
from train.aliases import history, promote
from train.artifact import FILE, ArtifactError
from train.registry import load
from train.trained_on import FILE as TRAINED_ON
from train.trained_on import TrainedOn


def pointers(registry_client):
    return {alias: str(version) for alias, version in registry_client.get_registered_model(NAME).aliases.items()}


def test_the_first_model_becomes_champion(registry_client, register, logged):
    version, decision = register()
    assert decision.promoted
    assert decision.reason == "there was no champion"
    assert pointers(registry_client) == {"champion": version, "challenger": version}
    # By this the UI's list of runs shows the version.
    tags = registry_client.get_logged_model(logged).tags
    assert json.loads(tags["mlflow.modelVersions"]) == [{"name": NAME, "version": 1}]


def test_a_worse_model_becomes_challenger_alone_and_the_list_says_why(registry_client, register, tiny_classifier):
    register()
    version, decision = register(spoilt(tiny_classifier, 30))
    assert not decision.promoted
    assert version == "2"
    assert pointers(registry_client) == {"champion": "1", "challenger": "2"}
    row, first = json.loads(kawat("models", "--json").stdout)
    assert row["gate"] == decision.reason
    assert "version 1 stays" in row["gate"]
    assert first["gate"] == "there was no champion"
    assert f"version 2: {decision.reason}" in kawat("models").stdout


def test_a_better_model_becomes_champion(registry_client, register, logged, small_test, tiny_classifier):
    register()
    # What serves is made worse than what comes: version 1's file is that of a spoilt model.
    write(spoilt(tiny_classifier, 30), folder_of(registry_client, "1"))
    version, decision = register()
    assert decision.promoted
    assert decision.difference > 0.05
    assert pointers(registry_client) == {"champion": version, "challenger": version}
    assert history(registry_client, NAME) == ["1"]


def test_the_test_is_less_what_either_has_trained_on(registry_client, register, small_test, tiny_dataset):
    register()
    seen = TrainedOn.of(tiny_dataset).covers(small_test)
    assert 0 < seen.sum() < len(small_test)
    _, decision = register()
    assert decision.articles == len(small_test) - seen.sum()
    _, nothing = register(test=small_test.subset(seen))
    assert not nothing.promoted
    assert "no test article is left" in nothing.reason


def test_what_only_the_champion_has_trained_on_is_left_out(registry_client, register, small_test, tiny_dataset):
    register()
    half = small_test.subset(np.arange(100))
    # The champion's own file alone says that it has trained on half of the test.
    shutil.copytree(folder_of(registry_client, "1"), Path("champion"))
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


def test_another_label_set_never_promotes_itself(registry_client, register, small_test, tiny_classifier):
    register()
    write(spoilt(tiny_classifier, 30), folder_of(registry_client, "1"))
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
    registry_client, register, tiny_classifier, damage
):
    """Nothing would serve otherwise, and the label set is the same."""
    register()
    file = folder_of(registry_client, "1") / FILE
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
    decision = again(registry_client, register, file)
    assert decision.promoted
    assert "version 1 cannot serve any more" in decision.reason
    assert pointers(registry_client)["champion"] == "2"


def again(registry_client, register, file):
    """Register once more, with the old version's broken files and the new one's good ones in folders of their own."""
    broken = shutil.copytree(file.parent, "broken")
    original, registration.version_folder = registration.version_folder, lambda *_: Path(broken)
    try:
        return register()[1]
    finally:
        registration.version_folder = original


def test_but_another_label_set_does_not(registry_client, register, small_test, tiny_classifier):
    register()
    (folder_of(registry_client, "1") / FILE).unlink()
    _, decision = register(other_labels(tiny_classifier, ["weapons"]))
    assert not decision.promoted
    assert "label sets differ" in decision.reason
    assert pointers(registry_client)["champion"] == "1"


def test_a_champion_whose_server_does_not_answer_stays(registry_client, register, monkeypatch):
    register()

    def unreachable(*_):
        raise registry.UnreachableError("s3://bucket: cannot be fetched")

    monkeypatch.setattr(registration, "version_folder", unreachable)
    _, decision = register()
    assert not decision.promoted
    assert "could not be compared (s3://bucket" in decision.reason


def test_a_champion_that_does_not_say_what_it_has_trained_on_stays(registry_client, register):
    register()
    (folder_of(registry_client, "1") / "extra_files" / TRAINED_ON).unlink()
    _, decision = register()
    assert not decision.promoted
    assert "does not say what the model has trained on" in decision.reason
    assert "kawat promote" in decision.reason


def test_a_model_that_answers_otherwise_than_in_memory_is_not_registered(
    registry_client, logged, tiny_dataset, tiny_classifier
):
    with pytest.raises(ArtifactError, match="answers otherwise"):
        registration.validate(registry_client, logged, spoilt(tiny_classifier, 1), tiny_dataset)
