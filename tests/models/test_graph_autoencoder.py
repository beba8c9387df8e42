"""graph-autoencoder: communities and directions are found, whole or in parts; dense arithmetic says the same."""

from __future__ import annotations

from typing import ClassVar

from models.conformance import ModelConformance
from zetdard.models.graph_autoencoder import GraphAutoencoder, GraphAutoencoderConfig

SMALL = {"hidden": 8, "size": 4, "epochs": 3, "neighbours": 5, "learning_rate": 0.05}


class TestGraphAutoencoder(ModelConformance):
    model_class: ClassVar[type[GraphAutoencoder]] = GraphAutoencoder
    amounts_sum_to_score = True

    def make(self) -> GraphAutoencoder:
        return GraphAutoencoder(GraphAutoencoderConfig(**SMALL))


class TestPlainInGroups(TestGraphAutoencoder):
    """More songs than are encoded at once."""

    def make(self) -> GraphAutoencoder:
        return GraphAutoencoder(GraphAutoencoderConfig(**SMALL, variational=False, whole=16))
