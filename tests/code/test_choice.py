"""Which candidate becomes the model."""

import numpy as np
import pytest

from train.candidates import build_candidates
from train.choice import choose_candidate

CANDIDATES = build_candidates()


@pytest.fixture
def truth():
    return (np.random.default_rng(0).random((600, 3)) < 0.3).astype(np.int8)


def scores(truth, noise, seed):
    return truth + np.random.default_rng(seed).normal(0, noise, truth.shape)


def chosen(truth, said, lines=None):
    lines = [] if lines is None else lines
    return choose_candidate({name: CANDIDATES[name] for name in said}, said, truth, seed=0, progress=lines.append)


def test_the_most_precise_wins(truth):
    said = {"linear": scores(truth, 0.9, 1), "lightgbm": scores(truth, 0.5, 2), "stacked": scores(truth, 0.9, 3)}
    assert chosen(truth, said) == "lightgbm"


def test_a_stack_that_is_surely_better_wins(truth):
    said = {"linear": scores(truth, 0.9, 1), "lightgbm": scores(truth, 0.9, 2), "stacked": scores(truth, 0.5, 3)}
    assert chosen(truth, said) == "stacked"


def test_a_stack_that_is_better_by_chance_is_passed_over(truth):
    linear = scores(truth, 0.5, 1)
    best = linear.copy()
    best[np.argmin(np.where(truth[:, 0], linear[:, 0], np.inf)), 0] = 2.0  # one positive is ranked better
    lines = []
    assert chosen(truth, {"stacked": best, "linear": linear, "lightgbm": scores(truth, 0.9, 2)}, lines) == "linear"
    assert "stacked is not surely better than linear" in lines[0]


def test_a_label_that_no_article_carries_is_left_out(truth):
    truth[:, 2] = 0
    said = {"linear": scores(truth, 0.9, 1), "stacked": scores(truth, 0.3, 3)}
    assert chosen(truth, said) == "stacked"


def test_a_stack_alone_is_taken(truth):
    assert chosen(truth, {"stacked": scores(truth, 0.9, 1)}) == "stacked"
