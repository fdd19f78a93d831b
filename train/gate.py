"""The gate: may a new model take the champion's place? A pure function of two sets of scores on the same articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.bootstrap import mean_gains, paired_precisions

RESAMPLES = 1000
_LEVEL = 0.90
_MARGIN = -0.01
"""What the lower end of the interval of the difference must be above."""
_MOST_LOST = 0.03
"""Average precision that no label with enough positives may lose."""
_ENOUGH = 30
"""Positives from which a label's own loss counts."""


@dataclass(frozen=True)
class GateDecision:
    """Whether a new model takes the champion's place, and why.

    Attributes
    ----------
    promoted : bool
        Whether it does.
    reason : str
        A sentence for people: by how much and how surely, or why not.
    champion : str or None
        Version that it was compared with; None if there was none.
    articles : int
        Test articles that neither has trained on.
    difference : float or None
        Gain in macro average precision over the shared labels; None where nothing could be compared.
    interval : list of float or None
        90 % interval of the difference (paired bootstrap).
    certainty : float or None
        Share of the bootstrap's draws in which the new model is better.
    labels : dict of str to dict
        For each shared label with positives: average precision of ``champion`` and ``challenger``, their
        ``difference``, and ``support``.
    """

    promoted: bool
    reason: str
    champion: str | None = None
    articles: int = 0
    difference: float | None = None
    interval: list[float] | None = None
    certainty: float | None = None
    labels: dict[str, dict[str, float]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the decision as `kawat train --json` prints it."""
        return asdict(self)


def decide(
    Y: NDArray[np.int8],
    champion: NDArray[np.float64],
    challenger: NDArray[np.float64],
    labels: Sequence[str],
    version: str,
    *,
    other_labels: Sequence[str] = (),
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> GateDecision:
    """Compare two models on articles that neither has trained on.

    Parameters
    ----------
    Y : ndarray of 0 and 1, shape (n_articles, n_labels)
        What is true.
    champion, challenger : ndarray of float, shape (n_articles, n_labels)
        Scores of the model that serves and of the new one; higher is surer.
    labels : sequence of str
        Names of the columns: the labels that both models know.
    version : str
        The champion's, for the report.
    other_labels : sequence of str, default=()
        Labels that only one of them knows; any of them keeps the new model from promoting itself.
    seed, resamples : int
        Of the bootstrap, which draws articles with replacement and gives both models the same (paired; Efron, 1979).

    Returns
    -------
    GateDecision
        The new model is promoted if its macro average precision is higher, the lower end of the 90 % interval of the
        difference is above -0.01, no label with at least 30 positives loses more than 0.03, and both know the same
        labels.
    """
    supported = [k for k in range(Y.shape[1]) if Y[:, k].any()]
    reasons = [] if not other_labels else [f"the label sets differ ({', '.join(other_labels)})"]
    if not supported:
        what = "no test article is left that neither has trained on" if not len(Y) else "no shared label to compare"
        return GateDecision(False, _refusal(version, [*reasons, what]), version, len(Y))
    old, new = paired_precisions(Y[:, supported], (champion[:, supported], challenger[:, supported]), resamples, seed)
    rows = {
        labels[k]: _row(float(old[place, 0]), float(new[place, 0]), int(Y[:, k].sum()))
        for place, k in enumerate(supported)
    }
    difference = float(np.mean([row["difference"] for row in rows.values()]))
    draws = mean_gains(old, new)
    low, high = np.quantile(draws, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    certainty = float(np.mean(draws > 0))
    if difference <= 0:
        reasons.append("its mean average precision is not higher")
    if low <= _MARGIN:
        reasons.append(f"the 90 % interval of the difference reaches down to {low:+.3f}, at or below {_MARGIN}")
    reasons += [
        f"{label} loses {-row['difference']:.3f}, more than {_MOST_LOST}"
        for label, row in rows.items()
        if row["support"] >= _ENOUGH and row["difference"] < -_MOST_LOST
    ]
    means = [float(np.mean([row[who] for row in rows.values()])) for who in ("champion", "challenger")]
    figures = (
        f"mean average precision {means[1]:.3f} against {means[0]:.3f} of version {version} on {len(Y)} test articles "
        f"that neither has trained on: {difference:+.3f} (90 % interval {low:+.3f} to {high:+.3f}, "
        f"better in {certainty:.0%} of draws)"
    )
    reason = f"{_refusal(version, reasons)}; {figures}" if reasons else figures
    return GateDecision(not reasons, reason, version, len(Y), difference, [float(low), float(high)], certainty, rows)


def _refusal(version: str, reasons: Sequence[str]) -> str:
    return f"version {version} stays: {'; '.join(reasons)}"


def _row(old: float, new: float, support: int) -> dict[str, float]:
    return {"champion": old, "challenger": new, "difference": new - old, "support": support}
