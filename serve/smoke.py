"""Known articles that a new version must answer sensibly before it may serve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.article import Article, Document
from serve.explain import explaining

if TYPE_CHECKING:
    from train.classifier import ArticleClassifier
    from train.registry import RegisteredClassifier

_KNOWN = {
    "arms-transfer": "Rusia mengirim sistem pertahanan udara S-400 ke Turki; kontrak pembelian diteken di Ankara.",
    "nuclear": "Iran memperkaya uranium di fasilitas nuklir Natanz, kata badan pengawas nuklir IAEA.",
    "sanctions": "Uni Eropa menjatuhkan sanksi baru terhadap Rusia dan membekukan aset bank negara itu.",
}
_UNRELATED = "Resep kue bolu pisang yang lembut: kocok telur dan gula, masukkan tepung, lalu panggang selama satu jam."
_TOLERANCE = 1e-4


class SmokeError(RuntimeError):
    """A model that does not answer known articles sensibly."""


def examine(model: RegisteredClassifier) -> None:
    """Classify known articles, alone and together, and explain one: that also loads and names what is needed first.

    Parameters
    ----------
    model : RegisteredClassifier
        Freshly loaded.

    Raises
    ------
    SmokeError
        If a probability is not one, if an article alone gets another answer than among others, if an article
        that plainly carries one of our labels scores no higher for it than a recipe does, or if what is said to carry
        a label does not add up to its margin.
    """
    names = model.classifier.classes_.tolist()
    articles = [*_KNOWN.values(), _UNRELATED]
    together = [result.scores for result in model.classifier.classify(articles)]
    alone = [model.classifier.classify([article])[0].scores for article in articles]
    for article, one, other in zip(articles, alone, together, strict=True):
        if list(one) != names or not all(math.isfinite(score) and 0 <= score <= 1 for score in one.values()):
            raise SmokeError(
                f"smoke test: {article[:40]!r} got the scores {one}, expected a probability for each of {names}"
            )
        if any(abs(one[name] - other[name]) > _TOLERANCE for name in names):
            raise SmokeError(f"smoke test: {article[:40]!r} got {one} alone, but {other} among other articles")
    for name, scores in zip(_KNOWN, together, strict=False):
        if name in scores and scores[name] <= together[-1][name]:
            raise SmokeError(
                f"smoke test: {_KNOWN[name][:40]!r} got {scores[name]} for {name}, no more than a recipe, "
                f"which got {together[-1][name]}"
            )
    _examine_explanation(model.classifier, articles[0])


def _examine_explanation(classifier: ArticleClassifier, article: str) -> None:
    steps = explaining(classifier, Document.of(Article(article)), classifier.classes_.tolist())
    while True:
        try:
            next(steps)
        except StopIteration as end:
            explanation = end.value["explanation"]
            break
    for name, said in explanation.items():
        total = said["base"] + sum(part["weight"] for part in (*said["unplaced"], *said["evidence"]))
        if not abs(total - said["margin"]) <= _TOLERANCE:
            raise SmokeError(
                f"smoke test: what carries {name} in {article[:40]!r} adds up to {total}, expected {said['margin']}"
            )
