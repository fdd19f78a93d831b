"""The search for settings: Optuna's trials, judged by cross-validation on the training side alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from train.candidates import build_candidates
from train.dataset import Dataset
from train.metrics import average_precision
from train.selection import fold_numbers, out_of_fold_margins
from train.settings import Settings

if TYPE_CHECKING:
    from optuna import Trial


_FOLDS = 3
"""Fewer than the training itself has: a trial in half the time, on the same folds for every trial."""
_WHOLE = 20_000
"""Characters of an article that is read as a whole."""
_STARTUP = 4
"""Trials before any is given up for a linear candidate below the median."""


def search(training: Dataset, trials: int, *, seed: int, progress: Callable[[str], None]) -> Settings:
    """Return the best settings that a seeded search finds.

    Parameters
    ----------
    training : Dataset
        The training side; the frozen test has no part in it.
    trials : int
        Settings tried. The first are the committed ones, so that the search never ends below them.
    seed : int
        Of the folds, of the sampler (tree-structured Parzen estimator; Bergstra et al., 2011) and of the candidates.
    progress : callable
        Called with a line of text after each trial.

    Returns
    -------
    Settings
        Those whose best candidate has the highest cross-validated mean average precision.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_STARTUP),
    )
    study.enqueue_trial(asdict(Settings()))
    folds = fold_numbers(training, _FOLDS, seed)

    def objective(trial: Trial) -> float:
        settings = suggest(trial)
        # The linear candidate takes a tenth of the time: where it is poor, the others are not asked.
        trial.report(quality(training, folds, settings, seed, only="linear"), 0)
        if trial.should_prune():
            raise optuna.TrialPruned
        return quality(training, folds, settings, seed)

    def report(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        value = "given up" if trial.state == optuna.trial.TrialState.PRUNED else f"{trial.value:.4f}"
        progress(f"trial {trial.number + 1} of {trials}: {value}, best {study.best_value:.4f}")

    study.optimize(objective, n_trials=trials, callbacks=[report])
    return Settings(**study.best_params)


def reading(training: Dataset, settings: Settings, *, seed: int, progress: Callable[[str], None]) -> Settings:
    """Return the settings, or those that read whole articles if somebody else's labels are better told by these.

    What news reports stands in front, and the committed settings rely on it; other texts say what matters anywhere.

    Parameters
    ----------
    training : Dataset
        The training side.
    settings : Settings
        What a search found, or the committed ones.
    seed : int
        Of the folds.
    progress : callable
        Called with a line of text.

    Returns
    -------
    Settings
        The better ones by the linear candidate's cross-validated mean average precision.
    """
    folds = fold_numbers(training, _FOLDS, seed)
    whole = replace(settings, max_chars=_WHOLE, lead_chars=0)
    front, all_of_it = (quality(training, folds, read, seed, only="linear") for read in (settings, whole))
    progress(
        f"cross-validated on the first {settings.max_chars} characters {front:.4f}, on whole texts {all_of_it:.4f}"
    )
    return whole if all_of_it > front else settings


def suggest(trial: Trial) -> Settings:
    """Draw settings; the committed ones lie within every range."""
    return Settings(
        max_chars=trial.suggest_int("max_chars", 700, 2500, step=100),
        lead_chars=trial.suggest_int("lead_chars", 300, 800, step=100),
        masked_weight=trial.suggest_float("masked_weight", 0.1, 2.0, log=True),
        entity_weight=trial.suggest_float("entity_weight", 0.02, 0.4, log=True),
        linear_C=trial.suggest_float("linear_C", 0.1, 10.0, log=True),
        n_selected=trial.suggest_int("n_selected", 500, 6000, step=500),
        n_trees=trial.suggest_int("n_trees", 40, 240, step=20),
        num_leaves=trial.suggest_int("num_leaves", 5, 31, step=2),
        learning_rate=trial.suggest_float("learning_rate", 0.03, 0.3, log=True),
        stack_C=trial.suggest_float("stack_C", 0.01, 10.0, log=True),
    )


def quality(
    training: Dataset, folds: NDArray[np.int64], settings: Settings, seed: int, only: str | None = None
) -> float:
    """Return the mean average precision, out of fold, of the best candidate with these settings, or of one of them."""
    candidates = build_candidates(settings, seed=seed)
    asked = candidates if only is None else {only: candidates[only]}
    margins = out_of_fold_margins(training, asked, settings.features(), folds, lambda line: None, settings.lead_chars)
    carried = np.flatnonzero(training.Y.any(axis=0))
    return max(
        float(np.mean([average_precision(training.Y[:, k], own[:, k]) for k in carried])) for own in margins.values()
    )
