"""``random-forest``: songs that most of a listener's decision trees expect them to like.

Breiman, "Random forests", Machine Learning 45 (2001).
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from zetdard.models.taste.classifiers import Classifier, ForestClassifier
from zetdard.models.taste.recommender import TasteConfig, TasteModel


class ForestConfig(TasteConfig):
    """Settings of ``random-forest``."""

    # Trees ask about one column at a time, and a column of its own meaning is the better question.
    decorrelation: float = Field(0.0, ge=0, le=1, description="0 leaves columns as they are, 1 whitens them")
    trees: int = Field(100, ge=1, description="trees of each forest")
    least_leaf: int = Field(2, ge=1, description="fewest songs in a leaf")


class ForestTaste(TasteModel):
    """Chance by the share of trees for each listener, calibrated by the trees that have not seen a song."""

    name: ClassVar[str] = "random-forest"
    summary: ClassVar[str] = "a random forest on sound, words and network, one for each listener"
    config_class: ClassVar[type[ForestConfig]] = ForestConfig
    config: ForestConfig

    def classifier(self) -> Classifier:
        """Return the forest."""
        return ForestClassifier(self.config.trees, self.config.least_leaf)
