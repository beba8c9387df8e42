"""``logistic``: what every model must do, as it is and with other settings."""

from __future__ import annotations

from models.taste.conforming import TasteConformance
from zetdard.models.logistic import LogisticConfig, LogisticTaste


class TestLogisticTaste(TasteConformance):
    model_class = LogisticTaste


class TestLogisticTasteOtherSettings(TasteConformance):
    model_class = LogisticTaste

    def make(self) -> LogisticTaste:
        return LogisticTaste(LogisticConfig(negatives="popularity", pool=0.5))
