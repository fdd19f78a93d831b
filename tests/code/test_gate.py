"""The gate: better on average, surely not worse, and no label sacrificed."""

import json

import numpy as np
import pytest

from train.gate import GateDecision, decide
from train.metrics import average_precision

LABELS = ["a", "b"]


def scores(Y, noise, seed=0):
    """Scores that follow the truth, the less so the more noise."""
    return Y + np.random.default_rng(seed).normal(0, noise, Y.shape)


@pytest.fixture
def Y():
    return (np.random.default_rng(1).random((400, 2)) < 0.3).astype(np.int8)


def gate(Y, old, new, **options):
    return decide(Y, old, new, LABELS, "7", resamples=200, **options)


def test_the_interval_is_that_of_draws_compared_one_by_one():
    rng = np.random.default_rng(3)
    Y = (rng.random((60, 2)) < [0.5, 0.06]).astype(np.int8)  # some draws lack label b
    old, new = (np.round(scores(Y, noise, seed), 1) for noise, seed in ((1.0, 4), (0.8, 5)))  # with ties
    gains, kept = [], []
    for rows in np.random.default_rng(7).integers(0, len(Y), (200, len(Y))):
        kept.append([k for k in range(2) if Y[rows, k].any()])
        values = [[average_precision(Y[rows, k], of[rows, k]) for k in kept[-1]] for of in (new, old)]
        gains.append(np.mean(values[0]) - np.mean(values[1]))
    assert [0] in kept
    decision = gate(Y, old, new, seed=7)
    assert decision.interval == pytest.approx(np.quantile(gains, [0.05, 0.95]))
    assert decision.certainty == pytest.approx(np.mean(np.array(gains) > 0))


def test_a_better_model_is_promoted_and_the_report_says_by_how_much_and_how_surely(Y):
    decision = gate(Y, scores(Y, 1.0), scores(Y, 0.5))
    assert decision.promoted
    assert decision.champion == "7"
    assert decision.articles == 400
    assert decision.difference == pytest.approx(np.mean([row["difference"] for row in decision.labels.values()]))
    low, high = decision.interval
    assert 0 < low < decision.difference < high
    assert decision.certainty == 1
    for figure in (f"{decision.difference:+.3f}", f"{low:+.3f} to {high:+.3f}", "100%", "version 7", "400"):
        assert figure in decision.reason
    json.dumps(decision.as_json())


def test_per_label_figures_are_those_of_the_metrics(Y):
    old, new = scores(Y, 1.0), scores(Y, 0.5)
    row = gate(Y, old, new).labels["b"]
    assert row["champion"] == pytest.approx(average_precision(Y[:, 1], old[:, 1]))
    assert row["challenger"] == pytest.approx(average_precision(Y[:, 1], new[:, 1]))
    assert row["support"] == Y[:, 1].sum()


def test_the_same_scores_are_not_higher(Y):
    decision = gate(Y, scores(Y, 0.5), scores(Y, 0.5))
    assert not decision.promoted
    assert decision.difference == 0
    assert "not higher" in decision.reason


def test_a_worse_model_is_refused_with_figures(Y):
    decision = gate(Y, scores(Y, 0.5), scores(Y, 1.0))
    assert not decision.promoted
    assert decision.difference < 0
    assert decision.certainty == 0
    assert "version 7 stays" in decision.reason
    assert f"{decision.difference:+.3f}" in decision.reason


def test_a_gain_that_is_not_sure_enough_is_refused():
    """Two different rankings of few articles: a little better on average, but a draw may say the opposite."""
    Y = (np.random.default_rng(3).random((60, 2)) < 0.4).astype(np.int8)
    for seed in range(50):
        decision = gate(Y, scores(Y, 1.0, seed), scores(Y, 0.95, seed + 100))
        if decision.difference > 0 and decision.interval[0] <= -0.01:
            break
    else:
        pytest.fail("no such pair found")
    assert not decision.promoted
    assert "interval" in decision.reason
    assert "not higher" not in decision.reason
    assert 0.5 < decision.certainty < 1


def test_the_draws_are_paired(Y):
    """Two models that differ in hardly anything: their difference is far surer than each one's own figure."""
    old = scores(Y, 1.0)
    new = old + 0.02 * Y
    low, high = gate(Y, old, new).interval
    assert high - low < 0.02


def one_label_worse(positives):
    """Label a gains much; label b, of so many positives, loses."""
    Y = np.zeros((300, 2), np.int8)
    Y[:150, 0], Y[:positives, 1] = 1, 1
    old, new = scores(Y, 2.0), scores(Y, 0.1)
    old[:, 1] = Y[:, 1]
    new[:, 1] = scores(Y, 0.3, 5)[:, 1]
    return Y, old, new


@pytest.mark.parametrize(("positives", "promoted"), [(29, True), (30, False)])
def test_no_label_with_at_least_30_positives_may_lose_more_than_3_points(positives, promoted):
    decision = gate(*one_label_worse(positives))
    assert decision.difference > 0.03
    assert decision.interval[0] > 0
    assert decision.labels["b"]["difference"] < -0.03
    assert decision.promoted is promoted
    assert ("b loses" in decision.reason) is not promoted


def test_a_small_loss_of_a_label_is_borne(Y):
    old, new = scores(Y, 1.0), scores(Y, 0.5)
    old[:, 1] = new[:, 1] = Y[:, 1]
    first = np.flatnonzero(Y[:, 1])[0]
    new[first, 1] = 0.5  # still above all negatives
    new[np.flatnonzero(Y[:, 1] == 0)[0], 1] = 0.7  # one negative above one positive
    decision = gate(Y, old, new)
    assert -0.03 < decision.labels["b"]["difference"] < 0
    assert decision.promoted


def test_another_label_set_never_promotes_itself_but_is_compared(Y):
    decision = gate(Y, scores(Y, 1.0), scores(Y, 0.5), other_labels=["c"])
    assert not decision.promoted
    assert decision.difference > 0
    assert "label sets differ (c)" in decision.reason


def test_labels_without_positives_are_left_out(Y):
    Y[:, 1] = 0
    decision = gate(Y, scores(Y, 1.0), scores(Y, 0.5))
    assert set(decision.labels) == {"a"}
    assert decision.promoted


@pytest.mark.parametrize("n", [0, 10])
def test_where_nothing_can_be_compared_the_champion_stays(n):
    decision = gate(np.zeros((n, 2), np.int8), np.zeros((n, 2)), np.zeros((n, 2)))
    assert not decision.promoted
    assert decision.difference is None
    assert ("no test article is left" in decision.reason) is (n == 0)


def test_a_lone_positive_is_missing_in_some_draws_and_breaks_nothing():
    Y = np.zeros((20, 2), np.int8)
    Y[0, 0] = 1
    old = np.random.default_rng(0).random(Y.shape)
    new = old.copy()
    new[0, 0] = 2
    decision = gate(Y, old, new)
    assert decision.promoted
    assert decision.certainty == 1


def test_the_seed_decides_the_draws(Y):
    old, new = scores(Y, 0.7), scores(Y, 0.65, 9)
    assert gate(Y, old, new, seed=3) == gate(Y, old, new, seed=3)
    assert gate(Y, old, new, seed=3).interval != gate(Y, old, new, seed=4).interval


def test_a_decision_without_a_champion_has_no_figures():
    assert GateDecision(True, "there was no champion").as_json() == {
        "promoted": True,
        "reason": "there was no champion",
        "champion": None,
        "articles": 0,
        "difference": None,
        "interval": None,
        "certainty": None,
        "labels": {},
    }
