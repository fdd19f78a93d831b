"""Where compiled loops are kept between runs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from numba import config


def cache_folder(package: Path, home: Path) -> Path | None:
    """Return where to keep compiled code, or None where numba's own choice can be written to.

    Parameters
    ----------
    package : Path
        Folder of the package; numba writes into its ``__pycache__``.
    home : Path
        The user's home, where numba goes if it cannot.

    Returns
    -------
    Path or None
        For a read-only installation without a home, a folder of this user's own in the place for temporary files.
    """
    pycache = package / "__pycache__"
    if os.access(pycache if pycache.exists() else package, os.W_OK) or os.access(home, os.W_OK):
        return None
    return Path(tempfile.gettempdir()) / f"kawat-{os.getuid()}"


def prepare() -> None:
    """Point numba to a folder that can be written to; to be called before anything is compiled."""
    if config.CACHE_DIR:  # type: ignore[attr-defined]
        return
    folder = cache_folder(Path(__file__).parent, Path.home())
    if folder is not None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_uid == os.getuid():
            # Compiled code is loaded from there, so it must be nobody else's.
            config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
