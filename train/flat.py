"""Figures as MLflow keeps them: one number a name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

_FOREIGN = re.compile(r"[^\w.\- ]")


def flat_names(figures: Mapping[str, Any], prefix: str, *, part: str = "") -> dict[str, float]:
    """Return figures of ``train.metrics.evaluate_labels`` under flat names.

    Parameters
    ----------
    figures : mapping
        The figures.
    prefix : str
        ``cv`` or ``test``. Figures of a label that were cross-validated have no prefix (``f1.arms-transfer``): they
        are what trainings are compared by. The others do (``test.f1.arms-transfer``, ``cv.macro_f1``).
    part : str, optional
        One of ``train.slices``. It comes first, with a stroke (``cv.language.id/f1.arms-transfer``), which MLflow's UI
        takes for a group of its own.

    Returns
    -------
    dict of str to float
        Intervals end in ``.low`` and ``.high``; what is not defined is left out.
    """
    lead = f"{prefix}.{part}/" if part else f"{prefix}."
    label_lead = "" if prefix == "cv" and not part else lead
    flat: dict[str, Any] = {}
    for key, value in figures.items():
        if key == "labels":
            for label, row in value.items():
                for name, number in row.items():
                    _add(flat, f"{label_lead}{name.removesuffix('_interval')}.{metric_name(label)}", number)
        else:
            _add(flat, f"{lead}{key.removesuffix('_interval')}", value)
    return {name: float(value) for name, value in flat.items() if math.isfinite(value)}


def metric_name(label: str) -> str:
    """Return a label as MLflow takes it in a name: other characters become their number, such as ``R_26D``."""
    return _FOREIGN.sub(lambda match: f"_{ord(match[0]):X}", label)


def _add(flat: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(value, list):
        flat[f"{name}.low"], flat[f"{name}.high"] = value
    elif value is not None:
        flat[name] = value
