"""A classifier as a file: loaded only after its types were checked against a list in this code."""

from __future__ import annotations

from pathlib import Path

from features import FEATURES_VERSION
from train.classifier import ArticleClassifier

TRUSTED_TYPES = (
    "features.entities.EntityMatcher",
    "features.entity_features.EntityFeatures",
    "features.ngrams.NgramVectorizer",
    "features.pipeline.ArticleFeatures",
    "train.candidates.LinearEstimator",
    "train.candidates.TreesEstimator",
    "train.classifier.ArticleClassifier",
    "train.stacking.StackedEstimator",
)
"""Classes that an artifact may hold besides those that skops trusts; what it says of itself is not asked."""

FILE = "model.skops"


class ArtifactError(RuntimeError):
    """A model that must not or cannot be loaded; the message says why and what mends it."""


def load_classifier(file: Path) -> ArticleClassifier:
    """Load a classifier from a skops file.

    Parameters
    ----------
    file : Path
        The file.

    Returns
    -------
    ArticleClassifier
        Ready to classify.

    Raises
    ------
    ArtifactError
        If the file is missing or corrupt, holds a type that is not in ``TRUSTED_TYPES``, or was made with another
        version of the features.
    """
    import skops.io

    if not file.is_file():
        raise ArtifactError(f"{file}: no such file; train anew with `kawat train`")
    try:
        foreign = sorted(set(skops.io.get_untrusted_types(file=file)) - set(TRUSTED_TYPES))
    except Exception as error:
        # A zip archive or its schema can be broken in any way, and skops raises whatever comes first.
        raise ArtifactError(
            f"{file}: not a readable skops file ({type(error).__name__}: {error}); train anew with `kawat train`"
        ) from error
    if foreign:
        raise ArtifactError(
            f"{file}: holds the types {', '.join(foreign)}, which Kawat's models do not; "
            "it was not loaded. Train anew with `kawat train`"
        )
    try:
        model = skops.io.load(file, trusted=list(TRUSTED_TYPES))
    except Exception as error:
        raise ArtifactError(
            f"{file}: cannot be loaded ({type(error).__name__}: {error}); train anew with `kawat train`"
        ) from error
    if not isinstance(model, ArticleClassifier):
        raise ArtifactError(f"{file}: holds a {type(model).__name__}, expected an ArticleClassifier")
    version = getattr(getattr(model, "features_", None), "features_version_", None)
    if version != FEATURES_VERSION:
        raise ArtifactError(
            f"{file}: made with features version {version}, this Kawat has {FEATURES_VERSION}; "
            "train anew with `kawat train`"
        )
    return model
