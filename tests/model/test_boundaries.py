"""The guide's boundary cases, one article for each of its sentences, and the language of war where there is none.

All were written before a model was asked. Boundaries are fine and examples of each are few in the corpus, so what is
asked is a share of them. The limits were set when the corpus was smaller, about a standard error of so few items below
what the linear candidate reached then, and stayed; what it reaches now is noted beside each. No item is excused, and
none was changed after a measurement.
"""

import json
from pathlib import Path

import numpy as np
import pytest

ITEMS = [json.loads(line) for line in Path(__file__).with_name("boundaries.jsonl").read_text("utf-8").splitlines()]
WARLIKE = [json.loads(line) for line in Path(__file__).with_name("warlike.jsonl").read_text("utf-8").splitlines()]
EXACT = 0.57
"""Share of boundary cases whose labels must be exactly right; measured 0.66 (38 of 58)."""
DECISIONS = 0.92
"""Share of all decisions on them (an item and a label) that must be right; measured 0.95."""
WARLIKE_RIGHT = 0.57
"""Share of sport, business, crime and history in the language of war that must get no label; measured 0.62 (10 of 16)."""
EMPTY_RIGHT = 0.76
"""The same for the articles of the frozen test that carry none; measured 0.91 of 170."""


@pytest.fixture(scope="module")
def found(classifier):
    return [set(result.labels) for result in classify(classifier, ITEMS)]


def classify(classifier, items):
    return classifier.classify([{"title": item["title"], "text": item["text"]} for item in items])


def report(found) -> str:
    return "\n".join(
        f"{item['rule']}: {sorted(labels)}, expected {sorted(item['labels'])}"
        for item, labels in zip(ITEMS, found, strict=True)
        if labels != set(item["labels"])
    )


def test_the_items_use_known_labels_and_each_has_a_rule_of_its_own(label_names):
    assert {label for item in ITEMS for label in item["labels"]} == set(label_names)
    assert len({item["rule"] for item in ITEMS}) == len(ITEMS) >= 50


def test_most_boundary_cases_get_exactly_their_labels(found):
    share = np.mean([labels == set(item["labels"]) for item, labels in zip(ITEMS, found, strict=True)])
    assert share >= EXACT, report(found)


def test_most_decisions_on_boundary_cases_are_right(found, label_names):
    share = np.mean(
        [
            (label in labels) == (label in item["labels"])
            for item, labels in zip(ITEMS, found, strict=True)
            for label in label_names
        ]
    )
    assert share >= DECISIONS, report(found)


def test_the_language_of_war_elsewhere_seldom_earns_a_label(classifier):
    results = classify(classifier, WARLIKE)
    wrong = [
        f"{item['kind']}, {item['title']}: {result.labels}"
        for item, result in zip(WARLIKE, results, strict=True)
        if result.labels
    ]
    assert len(wrong) / len(WARLIKE) <= 1 - WARLIKE_RIGHT, wrong


def test_most_articles_of_the_frozen_test_without_a_label_get_none(classifier, held_out):
    without = held_out.subset(~held_out.Y.any(axis=1))
    assert len(without) >= 100
    share = 1 - classifier.predict(without.documents).any(axis=1).mean()
    assert share >= EMPTY_RIGHT
