"""What a training writes into MLflow."""

import json
from io import BytesIO
from pathlib import Path

import mlflow
import numpy as np
import pytest
from PIL import Image

from train import store
from train.dataset import Dataset
from train.labels import load_labels
from train.lineage import code_version
from train.logbook import Logbook
from train.metrics import FIGURES, SUMMARY
from train.tracking import Tracker, runs
from train.trained_on import TrainedOn

SETTINGS = {"seed": 3, "quick": True, "folds": 3}


@pytest.fixture(scope="module")
def written(tmp_path_factory, tiny_dataset, tiny_classifier):
    """A parent run and a candidate's, of a classifier that is shown its own training articles."""
    folder = tmp_path_factory.mktemp("logbook")
    before = mlflow.get_tracking_uri()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        client = store.open_client()
        rows = np.arange(len(tiny_dataset))
        training, test = tiny_dataset.subset(rows % 4 != 0), tiny_dataset.subset(rows % 4 == 0)
        tracker = Tracker(client, "desk")
        book = Logbook(tracker, tiny_dataset, training, test, load_labels(), SETTINGS, [Path("a.jsonl")], corrections=2)
        probabilities = tiny_classifier.predict_proba(training.documents)
        said = book.outcome(training, probabilities, tiny_classifier.decide(probabilities))
        outcomes = {"linear": (said, book.on_test(tiny_classifier))}
        with book.run("quick") as parent:
            with book.run("linear", {"C": 10.0}, nested=True) as nested:
                book.write("linear", tiny_classifier, *outcomes["linear"])
            card = book.conclude("linear", {"linear": tiny_classifier}, outcomes, rows[: len(training)] % 3)
            trained_on = TrainedOn.of(training)
            model = tracker.log_model(tiny_classifier, {"title": "a", "text": "b"}, trained_on, {"model_card.md": card})
            book.write_parts(*outcomes["linear"])
        yield client, client.get_run(parent.info.run_id), client.get_run(nested.info.run_id), card, model
    mlflow.set_tracking_uri(before)


def test_both_runs_carry_where_they_come_from(written, tiny_dataset):
    _, parent, nested, _, _ = written
    assert nested.data.tags["mlflow.parentRunId"] == parent.info.run_id
    for run in (parent, nested):
        params = run.data.params
        assert (params["seed"], params["quick"], params["folds"]) == ("3", "True", "3")
        assert params["corpus"] == tiny_dataset.digest[:16]
        assert int(params["articles.train"]) + int(params["articles.test"]) == len(tiny_dataset)
        assert params["articles.corrections"] == "2"
        assert params["code"] == code_version()
        assert {"version.python", "version.scikit-learn", "version.lightgbm"} <= set(params)
    assert (nested.data.params["C"], parent.data.params["best"]) == ("10.0", "linear")


def test_both_runs_carry_every_figure_with_its_interval(written, label_names):
    for run in written[1:3]:
        metrics = run.data.metrics
        for name in SUMMARY:
            assert metrics[f"cv.{name}.low"] <= metrics[f"cv.{name}.high"]
            assert f"test.{name}" in metrics
        for label in label_names:
            for name in FIGURES:
                assert {f"{name}.{label}", f"{name}.{label}.low", f"{name}.{label}.high"} <= set(metrics)
        assert "cv.language.id/macro_f1" in metrics
        assert "cv.language.id/f1.diplomacy.low" in metrics


def test_data_sets_are_inputs_with_their_digests(written, tiny_dataset):
    for run in written[1:3]:
        inputs = {item.tags[0].value: item.dataset for item in run.inputs.dataset_inputs}
        assert set(inputs) == {"training", "test"}
        assert len({item.digest for item in inputs.values()}) == 2
        sizes = [json.loads(item.profile)["num_rows"] for item in inputs.values()]
        assert sum(sizes) == len(tiny_dataset)
        assert json.loads(inputs["training"].source)["uri"].endswith("/a.jsonl")


def test_pictures_stand_in_no_folder(written):
    client, parent, nested, _, _ = written
    pictures = {
        f"{name}.png"
        for name in ("precision_recall", "reliability", "confusions", "precision_recall_test", "reliability_test")
    } | {"confusions_test.png", "strongest_ngrams.png", "strongest_entities.png"}
    names = {run: {file.path for file in client.list_artifacts(run.info.run_id)} for run in (parent, nested)}
    assert pictures <= names[nested]
    assert pictures | {"learning_curve.png", "all_figures.png", "model_card.md"} <= names[parent]
    for name in names[parent]:
        if name.endswith(".png"):
            file = client.download_artifacts(parent.info.run_id, name)
            assert Image.open(BytesIO(Path(file).read_bytes())).width >= 500


def test_the_learning_curve_is_a_metric_over_articles(written):
    client, parent, _, _, _ = written
    history = client.get_metric_history(parent.info.run_id, "learning_curve.mean_average_precision")
    assert [point.step for point in history] == [2, int(parent.data.params["articles.train"]) * 2 // 3]


def test_the_model_has_signature_example_and_card(written):
    _, _, _, card, model = written
    uri = f"models:/{model}"
    info = mlflow.models.get_model_info(uri)
    assert [column.name for column in info.signature.inputs] == ["title", "text"]
    assert info.saved_input_example_info is not None
    folder = Path(mlflow.artifacts.download_artifacts(uri))
    assert next(folder.rglob("model_card.md")).read_text("utf-8") == card


def test_the_card_says_what_the_model_is(written, label_names, tiny_dataset):
    _, parent, _, card, _ = written
    assert card.startswith("# desk: linear\n")
    for label in label_names:
        assert f"| `{label}` |" in card
    assert f"{parent.data.metrics['cv.macro_f1']:.3f}" in card
    assert f"{parent.data.metrics['test.mean_average_precision']:.3f}" in card
    assert tiny_dataset.digest[:16] in card
    for heading in ("## Labels", "## Made from", "## How good", "### Frozen test", "## Where not to trust it"):
        assert heading in card


def test_runs_are_listed_by_their_parents(written):
    client, parent, _, _, _ = written
    (row,) = runs(client, "desk", ["cv.macro_f1"])
    assert (row["run_id"], row["best"], row["status"]) == (parent.info.run_id, "linear", "FINISHED")
    assert row["metrics"] == {"cv.macro_f1": parent.data.metrics["cv.macro_f1"]}


def test_a_training_without_test_articles_is_written_too(tmp_path, monkeypatch, tiny_dataset: Dataset, tiny_classifier):
    before = mlflow.get_tracking_uri()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    client = store.open_client()
    nothing = tiny_dataset.subset(np.array([], np.int64))
    book = Logbook(
        Tracker(client, "desk"), tiny_dataset, tiny_dataset, nothing, load_labels(), SETTINGS, [Path("a.jsonl")]
    )
    probabilities = tiny_classifier.predict_proba(tiny_dataset.documents)
    said = book.outcome(tiny_dataset, probabilities, tiny_classifier.decide(probabilities))
    assert book.on_test(tiny_classifier) is None
    with book.run("quick") as run:
        book.write("linear", tiny_classifier, said, None)
    written = client.get_run(run.info.run_id)
    assert len(written.inputs.dataset_inputs) == 1
    assert not [name for name in written.data.metrics if name.startswith("test.")]
    mlflow.set_tracking_uri(before)
