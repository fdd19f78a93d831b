"""Servers for the benchmarks: started, waited for, measured with all their processes, and stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil


@dataclass
class Server:
    """A server that runs.

    Attributes
    ----------
    port : int
        Where it listens.
    start_seconds : float
        From its call to its first healthy answer.
    """

    port: int
    process: subprocess.Popen[bytes]
    start_seconds: float = 0.0

    def _processes(self) -> list[psutil.Process]:
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """Processor time that all its processes have used."""
        return sum(sum(process.cpu_times()[:2]) for process in self._processes())

    def settle(self, timeout: float = 60) -> None:
        """Wait until its processes have nothing to do: the first to be ready answers while others still begin."""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            before = self.cpu_seconds()
            time.sleep(1)
            if self.cpu_seconds() - before < 0.1:
                return

    def memory_mb(self) -> float:
        """Memory of all its processes; what they share is counted once, in equal parts."""
        return sum(process.memory_full_info().pss for process in self._processes()) / 2**20


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(
    command: Sequence[str], *, cwd: str, health: str, timeout: float = 120, **environment: str
) -> Iterator[Server]:
    """Start a server, wait until it is healthy, and stop it with all its processes in the end.

    `{port}` in the command is replaced by a free port.
    """
    port = free_port()
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in command],
            cwd=cwd,
            env=os.environ | environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            while not _is_healthy(f"http://127.0.0.1:{port}{health}"):
                if process.poll() is not None or time.perf_counter() - began > timeout:
                    log.seek(0)
                    raise RuntimeError(f"{' '.join(command)} did not start:\n{log.read()[-2000:].decode()}")
                time.sleep(0.02)
            yield Server(port, process, time.perf_counter() - began)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
