"""What must leave the labels, tried on the frozen test: other states, leaders, weapons, a portal's trimmings, datelines.

A crude exchange makes nonsense of some articles (another state's city stays), so some label sets may change. The shares
asked for were set a few points below what was measured when the corpus was smaller, and stayed; what the linear
candidate reaches now, on 300 articles, is noted beside each.
"""

import re

import numpy as np
import pytest

from features.article import Article
from tests.model.swapping import COUNTRIES, LEADERS, swapped, weapons

ARTICLES = 300
NAMED = weapons()
SYSTEMS = {name for names in NAMED.values() for name in names}
HEADS = ("person.head-of-state", "person.head-of-government")
PICKS = {
    "states": lambda found: COUNTRIES if found.entity.type == "country" else (),
    "leaders": lambda found: LEADERS if found.entity.entity_class in HEADS else (),
    "weapons": lambda found: NAMED[found.entity.entity_class] if found.entity.name in SYSTEMS else (),
}
DELIVERY = "Rusia menyerahkan 40 kendaraan tempur kepada Serbia sesuai kontrak pembelian tahun lalu."
FRAMES = {
    "links above": "Baca juga: Perang Ukraina Memanas, Rudal Hantam Kyiv\n\n{}",
    "links below": "{}\n\nBaca juga: Korut Uji Coba Rudal Balistik Antarbenua\n\nBaca juga: Uni Eropa Sahkan Sanksi Baru",
    "advertisement": "{}\n\nADVERTISEMENT\n\nSCROLL TO CONTINUE WITH CONTENT\n\n[Gambas:Video CNN]",
    "channel": "{}\n\nSimak berita terbaru dan ikuti saluran WhatsApp kami. Dapatkan update berita pilihan setiap hari.",
}
DATELINE = re.compile(r"[^\W\d_][\w ,./()]{1,50} [-–—]+ ")


@pytest.fixture(scope="module")
def articles(held_out) -> list[Article]:
    """Indonesian articles of the frozen test."""
    found = [document.article for document in held_out.documents if document.language == "id"]
    chosen = np.random.default_rng(0).permutation(len(found))[:ARTICLES]
    return [found[k] for k in chosen]


@pytest.fixture(scope="module")
def before(classifier, articles):
    return classifier.classify(articles)


def unchanged(before, after) -> float:
    return float(np.mean([set(old.labels) == set(new.labels) for old, new in zip(before, after, strict=True)]))


# Measured: states 0.93 of 276, leaders 0.98 of 51, weapons 0.95 of 122.
@pytest.mark.parametrize("kind", PICKS)
def test_other_names_of_the_same_kind_leave_the_labels(classifier, articles, before, kind):
    pairs = [
        (old, other)
        for k, (article, old) in enumerate(zip(articles, before, strict=True))
        if (other := swapped(article, old.entities, PICKS[kind], seed=k)) is not None
    ]
    assert len(pairs) >= 30
    assert unchanged([old for old, _ in pairs], classifier.classify([other for _, other in pairs])) >= 0.88


# Measured: all of them rise, by 0.26 on average.
def test_a_delivery_raises_arms_transfer(classifier, articles, before):
    rows = [k for k, old in enumerate(before) if "arms-transfer" not in old.labels]
    after = classifier.classify([Article(f"{articles[k].text}\n\n{DELIVERY}", articles[k].title) for k in rows])
    rises = [
        new.scores["arms-transfer"] - before[k].scores["arms-transfer"] for k, new in zip(rows, after, strict=True)
    ]
    assert np.mean(np.array(rises) > 0) >= 0.97
    assert np.mean(rises) >= 0.1


# Measured: 0.99 with links above, else 1.00.
@pytest.mark.parametrize("frame", FRAMES)
def test_boilerplate_and_advertisements_change_nothing_that_matters(classifier, articles, before, frame):
    after = classifier.classify([Article(FRAMES[frame].format(article.text), article.title) for article in articles])
    assert unchanged(before, after) >= 0.96


# Measured on 96: Jakarta 0.98, Moskow 0.91, Pyongyang 0.98.
@pytest.mark.parametrize("line", ["JAKARTA, WartaKini.com - ", "Moskow, Kabar Nusa - ", "PYONGYANG (17/8/2024) - "])
def test_another_dateline_changes_nothing_that_matters(classifier, articles, before, line):
    rows = [k for k, article in enumerate(articles) if DATELINE.match(article.text)]
    assert len(rows) >= 30
    after = classifier.classify(
        [Article(DATELINE.sub(line, articles[k].text, count=1), articles[k].title) for k in rows]
    )
    assert unchanged([before[k] for k in rows], after) >= 0.9
