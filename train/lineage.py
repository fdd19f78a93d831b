"""Where a run comes from: the version of the code and of the libraries."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("kawat", "numpy", "scikit-learn", "lightgbm", "numba", "skops", "mlflow")
_ROOT = Path(__file__).resolve().parents[1]


def library_versions() -> dict[str, str]:
    """Return the version of Python and of each library that a model depends on."""
    return {library: version(library) for library in LIBRARIES} | {"python": platform.python_version()}


@cache
def code_version(root: Path = _ROOT) -> str:
    """Return the git commit of a checkout, with ``+changes`` where files differ from it, else the package's version.

    Parameters
    ----------
    root : Path
        The folder of the code. A checkout that merely surrounds it, as that of a project with its environment inside,
        says nothing about it and is not asked.

    Returns
    -------
    str
        Such as ``1f3a…+changes`` or ``kawat 0.1.0``.
    """
    if (root / ".git").exists():
        commit, changes = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain", "--untracked-files=no")
        if commit and changes is not None:
            return f"{commit}+changes" if changes else commit
    return f"kawat {version('kawat')}"


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints, or None where there is no git or it does not answer."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
