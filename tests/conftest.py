"""What all tests share: Hypothesis's settings, and tiny real models that are built once a session."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from features.ngrams import NgramVectorizer
from features.pipeline import ArticleFeatures
from train.candidates import LinearEstimator
from train.classifier import ArticleClassifier
from train.dataset import Dataset, embedded_corpus, read_dataset
from train.labels import load_labels

settings.register_profile("kawat", deadline=None, max_examples=100, derandomize=bool(os.environ.get("CI")))
settings.load_profile("kawat")

_PER_LABEL = 6


@pytest.fixture(scope="session")
def label_names() -> list[str]:
    return [label.name for label in load_labels()]


@pytest.fixture(scope="session")
def corpus(label_names: list[str]) -> Dataset:
    return read_dataset([embedded_corpus()], label_names)


@pytest.fixture(scope="session")
def tiny_dataset(corpus: Dataset) -> Dataset:
    """About 40 items of the embedded corpus: the first few of each label, and the first few without any."""
    carried = np.column_stack([corpus.Y, ~corpus.Y.any(axis=1)])
    rows = np.unique(np.concatenate([np.flatnonzero(column)[:_PER_LABEL] for column in carried.T]))
    return Dataset([corpus.documents[row] for row in rows], corpus.Y[rows], corpus.labels)


@pytest.fixture(scope="session")
def tiny_features() -> ArticleFeatures:
    return ArticleFeatures(ngrams=NgramVectorizer(n_features=4096, max_names=1000))


@pytest.fixture(scope="session")
def tiny_classifier(tiny_dataset: Dataset, tiny_features: ArticleFeatures) -> ArticleClassifier:
    classifier = ArticleClassifier(LinearEstimator(), list(tiny_dataset.labels), tiny_features)
    return classifier.fit(tiny_dataset.documents, tiny_dataset.Y)


@pytest.fixture(scope="session")
def template_store(tmp_path_factory, tiny_classifier: ArticleClassifier, tiny_dataset: Dataset) -> tuple[Path, str]:
    """A folder with a store that holds the tiny classifier, logged but not registered, and the model's id."""
    from tests import stores

    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.chdir(folder)
        return folder, stores.log(tiny_classifier, tiny_dataset)


@pytest.fixture
def logged(template_store: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Id of the tiny classifier in a store of the test's own, in the working folder: a moved copy of the template."""
    folder, model_id = template_store
    shutil.copytree(folder / "mlruns", tmp_path / "mlruns")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return model_id


@pytest.fixture(scope="session")
def small_test(corpus: Dataset) -> Dataset:
    """Some of the frozen test; the tiny classifier has trained on a few of them."""
    return corpus.subset(np.flatnonzero(corpus.is_test)[:200])
