"""A real model: the linear candidate on the training side of the embedded corpus."""

import pytest

from train.candidates import build_candidates
from train.classifier import ArticleClassifier
from train.dataset import Dataset
from train.selection import choose, fold_numbers, out_of_fold_margins
from train.settings import Settings


@pytest.fixture(scope="session")
def classifier(corpus: Dataset) -> ArticleClassifier:
    training = corpus.subset(~corpus.is_test)
    folds = fold_numbers(training, 3, 0)
    settings = Settings()
    linear, features = build_candidates(settings)["linear"], settings.features()
    quiet = {"progress": lambda line: None, "lead_chars": settings.lead_chars}
    margins = out_of_fold_margins(training, {"linear": linear}, features, folds, **quiet)["linear"]
    model = ArticleClassifier(linear, list(training.labels), features, settings.lead_chars)
    return model.fit(training.documents, training.Y).calibrate(*choose(margins, training.Y))


@pytest.fixture(scope="session")
def held_out(corpus: Dataset) -> Dataset:
    """The frozen test, which the classifier has not seen."""
    return corpus.subset(corpus.is_test)
