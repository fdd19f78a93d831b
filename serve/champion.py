"""The model that serves."""

from __future__ import annotations

import os

from train import registry
from train.registry import RegisteredClassifier

NAME_VARIABLE = "KAWAT_MODEL_NAME"
"""Environment variable that tells the workers which registered model they serve."""

_WARM_UP = "Rusia mengirim sistem pertahanan udara S-400 ke Turki, kata Kementerian Pertahanan di Ankara."


def load_champion() -> RegisteredClassifier:
    """Load the champion and classify once, so that the first request finds everything compiled.

    Returns
    -------
    RegisteredClassifier
        Ready to answer.
    """
    champion = registry.load(os.environ.get(NAME_VARIABLE, "kawat"))
    champion.classifier.classify([_WARM_UP])
    return champion
