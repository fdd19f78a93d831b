"""Which of the candidates becomes the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.bootstrap import mean_gains, paired_precisions
from train.stacking import StackedEstimator

_LEVEL = 0.90
_RESAMPLES = 500


def choose_candidate(
    candidates: Mapping[str, Any],
    scores: Mapping[str, NDArray[np.float64]],
    Y: NDArray[np.int8],
    *,
    seed: int,
    progress: Callable[[str], None],
) -> str:
    """Return the candidate with the highest mean average precision; a stack must surely be better than its members.

    It costs as much as all of them together, in every answer, so chance is not reason enough to take it: the lower end
    of the 90 % interval of its gain over the best member (paired bootstrap) must be above 0. This is the idea of the
    one-standard-error rule (Breiman et al., Classification and Regression Trees, 1984).

    Parameters
    ----------
    candidates : mapping of str to estimator
        By name.
    scores : mapping of str to ndarray of float, shape (n_articles, n_labels)
        Cross-validated probabilities or margins.
    Y : ndarray of 0 and 1, shape (n_articles, n_labels)
        What is true.
    seed : int
        Of the bootstrap.
    progress : callable
        Called with a line of text where a stack is passed over.

    Returns
    -------
    str
        Its name.
    """
    names = list(candidates)
    carried = Y.any(axis=0)
    precisions = paired_precisions(Y[:, carried], [scores[name][:, carried] for name in names], _RESAMPLES, seed)
    ranked = sorted(range(len(names)), key=lambda k: -float(precisions[k, :, 0].mean()))
    best = ranked[0]
    rival = next((k for k in ranked if not isinstance(candidates[names[k]], StackedEstimator)), best)
    if rival == best:
        return names[best]
    gains = mean_gains(precisions[rival], precisions[best])
    low, high = np.quantile(gains, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    if low > 0:
        return names[best]
    progress(
        f"{names[best]} is not surely better than {names[rival]} (90 % interval of its gain {low:+.4f} to {high:+.4f}) "
        f"and costs more: {names[rival]} it is"
    )
    return names[rival]
