"""``knn``: what every model must do, as it is and with other settings."""

from __future__ import annotations

from models.taste.conforming import TasteConformance
from zetdard.models.knn_taste import KnnConfig, KnnTaste


class TestKnnTaste(TasteConformance):
    model_class = KnnTaste


class TestKnnTasteOtherSettings(TasteConformance):
    model_class = KnnTaste

    def make(self) -> KnnTaste:
        return KnnTaste(KnnConfig(neighbours=3, folds=5))
