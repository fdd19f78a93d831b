"""Names of figures in MLflow."""

import numpy as np
import pytest
from mlflow.utils.validation import _validate_metric_name

from train.flat import flat_names, metric_name
from train.metrics import FIGURES, SUMMARY, evaluate_labels

LABELS = ("arms-transfer", "R&D")


@pytest.fixture(scope="module")
def figures() -> dict:
    rng = np.random.default_rng(0)
    Y = (rng.random((40, 2)) < 0.5).astype(np.int8)
    return evaluate_labels(Y, rng.random(Y.shape), Y, LABELS, resamples=20)


def test_cross_validated_labels_have_flat_names_and_the_test_a_prefix(figures):
    flat, test = flat_names(figures, "cv"), flat_names(figures, "test")
    for name in FIGURES:
        for end in ("", ".low", ".high"):
            assert {f"{name}.arms-transfer{end}", f"{name}.R_26D{end}"} <= set(flat)
            assert flat[f"{name}.arms-transfer{end}"] == test[f"test.{name}.arms-transfer{end}"]
    for name in SUMMARY:
        assert flat[f"cv.{name}"] == figures[name]
        assert [flat[f"cv.{name}.low"], flat[f"cv.{name}.high"]] == figures[f"{name}_interval"]


def test_a_part_is_a_group_of_its_own(figures):
    flat = flat_names(figures, "cv", part="language.id")
    assert flat["cv.language.id/f1.arms-transfer"] == figures["labels"]["arms-transfer"]["f1"]
    assert all(name.startswith("cv.language.id/") for name in flat)


def test_what_is_not_defined_is_left_out():
    Y = np.array([[1, 0], [0, 0], [1, 0]], np.int8)
    flat = flat_names(evaluate_labels(Y, Y.astype(float), Y, LABELS, resamples=0), "cv")
    assert "f1.arms-transfer" in flat
    assert not {"f1.R_26D", "f1.arms-transfer.low", "threshold.arms-transfer"} & set(flat)


@pytest.mark.parametrize("label", ["R&D", "C++", "politik/ekonomi", "政治", "a:b", "..", "100%"])
def test_any_label_gives_a_name_that_mlflow_takes(label):
    _validate_metric_name(f"f1.{metric_name(label)}")
    _validate_metric_name(f"cv.language.id/f1.{metric_name(label)}.low")


def test_different_labels_keep_different_names():
    names = ["a/b", "a_b", "a&b", "a+b", "ab"]
    assert len({metric_name(name) for name in names}) == len(names)
