"""Memory of this process, from Linux's own books (proc(5))."""

from __future__ import annotations

from pathlib import Path


class PeakMemory:
    """The most memory that this process has from now on, beyond what it has now."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
        self._before = _megabytes("VmRSS")

    @property
    def megabytes(self) -> float:
        """What was added to it at most."""
        return _megabytes("VmHWM") - self._before


def _megabytes(kind: str) -> float:
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:")) / 1024
