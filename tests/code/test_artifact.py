"""What is saved is loaded, and what is foreign, broken or old is refused."""

import copy
import shutil
import zipfile
from importlib import import_module

import numpy as np
import pytest
import skops.io
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from features import FEATURES_VERSION
from train.artifact import FILE, TRUSTED_TYPES, ArtifactError, load_classifier
from train.candidates import LinearEstimator, TreesEstimator
from train.classifier import ArticleClassifier

REPAIR = "kawat train"


class Foreign(BaseEstimator):
    """A class that no artifact of Kawat's holds."""

    woken = False

    def __setstate__(self, state):
        type(self).woken = True
        super().__setstate__(state)


def saved(model, folder):
    file = folder / FILE
    skops.io.dump(model, file)
    return file


def changed(classifier, **attributes):
    model = copy.deepcopy(classifier)
    for name, value in attributes.items():
        setattr(model, name, value)
    return model


@pytest.fixture(scope="module")
def file(tiny_classifier, tmp_path_factory):
    return saved(tiny_classifier, tmp_path_factory.mktemp("model"))


def refusal(file):
    with pytest.raises(ArtifactError) as caught:
        load_classifier(file)
    assert str(file) in str(caught.value)
    return str(caught.value)


def test_what_was_saved_answers_as_before(tiny_classifier, tiny_dataset, file):
    loaded = load_classifier(file)
    documents = tiny_dataset.documents[:5]
    np.testing.assert_array_equal(loaded.predict_proba(documents), tiny_classifier.predict_proba(documents))
    assert [r.as_json() for r in loaded.classify(documents)] == [
        r.as_json() for r in tiny_classifier.classify(documents)
    ]
    assert loaded.classes_.tolist() == tiny_classifier.classes_.tolist()
    assert (loaded.features_.get_feature_names_out() == tiny_classifier.features_.get_feature_names_out()).all()


def test_trees_are_loaded_as_well(tiny_classifier, tiny_dataset, tiny_features, tmp_path):
    model = ArticleClassifier(TreesEstimator(n_selected=50, n_trees=2), list(tiny_dataset.labels), tiny_features)
    model.fit(tiny_dataset.documents, tiny_dataset.Y)
    before = model.predict_proba(tiny_dataset.documents)
    loaded = load_classifier(saved(model, tmp_path))
    np.testing.assert_array_equal(loaded.predict_proba(tiny_dataset.documents), before)


def test_a_model_holds_no_type_that_is_not_on_the_list(file):
    assert set(skops.io.get_untrusted_types(file=file)) <= set(TRUSTED_TYPES)


@pytest.mark.parametrize("name", TRUSTED_TYPES)
def test_every_trusted_type_is_a_class_of_the_project(name):
    module, _, attribute = name.rpartition(".")
    assert isinstance(getattr(import_module(module), attribute), type)
    assert module.split(".")[0] in ("features", "train")


def test_a_class_that_is_not_on_the_list_is_refused_and_never_woken(tiny_classifier, tmp_path):
    file = saved(changed(tiny_classifier, estimator_=Foreign()), tmp_path)
    message = refusal(file)
    assert f"holds the types {Foreign.__module__}.Foreign, " in message
    assert REPAIR in message
    assert not Foreign.woken


def test_a_function_inside_a_class_of_scikit_learn_is_refused(tiny_classifier, tmp_path):
    message = refusal(saved(changed(tiny_classifier, estimator_=FunctionTransformer(shutil.rmtree)), tmp_path))
    assert "shutil.rmtree" in message
    assert REPAIR in message


@pytest.mark.parametrize(
    ("model", "name"),
    [(LogisticRegression(), "LogisticRegression"), (LinearEstimator(), "LinearEstimator"), ({"a": 1}, "dict")],
)
def test_what_is_no_classifier_is_refused(model, name, tmp_path):
    assert f"holds a {name}, expected an ArticleClassifier" in refusal(saved(model, tmp_path))


def test_what_an_artifact_says_of_itself_is_not_asked(tiny_classifier, tmp_path, monkeypatch):
    """A list of trusted types that the file itself brings along counts for nothing."""
    file = saved(changed(tiny_classifier, estimator_=Foreign(), trusted=[f"{Foreign.__module__}.Foreign"]), tmp_path)
    assert "Foreign" in refusal(file)


def test_a_missing_file_is_refused(tmp_path):
    assert REPAIR in refusal(tmp_path / FILE)
    assert REPAIR in refusal(tmp_path)


@pytest.mark.parametrize(
    "damage", ["empty", "noise", "half", "no schema", "bad schema", "empty schema", "missing array"]
)
def test_a_corrupt_file_is_refused(file, tmp_path, damage):
    broken, content = tmp_path / FILE, file.read_bytes()
    if damage in ("empty", "noise", "half"):
        broken.write_bytes({"empty": b"", "noise": b"kawat" * 100, "half": content[: len(content) // 2]}[damage])
    else:
        with zipfile.ZipFile(file) as whole, zipfile.ZipFile(broken, "w") as part:
            for name in whole.namelist():
                if name != "schema.json" and damage != "missing array":
                    part.writestr(name, whole.read(name))
            if damage != "no schema":
                schema = {"bad schema": b"{", "empty schema": b"{}", "missing array": whole.read("schema.json")}
                part.writestr("schema.json", schema[damage])
    assert REPAIR in refusal(broken)


@pytest.mark.parametrize("version", [FEATURES_VERSION - 1, FEATURES_VERSION + 1, None])
def test_another_version_of_the_features_is_refused(tiny_classifier, tmp_path, version):
    model = copy.deepcopy(tiny_classifier)
    model.features_.features_version_ = version
    message = refusal(saved(model, tmp_path))
    assert f"made with features version {version}, this Kawat has {FEATURES_VERSION}" in message
    assert REPAIR in message


def test_features_that_know_no_version_are_refused(tiny_classifier, tmp_path):
    model = copy.deepcopy(tiny_classifier)
    del model.features_.features_version_
    assert REPAIR in refusal(saved(model, tmp_path))


def test_a_classifier_that_was_never_fitted_is_refused(tmp_path):
    assert REPAIR in refusal(saved(ArticleClassifier(LinearEstimator(), ["a", "b"]), tmp_path))
