"""Processes for tests: run to the end, or started as servers and stopped by their own id."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**values: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("KAWAT_", "MLFLOW_", "BENTOML_"))}
    return kept | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "140"} | values


def run(*arguments: str, cwd: Path, timeout: float = 300, **values: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, cwd=cwd, env=environment(**values), capture_output=True, text=True, timeout=timeout, check=False
    )


@contextmanager
def server(
    arguments: list[str], port: int, *, cwd: Path, log: Path, path: str = "/readyz", timeout: float = 240, **values: str
) -> Iterator[str]:
    """Start a server in a process group of its own, wait until it is ready, and stop that group in the end."""
    url = f"http://127.0.0.1:{port}"
    with log.open("w") as stream:
        process = subprocess.Popen(
            arguments,
            cwd=cwd,
            env=environment(**values),
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + timeout
            while not _answers(url + path):
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"{' '.join(arguments)} did not become ready:\n{log.read_text()[-3000:]}")
                time.sleep(0.2)
            yield url
        finally:
            with suppress(ProcessLookupError):  # it may have died by itself, and the failure says why
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
