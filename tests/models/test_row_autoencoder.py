"""row-autoencoder."""

from __future__ import annotations

from typing import ClassVar

from models.conformance import ModelConformance
from zetdard.models.row_autoencoder import RowAutoencoder, RowAutoencoderConfig

SMALL = {"widths": (8,), "size": 4, "epochs": 3, "neighbours": 5, "learning_rate": 0.05}


class TestRowAutoencoder(ModelConformance):
    model_class: ClassVar[type[RowAutoencoder]] = RowAutoencoder
    amounts_sum_to_score = True

    def make(self) -> RowAutoencoder:
        return RowAutoencoder(RowAutoencoderConfig(**SMALL))
