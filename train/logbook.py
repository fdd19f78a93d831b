"""Everything that a training writes into its runs, so that any two of them can be compared in the MLflow UI."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from features import FEATURES_VERSION
from train import plots
from train.card import FILE as CARD
from train.card import model_card
from train.classifier import ArticleClassifier
from train.dataset import Dataset
from train.flat import flat_names
from train.images import png, stacked
from train.labels import Label
from train.learning import learning_curve
from train.lineage import code_version, library_versions
from train.outcome import Outcome
from train.strengths import mean_contributions, strongest_features
from train.tracking import Tracker

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow.entities import Run

_RESAMPLES, _QUICK_RESAMPLES = 500, 100


def _named(cross_validated: Outcome, test: Outcome | None) -> list[tuple[str, Outcome]]:
    return [("cv", cross_validated), *([("test", test)] if test is not None else [])]


class Logbook:
    """Write one training into its runs.

    Parameters
    ----------
    tracker : Tracker
        Of the experiment.
    dataset, training, test : Dataset
        All labelled articles, and both sides of the split.
    labels : tuple of Label
        Their labels.
    settings : mapping
        Parameters of the training; ``seed`` and ``quick`` among them.
    sources : sequence of Path
        Files that the articles were read from.
    corrections : int, default=0
        How many of the articles are corrections that people sent.
    """

    def __init__(
        self,
        tracker: Tracker,
        dataset: Dataset,
        training: Dataset,
        test: Dataset,
        labels: tuple[Label, ...],
        settings: Mapping[str, Any],
        sources: Sequence[Path],
        corrections: int = 0,
    ) -> None:
        self.tracker = tracker
        self.training, self.test = training, test
        self.labels = labels
        self.sources = sources
        self.seed = int(settings["seed"])
        self.resamples = _QUICK_RESAMPLES if settings["quick"] else _RESAMPLES
        self.parameters: dict[str, Any] = {
            **settings,
            "corpus": dataset.digest[:16],
            "articles.train": len(training),
            "articles.test": len(test),
            "articles.corrections": corrections,
            "labels": len(labels),
            "features_version": FEATURES_VERSION,
            "code": code_version(),
            **{f"version.{library}": number for library, number in library_versions().items()},
        }
        self._pictures: dict[str, dict[str, bytes]] = {}
        self._shared: tuple[Any, NDArray[np.object_]] | None = None

    @contextmanager
    def run(self, name: str, parameters: Mapping[str, Any] | None = None, *, nested: bool = False) -> Iterator[Run]:
        """Open a run that carries the parameters of the training, its own, and the data sets."""
        with self.tracker.run(name, nested=nested) as run:
            self.tracker.params({**(parameters or {}), **self.parameters})
            self.tracker.inputs({"training": self.training, "test": self.test}, self.sources)
            yield run

    def outcome(
        self,
        dataset: Dataset,
        probabilities: NDArray[np.float64],
        assigned: NDArray[np.int8],
        thresholds: NDArray[np.float64] | None = None,
    ) -> Outcome:
        """Return what a model said of articles, to be measured with the settings of this training."""
        frequencies = [label.frequency for label in self.labels]
        return Outcome(dataset, probabilities, assigned, thresholds, frequencies, self.seed, self.resamples)

    def on_test(self, classifier: ArticleClassifier) -> Outcome | None:
        """Return what a model says of the frozen test, or None if that has no article."""
        if not len(self.test):
            return None
        probabilities = classifier.predict_proba(self.test.documents)
        return self.outcome(self.test, probabilities, classifier.decide(probabilities), classifier.thresholds_)

    def write(
        self,
        candidate: str,
        classifier: ArticleClassifier,
        cross_validated: Outcome,
        test: Outcome | None,
        *,
        brief: bool = False,
    ) -> None:
        """Write figures and pictures of a candidate into the open run; pictures are drawn once and kept.

        Parameters
        ----------
        candidate : str
            Its name.
        classifier : ArticleClassifier
            Fitted to all training articles.
        cross_validated, test : Outcome
            What it said of articles that it was not fitted to; no `test` if no article is frozen.
        brief : bool, default=False
            Whether to leave out pictures and figures by part, which take longer than to fit some candidates.
        """
        self._write_figures(cross_validated, test)
        if brief:
            return
        self.write_parts(cross_validated, test)
        self._write_pictures(candidate, classifier, cross_validated, test)

    def write_parts(self, cross_validated: Outcome, test: Outcome | None) -> None:
        """Write the figures by language, by length and by year into the open run."""
        metrics: dict[str, float] = {}
        for prefix, outcome in _named(cross_validated, test):
            for part, figures in outcome.parts.items():
                metrics |= flat_names(figures, prefix, part=part)
        self.tracker.metrics(metrics)

    def _write_figures(self, cross_validated: Outcome, test: Outcome | None) -> None:
        metrics: dict[str, float] = {}
        for prefix, outcome in _named(cross_validated, test):
            metrics |= flat_names(outcome.figures, prefix)
        self.tracker.metrics(metrics)

    def _write_pictures(
        self, candidate: str, classifier: ArticleClassifier, cross_validated: Outcome, test: Outcome | None
    ) -> None:
        if candidate not in self._pictures:
            drawn = self._draw(candidate, classifier, cross_validated, test)
            self._pictures[candidate] = {name: png(figure) for name, figure in drawn.items()}
        self.tracker.pictures(self._pictures[candidate])

    def conclude(
        self,
        best: str,
        fitted: Mapping[str, ArticleClassifier],
        outcomes: Mapping[str, tuple[Outcome, Outcome | None]],
        folds: NDArray[np.int64],
    ) -> str:
        """Write into the open run what the training came to: the best candidate, the learning curve, the model card.

        Parameters
        ----------
        best : str
            The candidate that won; its figures and pictures are those of the training.
        fitted : mapping of str to ArticleClassifier
            All candidates, fitted to all training articles. The first is the cheapest, and the learning curve its.
        outcomes : mapping of str to pair of Outcome
            What each said in cross-validation and of the frozen test.
        folds : ndarray of int64, shape (n_articles,)
            From ``train.selection.fold_numbers``.

        Returns
        -------
        str
            The model card.
        """
        classifier, (cross_validated, test) = fitted[best], outcomes[best]
        self.tracker.params({"best": best})
        # Figures by part come last (`write_parts`): MLflow copies every figure that a run has to a model logged in it.
        self._write_figures(cross_validated, test)
        self._write_pictures(best, classifier, cross_validated, test)
        first = next(iter(fitted))
        curve = self._learning_curve(first, fitted[first], outcomes[first][0], folds)
        # The UI's comparison hides its list of files once a file is open; this one shows all pictures at once.
        sheet = stacked([*self._pictures[best].values(), curve])
        self.tracker.pictures({"learning_curve": curve, "all_figures": sheet})
        card = model_card(
            name=self.tracker.name,
            candidate=best,
            labels=self.labels,
            parameters=self.parameters,
            cross_validated=cross_validated,
            test=test,
            thresholds=dict(zip(classifier.classes_.tolist(), classifier.thresholds_.tolist(), strict=True)),
        )
        self.tracker.text(card, CARD)
        return card

    def _learning_curve(
        self, candidate: str, classifier: ArticleClassifier, cross_validated: Outcome, folds: NDArray[np.int64]
    ) -> bytes:
        """Fit a candidate to growing parts of the training articles; log the curve, and return it as a picture."""
        X, _ = self._features(classifier)
        points = learning_curve(classifier.estimator, X, cross_validated, folds, quick=bool(self.parameters["quick"]))
        steps = [(point.articles, point.value) for point in points if math.isfinite(point.value)]
        self.tracker.curve("learning_curve.mean_average_precision", steps)
        return png(plots.learning_curve(points, f"Learning curve of {candidate}"))

    def _features(self, classifier: ArticleClassifier) -> tuple[Any, NDArray[np.object_]]:
        """Return features of the training articles, and their names; the same for all candidates, so computed once."""
        if self._shared is None:
            features = classifier.features_
            self._shared = features.transform(self.training.documents), features.get_feature_names_out()
        return self._shared

    def _draw(
        self, candidate: str, classifier: ArticleClassifier, cross_validated: Outcome, test: Outcome | None
    ) -> dict[str, Figure]:
        drawn: dict[str, Figure] = {}
        for where, outcome in (("cross-validated", cross_validated), ("frozen test", test)):
            if outcome is not None:
                suffix = "" if outcome is cross_validated else "_test"
                title = f"{candidate}, {where} on {len(outcome.dataset)} articles"
                drawn[f"precision_recall{suffix}"] = plots.precision_recall(outcome, title)
                drawn[f"reliability{suffix}"] = plots.reliability(outcome, title)
                drawn[f"confusions{suffix}"] = plots.confusions(outcome, title)
        X, names = self._features(classifier)
        contributions = mean_contributions(classifier.estimator_, X, self.training.Y)
        if contributions is not None:
            for name, what, entities in (("ngrams", "N-grams", False), ("entities", "Entities and events", True)):
                found = strongest_features(contributions, names, self.training.labels, entities=entities)
                drawn[f"strongest_{name}"] = plots.strongest(
                    found, f"{what} that speak most for each label, {candidate}"
                )
        return drawn
