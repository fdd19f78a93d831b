"""Runs whose process died: they say RUNNING for ever unless somebody marks them."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

PROCESS = "kawat.process"
"""Tag of a run: machine, process id and start time of the process that writes it."""


def process_tag() -> dict[str, str]:
    """Return the tag that lets a later training see whether this process still lives."""
    return {PROCESS: f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())}"}


def mark_abandoned(client: MlflowClient, experiment_id: str) -> int:
    """Mark the runs of dead processes of this machine as failed, with their half-written models.

    Parameters
    ----------
    client : MlflowClient
        From ``store.open_client``.
    experiment_id : str
        Where to look.

    Returns
    -------
    int
        Runs marked. Those of other machines are left alone: nobody here knows whether they live.
    """
    running = client.search_runs([experiment_id], "attributes.status = 'RUNNING'", max_results=1000)
    dead = [run.info.run_id for run in running if not is_alive(run.data.tags, default=True)]
    for run_id in dead:
        client.set_terminated(run_id, "FAILED")
    if dead:
        for model in client.search_logged_models([experiment_id]):
            if model.source_run_id in dead and str(model.status) == "PENDING":
                client.finalize_logged_model(model.model_id, "FAILED")
    return len(dead)


def is_alive(tags: Mapping[str, str], *, default: bool) -> bool:
    """Return whether the process that wrote a run lives; `default` where that is not known on this machine."""
    host, _, rest = tags.get(PROCESS, "").partition(" ")
    pid, _, started = rest.partition(" ")
    if host != socket.gethostname() or not pid.isdigit():
        return default
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's process: it lives, and may have got the number of a dead one
    return _started(int(pid)) == started


def _started(pid: int) -> str:
    """Return when a process started, in ticks since boot, where the system tells; process ids are used again."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]  # field 22; the name before it may hold spaces and brackets
