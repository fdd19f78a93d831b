"""Explanations add up to the margin and stand in the text that was sent."""

from copy import deepcopy
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.article import Article, Document
from serve.errors import RequestError
from serve.explain import explaining
from tests.code.strategies import pages
from train.candidates import LinearEstimator, TreesEstimator
from train.classifier import ArticleClassifier
from train.stacking import StackedEstimator

TREES = TreesEstimator(n_selected=200, n_trees=10)
ESTIMATORS = {
    "linear": LinearEstimator(),
    "trees": TREES,
    "stacked": StackedEstimator([("linear", LinearEstimator()), ("trees", TREES)]),
}
NEWS = ["Rusia", "Indonesia-lah", "Recep Tayyip Erdogan", "kapal selam", "rudal", "S-400", "membeli", "menyerang", "½"]
MARKUP = [
    ".",
    "\n",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "&amp;",
    "&nbsp;",
    "&#233;",
    "<script>x</script>",
    "🚀",
    "ru\u0301dal",
]
news = st.lists(st.sampled_from([*NEWS, *MARKUP]), max_size=30).flatmap(
    lambda words: st.sampled_from([" ", ""]).map(lambda separator: separator.join(words))
)
ARTICLE = Article(
    "ANKARA - Turki dan Inggris menandatangani kontrak pembelian 20 jet tempur Eurofighter Typhoon, Senin. "
    "Presiden Recep Tayyip Erdogan menyambut pengiriman itu.\n\nBaca juga: Harga Emas Turun\n\nRusia mengecam.",
    "Turki Beli <b>Jet Tempur</b> Eurofighter",
)
NUMBERS = Article("Rusia mengirim 2.000 rudal, 1.500.000 peluru.")


@pytest.fixture(scope="module", params=ESTIMATORS)
def classifier(request, tiny_dataset, tiny_features, tiny_classifier):
    if request.param == "linear":
        return tiny_classifier
    model = ArticleClassifier(ESTIMATORS[request.param], list(tiny_dataset.labels), tiny_features)
    return model.fit(tiny_dataset.documents, tiny_dataset.Y)


def explain(classifier, document, labels=()):
    """Take all steps at once."""
    steps = explaining(classifier, document, labels)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def explained(classifier, article):
    return explain(classifier, Document.of(article), classifier.classes_.tolist())["explanation"]


@settings(max_examples=40)
@given(text=news | pages, title=st.none() | news)
def test_parts_add_up_and_are_cut_from_what_was_sent(classifier, text, title):
    article = Article(text, title)
    if Document.of(article).is_empty:
        return
    margins = classifier.decision_function([article])[0]
    rows = explained(classifier, article)
    assert set(rows) == set(classifier.classes_.tolist())
    for label, margin in zip(classifier.classes_.tolist(), margins, strict=True):
        row = rows[label]
        parts = [*row["unplaced"], *row["evidence"]]
        assert row["margin"] == pytest.approx(margin, abs=1e-6)
        assert row["base"] + sum(part["weight"] for part in parts) == pytest.approx(row["margin"], abs=1e-4)
        spans = sorted((part["field"], part["start"], part["end"]) for part in row["evidence"])
        assert all(one[0] != other[0] or one[2] <= other[1] for one, other in pairwise(spans))
        for part in row["evidence"]:
            assert part["start"] < part["end"]
            assert (getattr(article, part["field"]) or "")[part["start"] : part["end"]] == part["text"]


def test_what_the_linear_model_relies_on_is_shown(tiny_classifier):
    """Small trees may find no evidence at all, where the tests below say nothing; the linear model always has some."""
    rows = explained(tiny_classifier, ARTICLE)
    assert "kontrak pembelian" in " | ".join(
        part["text"] for part in rows["arms-transfer"]["evidence"] if part["weight"] > 0
    )
    shown = " | ".join(part["text"] for row in rows.values() for part in row["evidence"])
    assert "Recep Tayyip Erdogan" in shown
    numbers = explained(tiny_classifier, NUMBERS)
    shown = " | ".join(part["text"] for row in numbers.values() for part in row["evidence"])
    assert "2.000" in shown
    assert "1.500.000" in shown


def test_evidence_is_words_and_phrases(classifier):
    for row in explained(classifier, ARTICLE).values():
        for part in row["evidence"]:
            sent = getattr(ARTICLE, part["field"])
            around = sent[: part["start"]][-1:] + sent[part["end"] :][:1]
            assert not any(char.isalnum() for char in around), part
            assert not set(part["text"]) & set(".,\n<>"), part


def test_a_name_stays_in_one_piece(classifier):
    for row in explained(classifier, ARTICLE).values():
        for part in row["evidence"]:
            assert ("Tayyip" in part["text"]) == ("Recep Tayyip Erdogan" in part["text"])


def test_a_number_stays_in_one_piece(classifier):
    for row in explained(classifier, NUMBERS).values():
        texts = " ".join(part["text"] for part in row["evidence"])
        assert texts.count("000") == texts.count("2.000") + texts.count("1.500.000")
        assert texts.count("500") == texts.count("1.500.000")


def test_what_was_cut_away_is_no_evidence(classifier):
    for row in explained(classifier, ARTICLE).values():
        assert not any("Emas" in part["text"] or "Baca" in part["text"] for part in row["evidence"])


def test_the_assigned_labels_are_explained_and_those_asked_for(tiny_classifier):
    document = Document.of(ARTICLE)
    classifier = deepcopy(tiny_classifier)
    second = np.sort(classifier.predict_proba([document])[0])[-2]
    classifier.calibrate(classifier.calibration_, np.full(len(classifier.classes_), second))
    plain = explain(classifier, document)
    assert list(plain["explanation"]) == plain["labels"]
    assert len(plain["labels"]) == 2
    asked = [label for label in classifier.classes_.tolist() if label not in plain["labels"]][:2]
    more = explain(classifier, document, [*asked, plain["labels"][0], asked[0]])
    assert list(more["explanation"]) == [*plain["labels"], *asked]
    del more["explanation"]
    assert more == classifier.classify([document])[0].as_json()


def test_an_unknown_label_is_named_with_its_place(tiny_classifier):
    with pytest.raises(RequestError, match="unknown label 'diplomasi'") as caught:
        explain(tiny_classifier, Document.of(ARTICLE), ["nuclear", "diplomasi"])
    assert caught.value.body["detail"][0]["loc"] == ["labels", 1]


def test_without_its_strongest_evidence_the_margin_falls(tiny_classifier):
    before = explained(tiny_classifier, ARTICLE)["arms-transfer"]
    strongest = before["evidence"][0]
    assert strongest["weight"] > 0
    sent = {"title": ARTICLE.title, "text": ARTICLE.text}
    field = strongest["field"]
    sent[field] = sent[field][: strongest["start"]] + sent[field][strongest["end"] :]
    assert explained(tiny_classifier, Article(**sent))["arms-transfer"]["margin"] < before["margin"]


def test_the_strongest_evidence_comes_first(classifier):
    for row in explained(classifier, ARTICLE).values():
        sizes = [abs(part["weight"]) for part in row["evidence"]]
        assert sizes == sorted(sizes, reverse=True)


def test_what_has_no_place_has_a_name(classifier):
    names = {part["feature"] for row in explained(classifier, ARTICLE).values() for part in row["unplaced"]}
    known = {*classifier.features_.get_feature_names_out().tolist(), "other"}
    assert names
    assert names <= known
    if isinstance(classifier.estimator_, LinearEstimator):
        assert names <= {"entity:different-countries", "entity:two-countries"}


def test_many_features_without_a_place_are_summed_up(tiny_classifier):
    class Absent:
        """Gives weight to columns that the article does not have."""

        def decision_function(self, X):
            return np.full((1, 7), 21.0)

        def contributions(self, X):
            absent = np.setdiff1d(np.arange(200), X.indices)[20::-1]
            return np.zeros(7), absent, np.tile(np.arange(21.0)[:, None] / 10, (1, 7))

    model = ArticleClassifier(Absent(), tiny_classifier.labels)
    model.__dict__ |= {**tiny_classifier.__dict__, "estimator_": Absent()}
    row = explained(model, ARTICLE)["nuclear"]
    assert [part["weight"] for part in row["unplaced"]] == pytest.approx([*np.arange(20, 12, -1) / 10, 7.8])
    assert row["unplaced"][-1]["feature"] == "other"
    assert row["evidence"] == []
