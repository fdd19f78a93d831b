"""A shared tracking server: runs in PostgreSQL, artifacts through the server."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import mlflow
import psycopg2
import pytest

from tests.processes import BIN, free_port, run, server
from tests.service.trainings import LABELS, train_tiny

INITDB = next(reversed(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None)

pytestmark = pytest.mark.skipif(
    INITDB is None, reason="PostgreSQL is not installed (Debian: apt-get install postgresql)"
)


def owner() -> str | None:
    """Return the user that the database runs as: PostgreSQL refuses root."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """An empty database of this test's own: its URI without the scheme."""
    user, port = owner(), free_port()
    # Not under pytest's folder, which is closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="kawat-postgresql-"))
    try:
        if user:
            shutil.chown(folder, user, user)
        data = folder / "data"
        subprocess.run(
            [str(INITDB), "-D", str(data), "-U", "kawat", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True, capture_output=True, cwd=folder, user=user, group=user, extra_groups=[] if user else None,
        )  # fmt: skip
        arguments = [
            str(INITDB.with_name("postgres")),
            "-D",
            str(data),
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-k",
            "",
            "-F",
        ]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                arguments, cwd=folder, stdout=log, stderr=log, user=user, group=user, extra_groups=[] if user else None
            )
        try:
            wait_for_database(port, process, folder / "log")
            yield f"kawat@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            process.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_for_database(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg2.connect(host="127.0.0.1", port=port, user="kawat", dbname="postgres").close()
            return
        except psycopg2.OperationalError:
            time.sleep(0.2)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def tracking(database: str, tmp_path_factory) -> Iterator[str]:
    """The address of `mlflow server`, with its artifacts in a folder that only it knows."""
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    arguments = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"postgresql+psycopg2://{database}", "--artifacts-destination", (folder / "artifacts").as_uri(),
    ]  # fmt: skip
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with server(arguments, port, cwd=folder, log=folder / "server.log", path="/health", **quiet) as url:
        yield url


@pytest.fixture(scope="module")
def trained(tracking: str, place: Path) -> dict:
    (report,) = train_tiny(place, 0, MLFLOW_TRACKING_URI=tracking)
    return report


def test_a_training_is_kept_by_the_server_alone(trained, tracking, place, database):
    client = mlflow.MlflowClient(tracking)
    parent = client.get_run(trained["run_id"])
    assert parent.info.status == "FINISHED"
    assert {f"f1.{label}" for label in LABELS} <= set(parent.data.metrics)
    files = {file.path for file in client.list_artifacts(trained["run_id"])}
    assert {"model_card.md", "reliability.png", "learning_curve.png"} <= files
    with psycopg2.connect(f"postgresql://{database}") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM runs")
        assert cursor.fetchone() == (1 + len(nested(client, parent)),)
    assert not (place / "mlruns").exists()


def nested(client, parent) -> list:
    query = f"tags.mlflow.parentRunId = '{parent.info.run_id}'"
    return client.search_runs([parent.info.experiment_id], query)


def test_another_machine_evaluates_the_champion_through_the_server(trained, tracking, place, tmp_path):
    (tmp_path / "some.jsonl").write_bytes((place / "tiny.jsonl").read_bytes())
    kawat = str(BIN / "kawat")
    done = run(kawat, "evaluate", "some.jsonl", "--json", cwd=tmp_path, MLFLOW_TRACKING_URI=tracking)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["model"] == {"name": "kawat", "version": int(trained["version"])}
    assert set(figures["labels"]) == set(LABELS)
    # Most of these articles were trained on, so that only a model that came over damaged would miss them.
    assert figures["macro_f1"] > 0.5
    listed = json.loads(run(kawat, "models", "--json", cwd=tmp_path, MLFLOW_TRACKING_URI=tracking).stdout)
    assert [row["run_id"] for row in listed] == [trained["run_id"]]
    assert {file.name for file in tmp_path.iterdir()} == {"some.jsonl"}
