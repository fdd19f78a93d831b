"""What is measured: each case gives what it works on, the work, and how many articles that is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

from benchmarks.articles import articles, names, pages

N = 20_000
N_PAGES = 2_000
N_FEATURES = 2**18
_PART = 500
"""Articles that a thread takes at a time."""
_TOKEN = r"[^\W_]+(?:[-'][^\W_]+)*"


class Case(NamedTuple):
    """Work on `items`, of which `work` handles a list."""

    items: list[str]
    work: Callable[[list[str]], Any]


def _ours(*, chars: bool) -> Any:
    from features.ngrams import NgramVectorizer

    plain = {"sublinear_tf": False, "use_idf": False, "norm": None, "max_names": 0}
    return NgramVectorizer(char_ngrams=(3, 5) if chars else None, n_features=N_FEATURES, **plain).fit(["a b"])


def _hashing(**options: Any) -> Any:
    import numpy as np
    from sklearn.feature_extraction.text import HashingVectorizer

    return HashingVectorizer(norm=None, alternate_sign=False, n_features=N_FEATURES, dtype=np.float32, **options)


def _union() -> Any:
    from sklearn.pipeline import FeatureUnion

    words = _hashing(ngram_range=(1, 2), token_pattern=_TOKEN)
    return FeatureUnion([("words", words), ("chars", _hashing(analyzer="char_wb", ngram_range=(3, 5)))])


def words() -> Case:
    """Word 1-2-grams, ours."""
    return Case(articles(N), _ours(chars=False).transform)


def words_peer() -> Case:
    """Word 1-2-grams, HashingVectorizer."""
    return Case(articles(N), _hashing(ngram_range=(1, 2), token_pattern=_TOKEN).transform)


def both() -> Case:
    """Word 1-2-grams and char_wb 3-5-grams, ours."""
    return Case(articles(N), _ours(chars=True).transform)


def both_peer() -> Case:
    """Word 1-2-grams and char_wb 3-5-grams, two HashingVectorizers."""
    return Case(articles(N), _union().transform)


def _matcher() -> Any:
    from features.entities import EntityMatcher
    from features.gazetteer import Entry, Form

    # Of a type that knows no plurals, which the peer does not know either.
    entries = tuple(Entry("treaty", name, "treaty.other", (), (Form(name),)) for name in names())
    return EntityMatcher(entries).fit()


def entities() -> Case:
    """Lists of (start, end, canonical name), ours."""
    matcher = _matcher()

    def work(texts: list[str]) -> list[list[tuple[int, int, str]]]:
        return matcher.mentions(texts).as_spans()

    return Case(articles(N), work)


def entities_peer() -> Case:
    """The same by ahocorasick_rs: longest match, boundaries checked."""
    import ahocorasick_rs

    forms = names()
    automaton = ahocorasick_rs.AhoCorasick(
        [form.lower() for form in forms], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
    )

    def work(texts: list[str]) -> list[list[tuple[int, int, str]]]:
        found = []
        for text in texts:
            low = text.lower()
            found.append(
                [
                    (start, end, forms[number])
                    for number, start, end in automaton.find_matches_as_indexes(low)
                    if (start == 0 or not low[start - 1].isalnum()) and (end == len(low) or not low[end].isalnum())
                ]
            )
        return found

    return Case(articles(N), work)


def _features(**options: Any) -> Any:
    from features.ngrams import NgramVectorizer
    from features.pipeline import ArticleFeatures, masked_vectorizer

    ngrams, masked_ngrams = NgramVectorizer(max_names=0), masked_vectorizer().set_params(max_names=0)
    return ArticleFeatures(ngrams=ngrams, masked_ngrams=masked_ngrams, **options)


def pipeline() -> Case:
    """Plain text to finished features, as models are trained: n-grams of the first 1,100 characters."""
    texts = articles(N)
    return Case(texts, _features().fit(texts[:500]).transform)


def whole_pipeline() -> Case:
    """The same with the n-grams of the whole text."""
    texts = articles(N)
    return Case(texts, _features(max_chars=10**9).fit(texts[:500]).transform)


def pipeline_peer() -> Case:
    """TfidfVectorizer word 1-2 alone."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = articles(N)
    return Case(texts, TfidfVectorizer(ngram_range=(1, 2), token_pattern=_TOKEN).fit(texts[:2000]).transform)


def html() -> Case:
    """Web page to clean text with its map."""
    from features.text import clean

    return Case(list(pages(N_PAGES)), lambda items: [clean(item) for item in items])


def html_peer() -> Case:
    """trafilatura.extract."""
    import trafilatura

    return Case(list(pages(N_PAGES)), lambda items: [trafilatura.extract(item) for item in items])


def _stream(n_threads: int) -> Case:
    """N-grams part by part, of whose matrix only the sum is kept, as who labels a stream does.

    Matrices that all are kept measure how fast the machine finds memory for them. The threads have read something
    already: each remembers the n-grams of words, and learns them once.
    """
    vectorizer, pool, texts = _ours(chars=True), ThreadPoolExecutor(n_threads), articles(N)

    def consume(part: list[str]) -> float:
        return float(vectorizer.transform(part).data.sum())

    def work(items: list[str]) -> list[float]:
        return list(pool.map(consume, [items[k : k + _PART] for k in range(0, len(items), _PART)]))

    work(texts[: N // 4])
    return Case(texts, work)


def threads() -> Case:
    """N-grams of a stream with two threads."""
    return _stream(2)


def one_thread() -> Case:
    """The same with one."""
    return _stream(1)


def long_articles() -> Case:
    """N-grams of articles of 100 KB."""
    return Case(articles(500, size=100_000), _ours(chars=True).transform)


def short_articles() -> Case:
    """N-grams of as many characters in articles of 2 KB."""
    return Case(articles(25_000, size=2_000), _ours(chars=True).transform)


def fasttext() -> Case:
    """FastText: text to labels, words and 2-grams."""
    import fasttext as library

    texts = [text.replace("\n", " ") for text in articles(N)]
    with NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"__label__{k % 7} {text}\n" for k, text in enumerate(texts[:1000]))
        file.flush()
        model = library.train_supervised(
            file.name, epoch=1, wordNgrams=2, bucket=N_FEATURES, dim=50, thread=1, verbose=0
        )
    return Case(texts, lambda items: model.predict(items, k=7))


def vowpal_wabbit() -> Case:
    """Vowpal Wabbit: text to a margin, words and 2-grams; its input format is made on the way."""
    import vowpalwabbit

    workspace = vowpalwabbit.Workspace("--quiet --ngram 2 -b 18 --loss_function logistic")
    spoiled = str.maketrans(":|\n", "   ")

    def work(items: list[str]) -> list[Any]:
        return [workspace.predict("|t " + item.translate(spoiled)) for item in items]

    return Case(articles(N), work)


CASES: dict[str, Callable[[], Case]] = {
    case.__name__: case
    for case in (
        *(words, words_peer, both, both_peer, entities, entities_peer, html, html_peer),
        *(pipeline, whole_pipeline, pipeline_peer, fasttext, vowpal_wabbit),
        *(threads, one_thread, long_articles, short_articles),
    )
}
