"""Write the model of the present version: `python -m tests.former`, once, when FEATURES_VERSION has gone up."""

import json
import zipfile
from io import BytesIO

import numpy as np
import skops.io

from features import FEATURES_VERSION
from features.entities import EntityMatcher
from features.gazetteer import load_gazetteer
from features.ngrams import NgramVectorizer
from features.pipeline import ArticleFeatures, masked_vectorizer
from tests.former import ARTICLES, FOLDER
from train.artifact import FILE
from train.candidates import LinearEstimator
from train.classifier import ArticleClassifier
from train.dataset import embedded_corpus, read_dataset
from train.labels import load_labels

NAMES = {"Russia", "Turkey", "India", "Japan", "North Korea", "United Kingdom", "missile", "ballistic missile", "Eurofighter Typhoon"}  # fmt: skip


def main() -> None:
    """Fit to the corpus's beginning with small features and a handful of names."""
    corpus = read_dataset([embedded_corpus()], [label.name for label in load_labels()])
    part = corpus.subset(np.arange(300))
    small = {"n_features": 512, "max_names": 50}
    features = ArticleFeatures(
        ngrams=NgramVectorizer(**small),
        masked_ngrams=masked_vectorizer().set_params(**small),
        matcher=EntityMatcher([entry for entry in load_gazetteer() if entry.name in NAMES]),
        entity_weight=0.5,  # so few n-grams alone hardly tell articles apart
    )
    model = ArticleClassifier(LinearEstimator(C=1.0), list(part.labels), features).fit(part.documents, part.Y)
    model.features.matcher = None  # how it was made is no part of what is kept
    for matcher in vars(model.features_).values():
        if isinstance(matcher, EntityMatcher):
            matcher.entries = None
    folder = FOLDER / f"features-{FEATURES_VERSION}"
    folder.mkdir()
    with (
        zipfile.ZipFile(BytesIO(skops.io.dumps(model))) as plain,
        zipfile.ZipFile(folder / FILE, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))
    expected = [result.as_json() for result in model.classify(ARTICLES)]
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
