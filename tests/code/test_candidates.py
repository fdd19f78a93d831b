"""The estimators that compete."""

import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.svm import LinearSVC

from train.artifact import TRUSTED_TYPES
from train.candidates import LinearEstimator, TreesEstimator, build_candidates
from train.descent import support_vectors
from train.settings import Settings
from train.stacking import StackedEstimator

ESTIMATORS = [
    pytest.param(LinearEstimator(), id="linear"),
    pytest.param(TreesEstimator(n_selected=40, n_trees=8), id="trees"),
    pytest.param(
        StackedEstimator([("linear", LinearEstimator()), ("trees", TreesEstimator(n_selected=40, n_trees=8))]),
        id="stacked",
    ),
]


@pytest.fixture(scope="module")
def data():
    """Sparse counts; labels: two that depend on a column, one that all carry, one that none does."""
    rng = np.random.default_rng(0)
    X = sparse.csr_matrix((rng.random((120, 60)) < 0.2) * rng.random((120, 60)), dtype=np.float32)
    X = sparse.csr_matrix(sparse.hstack([X, sparse.csr_matrix((120, 4), dtype=np.float32)]))
    dense = X.toarray()
    Y = np.column_stack([dense[:, 0] > 0, dense[:, 1] == 0, np.ones(120), np.zeros(120)])
    return X, Y.astype(np.int8)


@pytest.fixture(params=ESTIMATORS)
def estimator(request):
    return clone(request.param)


def test_there_is_one_margin_for_each_label(estimator, data):
    X, Y = data
    margins = estimator.fit(X, Y).decision_function(X[:7])
    assert (margins.shape, margins.dtype) == ((7, 4), np.float64)
    assert np.isfinite(margins).all()
    assert estimator.decision_function(X[:0]).shape == (0, 4)


def test_margins_tell_the_labels_apart(estimator, data):
    X, Y = data
    margins = estimator.fit(X, Y).decision_function(X)
    for k in (0, 1):
        carried = Y[:, k] == 1
        assert np.median(margins[carried, k]) > np.quantile(margins[~carried, k], 0.9)


def test_a_constant_label_has_a_constant_margin(estimator, data):
    X, Y = data
    margins = estimator.fit(X, Y).decision_function(X)
    assert (margins[:, 2:] == [6.0, -6.0]).all()


def test_labels_that_are_all_constant_can_be_fitted(estimator, data):
    X, Y = data
    assert (estimator.fit(X, Y[:, 2:]).decision_function(X) == [6.0, -6.0]).all()


def test_the_same_data_give_the_same_model(estimator, data):
    X, Y = data
    first, second = (clone(estimator).fit(X, Y).decision_function(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_row_does_not_depend_on_its_neighbours(estimator, data):
    X, Y = data
    together = estimator.fit(X, Y).decision_function(X)
    np.testing.assert_allclose(np.vstack([estimator.decision_function(X[k]) for k in range(5)]), together[:5])


def test_a_clone_has_the_parameters_and_nothing_else(estimator, data):
    parameters = str(estimator.get_params())
    copy = clone(estimator.fit(*data))
    assert str(copy.get_params()) == parameters
    assert [name for name in vars(copy) if name.endswith("_")] == []


def test_what_was_saved_gives_the_same_margins(estimator, data):
    X, Y = data
    before = estimator.fit(X, Y).decision_function(X)
    loaded = skops.io.loads(skops.io.dumps(estimator), trusted=list(TRUSTED_TYPES))
    np.testing.assert_array_equal(loaded.decision_function(X), before)
    assert str(loaded.get_params()) == str(estimator.get_params())


def test_the_input_is_left_alone(estimator, data):
    X, Y = data
    before = X.copy(), Y.copy()
    estimator.fit(X, Y).decision_function(X)
    assert (before[0] != X).nnz == 0
    assert X.dtype == np.float32
    np.testing.assert_array_equal(Y, before[1])


def test_unused_columns_get_no_weight(data):
    X, Y = data
    model = LinearEstimator().fit(X, Y)
    assert (model.weights_.shape, model.weights_.dtype) == ((64, 4), np.float32)
    assert (model.weights_[60:] == 0).all()
    assert (model.weights_[:60, 0] != 0).any()


def test_linear_margins_are_weights_and_bias(data):
    X, Y = data
    model = LinearEstimator().fit(X, Y)
    np.testing.assert_allclose(
        model.decision_function(X), X.toarray() @ model.weights_ + model.intercept_, rtol=1e-4, atol=1e-5
    )


def test_linear_weights_are_those_of_the_support_vector_machine(data):
    X, Y = data
    weights, bias = support_vectors(X, Y[:, :2], np.full((120, 2), 0.5), seed=3, tolerance=1e-7)
    for k in range(2):
        peer = LinearSVC(C=0.5, dual=False, tol=1e-10, max_iter=10_000).fit(X, Y[:, k])
        np.testing.assert_allclose(weights[:, k], peer.coef_[0], atol=1e-4)
        assert bias[k] == pytest.approx(peer.intercept_[0], abs=1e-4)
    balanced = LinearSVC(C=0.5, class_weight="balanced", dual=False, tol=1e-10, max_iter=10_000).fit(X, Y[:, 0])
    margins = LinearEstimator(C=0.5).fit(X, Y).decision_function(X)[:, 0]
    np.testing.assert_allclose(margins, balanced.decision_function(X), atol=0.05)


def test_trees_keep_the_columns_that_tell_most(data):
    X, Y = data
    model = TreesEstimator(n_selected=10, n_trees=2).fit(X, Y)
    assert model.selected_.tolist() == sorted(set(model.selected_.tolist()))
    assert len(model.selected_) == 10
    assert {0, 1} <= set(model.selected_.tolist())
    assert [bool(text) for text in model.boosters_] == [True, True, False, False]


def test_the_seed_of_the_trees_counts(data):
    X, Y = data
    one, two = (TreesEstimator(n_trees=8, seed=seed).fit(X, Y).decision_function(X) for seed in (1, 2))
    assert (one != two).any()


def test_trees_fitted_anew_forget_what_they_were(data):
    X, Y = data
    model = TreesEstimator(n_trees=4).fit(X, Y)
    before = model.decision_function(X)
    swapped = model.fit(X, Y[:, [1, 0, 3, 2]]).decision_function(X)
    np.testing.assert_array_equal(swapped[:, [1, 0, 3, 2]], before)


def test_candidates_are_not_fitted_and_know_their_seed():
    quick, full = build_candidates(Settings().quick(), seed=7), build_candidates(seed=7)
    assert list(quick) == list(full) == ["linear", "linear-smooth", "lightgbm", "stacked"]
    assert quick["lightgbm"].seed == full["lightgbm"].seed == full["stacked"].seed == 7
    assert quick["lightgbm"].n_trees < full["lightgbm"].n_trees
    assert [name for name, _ in full["stacked"].members] == ["linear", "linear-smooth", "lightgbm"]
    assert not any(name.endswith("_") for model in full.values() for name in vars(model))


def sparse_rows(n_columns):
    cells = st.dictionaries(st.integers(0, n_columns - 1), st.floats(0.125, 3, width=32), max_size=n_columns)
    return cells.map(
        lambda row: sparse.csr_matrix(
            (np.array([row[k] for k in sorted(row)], np.float32), sorted(row), [0, len(row)]), shape=(1, n_columns)
        )
    )


@pytest.fixture(scope="module", params=ESTIMATORS)
def fitted(request, data):
    return clone(request.param).fit(*data)


@given(sparse_rows(64))
def test_contributions_add_up_to_the_margins(fitted, row):
    base, columns, weights = fitted.contributions(row)
    assert (base.shape, weights.shape) == ((4,), (len(columns), 4))
    assert len(set(columns.tolist())) == len(columns)
    np.testing.assert_allclose(base + weights.sum(axis=0), fitted.decision_function(row)[0], atol=1e-4)


@given(sparse_rows(64))
def test_a_column_that_the_estimator_does_not_know_adds_nothing(fitted, row):
    _, columns, weights = fitted.contributions(row)
    assert not weights[columns >= 60].any()


def test_the_column_that_decides_contributes_most(fitted, data):
    X, Y = data
    row = X[int(np.flatnonzero(Y[:, 0])[0])]
    _, columns, weights = fitted.contributions(row)
    assert columns[np.argmax(weights[:, 0])] == 0


def test_an_absent_column_contributes_to_trees(data):
    X, Y = data
    model = TreesEstimator(n_selected=40, n_trees=8).fit(X, Y)
    _, columns, weights = model.contributions(X[int(np.flatnonzero(Y[:, 0] == 0)[0])])
    assert weights[columns.tolist().index(0), 0] < 0


def test_contributions_are_those_of_one_article(fitted, data):
    with pytest.raises(ValueError, match="2 rows, expected the features of one article"):
        fitted.contributions(data[0][:2])
