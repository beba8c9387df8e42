"""``cnn-forest``: a random forest for each listener on what ``mel-cnn`` hears.

Fu Wei and Yang Yang, "Audio classification based on convolutional neural networks and random forests", Journal of Computer
Applications 38, S2 (2018).
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from zetdard.models.deep.by_ear import HearingConfig
from zetdard.models.mel_cnn import MelCNN
from zetdard.models.taste.classifiers import Classifier, ForestClassifier


class CnnForestConfig(HearingConfig):
    """Settings of ``cnn-forest``."""

    trees: int = Field(100, ge=1, description="trees of each forest")


class CnnForestTaste(MelCNN):
    """As ``mel-cnn``; a listener's songs are told from others by a forest."""

    name: ClassVar[str] = "cnn-forest"
    summary: ClassVar[str] = "a random forest on what mel-cnn hears (after Fu Wei)"
    config_class: ClassVar[type[CnnForestConfig]] = CnnForestConfig
    config: CnnForestConfig

    def classifier(self) -> Classifier:
        """Return the forest."""
        return ForestClassifier(self.config.trees)
