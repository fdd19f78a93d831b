"""The gazetteer on sentences that were labelled by hand."""

import json
from pathlib import Path

from features.entities import EntityMatcher

SENTENCES = Path(__file__).parents[1] / "data" / "entity_sentences.jsonl"
ENOUGH = 0.95


def key(entity):
    """Return what the sentences name an entity by: a state by its ISO code, anything else by its canonical name."""
    return entity.entity_class if entity.type == "country" else entity.name


def test_sentences_are_entirely_right():
    rows = [json.loads(line) for line in SENTENCES.read_text("utf-8").splitlines()]
    found = EntityMatcher().fit().find_all([row["text"] for row in rows])
    wrong = []
    for row, entities in zip(rows, found, strict=True):
        expected = [tuple(entity) for entity in row["entities"]]
        got = [(row["text"][entity.start : entity.end], entity.type, key(entity)) for entity in entities]
        if got != expected:
            wrong.append(f"{row['case']}: {row['text']}\n  expected {expected}\n  got      {got}")
    right = 1 - len(wrong) / len(rows)
    assert right >= ENOUGH, f"{right:.1%} of {len(rows)} sentences are right:\n" + "\n".join(wrong)
