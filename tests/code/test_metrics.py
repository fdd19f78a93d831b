"""Figures against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from train.metrics import average_precision, evaluate_labels

LABELS = ("a", "b", "c")
NAMES = ("macro_f1", "micro_f1", "mean_average_precision")


@st.composite
def evaluated(draw):
    """Draw true labels, probabilities with ties, and assigned labels."""
    n = draw(st.integers(1, 12))
    bits = st.lists(st.lists(st.integers(0, 1), min_size=3, max_size=3), min_size=n, max_size=n)
    Y = np.array(draw(bits), np.int8)
    Y[draw(st.integers(0, n - 1)), draw(st.integers(0, 2))] = 1
    grid = st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=n, max_size=n)
    probabilities = np.array(draw(grid)) / 4
    return Y, probabilities, (probabilities >= draw(st.sampled_from([0.2, 0.5, 0.9]))).astype(np.int8)


@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.5, 1.0]) | st.floats(0, 1)), min_size=1))
def test_average_precision_is_that_of_scikit_learn(rows):
    y, scores = np.array([[1, 0.3], *rows]).T
    assert average_precision(y.astype(np.int8), scores) == pytest.approx(average_precision_score(y, scores))


def test_average_precision_takes_ties_as_one_step():
    y, scores = np.array([1, 0, 0, 1]), np.array([0.9, 0.5, 0.5, 0.5])
    assert average_precision(y, scores) == average_precision(y[::-1], scores[::-1]) == pytest.approx(0.75)


@given(evaluated())
def test_figures_are_those_of_scikit_learn(case):
    Y, probabilities, assigned = case
    result = evaluate_labels(Y, probabilities, assigned, LABELS, resamples=0)
    present = np.flatnonzero(Y.any(axis=0))
    assert result["micro_f1"] == pytest.approx(f1_score(Y, assigned, average="micro"))
    assert result["macro_f1"] == pytest.approx(np.mean([f1_score(Y[:, k], assigned[:, k]) for k in present]))
    ranked = [average_precision_score(Y[:, k], probabilities[:, k]) for k in present]
    assert result["mean_average_precision"] == pytest.approx(np.mean(ranked))


@settings(max_examples=50)
@given(evaluated())
def test_figures_of_a_label_are_those_of_scikit_learn_or_none(case):
    Y, probabilities, assigned = case
    result = evaluate_labels(Y, probabilities, assigned, LABELS, np.array([0.1, 0.2, 0.3]), resamples=0)["labels"]
    assert list(result) == list(LABELS)
    for k, (label, figures) in enumerate(result.items()):
        y, guess, known = Y[:, k], assigned[:, k], Y[:, k].any()
        assert (figures["support"], figures["threshold"]) == (y.sum(), (k + 1) / 10), label
        assert figures["f1"] == (pytest.approx(f1_score(y, guess)) if known else None)
        assert figures["recall"] == (pytest.approx(recall_score(y, guess)) if known else None)
        assert figures["precision"] == (pytest.approx(precision_score(y, guess)) if guess.any() else None)
        ranked = average_precision_score(y, probabilities[:, k]) if known else None
        assert figures["average_precision"] == (pytest.approx(ranked) if known else None)


@given(evaluated(), st.integers(0, 3))
def test_intervals_are_ordered_and_repeatable(case, seed):
    first, second = (evaluate_labels(*case, LABELS, seed=seed, resamples=20) for _ in range(2))
    assert first == second
    for name in NAMES:
        low, high = first[f"{name}_interval"]
        assert 0 <= low <= high <= 1


def test_an_interval_is_wide_where_there_is_little_to_go_by():
    rng = np.random.default_rng(0)
    widths = []
    for n in (40, 4000):
        Y = (rng.random((n, 3)) < 0.3).astype(np.int8)
        probabilities = np.clip(0.4 * Y + 0.6 * rng.random(Y.shape), 0, 1)
        result = evaluate_labels(Y, probabilities, (probabilities > 0.5).astype(np.int8), LABELS, resamples=200)
        for name in NAMES:
            low, high = result[f"{name}_interval"]
            assert low < result[name] < high
        widths.append(np.diff(result["macro_f1_interval"])[0])
    assert widths[0] == pytest.approx(10 * widths[1], rel=0.5)


def test_an_interval_holds_95_percent_of_the_resamples():
    rng = np.random.default_rng(0)
    y = (rng.random(400) < 0.4).astype(np.int8)
    guess = np.where(rng.random(400) < 0.2, 1 - y, y).astype(np.int8)
    result = evaluate_labels(y[:, None], guess[:, None].astype(float), guess[:, None], ("a",), resamples=1000)
    rows = rng.integers(0, 400, (1000, 400))
    f1 = 2 * (y & guess)[rows].sum(axis=1) / (y[rows].sum(axis=1) + guess[rows].sum(axis=1))
    assert np.diff(result["micro_f1_interval"])[0] == pytest.approx(2 * 1.96 * f1.std(), rel=0.1)


def test_the_seed_draws_the_resamples():
    rng = np.random.default_rng(0)
    Y = (rng.random((30, 3)) < 0.5).astype(np.int8)
    probabilities = rng.random(Y.shape)
    assigned = (probabilities > 0.5).astype(np.int8)
    one, two = (evaluate_labels(Y, probabilities, assigned, LABELS, seed=seed, resamples=20) for seed in (1, 2))
    assert one["macro_f1_interval"] != two["macro_f1_interval"]
    assert one["macro_f1"] == two["macro_f1"]


def test_a_perfect_answer():
    Y = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], np.int8)
    result = evaluate_labels(Y, Y.astype(float), Y, LABELS, resamples=50)
    assert {name: (result[name], result[f"{name}_interval"]) for name in NAMES} == {
        name: (1.0, [1.0, 1.0]) for name in NAMES
    }


def test_a_label_without_support_is_left_out_of_the_means():
    Y = np.array([[1, 0], [0, 0], [1, 0]], np.int8)
    assigned = np.array([[1, 1], [0, 0], [1, 0]], np.int8)
    result = evaluate_labels(Y, assigned.astype(float), assigned, ("a", "b"), resamples=5)
    assert (result["macro_f1"], result["mean_average_precision"]) == (1.0, 1.0)
    assert result["micro_f1"] == pytest.approx(0.8)
    assert result["labels"]["b"] == {
        "f1": None,
        "precision": 0.0,
        "recall": None,
        "average_precision": None,
        "threshold": None,
        "support": 0,
    }
