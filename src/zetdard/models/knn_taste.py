"""``knn``: songs whose nearest songs a listener holds.

Dudani, "The distance-weighted k-nearest-neighbor rule", IEEE Transactions on Systems, Man, and Cybernetics 6 (1976).
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from zetdard.models.taste.classifiers import Classifier, KnnClassifier
from zetdard.models.taste.recommender import TasteConfig, TasteModel


class KnnConfig(TasteConfig):
    """Settings of ``knn``."""

    neighbours: int = Field(15, ge=1, description="how many nearest songs vote")


class KnnTaste(TasteModel):
    """Chance by the votes of the nearest songs, the nearer the more, by sound, words and network."""

    name: ClassVar[str] = "knn"
    summary: ClassVar[str] = "nearest songs by sound, words and network, held or not held"
    config_class: ClassVar[type[KnnConfig]] = KnnConfig
    config: KnnConfig

    def classifier(self) -> Classifier:
        """Return the rule."""
        return KnnClassifier(self.config.neighbours)
