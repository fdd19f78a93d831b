"""Tables for people."""

import numpy as np

from train.metrics import evaluate_labels
from train.report import figures_table


def test_the_table_shows_every_label_and_the_means_with_their_intervals(capsys):
    Y = np.array([[1, 0], [0, 0], [1, 0], [0, 0]], np.int8)
    figures_table("desk", evaluate_labels(Y, Y * 0.9, Y, ("nuclear", "never"), np.array([0.25, 0.5]), resamples=20))
    shown = capsys.readouterr().out
    nuclear, never = (next(line for line in shown.splitlines() if name in line) for name in ("nuclear", "never"))
    assert [cell.strip() for cell in nuclear.split("│")[2:-1]] == [
        *["1.000"] * 4, "0.050", "0.980", "0.250", "2",
    ]  # fmt: skip
    assert [cell.strip() for cell in never.split("│")[2:-1]] == [*["-"] * 4, "0.000", "-", "0.500", "0"]
    assert "macro f1 1.000 (95 % interval 1.000 to 1.000)" in shown


def test_nothing_to_find_is_shown_as_such(capsys):
    Y = np.zeros((5, 2), np.int8)
    figures_table("desk", evaluate_labels(Y, Y.astype(float), Y, ("a", "b"), resamples=20))
    assert "macro f1 -\n" in capsys.readouterr().out
