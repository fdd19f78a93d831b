"""The usual pipeline, which training and service are measured against."""

from __future__ import annotations

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union


def usual_pipeline() -> Pipeline:
    """Return TF-IDF of word 1-2-grams and character 3-5-grams with balanced logistic regression, not fitted."""
    return make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True),
        ),
        OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", solver="liblinear", dual=True)),
    )
