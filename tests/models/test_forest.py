"""``random-forest``: what every model must do, as it is and with other settings."""

from __future__ import annotations

from models.taste.conforming import TasteConformance
from zetdard.models.forest import ForestConfig, ForestTaste


class TestForestTaste(TasteConformance):
    model_class = ForestTaste

    def make(self) -> ForestTaste:
        return ForestTaste(ForestConfig(trees=5))


class TestForestTasteOtherSettings(TasteConformance):
    model_class = ForestTaste

    def make(self) -> ForestTaste:
        return ForestTaste(ForestConfig(trees=5, folds=2, pool=0.5))
