"""What must hold of the embedded corpus, whatever is added to it."""

import hashlib

import numpy as np

from train.dataset import Dataset, embedded_corpus, read_dataset


def by_id(data):
    return dict(zip([document.article.id for document in data.documents], data.is_test.tolist(), strict=True))


def test_there_are_enough_articles_of_every_kind(corpus):
    assert len(corpus) >= 2500
    assert dict(zip(corpus.labels, corpus.Y.sum(axis=0) >= 200, strict=True)) == dict.fromkeys(corpus.labels, True)
    assert (~corpus.Y.any(axis=1)).sum() >= 400
    assert (corpus.Y.sum(axis=1) > 1).sum() >= 400


def test_every_article_has_id_title_and_language(corpus):
    articles = [document.article for document in corpus.documents]
    assert [a.id for a in articles if not (a.id and a.title and a.language in ("id", "en"))] == []
    assert len({a.id for a in articles}) == len(articles)
    assert sum(a.language == "en" for a in articles) >= 200


def test_no_article_repeats_another(corpus):
    groups, sizes = np.unique(corpus.groups, return_counts=True)
    repeated = np.isin(corpus.groups, groups[sizes > 1])
    assert [d.article.id for d, again in zip(corpus.documents, repeated, strict=True) if again] == []


def test_a_fifth_is_the_test(corpus):
    assert 0.17 < corpus.is_test.mean() < 0.23
    assert (corpus.Y[corpus.is_test].sum(axis=0) >= 30).all()


def test_the_split_is_that_of_the_ids(corpus):
    """Computed once more, so that no change of code moves an article to the other side."""
    expected = {
        d.article.id: int(hashlib.sha256(d.article.id.encode()).hexdigest()[:16], 16) % 5 == 0 for d in corpus.documents
    }
    assert by_id(corpus) == expected
    assert (expected["kawat-01-001"], expected["kawat-01-002"]) == (True, False)


def test_neither_order_nor_another_reading_changes_split_and_digest(corpus):
    again = read_dataset([embedded_corpus()], corpus.labels)
    backwards = Dataset(again.documents[::-1], again.Y[::-1], again.labels)
    assert by_id(backwards) == by_id(again) == by_id(corpus)
    assert backwards.digest == again.digest == corpus.digest
