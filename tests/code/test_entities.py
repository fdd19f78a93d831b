"""The matcher with a gazetteer of a few entries, and the features of what it finds."""

import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from features.entities import Entity, EntityMatcher, Facts, Mentions
from features.entity_features import EntityFeatures, Reading
from features.gazetteer import TYPES, Entry, Form


def entry(type_, name, class_, *forms):
    return Entry(type_, name, class_, (), tuple(Form.parse(form) for form in (name, *forms)))


ENTRIES = (
    entry("country", "Russia", "RU", "Rusia"),
    entry("country", "Indonesia", "ID"),
    entry("country", "United States", "US", "=AS", "Amerika Serikat"),
    Entry("country", "Jordan", "JO", (), (Form("Jordan", personal=True), Form("Yordania"))),
    Entry("city", "Lima", "city.capital", (), (Form("Lima", exact=True, ambiguous=True),)),
    entry("city", "Moscow", "city.capital", "Moskow"),
    entry("city", "Patriot", "city.town"),
    entry("weapon", "missile", "weapon.missile", "rudal"),
    entry("weapon", "Patriot", "weapon.air-defence", "rudal Patriot"),
    Entry("person", "Vladimir Putin", "person.leader", (), (Form("Vladimir Putin"), Form("Putin", ambiguous=True))),
)
names = st.lists(
    st.sampled_from(["Rusia", "AS", "as", "Lima", "lima", "Putin", "Vladimir", "Jordan", "Bambang", "rudal", "Patriot"])
    | st.sampled_from(["kota", "presiden", ".", ",", "\n", "di"]),
    max_size=12,
).map(" ".join)


@pytest.fixture(scope="module")
def matcher():
    return EntityMatcher(ENTRIES).fit()


def surfaces(matcher, text):
    return [text[entity.start : entity.end] for entity in matcher.find(text)]


def test_an_entity_has_span_type_name_class_and_sentence(matcher):
    assert matcher.find("Di Moskow. Rusia kirim rudal") == [
        Entity(3, 9, "city", "Moscow", "city.capital", 0),
        Entity(11, 16, "country", "Russia", "RU", 1),
        Entity(23, 28, "weapon", "missile", "weapon.missile", 1),
    ]


@given(strategies.texts | names)
def test_entities_are_in_order_and_inside_the_text(text):
    found = EntityMatcher(ENTRIES).fit().find(text)
    bounds = [bound for entity in found for bound in (entity.start, entity.end)]
    assert bounds == sorted(bounds)
    assert all(0 <= entity.start < entity.end <= len(text) for entity in found)


@given(st.lists(strategies.texts | names, max_size=4))
def test_texts_are_read_each_on_its_own(texts):
    matcher = EntityMatcher(ENTRIES).fit()
    assert matcher.find_all(texts) == [matcher.find(text) for text in texts]


def test_the_longest_form_wins(matcher):
    assert [entity.name for entity in matcher.find("sistem rudal Patriot")] == ["Patriot"]


def test_of_one_form_the_earlier_type_has_it(matcher):
    assert TYPES.index("city") < TYPES.index("weapon")
    assert [entity.type for entity in matcher.find("Patriot")] == ["city"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Menhan AS tiba", ["AS"]),
        ("Truk terguling setelah as roda patah", []),
        ("As the talks dragged on", []),
        ("as kirim rudal lagi", ["as", "rudal"]),
    ],
)
def test_an_exact_form_is_bound_to_its_case(matcher, text, expected):
    assert surfaces(matcher, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Angka Lima", []),
        ("Angka lima di kota", []),
        ("Di kota Lima", ["Lima"]),
        ("Lima dan Moskow", ["Lima", "Moskow"]),
        ("Angka Lima. Moskow tenang", ["Moskow"]),
        ("Putin bicara", []),
        ("Presiden Putin bicara", ["Putin"]),
        ("Vladimir Putin tiba. Lalu Putin bicara", ["Vladimir Putin", "Putin"]),
        ("presiden tiba\nPutin bicara", []),
    ],
    ids=[
        "nothing speaks for it",
        "case",
        "cue",
        "type in sentence",
        "other sentence",
        "person",
        "title",
        "name",
        "line",
    ],
)
def test_an_ambiguous_form_needs_something_that_speaks_for_it(matcher, text, expected):
    assert surfaces(matcher, text) == expected


def test_a_cue_must_be_near(matcher):
    filler = "x " * 100
    assert surfaces(matcher, f"presiden {filler} Putin {filler} presiden") == []
    assert surfaces(matcher, f"{filler} Putin dan presiden") == ["Putin"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("di Jordan kemarin", ["Jordan"]),
        ("Bambang Jordan tiba", []),
        ("Jordan Bambang tiba", []),
        ("Presiden Jordan tiba", ["Jordan"]),
        ("Rusia Jordan", ["Rusia", "Jordan"]),
        ("Jordan Moskow", ["Jordan", "Moskow"]),
        ("Rusia dan Bambang Jordan", ["Rusia"]),
        ("Jordan Bambang di Rusia", ["Rusia"]),
        ("Michael Yordania", ["Yordania"]),
    ],
)
def test_a_form_that_may_be_part_of_a_persons_name_stands_apart(matcher, text, expected):
    assert surfaces(matcher, text) == expected


def test_a_fitted_matcher_keeps_its_gazetteer(matcher):
    copy = EntityMatcher()
    copy.gazetteer_ = matcher.gazetteer_
    text = "Rusia kirim rudal ke kota Lima, Michael Jordan tiba di Moskow bersama Presiden Putin"
    assert copy.find(text) == matcher.find(text)
    assert len(copy.find(text)) == 5


def test_clone_keeps_the_entries_and_forgets_the_rest(matcher):
    copy = clone(matcher)
    assert copy.entries == ENTRIES
    assert not hasattr(copy, "gazetteer_")


NOTHING_HAPPENS = np.empty((0, 4), np.int32)


def reading(*articles, cues=NOTHING_HAPPENS, lead_end=1000):
    """Entities of articles as the pipeline hands them on: each article a list of (type, class)."""
    entries = sorted({Entry(type_, class_, class_, (), ()) for article in articles for type_, class_ in article})
    rows = [
        (text, 10 * place, 10 * place + 5, 0, entries.index(Entry(*pair, pair[1], (), ())))
        for text, article in enumerate(articles)
        for place, pair in enumerate(article)
    ]
    columns = np.array(rows, np.int32).reshape(-1, 5).T
    mentions = Mentions(len(articles), entries, np.array([]), Facts.of(entries), *columns)
    return Reading(mentions, cues, np.full(len(articles), lead_end))


def nonzero(features, X):
    columns = features.get_feature_names_out().tolist()
    rows = features.transform(X).toarray().tolist()
    return [{name: value for name, value in zip(columns, row, strict=True) if value} for row in rows]


def test_features_count_types_classes_and_states():
    X = reading(
        [("country", "RU"), ("country", "RU"), ("country", "ID"), ("weapon", "weapon.missile")], [("country", "US")], []
    )
    ln = [np.log1p(k) for k in range(4)]
    assert nonzero(EntityFeatures().fit(X), X) == [
        {
            "entity:country": pytest.approx(ln[3]),
            "entity:weapon": pytest.approx(ln[1]),
            "entity:weapon.missile": pytest.approx(ln[1]),
            "entity:country@lead": pytest.approx(ln[3]),
            "entity:weapon@lead": pytest.approx(ln[1]),
            "entity:different-countries": pytest.approx(ln[2]),
            "entity:indonesia": pytest.approx(ln[1]),
            "entity:two-countries": pytest.approx(ln[1]),
        },
        {
            "entity:country": pytest.approx(ln[1]),
            "entity:country@lead": pytest.approx(ln[1]),
            "entity:different-countries": pytest.approx(ln[1]),
        },
        {},
    ]


def test_what_stands_behind_the_lead_does_not_count_as_lead():
    X = reading([("country", "RU"), ("country", "US")], lead_end=10)
    row = nonzero(EntityFeatures().fit(X), X)[0]
    assert row["entity:country@lead"] == pytest.approx(np.log1p(1))
    assert row["entity:country"] == pytest.approx(np.log1p(2))


@pytest.mark.parametrize(("sentence", "together"), [(0, True), (1, False)])
def test_an_event_counts_with_the_types_of_its_own_sentence(sentence, together):
    X = reading([("weapon", "weapon.tank")], cues=np.array([[0, 50, sentence, 0]], np.int32))
    row = nonzero(EntityFeatures(("transfer",)).fit(X), X)[0]
    assert "event:transfer" in row
    assert ("event:transfer+weapon" in row) is together


def test_a_class_unseen_at_fit_counts_under_its_type():
    features = EntityFeatures().fit(reading([("weapon", "weapon.missile")]))
    row = nonzero(features, reading([("weapon", "weapon.tank")]))[0]
    assert set(row) == {"entity:weapon", "entity:weapon@lead"}


def test_every_column_has_a_name_of_its_own():
    X = reading([(type_, "ID" if type_ == "country" else f"{type_}.x") for type_ in TYPES])
    features = EntityFeatures(("transfer", "talk")).fit(X)
    columns = features.get_feature_names_out().tolist()
    matrix = features.transform(reading([]))
    assert len(set(columns)) == len(columns) == matrix.shape[1]
    assert matrix.dtype == np.float32
