"""``svm``: songs on a listener's side of the margin, by their sound, words and network.

Cortes and Vapnik, "Support-vector networks", Machine Learning 20 (1995); kernels in ``taste.kernels``.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator

from zetdard.models.taste.classifiers import Classifier, SvmClassifier
from zetdard.models.taste.kernels import Kernel, KernelName
from zetdard.models.taste.recommender import TasteConfig, TasteModel


class SvmConfig(TasteConfig):
    """Settings of ``svm``."""

    kernels: dict[KernelName, float] = Field(
        {"laplacian": 1.0}, description="kernels and their weights; they are added"
    )
    c: float = Field(3.0, gt=0, description="price of a song on the wrong side of the margin")
    width: float = Field(1.0, gt=0, description="factor of what the median distance suggests for γ")
    degree: int = Field(3, ge=1, description="exponent of the polynomial kernel")
    shift: float = Field(1.0, ge=0, description="number added in the polynomial and the sigmoid kernel")

    @field_validator("kernels")
    @classmethod
    def _is_a_kernel(cls, kernels: dict[KernelName, float]) -> dict[KernelName, float]:
        if min(kernels.values(), default=0.0) < 0 or not any(kernels.values()):
            raise ValueError("weights of kernels must not be negative, and one must be positive")
        # In one order, so that a saved config and a typed one sum the same numbers in the same order.
        return dict(sorted(kernels.items()))


class SvmTaste(TasteModel):
    """Chance by the distance from the margin for each listener, calibrated on songs that were left out."""

    name: ClassVar[str] = "svm"
    summary: ClassVar[str] = "a support vector machine on sound, words and network, one for each listener"
    config_class: ClassVar[type[SvmConfig]] = SvmConfig
    config: SvmConfig

    def classifier(self) -> Classifier:
        """Return the machine."""
        settings = self.config
        return SvmClassifier(
            tuple(
                Kernel(
                    kind, weight=weight, width=settings.width, shift=settings.shift, degree=settings.degree
                )
                for kind, weight in settings.kernels.items()
            ),
            settings.c,
        )
