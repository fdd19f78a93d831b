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


class NoModelError(LookupError):
    """There is no such model; the message says what to do."""


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
        Of its run.
    """

    name: str
    version: str
    run_id: str
    classifier: ArticleClassifier
    metrics: dict[str, float] = field(default_factory=dict)


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
    """
    from mlflow.exceptions import MlflowException

    try:
        return (
            client.get_model_version(name, which) if which.isdigit() else client.get_model_version_by_alias(name, which)
        )
    except MlflowException:
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
    if not store.exists():
        raise NoModelError(f"no models under {store.tracking_uri()}; train one with `kawat train`")
    client = store.open_client()
    version = resolve(client, name, which)
    classifier = load_classifier(version_folder(client, version) / FILE)
    run_id = str(version.run_id)
    run = client.get_run(run_id)
    return RegisteredClassifier(name, str(version.version), run_id, classifier, dict(run.data.metrics))


def version_folder(client: MlflowClient, version: ModelVersion) -> Path:
    """Return the local folder of a version's files, which are fetched if a server has them."""
    import mlflow

    uri = client.get_model_version_download_uri(version.name, version.version)
    if uri.startswith("models:/m-"):
        uri = client.get_logged_model(uri.removeprefix("models:/")).artifact_location
    folder = store.local_folder()
    if folder is not None and f"/{store.ARTIFACTS}/" in uri:
        # The store may have been moved since the path was noted: artifacts are found relative to it.
        return folder / store.ARTIFACTS / uri.rsplit(f"/{store.ARTIFACTS}/", 1)[-1]
    try:
        return Path(mlflow.artifacts.download_artifacts(artifact_uri=uri))
    except Exception as error:
        raise ArtifactError(f"{uri}: cannot be fetched ({type(error).__name__}: {error})") from error


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
                "candidate": (version.tags or {}).get("candidate"),
                "metrics": {key: metrics[key] for key in FIGURES if key in metrics},
            }
        )
    return rows


FIGURES = ("cv.macro_f1", "cv.mean_average_precision", "test.macro_f1", "test.mean_average_precision")
"""Metrics of a run that decide between models."""
