"""Start-up with a warm cache: `python -m benchmarks.startup` prints the seconds until the first article is read."""

from __future__ import annotations

import json
import time

# What ours stands on; these take a second of their own.
import babel
import numba
import scipy.sparse
import sklearn.base

LIBRARIES = (babel, numba, scipy.sparse, sklearn.base)


def main() -> None:
    """Import the features, compile what a model holds, read one article with everything, and print one JSON object."""
    start = time.process_time()
    from features.article import Article, Document
    from features.entities import EntityMatcher
    from features.ngrams import NgramVectorizer

    imported = time.process_time()
    # A model brings these with it.
    matcher, vectorizer = EntityMatcher().fit(), NgramVectorizer(max_names=0).fit(["Rusia"])
    loaded = time.process_time()
    document = Document.of(Article("Rusia mengirim rudal S-400 ke Turki, kata Kementerian Pertahanan di Ankara."))
    found, matrix = matcher.find(document.text), vectorizer.transform([document.text])
    seconds = imported - start + time.process_time() - loaded
    assert found
    assert matrix.nnz
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
