"""The settings that matter for quality; their defaults are the best of a search (`kawat train --tune`)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from features.pipeline import ArticleFeatures


@dataclass(frozen=True)
class Settings:
    """What `kawat train --tune` searches over.

    Attributes
    ----------
    max_chars : int
        Characters from the start of an article of which n-grams are taken.
    lead_chars : int
        Characters of the leads that are learned as articles of their own; see ``train.leads``.
    masked_weight, entity_weight : float
        Factors of the masked n-grams and of the entity features.
    linear_C : float
        Inverse strength of the linear estimator's penalty.
    n_selected, n_trees, num_leaves, learning_rate
        Of ``train.candidates.TreesEstimator``.
    stack_C : float
        Inverse strength of the stack's penalty.
    """

    max_chars: int = 1100
    lead_chars: int = 400
    masked_weight: float = 0.3
    entity_weight: float = 0.036
    linear_C: float = 1.9
    n_selected: int = 2000
    n_trees: int = 100
    num_leaves: int = 13
    learning_rate: float = 0.19
    stack_C: float = 0.58

    def quick(self) -> Self:
        """Return settings for a first model: fewer and smaller trees."""
        return replace(self, n_selected=min(self.n_selected, 1000), n_trees=min(self.n_trees, 40))

    def features(self) -> ArticleFeatures:
        """Return the features that the candidates share, not fitted yet."""
        return ArticleFeatures(
            max_chars=self.max_chars, masked_weight=self.masked_weight, entity_weight=self.entity_weight
        )

    def as_params(self) -> dict[str, Any]:
        """Return the settings as the parameters of a run."""
        return {f"settings.{name}": value for name, value in asdict(self).items()}
