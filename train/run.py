"""The training: data, candidates, cross-validation, choice, registration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train import registration, store
from train.candidates import build_candidates
from train.card import FILE as CARD
from train.choice import choose_candidate
from train.classifier import ArticleClassifier, prepare
from train.dataset import Dataset, embedded_corpus, read_dataset
from train.gate import GateDecision
from train.labels import load_labels
from train.logbook import Logbook
from train.rows import DataFileError
from train.selection import BETA, choose, cross_validated, fold_numbers, member_margins, out_of_fold_margins
from train.settings import Settings
from train.stacking import StackedEstimator
from train.tracking import Tracker
from train.trained_on import TrainedOn
from train.tuning import reading, search

_FOLDS, _QUICK_FOLDS = 5, 3
_FEWEST = 20
"""Articles below which a training makes no sense."""


@dataclass(frozen=True)
class TrainingReport:
    """What a training did.

    Attributes
    ----------
    name, version, run_id : str
        The registered model, its version, and the run.
    best : str
        Name of the candidate that won.
    promoted : bool
        Whether the new version serves now.
    candidates : dict of str to dict
        Cross-validated figures of each candidate.
    test : dict or None
        Figures of the winner on the frozen test; None if that has no article.
    articles : dict of str to int
        Sizes of both sides of the split.
    gate : GateDecision
        Why it serves, or why not.
    """

    name: str
    version: str
    run_id: str
    best: str
    promoted: bool
    candidates: dict[str, dict[str, Any]]
    test: dict[str, Any] | None
    articles: dict[str, int]
    gate: GateDecision


@store.failures("call `kawat train` again; the champion serves as before")
def train(
    *,
    data: Sequence[Path] = (),
    add: Sequence[Path] = (),
    labels: Path | None = None,
    name: str = "kawat",
    seed: int = 0,
    quick: bool = False,
    tune: int = 0,
    prefer: str = "balance",
    progress: Callable[[str], None] = lambda line: None,
) -> TrainingReport:
    """Train, compare and register.

    Parameters
    ----------
    data : sequence of Path
        Labelled files used instead of the embedded corpus.
    add : sequence of Path
        Labelled files used on top of it.
    labels : Path, optional
        TOML file of the labels; by default those of the embedded corpus.
    name : str, default="kawat"
        Experiment and registered model.
    seed : int, default=0
        Of folds, trees and bootstrap.
    quick : bool, default=False
        Three folds, small trees, and pictures and figures by part of the best candidate only: for a first model.
    tune : int, default=0
        Settings searched for by so many trials; none for the committed ones.
    prefer : {"balance", "precision", "recall"}, default="balance"
        What thresholds are chosen for; see ``train.selection.BETA``.
    progress : callable
        Called with a line of text as the work goes on.

    Returns
    -------
    TrainingReport
        Version, figures, and whether it serves.

    Raises
    ------
    DataFileError, LabelError
        If the data or the labels are wrong; nothing is logged then.
    StoreError
        If the disk is full or the store does not answer; nothing is registered then.
    """
    known = load_labels(labels)
    files = [*(data or (embedded_corpus(),)), *add]
    dataset = read_dataset(files, [label.name for label in known])
    training, test = dataset.subset(~dataset.is_test), dataset.subset(dataset.is_test)
    _require_enough(training)
    frequencies = [label.frequency for label in known]
    progress(f"{len(training)} articles to train on, {len(test)} frozen for the test")
    tracker = Tracker(store.open_client(), name)
    if tracker.abandoned:
        progress(f"marked {tracker.abandoned} runs as failed whose process had died")
    n_folds = _QUICK_FOLDS if quick else _FOLDS
    settings = {"seed": seed, "quick": quick, "folds": n_folds, "tune": tune, "prefer": prefer}
    beta = BETA[prefer]
    book = Logbook(tracker, dataset, training, test, known, settings, files)
    with book.run("quick" if quick else "train") as run:
        folds = fold_numbers(training, n_folds, seed)
        chosen = search(training, tune, seed=seed, progress=progress) if tune else Settings()
        if data:
            chosen = reading(training, chosen, seed=seed, progress=progress)
        chosen = chosen.quick() if quick else chosen
        tracker.params(chosen.as_params())
        candidates, features = build_candidates(chosen, seed=seed), chosen.features()
        margins = out_of_fold_margins(training, candidates, features, folds, progress, chosen.lead_chars)
        fitted: dict[str, ArticleClassifier] = {}
        outcomes = {}
        prepared = prepare(features, training.documents, training.Y, chosen.lead_chars)
        for candidate, estimator in candidates.items():
            progress(f"fitting {candidate} to all {len(training)} articles")
            fitted[candidate] = ArticleClassifier(estimator, list(training.labels), features, chosen.lead_chars)
            fitted[candidate].fit_prepared(prepared, **_known(estimator, margins, fitted))
            fitted[candidate].calibrate(*choose(margins[candidate], training.Y, frequencies, beta))
            fitted[candidate].describe({label.name: label.info for label in known})
            held_out = cross_validated(margins[candidate], training.Y, folds, frequencies, beta)
            outcomes[candidate] = book.outcome(training, *held_out), book.on_test(fitted[candidate])
            with book.run(candidate, estimator.get_params(deep=False), nested=True):
                book.write(candidate, fitted[candidate], *outcomes[candidate], brief=quick)
        figures = {candidate: held_out.figures for candidate, (held_out, _) in outcomes.items()}
        said = {candidate: held_out.probabilities for candidate, (held_out, _) in outcomes.items()}
        best = choose_candidate(candidates, said, training.Y, seed=seed, progress=progress)
        card = book.conclude(best, fitted, outcomes, folds)
        progress("writing the model and loading it back")
        classifier = fitted[best]
        model_id = tracker.log_model(classifier, _example(training), TrainedOn.of(training), {CARD: card})
        registration.validate(tracker.client, model_id, classifier, training)
        book.write_parts(*outcomes[best])
    progress("registering")
    tags = {"candidate": best}
    version, decision = registration.register(tracker.client, name, model_id, classifier, test, tags, seed)
    sizes = {"train": len(training), "test": len(test)}
    on_test = outcomes[best][1]
    tested = on_test.figures if on_test is not None else None
    return TrainingReport(name, version, run.info.run_id, best, decision.promoted, figures, tested, sizes, decision)


def _require_enough(training: Dataset) -> None:
    if len(training) < _FEWEST:
        raise DataFileError(
            f"{len(training)} articles to train on after a fifth was frozen as the test; expected at least {_FEWEST}"
        )
    rare = [
        label for label, positives in zip(training.labels, training.Y.sum(axis=0), strict=True) if positives < _FOLDS
    ]
    if rare:
        raise DataFileError(
            f"too few articles carry {', '.join(rare)}: "
            f"expected at least {_FOLDS} each to train on; add some, or leave the label out"
        )


def _known(
    estimator: Any, margins: Mapping[str, NDArray[np.float64]], fitted: Mapping[str, ArticleClassifier]
) -> dict[str, Any]:
    """Return what a stack need not do again: its members' out-of-fold margins, and to fit them."""
    if not isinstance(estimator, StackedEstimator):
        return {}
    members = [fitted[name].estimator_ for name, _ in estimator.members]
    return {"margins": member_margins(estimator, margins), "fitted": members}


def _example(training: Dataset) -> dict[str, str]:
    article = training.documents[0].article
    return {"title": article.title or "", "text": article.text}
