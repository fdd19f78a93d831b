"""Figures against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, precision_score, recall_score

from train.metrics import SUMMARY, average_precision, evaluate_labels
from train.selection import label_weights

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
    expected = {
        "f1": None,
        "precision": 0.0,
        "recall": None,
        "average_precision": None,
        "brier_skill": None,
        "threshold": None,
        "support": 0,
    }
    assert {name: result["labels"]["b"][name] for name in expected} == expected
    assert result["labels"]["b"]["brier_skill_interval"] is None


def resampled_one_by_one(case, resamples, seed):
    """The draws of `evaluate_labels`, each evaluated as a sample of its own."""
    rng = np.random.default_rng(seed)
    for rows in rng.integers(0, len(case[0]), (resamples, len(case[0]))):
        yield evaluate_labels(*(values[rows] for values in case), LABELS, resamples=0)


def test_intervals_are_those_of_resamples_evaluated_one_by_one():
    rng = np.random.default_rng(3)
    Y = (rng.random((60, 3)) < [0.5, 0.3, 0.06]).astype(np.int8)
    probabilities = np.round(np.clip(0.4 * Y + 0.6 * rng.random(Y.shape), 0, 1), 1)  # with ties
    case = Y, probabilities, (probabilities > 0.5).astype(np.int8)
    result = evaluate_labels(*case, LABELS, resamples=40, seed=5)
    draws = list(resampled_one_by_one(case, 40, 5))
    for name in SUMMARY:
        if "calibration" not in name:  # its bins are those of the whole sample
            expected = np.quantile([draw[name] for draw in draws], [0.025, 0.975])
            assert result[f"{name}_interval"] == pytest.approx(expected), name
    for name in ("f1", "precision", "recall", "average_precision", "brier_skill"):
        values = [draw["labels"]["c"][name] for draw in draws]
        expected = np.quantile([value for value in values if value is not None], [0.025, 0.975])
        assert result["labels"]["c"][f"{name}_interval"] == pytest.approx(expected), name


def test_more_resamples_than_a_block_holds(monkeypatch):
    rng = np.random.default_rng(1)
    Y = (rng.random((30, 3)) < 0.5).astype(np.int8)
    case = Y, rng.random(Y.shape), Y[::-1]
    whole = evaluate_labels(*case, LABELS, resamples=50)
    monkeypatch.setattr("train.bootstrap._BLOCK", 30 * 7)
    in_blocks = evaluate_labels(*case, LABELS, resamples=50)
    assert all(in_blocks[f"{name}_interval"] == pytest.approx(whole[f"{name}_interval"]) for name in SUMMARY)


def test_brier_skill_is_1_less_the_ratio_of_two_brier_scores():
    rng = np.random.default_rng(0)
    Y = (rng.random((200, 2)) < [0.5, 0.1]).astype(np.int8)
    probabilities = np.clip(0.3 * Y + 0.7 * rng.random(Y.shape), 0, 1)
    result = evaluate_labels(Y, probabilities, Y, ("a", "b"), resamples=0)
    for k, label in enumerate("ab"):
        shares = np.full(200, Y[:, k].mean())
        skill = 1 - brier_score_loss(Y[:, k], probabilities[:, k]) / brier_score_loss(Y[:, k], shares)
        assert result["labels"][label]["brier_skill"] == pytest.approx(skill)
    assert result["macro_brier_skill"] == pytest.approx(
        np.mean([result["labels"][label]["brier_skill"] for label in "ab"])
    )
    always_the_share = np.tile(Y.mean(axis=0), (200, 1))
    assert evaluate_labels(Y, always_the_share, Y, ("a", "b"), resamples=0)["micro_brier_skill"] == pytest.approx(0)


def test_calibration_error_is_the_mean_gap_in_bins_of_equally_many():
    probabilities = np.repeat(np.linspace(0.05, 0.95, 10), 100)[:, None]
    y = np.concatenate([np.arange(100) < 100 * value for value in np.linspace(0.05, 0.95, 10)]).astype(np.int8)[:, None]
    true, shifted = (
        evaluate_labels(y, values, y, ("a",), resamples=50) for values in (probabilities, probabilities + 0.04)
    )
    assert true["labels"]["a"]["calibration_error"] == pytest.approx(0, abs=1e-9)
    for name in ("macro_calibration_error", "micro_calibration_error"):
        low, high = shifted[f"{name}_interval"]
        assert low <= shifted[name] <= high
        assert shifted[name] == pytest.approx(0.04)


def test_probabilities_true_in_use_are_true_by_weight():
    """Labels twice as frequent in the data as in use: only weights see that the probabilities are right."""
    rng = np.random.default_rng(0)
    probabilities = rng.random((20_000, 1)) * 0.5
    y = (rng.random(probabilities.shape) < probabilities).astype(np.int8)
    in_use = y.mean()
    kept = (y[:, 0] == 1) | (rng.random(len(y)) < 0.4)
    y, probabilities = y[kept], probabilities[kept]
    weights = label_weights(y, [float(in_use)])
    weighted, plain = (evaluate_labels(y, probabilities, y, ("a",), weights=w, resamples=0) for w in (weights, None))
    assert weighted["macro_calibration_error"] < 0.02 < 0.1 < plain["macro_calibration_error"]
    assert plain["macro_brier_skill"] < weighted["macro_brier_skill"]
    assert weighted["mean_average_precision"] == plain["mean_average_precision"]
