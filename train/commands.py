"""The commands that train, evaluate and compare."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import click

_NAME = click.option(
    "--name", default="kawat", show_default=True, metavar="NAME", help="Experiment and registered model."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
_FILE = click.Path(path_type=Path, dir_okay=False)


def input_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions that mean wrong input (exit code 2)."""
    from train.labels import LabelError
    from train.rows import DataFileError

    return DataFileError, LabelError


def known_failures() -> tuple[type[Exception], ...]:
    """Return the exceptions that mean that the work could not be done (exit code 1)."""
    from train.artifact import ArtifactError
    from train.registry import NoModelError
    from train.store import StoreError

    return ArtifactError, NoModelError, StoreError


def note(line: str) -> None:
    """Print progress to standard error."""
    click.echo(line, err=True)


@click.command(epilog="Example: kawat train --add more.jsonl --seed 7")
@click.option(
    "--data",
    multiple=True,
    type=_FILE,
    help="Labelled articles instead of the embedded corpus (JSONL, CSV or Parquet; repeatable).",
)
@click.option("--add", multiple=True, type=_FILE, help="Labelled articles on top of it (repeatable).")
@click.option("--labels", type=_FILE, help="TOML file of the labels.")
@_NAME
@click.option("--seed", default=0, show_default=True, help="Seed of folds, trees and bootstrap.")
@click.option("--quick", is_flag=True, help="Three folds and small trees: a first model in about half a minute.")
@click.option(
    "--tune",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    metavar="TRIALS",
    help="Search settings by so many trials first.",
)
@click.option(
    "--prefer",
    default="balance",
    show_default=True,
    type=click.Choice(["balance", "precision", "recall"]),
    help="What thresholds are chosen for.",
)
@_JSON
def train(
    data: tuple[Path, ...],
    add: tuple[Path, ...],
    labels: Path | None,
    name: str,
    seed: int,
    quick: bool,
    tune: int,
    prefer: str,
    as_json: bool,
) -> None:
    """Train, compare the candidates, register the best."""
    started = time.monotonic()
    from train import run
    from train.report import training_table

    def progress(line: str) -> None:
        note(f"[{time.monotonic() - started:5.1f} s] {line}")

    report = run.train(
        data=data,
        add=add,
        labels=labels,
        name=name,
        seed=seed,
        quick=quick,
        tune=tune,
        prefer=prefer,
        progress=progress,
    )
    if as_json:
        print_json(
            {
                "name": report.name,
                "version": int(report.version),
                "run_id": report.run_id,
                "best": report.best,
                "promoted": report.promoted,
            }
            | {"articles": report.articles, "cross_validated": report.candidates, "test": report.test}
            | {"gate": report.gate.as_json()}
        )
    else:
        training_table(report)


@click.command(epilog="Example: kawat evaluate labelled.jsonl --json")
@click.argument("file", type=_FILE)
@click.option(
    "--model", "which", default="champion", show_default=True, help="champion, challenger, or a version number."
)
@_NAME
@_JSON
def evaluate(file: Path, which: str, name: str, as_json: bool) -> None:
    """Measure a model on a labelled file."""
    from train import registry
    from train.dataset import read_dataset
    from train.metrics import evaluate_labels
    from train.report import figures_table

    model = registry.load(name, which)
    dataset = read_dataset([file], model.classifier.classes_.tolist())
    articles = [document.article for document in dataset.documents]
    model.classifier.predict_proba(articles[:1])  # loads the compiled loops, which would be timed otherwise
    started = time.monotonic()
    probabilities = model.classifier.predict_proba(articles)
    rate = len(dataset) / (time.monotonic() - started)
    assigned = model.classifier.decide(probabilities)
    figures = evaluate_labels(dataset.Y, probabilities, assigned, dataset.labels, model.classifier.thresholds_)
    if as_json:
        print_json(
            {"model": {"name": name, "version": int(model.version)}, "articles": len(dataset)}
            | figures
            | {"articles_per_second": rate}
        )
    else:
        figures_table(f"{name} version {model.version} on {file.name} ({len(dataset)} articles)", figures)


@click.command(epilog="Example: kawat runs --json")
@_NAME
@_JSON
def runs(name: str, as_json: bool) -> None:
    """List the trainings with the figures that decide."""
    from train import registry, store, tracking
    from train.report import rows_table

    rows = tracking.runs(store.open_client(), name, registry.FIGURES) if store.exists() else []
    print_json(rows) if as_json else rows_table(f"trainings of {name}", rows)


@click.command(epilog="Example: kawat models --json")
@_NAME
@click.option("--champion", is_flag=True, help="Only ask whether a champion can be loaded (exit code 1 if not).")
@click.option("--quiet", is_flag=True, help="With --champion: no list.")
@_JSON
def models(name: str, champion: bool, quiet: bool, as_json: bool) -> None:
    """List the registered versions with the figures that decide."""
    from train import glance

    if champion and not glance.has_champion(name):
        from train import registry

        # A champion that cannot be loaded is as good as none, and the error says which command mends it.
        registry.load(name)
    if not quiet:
        from train import registry, store
        from train.report import models_table

        rows = registry.summary(store.open_client(), name) if store.exists() else []
        print_json(rows) if as_json else models_table(name, rows)


@click.command(epilog="Example: kawat promote 3")
@click.argument("version")
@_NAME
@_JSON
def promote(version: str, name: str, as_json: bool) -> None:
    """Let a version serve, whatever the gate said of it."""
    from train import aliases

    moved = aliases.promote(name, version)
    print_json(moved.as_json()) if as_json else click.echo(moved)


@click.command(epilog="Example: kawat rollback")
@_NAME
@_JSON
def rollback(name: str, as_json: bool) -> None:
    """Let the version serve that served before the champion; again goes back one more."""
    from train import aliases

    moved = aliases.rollback(name)
    print_json(moved.as_json()) if as_json else click.echo(moved)


@click.command(epilog="Example: kawat prune --keep 10 --dry-run")
@click.option("--keep", default=5, show_default=True, type=click.IntRange(0), help="Newest of each that stay.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@_NAME
@_JSON
def prune(keep: int, dry_run: bool, name: str, as_json: bool) -> None:
    """Remove old runs and versions that no alias points at and that no rollback needs."""
    from train import prune

    pruned = prune.prune(name, keep=keep, dry_run=dry_run)
    print_json(pruned.as_json()) if as_json else click.echo(pruned)


@click.command(epilog="Example: kawat ui --port 5001")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, help="Port to listen on.")
def ui(host: str, port: int) -> None:
    """Open the MLflow UI on this folder's runs."""
    from train import store

    store.open_client().search_experiments(max_results=1)  # makes the store if there is none
    environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "PYTHONSAFEPATH": "1"}
    arguments = ["--backend-store-uri", store.tracking_uri(), "--host", host, "--port", str(port), "--workers", "1"]
    if (folder := store.local_folder()) is not None:
        arguments += ["--artifacts-destination", (folder / store.ARTIFACTS).as_uri()]
    note(f"MLflow UI on http://{host}:{port}")
    os.execve(sys.executable, [sys.executable, "-m", "mlflow", "ui", *arguments], environment)


def print_json(document: Any) -> None:
    """Print one JSON document to standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


COMMANDS = (train, evaluate, runs, models, promote, rollback, prune, ui)
