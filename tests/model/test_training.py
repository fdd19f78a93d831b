"""Trainings on somebody else's labels: what they leave behind, and that they can be repeated."""

import asyncio
import json
import random

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from serve.champion import Champion, Registry
from serve.reading import Reading
from train import registry, run
from train.settings import Settings
from train.store import open_client

LABELS = """
[[label]]
name = "panen"
title = { id = "Panen", en = "Harvest" }
definition = "What fields yield."
boundary = "Prices are none."
[[label]]
name = "cuaca"
title = "Cuaca"
[[label]]
name = "sepak-bola"
"""
WORDS = {"panen": "padi jagung petani sawah gabah", "cuaca": "hujan angin banjir badai kabut", "sepak-bola": "gol klub"}
COMMON = ["kata", "warga", "di", "kota", "itu", "pada", "hari", "pagi", "dan", "untuk", "dari", "yang", "akan", "telah"]


def rows():
    """Return articles with a single label each, and not always its words."""
    chooser = random.Random(3)
    for number in range(120):
        label = (*WORDS,)[number % 3]
        own = WORDS[label if chooser.random() < 0.9 else "cuaca"].split()
        words = chooser.choices(COMMON, k=25) + chooser.choices(own, k=4)
        chooser.shuffle(words)
        yield {"id": f"n{number}", "text": " ".join(words), "labels": [label]}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Reports of two trainings in one store, alike but for their names."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "labels.toml").write_text(LABELS, "utf-8")
    parquet.write_table(pa.Table.from_pylist(list(rows())), folder / "data.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        options = {"data": [folder / "data.parquet"], "labels": folder / "labels.toml", "quick": True, "seed": 1}
        yield {name: run.train(name=name, prefer="recall", **options) for name in ("first", "again")}


def test_the_same_data_and_seed_give_the_same_scores(trained):
    first, again = trained["first"], trained["again"]
    assert (first.best, first.candidates) == (again.best, again.candidates)
    texts = [row["text"] for row in rows()]
    one, two = (registry.load(name).classifier for name in ("first", "again"))
    np.testing.assert_array_equal(one.predict_proba(texts), two.predict_proba(texts))
    np.testing.assert_array_equal(one.thresholds_, two.thresholds_)


def test_a_name_keeps_models_and_runs_apart(trained):
    client = open_client()
    for name, report in trained.items():
        assert [row["version"] for row in registry.summary(client, name)] == [1]
        assert registry.load(name).run_id == report.run_id
    experiments = {client.get_run(report.run_id).info.experiment_id for report in trained.values()}
    assert len(experiments) == 2
    with pytest.raises(registry.NoModelError, match="kawat train"):
        registry.load("kawat")


def test_what_is_preferred_and_the_settings_are_recorded(trained):
    params = open_client().get_run(trained["first"].run_id).data.params
    assert (params["prefer"], params["tune"]) == ("recall", "0")
    assert float(params["settings.linear_C"]) == Settings().linear_C


# Chance is a third. A tenth of the articles have another label's words, so that about 0.9 is the best there can be.
def test_single_label_articles_are_learned(trained):
    assert trained["first"].candidates[trained["first"].best]["mean_average_precision"] > 0.7


def test_labels_are_shown_as_the_file_describes_them(trained):
    champion = Champion(Registry("again"), lambda model: None, lambda *event: None)
    champion.look()
    shown = json.loads(asyncio.run(Reading(champion, dict).labels(None)).body)["labels"]
    assert shown == [
        {
            "name": "panen",
            "title": {"id": "Panen", "en": "Harvest"},
            "definition": "What fields yield.",
            "boundary": "Prices are none.",
        },
        {"name": "cuaca", "title": {"id": "Cuaca", "en": "Cuaca"}, "definition": "", "boundary": ""},
        {"name": "sepak-bola", "title": {"id": "sepak-bola", "en": "sepak-bola"}, "definition": "", "boundary": ""},
    ]


def test_a_label_that_the_model_does_not_know_is_not_described(tiny_classifier):
    with pytest.raises(ValueError, match="unknown label panen"):
        tiny_classifier.describe({"panen": {}})
