"""The commands that put a model to use."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click


@click.command(epilog="Example: kawat label news.csv -o labelled.csv")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to; standard output (JSONL) without it.",
)
@click.option(
    "--model", "which", default="champion", show_default=True, help="champion, challenger, or a version number."
)
@click.option("--name", default="kawat", show_default=True, metavar="NAME", help="Registered model.")
def label(file: Path, output: Path | None, which: str, name: str) -> None:
    """Label the articles of a JSONL, CSV or Parquet file; every input column is kept."""
    from serve.bulk import label_file

    done = label_file(file, output, name=name, which=which)
    wrong = f", {done.failed} could not be read (see kawat_error)" if done.failed else ""
    click.echo(f"{done.labelled} articles labelled{wrong}", err=True)
    if done.failed and not done.labelled:
        raise SystemExit(1)


@click.command(epilog="Example: kawat serve --port 3001")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=3000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
@click.option("--name", default="kawat", show_default=True, metavar="NAME", help="Registered model.")
@click.option("--open", "open_", is_flag=True, help="Listen beyond this machine without an API key.")
def serve(host: str, port: int, workers: int, name: str, open_: bool) -> None:
    """Answer over HTTP with the champion."""
    from serve.launch import launch

    if open_:
        os.environ["KAWAT_OPEN"] = "1"
    sys.exit(launch(host=host, port=port, workers=workers, name=name))


@click.command(epilog="Example: kawat bundle --model 3")
@click.option(
    "--model", "which", default="champion", show_default=True, help="champion, challenger, or a version number."
)
@click.option("--name", default="kawat", show_default=True, metavar="NAME", help="Registered model.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def bundle(which: str, name: str, as_json: bool) -> None:
    """Build a Bento with the model and all that it needs inside; it serves without a registry."""
    from serve.bundle import BundleError, build

    try:
        built = build(name=name, which=which)
    except BundleError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(1) from None
    if as_json:
        click.echo(json.dumps({"tag": built.tag, "model_version": built.model_version, "folder": str(built.folder)}))
        return
    click.echo(f"{built.tag} holds {name} version {built.model_version}: {built.folder}")
    click.echo(f"  KAWAT_API_KEY=… bentoml serve {built.tag}\n  bentoml containerize {built.tag}", err=True)


COMMANDS = (label, serve, bundle)
