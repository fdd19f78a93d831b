"""A real model: the linear candidate on the training side of the embedded corpus."""

import pytest

from train.candidates import build_candidates
from train.classifier import ArticleClassifier
from train.dataset import embedded_corpus, read_dataset
from train.labels import load_labels
from train.selection import choose, fold_numbers, out_of_fold_margins
from train.settings import Settings


@pytest.fixture(scope="session")
def classifier() -> ArticleClassifier:
    corpus = read_dataset([embedded_corpus()], [label.name for label in load_labels()])
    training = corpus.subset(~corpus.is_test)
    folds = fold_numbers(training, 3, 0)
    settings = Settings()
    linear, features = build_candidates(settings)["linear"], settings.features()
    quiet = {"progress": lambda line: None, "lead_chars": settings.lead_chars}
    margins = out_of_fold_margins(training, {"linear": linear}, features, folds, **quiet)["linear"]
    model = ArticleClassifier(linear, list(training.labels), features, settings.lead_chars)
    return model.fit(training.documents, training.Y).calibrate(*choose(margins, training.Y))
