"""``logistic``: songs that logistic regression expects a listener to like, by their sound, words and network.

Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning" (2nd edition, 2009), section 4.4.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from zetdard.models.taste.classifiers import Classifier, LogisticClassifier
from zetdard.models.taste.recommender import TasteConfig, TasteModel


class LogisticConfig(TasteConfig):
    """Settings of ``logistic``."""

    strength: float = Field(4.0, gt=0, description="a-priori variance of the log-odds of a typical song")


class LogisticTaste(TasteModel):
    """Chance by w · x + b for each listener, both classes with the same weight, weights held small."""

    name: ClassVar[str] = "logistic"
    summary: ClassVar[str] = "logistic regression on sound, words and network, one for each listener"
    config_class: ClassVar[type[LogisticConfig]] = LogisticConfig
    config: LogisticConfig

    def classifier(self) -> Classifier:
        """Return the regression."""
        return LogisticClassifier(self.config.strength)
