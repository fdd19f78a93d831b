"""Stores with tiny models, for tests of the registry."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import skops.io
from click.testing import CliRunner, Result

from kawat import main
from train import registration, registry, store
from train.artifact import FILE
from train.classifier import ArticleClassifier
from train.dataset import Dataset
from train.tracking import Tracker
from train.trained_on import TrainedOn

if TYPE_CHECKING:
    from mlflow import MlflowClient

NAME = "kawat"


def uri(folder: Path) -> str:
    """URI of the store that a training makes in a folder."""
    return f"sqlite:///{folder / 'mlruns' / 'mlflow.db'}"


def log(classifier: ArticleClassifier, training: Dataset, name: str = NAME) -> str:
    """Log and validate a model as a training does, without registering it."""
    tracker = Tracker(store.open_client(), name)
    with tracker.run("train"):
        example = {"title": "", "text": "Rusia mengirim rudal."}
        model_id = tracker.log_model(classifier, example, TrainedOn.of(training), {})
        registration.validate(tracker.client, model_id, classifier, training)
    return model_id


def spoilt(classifier: ArticleClassifier, amount: float, seed: int = 0) -> ArticleClassifier:
    """Return a copy whose weights are noisier, so that it ranks worse."""
    model = copy.deepcopy(classifier)
    rng = np.random.default_rng(seed)
    weights = model.estimator_.weights_
    model.estimator_.weights_ = weights + rng.normal(0, amount * weights.std(), weights.shape).astype(np.float32)
    return model


def snapshot(folder: Path) -> dict[str, bytes]:
    """Bytes of the artifacts under a store."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def folder_of(client: MlflowClient, version: str) -> Path:
    """Return the folder of a version's files."""
    return registry.version_folder(client, client.get_model_version(NAME, version))


def write(classifier: ArticleClassifier, folder: Path) -> None:
    """Put a model in the place of the one in a folder."""
    skops.io.dump(classifier, folder / FILE)


def kawat(*arguments: str) -> Result:
    """Call a command in this process."""
    return CliRunner().invoke(main, arguments)
