"""The compiled vectoriser against the reference in plain Python."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import reference
import strategies
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from features.ngrams import NgramVectorizer

WORDS = st.none() | st.sampled_from([(1, 1), (1, 2), (2, 3), (4, 4)])
CHARS = st.none() | st.sampled_from([(1, 2), (2, 2), (3, 5), (1, 7), (6, 9)])
SENTENCES = ["Rusia kirim rudal", "Rudal dikirim, rudal tiba", "kapal-kapal TNI-AL", "Jum'at", "", "…"]


def raw(word_ngrams=(1, 2), char_ngrams=(3, 5), n_features=4096):
    """Return a vectoriser that counts and does nothing else."""
    return NgramVectorizer(
        word_ngrams=word_ngrams,
        char_ngrams=char_ngrams,
        n_features=n_features,
        sublinear_tf=False,
        use_idf=False,
        norm=None,
        max_names=0,
    ).fit([])


def row_counts(matrix, row):
    span = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return dict(zip(matrix.indices[span].tolist(), matrix.data[span].tolist(), strict=True))


def reference_counts(text, vectorizer):
    grams = reference.ngrams(text, vectorizer.word_ngrams, vectorizer.char_ngrams, vectorizer.n_features)
    return Counter(gram.column for gram in grams)


@given(st.lists(strategies.texts, max_size=5), WORDS, CHARS, st.sampled_from([64, 4096, 2**18]))
def test_transform_counts_as_the_reference_does(texts, words, chars, n_features):
    if words is None and chars is None:
        words = (1, 2)
    vectorizer = raw(words, chars, n_features)
    matrix = vectorizer.transform(texts)
    assert matrix.shape == (len(texts), n_features * ((words is not None) + (chars is not None)))
    assert [row_counts(matrix, row) for row in range(len(texts))] == [
        reference_counts(text, vectorizer) for text in texts
    ]


@given(strategies.texts, WORDS, CHARS.filter(lambda chars: chars is None or chars[0] > 1))
def test_trace_finds_what_the_reference_finds_where_it_stands(text, words, chars):
    if words is None and chars is None:
        words = (1, 2)
    vectorizer = raw(words, chars)
    trace = vectorizer.trace(text)
    assert sorted(zip(*(part.tolist() for part in trace), strict=True)) == sorted(
        reference.ngrams(text, words, chars, vectorizer.n_features)
    )
    assert [part.dtype for part in trace] == [np.int64] * 3


def test_trace_of_single_characters_stays_in_the_text():
    trace = raw(None, (1, 1)).trace("ab cd")
    spans = list(zip(trace.starts.tolist(), trace.ends.tolist(), strict=True))
    assert [(start, end) for start, end in spans if not 0 <= start <= end <= 5] == []


@given(st.lists(strategies.texts, max_size=5))
def test_rows_are_in_order_without_repeats_and_of_fixed_types(texts):
    matrix = NgramVectorizer(n_features=64, max_names=0).fit(SENTENCES).transform(texts)
    for row in range(len(texts)):
        assert (np.diff(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]) > 0).all()
    assert (matrix.dtype, matrix.indices.dtype, matrix.indptr.dtype) == (np.float32, np.int32, np.int32)
    assert matrix.indptr[0] == 0
    assert matrix.indptr[-1] == len(matrix.indices) == len(matrix.data)


@given(st.lists(strategies.texts, max_size=8), st.sampled_from([1, 10, 50]))
def test_batches_do_not_show_in_the_result(texts, batch):
    vectorizer = NgramVectorizer(n_features=4096, max_names=0).fit(SENTENCES)
    whole = vectorizer.transform(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("features.ngrams._BATCH", batch)
        parts = vectorizer.transform(texts)
    assert (whole != parts).nnz == 0
    assert whole.indptr.tolist() == parts.indptr.tolist()


@given(st.lists(strategies.texts, min_size=1, max_size=5))
def test_a_text_has_the_same_row_alone_and_among_others(texts):
    vectorizer = NgramVectorizer(n_features=4096, max_names=0).fit(SENTENCES)
    together = vectorizer.transform(texts)
    assert [row_counts(together, row) for row in range(len(texts))] == [
        row_counts(vectorizer.transform([text]), 0) for text in texts
    ]


@pytest.mark.parametrize("text", ["x" * 200_000, "xy-" * 66_667, "𐐀" * 200_000])
def test_a_word_of_200_000_characters_is_counted(text):
    vectorizer = raw((1, 2), (3, 3))
    assert row_counts(vectorizer.transform([text]), 0) == reference_counts(text, vectorizer)


def test_many_different_words_are_counted_though_they_outgrow_the_memory_of_words():
    rng = random.Random(0)
    text = " ".join("".join(rng.choices("abcdefghijklmnop", k=30)) for _ in range(20_000))
    vectorizer = raw(None, (3, 5), 2**18)
    for _ in range(2):
        counts = np.bincount(vectorizer.trace(text).columns, minlength=2**18)
        assert (vectorizer.transform([text]).toarray()[0] == counts).all()


def test_threads_do_not_disturb_each_other():
    vectorizer = NgramVectorizer(n_features=4096, max_names=0).fit(SENTENCES)
    jobs = [[" ".join(SENTENCES[k % 4 :]) * (k % 7 + 1)] * 50 for k in range(24)]
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(vectorizer.transform, jobs))
    assert all((vectorizer.transform(job) != found).nnz == 0 for job, found in zip(jobs, parallel, strict=True))


@given(st.lists(st.text("abc1", min_size=1, max_size=6), max_size=5), st.sampled_from([(1, 2), (3, 5), (5, 7), (7, 9)]))
def test_character_ngrams_are_those_of_scikit_learn(words, chars):
    analyze = CountVectorizer(analyzer="char_wb", ngram_range=chars).build_analyzer()
    grams = ["".join(gram) for word in words for gram in reference.char_grams(list(f" {word} "), *chars)]
    assert sorted(grams) == sorted(analyze(" ".join(words)))


@given(st.text("abAB .,\n", max_size=30))
def test_words_are_those_of_scikit_learn_where_nothing_is_joined(text):
    analyze = CountVectorizer(token_pattern=r"\w+").build_analyzer()
    assert ["".join(char.folded for char in word) for word in reference.split_words(text)] == analyze(text)


@given(st.lists(strategies.texts, min_size=1, max_size=5), st.booleans(), st.booleans(), st.sampled_from(["l2", None]))
def test_weights_are_those_of_scikit_learn_for_each_kind(texts, sublinear_tf, use_idf, norm):
    vectorizer = NgramVectorizer(n_features=64, sublinear_tf=sublinear_tf, use_idf=use_idf, norm=norm, max_names=0).fit(
        SENTENCES
    )
    found = vectorizer.transform(texts).toarray()
    for block in (slice(0, 64), slice(64, 128)):
        weigh = TfidfTransformer(sublinear_tf=sublinear_tf, use_idf=use_idf, norm=norm)
        weigh.fit(raw(n_features=64).transform(SENTENCES)[:, block])
        expected = weigh.transform(raw(n_features=64).transform(texts)[:, block]).toarray()
        np.testing.assert_allclose(found[:, block], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("RUDAL", "rudal"),
        ("kapal\u2011kapal", "kapal-kapal"),
        ("Jum’at", "jum'at"),
        ("ru\u00addal", "rudal"),
        ("ru\u200ddal", "rudal"),
        ("'rudal'", "rudal"),
        ("rudal -- kapal", "rudal kapal"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_texts_that_read_alike_are_alike(left, right):
    assert (raw().transform([left]) != raw().transform([right])).nnz == 0


@pytest.mark.parametrize(("left", "right"), [("kerja-sama", "kerja sama"), ("kapal", "kapal-kapal"), ("é", "e")])
def test_texts_that_read_differently_differ(left, right):
    assert (raw().transform([left]) != raw().transform([right])).nnz > 0


@pytest.mark.parametrize(
    ("n", "left", "right"),
    [
        (2, "Rusia serang", "serang Rusia"),
        (2, "kapal kapal", "rudal rudal"),
        (3, "kapal kapal tiba", "rudal rudal tiba"),
        (3, "kapal rudal tiba", "rudal kapal tiba"),
        (3, "kapal rudal tiba", "kapal tiba rudal"),
    ],
)
def test_word_ngrams_of_other_words_or_in_another_order_differ(n, left, right):
    vectorizer = raw((n, n), None, 2**18)
    assert vectorizer.transform([left]).indices != vectorizer.transform([right]).indices


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_features": 1000}, "n_features = 1000, expected a power of two"),
        ({"n_features": 32}, "n_features = 32"),
        ({"norm": "l1"}, "norm = 'l1'"),
        ({"word_ngrams": None, "char_ngrams": None}, "both None"),
        ({"word_ngrams": (0, 1)}, r"word_ngrams = \(0, 1\)"),
        ({"char_ngrams": (4, 3)}, r"char_ngrams = \(4, 3\)"),
    ],
)
def test_fit_refuses_parameters_out_of_range(parameters, message):
    with pytest.raises(ValueError, match=message):
        NgramVectorizer(**parameters).fit(SENTENCES)


def test_columns_are_named_by_their_ngrams():
    vectorizer = NgramVectorizer(n_features=2**16).fit(SENTENCES)
    names = vectorizer.get_feature_names_out()
    assert len(names) == 2**17
    row = vectorizer.transform(["rudal dikirim"])
    assert {"word:rudal", "word:dikirim", "word:rudal dikirim", "char:rud", "char:udal"} <= set(names[row.indices])
    assert names[0] == "word:#0"


@given(st.lists(strategies.texts, max_size=4))
@example(["ΡΑΚΕΤΕΣ"])
def test_the_name_of_a_word_column_is_an_ngram_of_that_column(texts):
    vectorizer = NgramVectorizer(word_ngrams=(1, 1), char_ngrams=None, n_features=2**12).fit(texts)
    for column, name in vectorizer.names_.items():
        assert column in reference_counts(name.removeprefix("word:"), vectorizer)


def test_the_commonest_columns_are_named_first():
    vectorizer = NgramVectorizer(char_ngrams=None, word_ngrams=(1, 1), max_names=1).fit(["a b", "b c", "b"])
    assert list(vectorizer.names_.values()) == ["word:b"]


def test_clone_keeps_the_parameters_and_forgets_the_rest():
    vectorizer = NgramVectorizer(word_ngrams=(2, 3), n_features=64).fit(SENTENCES)
    copy = clone(vectorizer)
    assert copy.get_params() == vectorizer.get_params()
    assert not hasattr(copy, "idf_")
