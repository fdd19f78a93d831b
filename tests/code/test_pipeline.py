"""The parts joined."""

from collections import Counter

import numpy as np
import pytest

from features import FEATURES_VERSION
from features.article import Article, Document, as_documents
from features.ngrams import NgramVectorizer
from features.pipeline import ArticleFeatures, build_features

SMALL = NgramVectorizer(n_features=64, max_names=0)
MASKED = NgramVectorizer(word_ngrams=(2, 3), char_ngrams=None, n_features=64, max_names=0)


@pytest.fixture(scope="module")
def fitted(tiny_classifier):
    return tiny_classifier.features_


def test_every_column_has_a_name(fitted, tiny_dataset):
    matrix = fitted.transform(tiny_dataset.documents)
    names = fitted.get_feature_names_out()
    assert matrix.shape == (len(tiny_dataset), len(names))
    assert matrix.dtype == np.float32
    kinds = Counter(name.split(":")[0] for name in names)
    assert list(kinds) == ["word", "char", "masked", "entity", "event"]
    assert (kinds["word"], kinds["char"], kinds["masked"]) == (4096, 4096, 2**17)


def test_articles_give_what_their_documents_give(fitted, tiny_dataset):
    articles = [document.article for document in tiny_dataset.documents]
    assert (fitted.transform(articles) != fitted.transform(tiny_dataset.documents)).nnz == 0


def test_rows_do_not_depend_on_their_neighbours(fitted, tiny_dataset):
    together = fitted.transform(tiny_dataset.documents[:5])
    for row, document in enumerate(tiny_dataset.documents[:5]):
        assert (together[row] != fitted.transform([document])).nnz == 0


def test_batches_do_not_show_in_the_matrix(fitted, tiny_dataset, monkeypatch):
    whole = fitted.transform(tiny_dataset.documents)
    monkeypatch.setattr("features.pipeline._BATCH", 7)
    parts = fitted.transform(tiny_dataset.documents)
    assert (whole != parts).nnz == 0
    assert (whole != fitted.compute(tiny_dataset.documents).matrix).nnz == 0


def test_no_articles_give_no_rows(fitted):
    assert fitted.transform([]).shape == (0, len(fitted.get_feature_names_out()))


def test_what_is_computed_holds_the_entities(fitted):
    documents = as_documents(["Rusia dan Indonesia", "tidak ada"])
    features = fitted.compute(documents)
    assert (features.matrix != fitted.transform(documents)).nnz == 0
    assert [[entity.name for entity in found] for found in features.mentions.as_entities()] == [
        ["Russia", "Indonesia"],
        [],
    ]


def test_ngrams_are_taken_from_the_beginning_and_entities_from_the_whole():
    short = ArticleFeatures(ngrams=SMALL, masked_ngrams=MASKED, max_chars=10).fit(["satu dua tiga"])
    filler = "y " * 400
    head, tail, none = short.transform([f"satu dua x {text}" for text in (filler, filler + "Rusia", filler + "x")])
    assert (head[:, :192] != tail[:, :192]).nnz == 0
    assert (head != tail).nnz > 0
    assert (head != none).nnz == 0


@pytest.mark.parametrize(("name", "block"), [("masked_weight", slice(128, 192)), ("entity_weight", slice(192, None))])
def test_blocks_are_weighed(name, block):
    texts = ["Rusia kirim rudal ke Indonesia"]
    plain, heavy = (
        ArticleFeatures(ngrams=SMALL, masked_ngrams=MASKED, **{name: weight}).fit(texts).transform(texts)
        for weight in (1, 2)
    )
    assert plain[:, block].sum() > 0
    difference = heavy - plain
    np.testing.assert_allclose(difference[:, block].toarray(), plain[:, block].toarray(), rtol=1e-6)
    assert difference.nnz == plain[:, block].nnz


def test_masked_ngrams_know_types_and_not_names():
    features = ArticleFeatures(ngrams=SMALL, masked_ngrams=MASKED).fit([""])
    rows = features.transform(["Rusia kirim rudal", "China kirim rudal", "Moskow kirim rudal"])[:, 128:192]
    assert (rows[0] != rows[1]).nnz == 0
    assert (rows[0] != rows[2]).nnz > 0


def test_fitted_features_know_their_version(fitted):
    assert fitted.features_version_ == FEATURES_VERSION


def test_an_empty_document_is_a_row_of_zeros(fitted):
    assert fitted.transform([Document.of(Article(""))]).nnz == 0


def test_what_is_built_is_not_fitted():
    assert not hasattr(build_features(), "ngrams_")
