"""The end of a training: the model is logged, loaded back, compared with the champion, and registered last of all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from train import gate, store
from train.aliases import LABELS, champion_version, labels_of, move
from train.artifact import FILE, ArtifactError, load_classifier
from train.classifier import ArticleClassifier
from train.dataset import Dataset
from train.gate import GateDecision
from train.registry import CHALLENGER, GATE, UnreachableError, model_folder, resolve, version_folder
from train.trained_on import FILE as TRAINED_ON
from train.trained_on import TrainedOn

if TYPE_CHECKING:
    from mlflow import MlflowClient

_CHECKED = 20
"""Articles on which the model that was written must answer as the one in memory."""
_EXTRA = "extra_files"
"""Where MLflow puts the files that travel with a model."""


def validate(client: MlflowClient, model_id: str, classifier: ArticleClassifier, training: Dataset) -> None:
    """Load a logged model back and compare its answers with those of the model in memory.

    Raises
    ------
    ArtifactError
        If what was written cannot be loaded or answers otherwise; then it must not be registered.
    """
    folder = model_folder(client, model_id)
    written = load_classifier(folder / FILE)
    documents = training.documents[:_CHECKED]
    if not np.array_equal(written.predict_proba(documents), classifier.predict_proba(documents)):
        raise ArtifactError(
            f"{folder}: the model that was written answers otherwise than the one in memory, so it was not "
            "registered; train anew with `kawat train`"
        )
    _trained_on(folder)


def register(
    client: MlflowClient,
    name: str,
    model_id: str,
    classifier: ArticleClassifier,
    test: Dataset,
    tags: dict[str, str],
    seed: int = 0,
) -> tuple[str, GateDecision]:
    """Register a logged and validated model, and let it serve if the gate lets it.

    Parameters
    ----------
    client : MlflowClient
        From ``store.open_client``.
    name : str
        Of the registered model.
    model_id : str
        Of the logged model, whose run has ended.
    classifier : ArticleClassifier
        The same model.
    test : Dataset
        The present frozen test.
    tags : dict of str to str
        Of the new version.
    seed : int, default=0
        Of the gate's bootstrap.

    Returns
    -------
    version : str
        The new one, aliased ``challenger``.
    decision : GateDecision
        Whether it is the champion too, and why.
    """
    from mlflow.exceptions import MlflowException

    # Under the lock nobody else moves the champion between the comparison and its consequence.
    with store.lock():
        logged = client.get_logged_model(model_id)
        decision = _decide(client, name, model_id, classifier, test, seed)
        client.log_dict(str(logged.source_run_id), decision.as_json(), "gate.json")
        try:
            client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        # All that is said of the version is said as it is made, so that there is no half-written one.
        said = {LABELS: ",".join(classifier.classes_.tolist()), GATE: decision.reason}
        version = client.create_model_version(
            name, f"models:/{model_id}", logged.source_run_id, tags=tags | said, model_id=model_id
        )
        number = str(version.version)
        if decision.promoted:
            move(client, name, number)
        client.set_registered_model_alias(name, CHALLENGER, number)
        _note_version(client, model_id, name, number)
    return number, decision


def _note_version(client: MlflowClient, model_id: str, name: str, version: str) -> None:
    """Say which version a logged model is, for the UI's list of runs; of MLflow's stores only its server does so."""
    from mlflow.utils.mlflow_tags import MLFLOW_MODEL_VERSIONS

    noted = json.loads(client.get_logged_model(model_id).tags.get(MLFLOW_MODEL_VERSIONS, "[]"))
    if (name, version) not in [(other["name"], str(other["version"])) for other in noted]:
        noted.append({"name": name, "version": int(version)})
        client.set_logged_model_tags(model_id, {MLFLOW_MODEL_VERSIONS: json.dumps(noted)})


def _decide(
    client: MlflowClient, name: str, model_id: str, classifier: ArticleClassifier, test: Dataset, seed: int
) -> GateDecision:
    version = champion_version(client, name)
    if version is None:
        return GateDecision(True, "there was no champion")
    labels = classifier.classes_.tolist()
    try:
        folder = version_folder(client, resolve(client, name, version))
        champion = load_classifier(folder / FILE)
    except UnreachableError as error:
        # It may be perfectly well and serve elsewhere.
        return GateDecision(False, f"version {version} stays: it could not be compared ({error})", version)
    except ArtifactError as error:
        # No service of this Kawat can load it: whoever started one now would get no answer at all.
        known = labels_of(client, name, version)
        if known and set(known) != set(labels):
            others = ", ".join(sorted(set(known) ^ set(labels)))
            reason = f"version {version} stays, though it cannot be loaded: the label sets differ ({others})"
            return GateDecision(False, f"{reason}; {error}", version)
        return GateDecision(True, f"version {version} cannot serve any more ({error})", version)
    try:
        trained_on = [_trained_on(place) for place in (folder, model_folder(client, model_id))]
    except ArtifactError as error:
        return GateDecision(False, f"version {version} stays: it could not be compared ({error})", version)
    shared = [label for label in labels if label in set(champion.classes_.tolist())]
    unshared = sorted(set(labels) ^ set(champion.classes_.tolist()))
    seen = np.logical_or(*(articles.covers(test) for articles in trained_on)) if len(test) else np.zeros(0, bool)
    rest = test.subset(~seen)
    Y = rest.Y[:, [test.labels.index(label) for label in shared]]
    old, new = (_scores(model, rest, shared) for model in (champion, classifier))
    return gate.decide(Y, old, new, shared, version, other_labels=unshared, seed=seed)


def _scores(model: ArticleClassifier, dataset: Dataset, labels: Sequence[str]) -> NDArray[np.float64]:
    """Return the probabilities of some of a model's labels."""
    if not len(dataset):
        return np.zeros((0, len(labels)))
    known = model.classes_.tolist()
    return model.predict_proba(dataset.documents)[:, [known.index(label) for label in labels]]


def _trained_on(folder: Path) -> TrainedOn:
    file = folder / _EXTRA / TRAINED_ON
    try:
        return TrainedOn.load(file)
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"{file}: does not say what the model has trained on ({error}); "
            "compare for yourself with `kawat evaluate` and choose with `kawat promote VERSION`"
        ) from error
