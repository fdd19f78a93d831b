"""The stack: what it mixes, and that nothing of an article's own fold goes into its margins."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit
from sklearn.base import clone

from features.article import as_documents
from tests.code.test_selection import FEATURES
from train.candidates import LinearEstimator, TreesEstimator
from train.dataset import Dataset
from train.metrics import average_precision
from train.selection import member_margins, out_of_fold_margins
from train.stacking import StackedEstimator

MEMBERS = [("linear", LinearEstimator()), ("lightgbm", TreesEstimator(n_selected=20, n_trees=3))]
CANDIDATES = {**dict(MEMBERS), "stacked": StackedEstimator(MEMBERS)}


def noisy_margins(n=600, seed=0):
    """Return margins of a good and of a poor member, and what is true."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(0, 2, (n, 2))
    Y = (rng.random((n, 2)) < expit(truth)).astype(np.int8)
    return [truth + rng.normal(0, 0.5, (n, 2)), 10 * (truth + rng.normal(0, 6, (n, 2)))], Y


def test_the_better_member_weighs_more():
    margins, Y = noisy_margins()
    stack = StackedEstimator(MEMBERS).fit_mixture(margins, Y)
    good, poor = stack.mix_ * np.stack(margins).std(axis=1)
    assert (good > poor).all()
    assert (poor > 0).all()


def test_the_mixture_ranks_better_than_its_poorer_member():
    margins, Y = noisy_margins()
    mixed = (
        StackedEstimator(MEMBERS)
        .fit_mixture([own[:300] for own in margins], Y[:300])
        .mixed([own[300:] for own in margins])
    )
    for k in range(2):
        figures = [average_precision(Y[300:, k], own[:, k]) for own in (mixed, margins[1][300:])]
        assert figures[0] > figures[1]


def test_margins_of_a_cross_validation_are_what_the_mixture_is_fitted_to():
    rng = np.random.default_rng(0)
    X = sparse.csr_matrix(rng.random((60, 30)) * (rng.random((60, 30)) < 0.3), dtype=np.float32)
    margins, Y = noisy_margins(60)
    stack = StackedEstimator(MEMBERS).fit(X, Y, margins)
    np.testing.assert_array_equal(stack.mix_, StackedEstimator(MEMBERS).fit_mixture(margins, Y).mix_)
    expected = [clone(member).fit(X, Y).decision_function(X) for _, member in MEMBERS]
    np.testing.assert_allclose(stack.decision_function(X), stack.mixed(expected))


@pytest.fixture(scope="module")
def articles():
    texts = [f"{'rudal' if k % 2 else 'sidang'} nomor {k} di {'Rusia' if k % 3 else 'sana'}" for k in range(45)]
    Y = np.array([[k % 2, k % 3 == 0] for k in range(45)], np.int8)
    return Dataset(as_documents(texts), Y, ("a", "b"))


@pytest.fixture(scope="module")
def folds():
    return np.arange(45) // 3 % 3


def margins_of(data, folds):
    return out_of_fold_margins(data, CANDIDATES, FEATURES, folds, lambda line: None)


@pytest.fixture(scope="module")
def margins(articles, folds):
    return margins_of(articles, folds)


def test_labels_of_a_fold_do_not_touch_the_stack_that_judges_it(articles, folds, margins):
    """The members that judge a fold and the mixture of their margins know nothing of that fold's labels."""
    own = folds == 0
    members = member_margins(CANDIDATES["stacked"], margins)
    mixture = StackedEstimator(MEMBERS).fit_mixture([part[~own] for part in members], articles.Y[~own])
    np.testing.assert_array_equal(margins["stacked"][own], mixture.mixed([part[own] for part in members]))
    whole = StackedEstimator(MEMBERS).fit_mixture(members, articles.Y)
    assert (whole.mix_ != mixture.mix_).any()


def test_labels_without_a_pattern_are_not_learned_by_the_stack(folds):
    """Labels drawn at random: a stack that saw its members' margins of articles they learned would rank well."""
    rng = np.random.default_rng(1)
    texts = [f"kata{k} isi{k * 7 % 45} lain{k * 11 % 45}" for k in range(45)]
    Y = (rng.random((45, 2)) < 0.5).astype(np.int8)
    mixed = margins_of(Dataset(as_documents(texts), Y, ("a", "b")), folds)["stacked"]
    assert all(average_precision(Y[:, k], mixed[:, k]) < 0.75 for k in range(2))
