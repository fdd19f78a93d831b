"""Quick trainings on a tiny data set with three labels, in a process of their own."""

import json
import sys
from pathlib import Path

from tests.processes import ROOT, run

LABELS = ("arms-transfer", "diplomacy", "nuclear")
_PER_LABEL = 16
_CODE = """
import json, sys
from pathlib import Path
from train.run import train
reports = [train(data=[Path("tiny.jsonl")], labels=Path("tiny.toml"), seed=int(seed), quick=True) for seed in sys.argv[1:]]
print(json.dumps([{"run_id": report.run_id, "version": report.version, "best": report.best} for report in reports]))
"""


def tiny_data(folder: Path) -> None:
    """Write `tiny.jsonl` and `tiny.toml`: the first short articles of each label, and others without any."""
    rows = [json.loads(line) for line in (ROOT / "train/corpus/articles.jsonl").read_text("utf-8").splitlines()]
    kept = {}
    for label in (*LABELS, None):
        carrying = [row for row in rows if (label in row["labels"] if label else not row["labels"])]
        kept |= {row["id"]: row for row in carrying[:_PER_LABEL]}
    with (folder / "tiny.jsonl").open("w", encoding="utf-8") as stream:
        for number, row in enumerate(kept.values()):
            row["labels"] = [label for label in row["labels"] if label in LABELS]
            row["published"] = f"{2024 + number % 2}-06-01"
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    (folder / "tiny.toml").write_text("".join(f'[[label]]\nname = "{label}"\n\n' for label in LABELS))


def train_tiny(folder: Path, *seeds: int, **environment: str) -> list[dict]:
    """Train once for each seed; return run, version and best candidate of each."""
    done = run(sys.executable, "-P", "-c", _CODE, *map(str, seeds), cwd=folder, timeout=600, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
