"""A training in MLflow: a parent run, a nested run for each candidate, and the registered model."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from train import store
from train.abandoned import mark_abandoned, process_tag
from train.artifact import TRUSTED_TYPES
from train.classifier import ArticleClassifier
from train.dataset import Dataset
from train.lineage import LIBRARIES
from train.trained_on import FILE as TRAINED_ON
from train.trained_on import TrainedOn

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Metric, Run

_BATCH = 1000
"""Metrics that MLflow takes at once."""
_DIGEST = 16
"""Digits of a digest; MLflow takes 36 at most."""


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
        """Log parameters of the open run."""
        import mlflow

        mlflow.log_params(dict(values))

    def metrics(self, values: Mapping[str, float]) -> None:
        """Log metrics of the open run, as many at once as MLflow takes."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        self._log([Metric(name, value, now, 0) for name, value in values.items()])

    def curve(self, name: str, points: Sequence[tuple[int, float]]) -> None:
        """Log a metric of the open run at several steps; the UI draws it as a line."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        self._log([Metric(name, value, now, step) for step, value in points])

    def pictures(self, images: Mapping[str, bytes]) -> None:
        """Log PNG images as ``{name}.png`` of the open run.

        They stand beside each other, in no folder: the UI's comparison of runs shows no artifacts in folders.
        """
        import mlflow

        with TemporaryDirectory() as folder:
            for name, image in images.items():
                (Path(folder) / f"{name}.png").write_bytes(image)
            mlflow.log_artifacts(folder)

    def text(self, text: str, file: str) -> None:
        """Log a text as an artifact of the open run."""
        import mlflow

        mlflow.log_text(text, file)

    def inputs(self, datasets: Mapping[str, Dataset], sources: Sequence[Path]) -> None:
        """Log data sets as inputs of the open run, each in its context (``training``, ``test``); empty ones are not.

        MLflow keeps their digest, columns, sizes and files, not the articles.
        """
        noted = [
            _input(dataset, f"{self.name}-{context}", context, sources)
            for context, dataset in datasets.items()
            if len(dataset)
        ]
        self.client.log_inputs(self._run_id, noted)

    @property
    def _run_id(self) -> str:
        import mlflow

        run = mlflow.active_run()
        if run is None:
            raise RuntimeError("no run is open; log inside `with tracker.run(…)`")
        return str(run.info.run_id)

    def _log(self, metrics: Sequence[Metric]) -> None:
        for start in range(0, len(metrics), _BATCH):
            self.client.log_batch(self._run_id, metrics=metrics[start : start + _BATCH])

    def log_model(
        self, classifier: ArticleClassifier, example: Mapping[str, str], trained_on: TrainedOn, files: Mapping[str, str]
    ) -> str:
        """Log the model with the open run, and return its id; ``train.registration`` registers it.

        Parameters
        ----------
        classifier : ArticleClassifier
            Fitted and calibrated.
        example : mapping
            An article, kept as the input example.
        trained_on : TrainedOn
            What it has trained on; travels with it.
        files : mapping of str to str
            Texts that are kept beside the model, by file name, such as its card.

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
            for file, text in files.items():
                (Path(folder) / file).write_text(text, "utf-8")
            info = mlflow.sklearn.log_model(
                classifier,
                name="model",
                serialization_format="skops",
                skops_trusted_types=list(TRUSTED_TYPES),
                signature=infer_signature(frame, classifier.predict(frame)),
                input_example=frame,
                pip_requirements=[f"{library}=={version(library)}" for library in LIBRARIES],
                extra_files=[str(Path(folder) / file) for file in (TRAINED_ON, *files)],
            )
        return str(info.model_id)


def _input(dataset: Dataset, name: str, context: str, sources: Sequence[Path]) -> DatasetInput:
    from mlflow.entities import Dataset as Noted
    from mlflow.entities import DatasetInput, InputTag

    files = [path.absolute().as_uri() for path in sources]
    columns = [
        {"name": column, "type": "string", "required": column == "text"} for column in ("title", "text", "labels")
    ]
    counts = dict(zip(dataset.labels, dataset.Y.sum(axis=0).tolist(), strict=True))
    noted = Noted(
        name=name,
        digest=dataset.digest[:_DIGEST],
        source_type="local",
        source=json.dumps({"uri": files[0], "files": files}),
        schema=json.dumps({"mlflow_colspec": columns}),
        profile=json.dumps({"num_rows": len(dataset), "labels": counts}),
    )
    return DatasetInput(noted, [InputTag("mlflow.data.context", context)])


def runs(client: MlflowClient, name: str, figures: Sequence[str]) -> list[dict[str, Any]]:
    """Return the parent runs of an experiment, newest first, with the figures that decide."""
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        return []
    # Candidates are left out by the store: each run that it sends has hundreds of metrics.
    found = client.search_runs(
        [experiment.experiment_id],
        "tags.mlflow.parentRunId IS NULL",
        order_by=["attributes.start_time DESC"],
        max_results=1000,
    )
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
    ]
