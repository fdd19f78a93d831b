"""The registered models: which versions there are, which one serves, and how it is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from train import store
from train.artifact import FILE, ArtifactError, load_classifier
from train.classifier import ArticleClassifier

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, CHALLENGER = "champion", "challenger"
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""What MLflow calls a model, a version (the first) and an alias (the second) that do not exist."""
GATE = "gate"
"""Tag of a version: what the gate said when it was registered."""


class NoModelError(LookupError):
    """There is no such model; the message says what to do."""


class UnreachableError(ArtifactError):
    """A model whose files did not come from their server: that says nothing about the model."""


@dataclass(frozen=True)
class RegisteredClassifier:
    """A loaded version of a registered model.

    Attributes
    ----------
    name, version, run_id : str
        What the registry calls it, and the run that made it.
    classifier : ArticleClassifier
        The model.
    metrics : dict of str to float
        Of its run, measured on all articles.
    """

    name: str
    version: str
    run_id: str
    classifier: ArticleClassifier
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def reference(self) -> dict[str, str]:
        """Name and version, as every result says which model gave it."""
        return {"name": self.name, "version": self.version}


def require_store() -> None:
    """Raise `NoModelError` if there is no store yet, which reading shall not make."""
    if not store.exists():
        raise NoModelError(f"no models under {store.tracking_uri()}; train one with `kawat train`")


def resolve(client: MlflowClient, name: str, which: str = CHAMPION) -> ModelVersion:
    """Return a version of a registered model.

    Parameters
    ----------
    client : MlflowClient
        From ``store.open_client``.
    name : str
        Of the registered model.
    which : str, default="champion"
        An alias or a version number.

    Returns
    -------
    ModelVersion
        As MLflow has it.

    Raises
    ------
    NoModelError
        If there is none.
    StoreError
        If the store does not answer.
    """
    from mlflow.exceptions import MlflowException

    try:
        return (
            client.get_model_version(name, which) if which.isdigit() else client.get_model_version_by_alias(name, which)
        )
    except MlflowException as error:
        if error.error_code not in _ABSENT:
            raise store.unanswered(error, "ask again") from error
        known = ", ".join(str(version.version) for version in versions(client, name)) or "none"
        raise NoModelError(
            f"model {name!r} has no {which!r} (versions: {known}); train one with `kawat train --name {name}`"
        ) from None


def versions(client: MlflowClient, name: str) -> list[ModelVersion]:
    """Return the versions of a registered model, newest first."""
    found = client.search_model_versions(f"name = '{name}'")
    return sorted(found, key=lambda version: -int(version.version))


def load(name: str, which: str = CHAMPION) -> RegisteredClassifier:
    """Load a version of a registered model.

    Parameters
    ----------
    name : str
        Of the registered model.
    which : str, default="champion"
        An alias or a version number.

    Returns
    -------
    RegisteredClassifier
        The classifier with what the registry knows of it.

    Raises
    ------
    NoModelError
        If there is none.
    ArtifactError
        If it must not or cannot be loaded.
    """
    require_store()
    client = store.open_client()
    version = resolve(client, name, which)
    classifier = load_classifier(version_folder(client, version) / FILE)
    run_id = str(version.run_id)
    run = client.get_run(run_id)
    metrics = {key: value for key, value in run.data.metrics.items() if "/" not in key}  # without parts of the data
    return RegisteredClassifier(name, str(version.version), run_id, classifier, metrics)


def version_folder(client: MlflowClient, version: ModelVersion) -> Path:
    """Return the local folder of a version's files, which are fetched if a server has them."""
    uri = client.get_model_version_download_uri(version.name, version.version)
    return model_folder(client, uri.removeprefix("models:/")) if uri.startswith("models:/m-") else local_copy(uri)


def model_folder(client: MlflowClient, model_id: str) -> Path:
    """Return the local folder of a logged model's files, which are fetched if a server has them."""
    return local_copy(client.get_logged_model(model_id).artifact_location)


def local_copy(uri: str) -> Path:
    """Return the local folder of an artifact URI, which is fetched if a server has it."""
    import mlflow

    folder = store.local_folder()
    if folder is not None and f"/{store.ARTIFACTS}/" in uri:
        # The store may have been moved since the path was noted: artifacts are found relative to it.
        return folder / store.ARTIFACTS / uri.rsplit(f"/{store.ARTIFACTS}/", 1)[-1]
    try:
        return Path(mlflow.artifacts.download_artifacts(artifact_uri=uri))
    except Exception as error:
        raise UnreachableError(f"{uri}: cannot be fetched ({type(error).__name__}: {error})") from error


def summary(client: MlflowClient, name: str) -> list[dict[str, Any]]:
    """Return what `kawat models` shows: each version with its aliases and the figures that decide."""
    aliases: dict[str, list[str]] = {}
    rows = []
    found = versions(client, name)
    if found:
        for alias, version in client.get_registered_model(name).aliases.items():
            aliases.setdefault(str(version), []).append(alias)
    for version in found:
        metrics = client.get_run(str(version.run_id)).data.metrics
        rows.append(
            {
                "version": int(version.version),
                "aliases": sorted(aliases.get(str(version.version), [])),
                "run_id": version.run_id,
                "created": version.creation_timestamp,
                "candidate": version.tags.get("candidate"),
                "gate": version.tags.get(GATE),
                "metrics": {key: metrics[key] for key in FIGURES if key in metrics},
            }
        )
    return rows


FIGURES = ("cv.macro_f1", "cv.mean_average_precision", "test.macro_f1", "test.mean_average_precision")
"""Metrics of a run that decide between models."""
