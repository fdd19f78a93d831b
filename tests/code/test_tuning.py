"""The search for settings."""

from dataclasses import asdict

import numpy as np
import optuna
import pytest

from train import tuning
from train.dataset import Dataset
from train.settings import Settings

TRAINING = Dataset([None] * 12, np.array([[1, 0], [0, 1]] * 6, np.int8), ("a", "b"))
TRAINING.groups = np.arange(12)
FOLDS = np.arange(12) % 3


@pytest.fixture
def judged(monkeypatch):
    """Settings that were tried; the longer the crop, the better."""
    tried = []

    def quality(training, folds, settings, seed, only=None):
        assert training is TRAINING
        assert set(folds) == {0, 1, 2}
        if only is None:
            tried.append(settings)
        return settings.max_chars / 10_000

    monkeypatch.setattr(tuning, "quality", quality)
    return tried


def test_the_committed_settings_are_tried_first_and_the_best_are_returned(judged):
    lines = []
    best = tuning.search(TRAINING, 8, seed=1, progress=lines.append)
    assert judged[0] == Settings()
    assert len(lines) == 8 >= len(judged)
    assert sum("given up" in line for line in lines) == 8 - len(judged) > 0
    assert best.max_chars == max(settings.max_chars for settings in judged) > Settings().max_chars
    assert best in judged


def test_the_seed_decides_what_is_tried(judged):
    for seed in (1, 1, 2):
        tuning.search(TRAINING, 3, seed=seed, progress=lambda line: None)
    assert judged[:3] == judged[3:6] != judged[6:]
    assert len(judged) == 9


def test_the_committed_settings_lie_within_the_ranges():
    trial = optuna.trial.FixedTrial(asdict(Settings()))
    assert tuning.suggest(trial) == Settings()


def test_better_margins_are_better_quality(monkeypatch):
    good = np.where(TRAINING.Y, 1.0, -1.0)

    def quality(**margins):
        monkeypatch.setattr(tuning, "out_of_fold_margins", lambda *arguments: margins)
        return tuning.quality(TRAINING, FOLDS, Settings(), 0)

    assert quality(linear=good) == quality(linear=-good, stacked=good) == 1.0
    assert quality(linear=-good) < 0.6


@pytest.mark.parametrize(("front", "chars", "lead"), [(0.6, 1300, 500), (0.4, 20_000, 0)])
def test_whole_articles_are_read_where_that_is_better(monkeypatch, front, chars, lead):
    settings = Settings(max_chars=1300, lead_chars=500)

    def quality(training, folds, tried, seed, only):
        assert only == "linear"
        return front if tried == settings else 0.5

    monkeypatch.setattr(tuning, "quality", quality)
    chosen = tuning.reading(TRAINING, settings, seed=0, progress=lambda line: None)
    assert (chosen.max_chars, chosen.lead_chars) == (chars, lead)
