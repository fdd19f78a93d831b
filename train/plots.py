"""Figures of a training, drawn so that two of them can be laid side by side: same axes, same order of labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from train.bootstrap import bin_numbers
from train.learning import CurvePoint
from train.outcome import Outcome
from train.strengths import Strength

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BLUE, _ORANGE, _GREY = "#1f5fa8", "#c8541b", "#8a8a8a"
_DPI = 100
_TICKS = (0, 0.25, 0.5, 0.75, 1)  # a tick takes longer to draw than a curve
_COLUMNS, _WIDE_COLUMNS = 3, 2  # two such figures side by side are still legible on a laptop
_LONGEST = 34
"""Characters of a feature's name that are shown."""


def precision_recall(outcome: Outcome, title: str) -> Figure:
    """Draw precision against recall for every label, with the point that the thresholds stand at."""

    def draw(axes: Axes, k: int) -> None:
        y, scores = outcome.dataset.Y[:, k], outcome.probabilities[:, k]
        row = outcome.figures["labels"][outcome.dataset.labels[k]]
        if y.any():
            order = np.argsort(-scores, kind="stable")
            last_of_ties = np.append(np.diff(scores[order]) != 0, True)
            hits = np.cumsum(y[order])[last_of_ties]
            drawn = np.flatnonzero(last_of_ties) + 1
            axes.step(np.append(0, hits / y.sum()), np.append(1, hits / drawn), where="pre", color=_BLUE, lw=1.4)
            axes.axhline(y.mean(), color=_GREY, lw=0.8, ls=":")
            if row["precision"] is not None:
                axes.plot(row["recall"], row["precision"], "o", color=_ORANGE, ms=6)
        axes.set_title(
            f"{_name(outcome, k)}\naverage precision {_with_interval(row, 'average_precision')}", fontsize=9, y=1.0
        )
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xticks=_TICKS, yticks=_TICKS)

    note = "recall → right, precision → up; dot: where the thresholds stand; dotted: precision of a guess"
    return _panels(outcome.dataset.labels, draw, f"Precision and recall, {title}", note)


def reliability(outcome: Outcome, title: str) -> Figure:
    """Draw how often a label is true where it was given a probability, in bins of equally many articles."""

    def draw(axes: Axes, k: int) -> None:
        y, scores, weights = outcome.dataset.Y[:, k], outcome.probabilities[:, k], outcome.weights[:, k]
        bins = bin_numbers(scores, len(y))
        total = np.bincount(bins, weights)
        kept = total > 0
        said, true = (np.bincount(bins, weights * what)[kept] / total[kept] for what in (scores, y))
        axes.plot([0, 1], [0, 1], color=_GREY, lw=0.8, ls=":")
        axes.vlines(said, np.minimum(said, true), np.maximum(said, true), color=_ORANGE, lw=1.2)
        axes.plot(said, true, "o-", color=_BLUE, ms=4, lw=1)
        row = outcome.figures["labels"][outcome.dataset.labels[k]]
        axes.set_title(
            f"{_name(outcome, k)}\ncalibration error {_with_interval(row, 'calibration_error')}", fontsize=9, y=1.0
        )
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=_TICKS, yticks=_TICKS)

    note = (
        "probability → right, share that is true → up; each dot a bin of equally many articles; dotted: as it should be"
    )
    return _panels(outcome.dataset.labels, draw, f"Reliability of the probabilities, {title}", note)


def confusions(outcome: Outcome, title: str) -> Figure:
    """Draw which labels were given wrongly where which were missed."""
    from matplotlib.colors import PowerNorm
    from matplotlib.figure import Figure

    labels, n = outcome.dataset.labels, len(outcome.dataset.labels)
    missed = ((outcome.dataset.Y == 1) & (outcome.assigned == 0)).astype(int)
    wrong = ((outcome.dataset.Y == 0) & (outcome.assigned == 1)).astype(int)
    # An article that misses nothing, or gets nothing wrong, counts in the last row or column.
    missed = np.column_stack([missed, missed.sum(axis=1) == 0]).astype(int)
    wrong = np.column_stack([wrong, wrong.sum(axis=1) == 0]).astype(int)
    table = missed.T @ wrong
    table[n, n] = 0  # articles without a mistake are no confusion
    hits = (outcome.dataset.Y & outcome.assigned).sum(axis=0)
    longest = max(map(len, [*labels, "nothing"]))
    left, top, side = 0.6 + 0.085 * longest, 0.8 + 0.06 * longest, max(3.6, 0.62 * (n + 1))
    width, height = max(6.4, left + side + 0.3), top + side + 0.5
    figure = Figure((width, height), dpi=_DPI)
    axes = figure.add_axes((left / width, 0.4 / height, 1 - (left + 0.3) / width, side / height))
    # Most mistakes have no counterpart; on a straight scale they would drown the labels that are confused.
    axes.imshow(table, cmap="Oranges", norm=PowerNorm(0.5, 0, max(1, int(table.max()))), aspect="auto")
    for i in range(n + 1):
        for j in range(n + 1):
            if i == j:
                axes.text(j, i, str(hits[i]) if i < n else "", ha="center", va="center", fontsize=9, color=_BLUE)
            else:
                dark = table[i, j] > 0.4 * table.max()
                axes.text(
                    j, i, str(table[i, j] or "·"), ha="center", va="center", fontsize=9, color="w" if dark else "k"
                )
    axes.set_xticks(range(n + 1), [*labels, "nothing"], rotation=40, ha="left", fontsize=9)
    axes.set_yticks(range(n + 1), [*labels, "nothing"], fontsize=9)
    axes.xaxis.tick_top()
    axes.set_ylabel("missed", fontsize=10)
    figure.suptitle(f"Labels confused, {title}", fontsize=11, x=0.02, ha="left", y=1 - 0.1 / height, va="top")
    note = "articles in which the row's label was missed and the column's was given wrongly; blue: given rightly"
    figure.text(0.02, 0.1 / height, note, fontsize=8, color="#555555")
    return figure


def strongest(strengths: Mapping[str, Sequence[Strength]], title: str) -> Figure:
    """Draw the features that speak most for each label.

    Parameters
    ----------
    strengths : mapping of str to sequence of Strength
        For each label, the strongest first.
    title : str
        What the features are of.
    """
    labels = list(strengths)

    def draw(axes: Axes, k: int) -> None:
        rows = list(reversed(strengths[labels[k]]))
        places = np.arange(len(rows))
        axes.barh(places, [row.weight for row in rows], color=[_BLUE if row.weight > 0 else _ORANGE for row in rows])
        axes.locator_params(axis="x", nbins=3)
        axes.set_yticks(places, [_literal(row.feature) for row in rows], fontsize=8)
        axes.set_title(labels[k], fontsize=9, y=1.0)

    note = "margin that a feature adds on average to an article with the label; orange: speaks against it"
    deepest = max((len(rows) for rows in strengths.values()), default=1)
    return _panels(labels, draw, title, note, height=0.7 + 0.19 * max(4, deepest), names=True)


def learning_curve(points: Sequence[CurvePoint], title: str) -> Figure:
    """Draw macro average precision against the number of training articles, with its interval."""
    from matplotlib.figure import Figure

    sizes, values = [point.articles for point in points], np.array([point.value for point in points])
    figure = Figure((6.4, 4.4), dpi=_DPI)
    axes = figure.add_axes((0.1, 0.12, 0.87, 0.76))
    low, high = np.array([point.interval or (np.nan, np.nan) for point in points], float).T
    axes.fill_between(sizes, low, high, color=_BLUE, alpha=0.15, lw=0)
    axes.plot(sizes, values, "o-", color=_BLUE)
    for x, value in zip(sizes, values, strict=True):
        axes.annotate(f"{value:.3f}", (x, value), textcoords="offset points", xytext=(0, 7), ha="center", fontsize=9)
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.set(ylim=(0, 1.02))
    axes.set_xlabel("training articles", fontsize=9)
    axes.set_ylabel("macro average precision on a held-out fold", fontsize=9)
    axes.grid(alpha=0.25)
    figure.suptitle(title, fontsize=11, x=0.02, ha="left")
    return figure


def _panels(
    labels: Sequence[str],
    draw: Callable[[Axes, int], None],
    title: str,
    note: str,
    *,
    height: float = 2.3,
    names: bool = False,
) -> Figure:
    """Draw a panel for each label; `names` leaves room for words left of the axes instead of numbers."""
    from matplotlib.figure import Figure

    columns = min(_WIDE_COLUMNS if names else _COLUMNS, len(labels))
    rows = math.ceil(len(labels) / columns)
    width = 4.6 if names else 3.2
    total = rows * (height + 0.55) + 0.9
    figure = Figure((max(7.0, columns * width), total), dpi=_DPI)
    room = (max(7.0, columns * width)) / columns
    for k in range(len(labels)):
        row, column = divmod(k, columns)
        left = column * room + (2.35 if names else 0.45)
        bottom = total - 0.95 - (row + 1) * (height + 0.55) + 0.55
        inside = (room - (2.5 if names else 0.65)) / figure.get_figwidth()
        axes = figure.add_axes((left / figure.get_figwidth(), bottom / total, inside, (height - 0.25) / total))
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.25)
        draw(axes, k)
    figure.suptitle(title, fontsize=12, x=0.01, ha="left", y=1 - 0.08 / total, va="top")
    figure.text(0.01, 1 - 0.36 / total, note, fontsize=8, color="#555555", va="top")
    return figure


def _name(outcome: Outcome, k: int) -> str:
    return f"{outcome.dataset.labels[k]} ({int(outcome.dataset.Y[:, k].sum())} of {len(outcome.dataset)})"


def _with_interval(row: Mapping[str, object], key: str) -> str:
    value, bounds = row[key], row.get(f"{key}_interval")
    if value is None:
        return "not defined"
    return f"{value:.2f}" + (f" ({bounds[0]:.2f} to {bounds[1]:.2f})" if isinstance(bounds, list) else "")


def _literal(name: str) -> str:
    """Return a feature's name shortened, and with nothing that matplotlib would take for a formula."""
    shown = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    return shown.replace("$", r"\$")
