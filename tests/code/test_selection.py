"""Folds, calibration and thresholds: what may and what may not go into them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from features.article import as_documents
from features.entities import EntityMatcher
from features.gazetteer import Entry, Form
from features.ngrams import NgramVectorizer
from features.pipeline import ArticleFeatures
from train.candidates import LinearEstimator
from train.dataset import Dataset
from train.selection import BETA, choose, cross_validated, fold_numbers, out_of_fold_margins

LABELS = ("a", "b")
FEATURES = ArticleFeatures(
    ngrams=NgramVectorizer(n_features=256, max_names=0),
    matcher=EntityMatcher([Entry("country", "Russia", "RU", (), (Form("Rusia"),))]),
)


def dataset(Y, groups=None):
    """Return articles whose text gives away nothing."""
    Y = np.asarray(Y, np.int8)
    data = Dataset([None] * len(Y), Y, LABELS[: Y.shape[1]])
    data.groups = np.arange(len(Y)) if groups is None else np.asarray(groups)
    return data


def margins_and_labels(n=120, seed=0, slope=2.0, shift=-1.0):
    """Return margins of two labels that are off by a slope and a shift, and what is true."""
    rng = np.random.default_rng(seed)
    margins = rng.normal(0, 1.5, (n, 2))
    return margins, (rng.random((n, 2)) < expit(slope * margins + shift)).astype(np.int8)


@given(st.integers(2, 5), st.integers(0, 100), st.data())
def test_a_group_is_in_one_fold(n_folds, seed, data):
    drawn = data.draw(st.lists(st.integers(0, 30), min_size=20, max_size=40))
    groups = np.array([*drawn, *range(31, 41)])
    Y = np.random.default_rng(seed).integers(0, 2, (len(groups), 2))
    folds = fold_numbers(dataset(Y, groups), n_folds, seed)
    assert folds.shape == (len(groups),)
    assert set(folds.tolist()) <= set(range(n_folds))
    assert all(len(set(folds[groups == group].tolist())) == 1 for group in set(groups.tolist()))


@settings(max_examples=40)
@given(st.integers(0, 1000))
def test_a_rare_label_is_in_every_fold(seed):
    Y = np.zeros((100, 2), np.int8)
    Y[:50, 0] = 1
    Y[45:55, 1] = 1
    folds = fold_numbers(dataset(Y), 5, seed)
    assert np.bincount(folds[Y[:, 1] == 1]).tolist() == [2] * 5
    assert np.bincount(folds).tolist() == [20] * 5


def test_the_seed_shuffles_the_folds():
    data = dataset(np.tile([[0, 1], [1, 0], [1, 1], [0, 0]], (20, 1)))
    first, again, other = (fold_numbers(data, 5, seed).tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_calibration_undoes_slope_and_shift():
    margins, Y = margins_and_labels(20_000)
    np.testing.assert_allclose(choose(margins, Y).calibration, [[2.0, -1.0]] * 2, atol=0.1)


@settings(max_examples=40)
@given(st.integers(0, 1000), st.floats(0.2, 5), st.floats(-2, 2))
def test_calibrated_probabilities_add_up_to_what_is_true(seed, slope, shift):
    margins, Y = margins_and_labels(200, seed, slope, shift)
    Y[:2], Y[2:4] = 0, 1
    calibration = choose(margins, Y).calibration
    expected = expit(margins * calibration[:, 0] + calibration[:, 1]).mean(axis=0)
    np.testing.assert_allclose(expected, Y.mean(axis=0), atol=0.01)


@pytest.mark.parametrize("center", [-3.0, 0.0, 3.0])
def test_calibrated_probabilities_add_up_even_where_margins_mislead(center):
    rng = np.random.default_rng(0)
    Y = (np.arange(400) % 4 == 0).astype(np.int8)[:, None]
    margins = center + rng.normal(size=Y.shape) - Y
    ((slope, intercept),) = choose(margins, Y).calibration
    assert slope > 0
    assert expit(slope * margins + intercept).mean() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("positives", [0, 1, 29, 30])
def test_a_label_with_hardly_an_example_keeps_its_margins(positives):
    margins, Y = margins_and_labels(30)
    Y[:, 0] = np.arange(30) < positives
    assert choose(margins, Y).calibration[0].tolist() == [1.0, 0.0]


@given(
    st.lists(st.tuples(st.integers(-8, 8), st.booleans()), min_size=2, max_size=12).filter(
        lambda r: any(y for _, y in r)
    )
)
def test_the_threshold_of_a_single_label_has_the_highest_f1(rows):
    margins, y = np.array(rows, float).T
    Y = y.astype(np.int8)[:, None]
    (calibration,), (threshold,) = choose(margins[:, None], Y)
    probabilities = expit(margins * calibration[0] + calibration[1])
    f1 = {cut: 2 * y[probabilities >= cut].sum() / (y.sum() + (probabilities >= cut).sum()) for cut in probabilities}
    chosen = probabilities >= threshold
    assert 2 * y[chosen].sum() / (y.sum() + chosen.sum()) == pytest.approx(max(f1.values()))


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_who_prefers_recall_gets_lower_thresholds(seed):
    margins, Y = margins_and_labels(200, seed)
    Y[0] = 1
    precision, balance, recall = (choose(margins, Y, beta=BETA[name]).thresholds for name in BETA)
    # The common threshold of a higher beta assigns as much or more; a label's own does, too.
    assert (precision >= balance).all()
    assert (balance >= recall).all()
    assert (precision > recall).any()


def test_what_is_preferred_does_not_touch_the_calibration():
    margins, Y = margins_and_labels(200)
    one, two = (choose(margins, Y, beta=beta).calibration for beta in (0.5, 2.0))
    np.testing.assert_array_equal(one, two)


def test_the_preference_holds_in_cross_validation():
    margins, Y = margins_and_labels(300)
    assigned = {
        name: cross_validated(margins, Y, np.arange(300) % 3, beta=beta)[1].sum() for name, beta in BETA.items()
    }
    assert assigned["precision"] < assigned["balance"] < assigned["recall"]


def test_the_threshold_lies_midway():
    margins = np.array([[-3.0], [-1.0], [1.0], [3.0]] * 10)
    Y = np.array([[0], [0], [1], [1]] * 10, np.int8)
    (calibration,), (threshold,) = choose(margins, Y)
    below, above = expit(np.array([-1.0, 1.0]) * calibration[0] + calibration[1])
    assert threshold == pytest.approx((below + above) / 2)


def test_a_rare_label_leans_on_the_common_threshold():
    """Both labels alike in the rest; of a label that nothing carries the common threshold is all there is."""
    margins, Y = margins_and_labels(2000)
    Y[:, 1] = 0
    common = choose(margins, Y).thresholds[1]
    Y[0, 1] = 1
    few = choose(margins, Y).thresholds[1]
    assert 0 < common < 1
    assert abs(few - common) < 1 / 151 + 0.05


def test_nothing_of_its_own_fold_decides_on_an_article():
    margins, Y = margins_and_labels(90)
    folds = np.arange(90) % 3
    before = cross_validated(margins, Y, folds)
    for fold in range(3):
        own = folds == fold
        after = cross_validated(margins, np.where(own[:, None], 1 - Y, Y).astype(np.int8), folds)
        for old, new in zip(before, after, strict=True):
            assert (old[own] == new[own]).all()
        assert (before[0][~own] != after[0][~own]).any()


@settings(max_examples=10)
@given(st.integers(0, 89), st.floats(-5, 5))
def test_the_margin_of_an_article_moves_no_other_of_its_fold(row, margin):
    margins, Y = margins_and_labels(90)
    folds = np.arange(90) % 3
    moved = margins.copy()
    moved[row] = margin
    others = (folds == folds[row]) & (np.arange(90) != row)
    before, after = cross_validated(margins, Y, folds), cross_validated(moved, Y, folds)
    assert all((old[others] == new[others]).all() for old, new in zip(before, after, strict=True))


def test_each_fold_gets_what_the_others_choose():
    margins, Y = margins_and_labels(90)
    folds = np.arange(90) % 3
    probabilities, assigned = cross_validated(margins, Y, folds)
    calibration, thresholds = choose(margins[folds != 1], Y[folds != 1])
    expected = expit(margins[folds == 1] * calibration[:, 0] + calibration[:, 1])
    np.testing.assert_array_equal(probabilities[folds == 1], expected)
    np.testing.assert_array_equal(assigned[folds == 1], expected >= thresholds)


@pytest.fixture(scope="module")
def articles():
    texts = [f"{'rudal' if k % 2 else 'sidang'} nomor {k} di {'Rusia' if k % 3 else 'sana'}" for k in range(24)]
    return Dataset(as_documents(texts), np.array([[k % 2, k % 3 == 0] for k in range(24)], np.int8), LABELS)


def out_of_fold(data, folds):
    lines = []
    return out_of_fold_margins(data, {"linear": LinearEstimator()}, FEATURES, folds, lines.append)["linear"], lines


def test_margins_come_from_a_model_of_the_other_folds(articles):
    folds = np.arange(24) // 4 % 3
    margins, lines = out_of_fold(articles, folds)
    assert margins.shape == (24, 2)
    assert lines == [f"fold {k} of 3: linear" for k in (1, 2, 3)]
    own, inside = folds == 0, articles.subset(folds != 0)
    fitted = ArticleFeatures(ngrams=FEATURES.ngrams, matcher=FEATURES.matcher).fit(inside.documents)
    model = LinearEstimator().fit(fitted.transform(inside.documents), inside.Y)
    expected = model.decision_function(fitted.transform(articles.subset(own).documents))
    np.testing.assert_allclose(margins[own], expected, rtol=1e-6)


def test_labels_of_a_fold_do_not_touch_its_margins(articles):
    folds = np.arange(24) // 4 % 3
    own = folds == 0
    changed = Dataset(articles.documents, np.where(own[:, None], 1 - articles.Y, articles.Y).astype(np.int8), LABELS)
    before, after = out_of_fold(articles, folds)[0], out_of_fold(changed, folds)[0]
    np.testing.assert_array_equal(before[own], after[own])
    assert (before[~own] != after[~own]).any()
