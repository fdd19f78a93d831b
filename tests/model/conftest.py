"""A real model: the linear candidate on the training side of the embedded corpus."""

import pytest

from features.pipeline import build_features
from train.candidates import LinearEstimator
from train.classifier import ArticleClassifier
from train.dataset import Dataset
from train.selection import choose, fold_numbers, out_of_fold_margins


@pytest.fixture(scope="session")
def classifier(corpus: Dataset) -> ArticleClassifier:
    training = corpus.subset(~corpus.is_test)
    folds = fold_numbers(training, 3, 0)
    candidates = {"linear": LinearEstimator()}
    margins = out_of_fold_margins(training, candidates, build_features(), folds, lambda line: None)["linear"]
    model = ArticleClassifier(candidates["linear"], list(training.labels))
    return model.fit(training.documents, training.Y).calibrate(*choose(margins, training.Y))


@pytest.fixture(scope="session")
def held_out(corpus: Dataset) -> Dataset:
    """The frozen test, which the classifier has not seen."""
    return corpus.subset(corpus.is_test)
