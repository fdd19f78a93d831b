"""Leads as further training articles."""

import numpy as np
import pytest

from features.article import Article, Document
from train.leads import with_leads

TEXTS = ["pendek sekali", "kata " * 100, "satu dua " * 10]
DOCUMENTS = [Document.of(Article(text, title="Judul")) for text in TEXTS]
Y = np.array([[1, 0], [0, 1], [1, 1]], np.int8)


def test_the_lead_of_a_long_article_follows_with_its_labels():
    documents, labels = with_leads(DOCUMENTS, Y, 100)
    assert documents[:3] == DOCUMENTS
    assert [document.text for document in documents[3:]] == [DOCUMENTS[1].text[:100]]
    assert labels.tolist() == [*Y.tolist(), [0, 1]]


@pytest.mark.parametrize("chars", [0, 10_000])
def test_without_leads_there_are_the_articles_alone(chars):
    documents, labels = with_leads(DOCUMENTS, Y, chars)
    assert documents == DOCUMENTS
    np.testing.assert_array_equal(labels, Y)
