"""What a model has trained on is known again: by its key, by its text, and by its near-duplicates."""

import numpy as np
import pytest

from features.article import Article, Document
from train.dataset import Dataset
from train.duplicates import near_duplicate_groups
from train.trained_on import TrainedOn, _overlap

WORDS = ("kapal", "perang", "menteri", "senjata", "uni", "sanksi", "nuklir", "rudal", "tentara", "laut", "kota")


def text(seed, words=60):
    rng = np.random.default_rng(seed)
    return " ".join(f"{WORDS[rng.integers(len(WORDS))]}{rng.integers(1000)}" for _ in range(words))


def dataset(*articles):
    documents = [Document.of(Article(body, id=name)) for name, body in articles]
    return Dataset(documents, np.zeros((len(documents), 2), np.int8), ["a", "b"])


TRAINED = TrainedOn.of(
    dataset(("one", text(1)), ("two", text(2)), ("long", text(3, 400)), (None, text(4)), ("short", "rudal"))
)


@pytest.mark.parametrize(
    ("article", "known"),
    [
        (("one", text(9)), True),  # rewritten under its old id
        (("other", text(1)), True),  # the same text under another id
        ((None, text(4)), True),
        (("cut", text(1, 60)[:250]), True),  # shortened
        (("longer", text(1) + " " + text(8, 20)), True),
        (("cut-long", " ".join(text(3, 400).split()[:300])), True),
        (("part-of-long", " ".join(text(3, 400).split()[:30])), True),
        (("new", text(5)), False),
        (("new-long", text(6, 400)), False),
        (("short-too", "drone"), False),
        (("a-quote", text(7) + " " + " ".join(text(2).split()[:8])), False),
    ],
)  # fmt: skip
def test_articles_are_known_again(article, known):
    assert TRAINED.covers(dataset(article)).tolist() == [known]


def test_who_has_trained_on_one_of_a_group_has_seen_them_all():
    """The link between two articles may be a third one that the model has not trained on."""
    first, middle, last = (" ".join(text(1, 100).split()[a:b]) for a, b in ((0, 40), (15, 75), (45, 95)))
    trained = TrainedOn.of(dataset(("first", first)))
    test = dataset(("middle", middle), ("last", last), ("other", text(5)))
    assert len(set(near_duplicate_groups([first, last]))) == 2
    assert trained.covers(test).tolist() == [True, True, False]


def test_what_is_saved_is_loaded(tmp_path):
    TRAINED.save(tmp_path / "t.npz")
    loaded = TrainedOn.load(tmp_path / "t.npz")
    for saved, read in zip(TRAINED, loaded, strict=True):
        np.testing.assert_array_equal(saved, read)
    assert loaded.covers(dataset(("other", text(1)), ("new", text(5)))).tolist() == [True, False]


def test_a_data_set_is_covered_by_itself_and_its_sides_are_apart(corpus):
    sides = [corpus.subset(corpus.is_test), corpus.subset(~corpus.is_test)]
    trained = TrainedOn.of(sides[1])
    assert trained.covers(sides[1]).all()
    assert not trained.covers(sides[0]).any()
    assert len(trained.shingles) * 4 < 2_000_000


def test_one_common_shingle_of_a_sample_proves_nothing():
    long, short = np.arange(128, dtype=np.uint32) * 100, np.array([100, 20_000, 30_000], np.uint32)
    assert _overlap(long, short) == 0


def test_nothing_is_covered_by_a_model_of_no_articles():
    assert TrainedOn.of(dataset()).covers(dataset(("one", text(1)))).tolist() == [False]


def test_the_overlap_of_long_articles_is_estimated():
    rng = np.random.default_rng(0)
    for share in (0.2, 0.5, 0.8):
        found = []
        for _ in range(100):
            pool = rng.choice(2**22, 1500, replace=False).astype(np.uint32)
            common = int(share * 800)
            a, b = pool[:800], np.concatenate([pool[:common], pool[800 : 1600 - common]])
            found.append(_overlap(np.sort(a)[:128], np.sort(b)[:128]))
        assert np.mean(found) == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize("damage", ["empty", "noise", "half", "other arrays"])
def test_a_broken_file_is_an_error(tmp_path, damage):
    file = tmp_path / "t.npz"
    TRAINED.save(file)
    if damage == "other arrays":
        np.savez(file, a=np.zeros(3))
    else:
        content = file.read_bytes()
        file.write_bytes({"empty": b"", "noise": b"kawat" * 50, "half": content[: len(content) // 2]}[damage])
    with pytest.raises((OSError, ValueError)):
        TrainedOn.load(file)
