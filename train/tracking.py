"""A training in MLflow: a parent run, a nested run for each candidate, and the registered model."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from train import store
from train.abandoned import mark_abandoned, process_tag
from train.artifact import TRUSTED_TYPES
from train.classifier import ArticleClassifier
from train.trained_on import FILE as TRAINED_ON
from train.trained_on import TrainedOn

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

_LIBRARIES = ("kawat", "numpy", "scikit-learn", "lightgbm", "numba", "skops", "mlflow")


class Tracker:
    """Log one training.

    Parameters
    ----------
    client : MlflowClient
        From ``store.open_client``.
    name : str
        Of the experiment and of the registered model.
    """

    def __init__(self, client: MlflowClient, name: str) -> None:
        self.client = client
        self.name = name
        self.experiment_id = store.experiment_id(client, name)
        self.abandoned = mark_abandoned(client, self.experiment_id)

    @contextmanager
    def run(self, name: str, *, nested: bool = False) -> Iterator[Run]:
        """Open a run; it ends as failed if an exception leaves the block."""
        import mlflow

        with mlflow.start_run(
            experiment_id=self.experiment_id, run_name=name, nested=nested, tags=process_tag()
        ) as run:
            yield run

    def params(self, values: Mapping[str, Any]) -> None:
        """Log parameters of the open run, and the versions of the libraries."""
        import mlflow

        versions = {f"version.{library}": version(library) for library in _LIBRARIES}
        mlflow.log_params({**values, **versions, "version.python": platform.python_version()})

    def figures(self, prefix: str, figures: Mapping[str, Any]) -> None:
        """Log what ``train.metrics.evaluate_labels`` gives: ``cv.macro_f1``, ``f1.arms-transfer`` and so on.

        Per-label names of the cross-validated figures are flat (``f1.arms-transfer``); those of another `prefix` carry
        it (``test.f1.arms-transfer``).
        """
        import mlflow

        flat: dict[str, float] = {}
        for key, value in figures.items():
            if key == "labels":
                lead = "" if prefix == "cv" else f"{prefix}."
                for label, row in value.items():
                    flat |= {f"{lead}{metric}.{label}": number for metric, number in row.items() if number is not None}
            elif key.endswith("_interval"):
                stem = key.removesuffix("_interval")
                flat |= {f"{prefix}.{stem}.low": value[0], f"{prefix}.{stem}.high": value[1]}
            else:
                flat[f"{prefix}.{key}"] = value
        mlflow.log_metrics({key: float(value) for key, value in flat.items() if np.isfinite(value)})

    def log_model(self, classifier: ArticleClassifier, example: Mapping[str, str], trained_on: TrainedOn) -> str:
        """Log the model with the open run, and return its id; ``train.registration`` registers it.

        Parameters
        ----------
        classifier : ArticleClassifier
            Fitted and calibrated.
        example : mapping
            An article, kept as the input example.
        trained_on : TrainedOn
            What it has trained on; travels with it.

        Returns
        -------
        str
            Id of the logged model.
        """
        import mlflow.sklearn
        import pandas as pd
        from mlflow.models import infer_signature

        frame = pd.DataFrame([dict(example)])
        with TemporaryDirectory() as folder:
            trained_on.save(Path(folder) / TRAINED_ON)
            info = mlflow.sklearn.log_model(
                classifier,
                name="model",
                serialization_format="skops",
                skops_trusted_types=list(TRUSTED_TYPES),
                signature=infer_signature(frame, classifier.predict(frame)),
                pip_requirements=[f"{library}=={version(library)}" for library in _LIBRARIES],
                extra_files=[str(Path(folder) / TRAINED_ON)],
            )
        return str(info.model_id)


def runs(client: MlflowClient, name: str, figures: Sequence[str]) -> list[dict[str, Any]]:
    """Return the parent runs of an experiment, newest first, with the figures that decide."""
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        return []
    found = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"], max_results=1000)
    return [
        {
            "run_id": run.info.run_id,
            "name": run.info.run_name,
            "status": run.info.status,
            "started": run.info.start_time,
            "seconds": (run.info.end_time - run.info.start_time) / 1000 if run.info.end_time else None,
            "best": run.data.params.get("best"),
            "articles": run.data.params.get("articles.train"),
            "metrics": {key: run.data.metrics[key] for key in figures if key in run.data.metrics},
        }
        for run in found
        if "mlflow.parentRunId" not in run.data.tags
    ]
