"""The model card: what a saved model is, what it was made from, how good it is, and where it should not be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features.language import SUPPORTED
from train.labels import Label
from train.outcome import Outcome

FILE = "model_card.md"


def model_card(
    *,
    name: str,
    candidate: str,
    labels: tuple[Label, ...],
    parameters: Mapping[str, Any],
    cross_validated: Outcome,
    test: Outcome | None,
    thresholds: Mapping[str, float],
) -> str:
    """Write the card, after Mitchell et al., "Model cards for model reporting" (2019).

    Parameters
    ----------
    name : str
        Of the registered model.
    candidate : str
        The estimator that won.
    labels : tuple of Label
        What it can assign.
    parameters : mapping
        What the run logs: seed, corpus, code, versions.
    cross_validated, test : Outcome
        What it said of articles that it was not fitted to; no `test` if no article is frozen.
    thresholds : mapping of str to float
        From which probability on each label is assigned.

    Returns
    -------
    str
        Markdown.
    """
    training = cross_validated.dataset
    languages = _counted(document.language for document in training.documents)
    lengths = sorted(len(document.text) for document in training.documents)
    sections = [
        f"# {name}: {candidate}",
        f"Labels news articles with any of {len(labels)} labels ({', '.join(f'`{label.name}`' for label in labels)}), "
        "each with a calibrated probability. It reads headline and body as text; it knows nothing of pictures, links "
        "or who wrote.",
        "## Labels",
        _table(
            ("label", "what it means", "training articles", "share in use", "assigned from"),
            [
                (
                    f"`{label.name}`",
                    " ".join((label.definition or label.title.get("en", label.name)).split()),
                    int(training.Y[:, k].sum()),
                    "as in the data" if label.frequency is None else f"{label.frequency:.3f}",
                    f"{thresholds[label.name]:.3f}",
                )
                for k, label in enumerate(labels)
            ],
        ),
        "## Made from",
        f"{len(training)} training articles ({languages}; median {lengths[len(lengths) // 2]:,} characters), "
        f"{0 if test is None else len(test.dataset)} more frozen as the test and never trained on. "
        "Probabilities and thresholds were chosen on out-of-fold predictions, for labels as frequent as the table has "
        "them.",
        _table(("parameter", "value"), [(f"`{key}`", value) for key, value in parameters.items()]),
        "## How good",
        _figures("Cross-validated", cross_validated),
        _figures("Frozen test", test) if test is not None else "No article is frozen as a test.",
        "Intervals are 95 % bootstrap intervals over articles. Brier skill is 1 for certainty that is right and 0 for "
        "always saying a label's share.",
        "## Where not to trust it",
        f"- Articles in other languages than {' and '.join(SUPPORTED)}; answers then carry a warning.\n"
        "- Labels with few training articles: look at their intervals above.\n"
        "- News that looks unlike the training articles (other length, other desk, other years): measure it first, "
        "with `kawat evaluate` on articles of your own.\n"
        "- As the only ground for a decision about a person. It says what a text reports, not whether that is true.",
    ]
    return "\n\n".join(sections) + "\n"


def _figures(title: str, outcome: Outcome) -> str:
    parts = {"all articles": outcome.figures, **outcome.parts}
    overall = _table(
        ("articles", "macro F1", "macro average precision", "macro calibration error", "macro Brier skill"),
        [(part, *(_with_interval(figures, key) for key in _OVERALL)) for part, figures in parts.items()],
    )
    each = _table(
        ("label", "F1", "precision", "recall", "average precision", "calibration error", "Brier skill", "support"),
        [
            (f"`{label}`", *(_with_interval(row, key) for key in _EACH), row["support"])
            for label, row in outcome.figures["labels"].items()
        ],
    )
    return f"### {title} ({len(outcome.dataset)} articles)\n\n{overall}\n\n{each}"


_OVERALL = ("macro_f1", "mean_average_precision", "macro_calibration_error", "macro_brier_skill")
_EACH = ("f1", "precision", "recall", "average_precision", "calibration_error", "brier_skill")


def _with_interval(figures: Mapping[str, Any], key: str) -> str:
    value, bounds = figures[key], figures[f"{key}_interval"]
    if value is None:
        return "-"
    return f"{value:.3f}" + (f" ({bounds[0]:.3f} to {bounds[1]:.3f})" if bounds else "")


def _table(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _counted(values: Any) -> str:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return ", ".join(f"{count} {value}" for value, count in sorted(counts.items(), key=lambda item: -item[1]))
