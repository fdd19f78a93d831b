"""Tables for people: the end of a training, an evaluation, lists of runs and versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from train.gate import GateDecision
    from train.run import TrainingReport

_COLUMNS = (
    "f1",
    "precision",
    "recall",
    "average_precision",
    "calibration_error",
    "brier_skill",
    "threshold",
    "support",
)
_SUMMARY = ("macro_f1", "micro_f1", "mean_average_precision", "macro_calibration_error", "macro_brier_skill")


def _show(table: Table) -> None:
    # Where output is no terminal, rich would cut columns at 80 characters.
    console = Console()
    (console if console.is_terminal else Console(width=140)).print(table)


def figures_table(title: str, figures: Mapping[str, Any]) -> None:
    """Print the figures of ``train.metrics.evaluate_labels``, a row a label."""
    table = Table(title=title, title_justify="left")
    table.add_column("label")
    for column in _COLUMNS:
        table.add_column(column.replace("_", " "), justify="right")
    for label, row in figures["labels"].items():
        table.add_row(label, *(_number(row[column]) for column in _COLUMNS))
    _show(table)
    lines = []
    for key in _SUMMARY:
        value, bounds = figures[key], figures[f"{key}_interval"]
        interval = f" (95 % interval {bounds[0]:.3f} to {bounds[1]:.3f})" if bounds else ""
        lines.append(f"{key.replace('_', ' ')} {_number(value)}{interval}")
    Console().print("\n".join(lines), soft_wrap=True, highlight=False)


def training_table(report: TrainingReport) -> None:
    """Print the end of a training."""
    for name, figures in report.candidates.items():
        mark = " (best)" if name == report.best else ""
        figures_table(f"{name}{mark}, cross-validated on {report.articles['train']} articles", figures)
    if report.test is not None:
        figures_table(f"{report.best}, frozen test of {report.articles['test']} articles", report.test)
    gate_table(report.gate)
    served = "is the champion now" if report.promoted else "is the challenger"
    Console().print(
        f"{report.name} version {report.version} ({report.best}) {served}: {report.gate.reason}; run {report.run_id}",
        soft_wrap=True,
        highlight=False,
    )
    if not report.promoted:
        Console().print(f"`kawat promote {report.version}` lets it serve nevertheless", highlight=False)


def gate_table(decision: GateDecision) -> None:
    """Print what the gate compared, a row a label."""
    if decision.interval is None:
        return
    table = Table(title=f"against version {decision.champion}, which served", title_justify="left")
    columns = ("champion", "challenger", "difference", "support")
    for column in ("average precision", *columns):
        table.add_column(column, justify="left" if column == "average precision" else "right")
    for label, row in decision.labels.items():
        table.add_row(label, *(_number(row[column]) for column in columns))
    _show(table)


def models_table(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the versions of a model, and under them what the gate said of each."""
    shown = [{key: value for key, value in row.items() if key != "gate"} for row in rows]
    rows_table(f"versions of {name}", shown)
    for row in rows:
        if row["gate"]:
            Console().print(f"version {row['version']}: {row['gate']}", soft_wrap=True, highlight=False)


def rows_table(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print runs or versions, a row each."""
    if not rows:
        Console().print(f"no {title} yet: start with `kawat train`")
        return
    table = Table(title=title, title_justify="left")
    metrics = [key for key in rows[0]["metrics"]]
    columns = [key for key in rows[0] if key != "metrics"]
    for column in [*columns, *metrics]:
        table.add_column(
            column.removeprefix("cv.").replace("_", " ") if column.startswith("cv.") else column.replace("_", " ")
        )
    for row in rows:
        table.add_row(
            *(_cell(column, row[column]) for column in columns), *(_number(row["metrics"].get(key)) for key in metrics)
        )
    _show(table)


def _cell(column: str, value: Any) -> str:
    if value is None or value == []:
        return "-"
    if column in ("started", "created"):
        return datetime.fromtimestamp(value / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _number(value: float | int | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
