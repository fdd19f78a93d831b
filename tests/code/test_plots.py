"""Pictures of a training, and what stands in them."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from scipy import sparse

from train import plots
from train.candidates import LinearEstimator
from train.dataset import Dataset
from train.images import png, stacked
from train.learning import CurvePoint, learning_curve
from train.outcome import Outcome
from train.strengths import Strength, mean_contributions, strongest_features

LABELS = ("arms-transfer", "diplomacy", "$x^2$", "never")


@pytest.fixture(scope="module")
def outcome(tiny_dataset: Dataset) -> Outcome:
    rng = np.random.default_rng(0)
    n = len(tiny_dataset)
    Y = (rng.random((n, 4)) < [0.5, 0.4, 0.2, 0]).astype(np.int8)
    Y[0, :3] = 1
    probabilities = np.round(np.clip(0.4 * Y + 0.6 * rng.random(Y.shape), 0, 1), 2)
    return Outcome(
        Dataset(tiny_dataset.documents, Y, LABELS), probabilities, (probabilities > 0.5).astype(np.int8), resamples=20
    )


def lines(figure, k: int) -> list:
    return figure.axes[k].get_lines()


def test_the_area_under_the_curve_is_the_average_precision(outcome):
    figure = plots.precision_recall(outcome, "title")
    assert len(figure.axes) == len(LABELS)
    for k, label in enumerate(LABELS[:3]):
        recall, precision = lines(figure, k)[0].get_data()
        row = outcome.figures["labels"][label]
        assert (np.diff(recall) * precision[1:]).sum() == pytest.approx(row["average_precision"])
        assert [value[0] for value in lines(figure, k)[2].get_data()] == pytest.approx(
            [row["recall"], row["precision"]]
        )
    assert len(lines(figure, 3)) == 0  # a label without support has no curve


def test_the_gaps_of_the_reliability_are_the_calibration_error(outcome):
    figure = plots.reliability(outcome, "title")
    for k, label in enumerate(LABELS):
        said, true = lines(figure, k)[1].get_data()
        assert len(said) == max(1, len(outcome.dataset) // 20)
        if len(said) == 2:  # bins of equally many, but for ties
            assert np.abs(said - true).mean() == pytest.approx(
                outcome.figures["labels"][label]["calibration_error"], abs=0.05
            )


def test_confusions_count_articles_by_what_was_missed_and_what_was_given_instead(tiny_dataset):
    Y = np.array([[1, 0], [1, 0], [0, 1], [0, 0], [1, 1]], np.int8)
    assigned = np.array([[0, 1], [0, 0], [0, 1], [1, 0], [1, 1]], np.int8)
    said = Outcome(Dataset(tiny_dataset.documents[:5], Y, ("a", "b")), assigned.astype(float), assigned, resamples=0)
    shown = {
        (int(t.get_position()[1]), int(t.get_position()[0])): t.get_text()
        for t in plots.confusions(said, "title").axes[0].texts
    }
    assert shown[0, 1] == "1"  # a missed, b given
    assert shown[0, 2] == "1"  # a missed, nothing given wrongly
    assert shown[2, 0] == "1"  # nothing missed, a given wrongly
    assert (shown[0, 0], shown[1, 1], shown[2, 2]) == ("1", "2", "")


@pytest.mark.parametrize("n_labels", [1, 3, 26])
def test_every_picture_can_be_drawn_and_is_not_blank(outcome, n_labels):
    rows = [0, 1, 2, 3] * 7
    part = Outcome(
        Dataset(
            outcome.dataset.documents, outcome.dataset.Y[:, rows[:n_labels]], [f"label-{k}" for k in range(n_labels)]
        ),
        outcome.probabilities[:, rows[:n_labels]],
        outcome.assigned[:, rows[:n_labels]],
        resamples=5,
    )
    strengths = {
        label: [Strength("word:harga $5 dan $6" * 3, 1.0), Strength("masked:COUNTRY beli", -0.5)]
        for label in part.dataset.labels
    }
    figures = [
        plots.precision_recall(part, "title"),
        plots.reliability(part, "title"),
        plots.confusions(part, "title"),
        plots.strongest(strengths, "title"),
        plots.learning_curve([CurvePoint(10, 0.5, (0.4, 0.6)), CurvePoint(20, float("nan"), None)], "title"),
    ]
    pictures = [png(figure) for figure in figures]
    for picture in pictures:
        image = Image.open(BytesIO(picture))
        assert image.width >= 500
        assert len(np.unique(np.asarray(image.convert("L")))) > 20
    sheet = Image.open(BytesIO(stacked(pictures)))
    assert sheet.height > sum(Image.open(BytesIO(picture)).height for picture in pictures)


@pytest.fixture(scope="module")
def fitted() -> tuple[LinearEstimator, sparse.csr_matrix, np.ndarray]:
    rng = np.random.default_rng(0)
    Y = (rng.random((60, 2)) < 0.4).astype(np.int8)
    dense = rng.random((60, 6)) * (rng.random((60, 6)) < 0.5)
    dense[:, 0] += Y[:, 0]
    dense[:, 3] += 2 * Y[:, 1]
    X = sparse.csr_matrix(dense.astype(np.float32))
    return LinearEstimator().fit(X, Y), X, Y


def test_contributions_add_up_to_the_mean_margin(fitted):
    estimator, X, Y = fitted
    found = mean_contributions(estimator, X, Y)
    margins = estimator.decision_function(X)
    for k in range(2):
        expected = margins[Y[:, k] == 1, k].mean()
        assert found[:, k].sum() + estimator.intercept_[k] == pytest.approx(expected, rel=1e-4)
    assert found.argmax(axis=0).tolist() == [0, 3]


def test_an_estimator_that_explains_single_articles_is_asked_article_by_article(fitted):
    estimator, X, Y = fitted

    class Explaining:
        def contributions(self, row):
            return 0.0, row.indices, row.data[:, None] * estimator.weights_[row.indices]

    few = np.flatnonzero(Y[:, 0])[:10]
    found = mean_contributions(Explaining(), X[few], Y[few])
    assert found[:, 0] == pytest.approx(mean_contributions(estimator, X[few], Y[few])[:, 0], rel=1e-5)
    assert mean_contributions(object(), X, Y) is None


def test_the_strongest_features_are_readable_and_not_repeated():
    names = np.array(["word:rudal", "char:uda", "char:kir", "word:#7", "entity:weapon", "event:attack+city"], object)
    weights = np.array([[3.0], [2.0], [-2.5], [9.0], [0.5], [1.0]])
    ngrams = strongest_features(weights, names, ["a"], entities=False)["a"]
    assert ngrams == [("word:rudal", 3.0), ("char:kir", -2.5)]
    entities = strongest_features(weights, names, ["a"], entities=True)["a"]
    assert [row.feature for row in entities] == ["event:attack+city", "entity:weapon"]


def test_a_learning_curve_grows_and_ends_with_what_cross_validation_said(fitted, tiny_dataset):
    _, X, Y = fitted
    documents = (tiny_dataset.documents * 2)[:60]
    folds = np.arange(60) % 3
    said = np.random.default_rng(1).random(Y.shape)
    outcome = Outcome(Dataset(documents, Y, ("a", "b")), said, Y, resamples=20)
    points = learning_curve(LinearEstimator(), X, outcome, folds, quick=False)
    assert [point.articles for point in points] == [2, 5, 10, 40]
    only = Outcome(Dataset(documents[:20], Y[folds == 0], ("a", "b")), said[folds == 0], Y[folds == 0], resamples=20)
    assert points[-1].value == only.figures["mean_average_precision"]
    assert points[2].value > points[-1].value  # features that tell the label against chance
    assert points == learning_curve(LinearEstimator(), X, outcome, folds, quick=False)
