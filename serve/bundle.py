"""A Bento with the champion inside: what `kawat bundle` builds, and how the service finds the model in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from serve.champion import Registry, Source

if TYPE_CHECKING:
    from train.registry import RegisteredClassifier

FOLDER = Path(__file__).parent / "bundled"
"""Where the model lies in a Bento; there is no such folder elsewhere."""
_FACTS = "champion.json"
_NAME = "kawat-service"
"""Of the Bento: where Kawat is installed, `bentoml serve kawat:…` would import the module `kawat` instead."""
_PACKAGES = ("features", "train", "serve")
_LEFT_OUT = ("__pycache__", "*.pyc", "*.jsonl", "bundled")
"""Of the packages: what is compiled, and the corpus, which only training reads."""
_TRAINING_ONLY = frozenset({"matplotlib", "mlflow", "optuna"})
"""Dependencies that a service with its model inside does not import."""
_SYSTEM_PACKAGES = ("libgomp1",)
"""LightGBM's wheel needs OpenMP, which slim images lack."""


class BundleError(RuntimeError):
    """A Bento could not be built."""


class Bundle(NamedTuple):
    """A Bento.

    Attributes
    ----------
    tag, model_version : str
        Its name in BentoML's store, and the version of the model inside.
    folder : Path
        Where it lies.
    """

    tag: str
    model_version: str
    folder: Path


class Bundled:
    """The model inside a Bento, as a source that never changes.

    Parameters
    ----------
    folder : Path
        Where the model lies.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._facts: dict[str, Any] = json.loads((folder / _FACTS).read_text("utf-8"))

    def version(self) -> str:
        """Return the version that was put inside."""
        return str(self._facts["version"])

    def load(self, version: str) -> RegisteredClassifier:
        """Load it."""
        from train.artifact import FILE, load_classifier
        from train.registry import RegisteredClassifier

        return RegisteredClassifier(**self._facts, classifier=load_classifier(self._folder / FILE))


def source(name: str) -> Source:
    """Return where the service's model comes from: the Bento that it runs in, else the registry."""
    return Bundled(FOLDER) if (FOLDER / _FACTS).exists() else Registry(name)


def build(*, name: str = "kawat", which: str = "champion") -> Bundle:
    """Build a Bento with a registered model inside.

    Parameters
    ----------
    name, which : str
        Registered model, and its alias or version.

    Returns
    -------
    Bundle
        In BentoML's store (``BENTOML_HOME``).

    Raises
    ------
    NoModelError, ArtifactError
        If there is no such model or it cannot be loaded.
    BundleError
        If BentoML cannot build; the message is its own.
    """
    from train import registry, store
    from train.artifact import FILE

    model = registry.load(name, which)
    client = store.open_client()
    file = registry.version_folder(client, registry.resolve(client, name, model.version)) / FILE
    with tempfile.TemporaryDirectory(prefix="kawat-bundle-") as place:
        context = Path(place) / "context"
        _copy_packages(context)
        inside = context / "serve" / FOLDER.name
        inside.mkdir()
        shutil.copyfile(file, inside / FILE)
        facts = {"name": model.name, "version": model.version, "run_id": model.run_id, "metrics": model.metrics}
        (inside / _FACTS).write_text(json.dumps(facts), "utf-8")
        options = Path(place) / "bentofile.yaml"
        options.write_text(json.dumps(_bentofile(model)), "utf-8")  # JSON is YAML
        tag = _run_bentoml(context, options)
    return Bundle(tag, model.version, _folder_of(tag))


def requirements() -> list[str]:
    """Return the pins of everything that a service with its model inside imports: the versions that run here.

    `make install` takes them from the project's lock, so what was tested is what the Bento gets.
    """
    # Breadth first; an entry is a distribution and one of its extras ("" for none).
    waiting = [("kawat", "")]
    seen = set(waiting)
    pins = set()
    for name, extra in waiting:
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # it belongs to a platform that this is not
        pins.add(f"{name}=={found.version}")
        for needed in _needed(found, extra):
            if needed not in seen and needed[0] not in _TRAINING_ONLY:
                seen.add(needed)
                waiting.append(needed)
    # Kawat's own packages lie in the Bento.
    return sorted(pin for pin in pins if not pin.startswith("kawat=="))


def _needed(found: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    for requirement in map(Requirement, found.requires or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            for wanted in ("", *requirement.extras):
                yield canonicalize_name(requirement.name), wanted


def _copy_packages(context: Path) -> None:
    root = Path(__file__).parent.parent
    for package in _PACKAGES:
        shutil.copytree(root / package, context / package, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    # So that the service knows its own version there.
    number = version("kawat")
    metadata = context / f"kawat-{number}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: kawat\nVersion: {number}\n", "utf-8")


def _bentofile(model: RegisteredClassifier) -> dict[str, Any]:
    return {
        "service": "serve.service:Kawat",
        "name": _NAME,
        "labels": {"model": model.name, "model-version": model.version},
        "description": f"Kawat with {model.name} version {model.version} inside; it needs no registry.",
        "include": ["*"],
        "python": {"packages": requirements(), "lock_packages": False},
        "docker": {
            "python_version": ".".join(map(str, sys.version_info[:2])),
            "distro": "debian",
            "system_packages": list(_SYSTEM_PACKAGES),
        },
        "envs": [{"name": "BENTOML_DO_NOT_TRACK", "value": "True"}],
    }


def _run_bentoml(context: Path, options: Path) -> str:
    """Build in a process of its own, which imports the copied packages and no other."""
    environment = os.environ | {"BENTOML_DO_NOT_TRACK": "True", "PYTHONPATH": str(context), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-m", "bentoml", "build", "--output", "tag", "--bentofile", str(options), str(context)]
    done = subprocess.run(command, cwd=context, env=environment, capture_output=True, text=True, check=False)
    marker = "__tag__:"
    if done.returncode or marker not in done.stdout:
        raise BundleError(
            f"bentoml build ended with {done.returncode}:\n{(done.stderr or done.stdout).strip()[-2000:]}"
        )
    return done.stdout.rpartition(marker)[2].strip()


def _folder_of(tag: str) -> Path:
    import bentoml

    return Path(bentoml.bentos.get(tag).path)
