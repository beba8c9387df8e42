"""``svm``: what every model must do, as it is and with other settings."""

from __future__ import annotations

from models.taste.conforming import TasteConformance
from zetdard.models.svm import SvmConfig, SvmTaste


class TestSvmTaste(TasteConformance):
    model_class = SvmTaste


class TestSvmTasteOtherSettings(TasteConformance):
    model_class = SvmTaste

    def make(self) -> SvmTaste:
        return SvmTaste(SvmConfig(kernels={"gaussian": 1.0, "sigmoid": 0.5}, pool=0.5))
