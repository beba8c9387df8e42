"""MSD musicnn: an embedding and fifty tags of a sound, by a network that learned from the Million Song Dataset.

``weights`` reads the published weights (with ``checkpoint`` and ``wire``), ``spectrogram`` makes what the network
hears, ``network`` is the network in plain numpy, ``graph`` the same as a lean ONNX graph (written by ``onnx_model``),
``embedding`` brings them together.
"""

from __future__ import annotations

from zetdard.features.audio.musicnn.embedding import (
    EMBEDDING_NAMES,
    EMBEDDING_VERSION,
    TAG_NAMES,
    Embedding,
    EmbeddingConfig,
    OnnxNetwork,
    embed,
    open_network,
)
from zetdard.features.audio.musicnn.spectrogram import RATE
from zetdard.features.audio.musicnn.tags import TAGS

__all__ = [
    "EMBEDDING_NAMES",
    "EMBEDDING_VERSION",
    "RATE",
    "TAGS",
    "TAG_NAMES",
    "Embedding",
    "EmbeddingConfig",
    "OnnxNetwork",
    "embed",
    "open_network",
]
