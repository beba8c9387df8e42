"""``row-autoencoder``: codes of songs by an autoencoder over the rows of the song network, as the thesis has it (3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator
from scipy.sparse import csr_array

from zetdard.data.layers import Layer
from zetdard.data.types import Csr, Floats
from zetdard.models.base import TrainingData
from zetdard.models.deep.graph_edges import song_network
from zetdard.models.song_codes import Codes, CodesConfig, SongCodes, identity_of

_PULL = 2.0
"""λ, as in ``graph-autoencoder``."""
_HELD_OUT = 0.05
"""Share of the rows that say when to stop."""


class RowAutoencoderConfig(CodesConfig):
    """Settings of ``row-autoencoder``."""

    reach: int = Field(default=8, ge=1)
    """How many clusters are looked into for each song: its own and those nearest to it. With one, as in
    the thesis, lists are worse here."""
    neighbours: int = Field(default=20, ge=1)
    """How many strongest edges of each song make the network."""
    variational: bool = True
    """Whether codes are drawn from a distribution in training; else a plain autoencoder."""
    widths: tuple[int, ...] = Field(default=(128,), min_length=1)
    """Of the layers between a row and its code, each narrower than the one before."""
    size: int = Field(default=64, ge=1)
    """Length of a code; narrower than all widths."""
    beta: float = Field(default=0.01, ge=0)
    """Weight of the divergence of a variational one."""
    dropout: float = Field(default=0.5, ge=0, lt=1)
    """Share of a row's entries that are left out in training."""
    epochs: int = Field(default=40, ge=1)
    """At most so many; an epoch takes many times as long as one of ``graph-autoencoder``."""
    patience: int = Field(default=5, ge=1)
    """Epochs without a lower loss on held-out rows after which it stops."""
    learning_rate: float = Field(default=3e-3, gt=0)
    """Of the first epoch."""
    weight_decay: float = Field(default=1e-2, ge=0)
    """Of AdamW."""
    batch: int = Field(default=256, ge=1)
    """Rows of a step; fewer where an epoch would have fewer than sixteen."""
    columns: int = Field(default=1000, ge=1)
    """Columns drawn in each step besides those that its rows fill."""

    @model_validator(mode="after")
    def _narrowing(self) -> Self:
        if not all(a > b for a, b in pairwise((*self.widths, self.size))):
            raise ValueError("the widths and the size of the code must fall from layer to layer")
        return self


class RowAutoencoder(SongCodes):
    """The network is ``deep.rows_network.RowAutoencoder``; what it learns says ``RowLesson``; the rest ``SongCodes``.

    A row holds w(a→b) = |U(a) ∩ U(b)| / |U(a)| of the song's strongest edges. Codes are divided by their lengths, so that the
    nearest are the most alike by cosine. There are no masses. A song without any edge that leaves it has no code.
    """

    name: ClassVar[str] = "row-autoencoder"
    summary: ClassVar[str] = "nearest songs by codes that an autoencoder gives to rows of the song network"
    config_class: ClassVar[type[RowAutoencoderConfig]] = RowAutoencoderConfig
    learned: ClassVar[Mapping[str, str]] = SongCodes.learned

    def encode(self, data: TrainingData) -> Codes:
        """Train the autoencoder.

        Raises:
            MissingExtraError: torch is not installed.
        """
        config: RowAutoencoderConfig = self.config
        network = song_network(data.interactions, config.neighbours, threads=data.threads)
        known = np.diff(network.indptr) > 0
        places = np.zeros((len(known), config.size), np.float32)
        curve = np.empty((0, 2), np.float32)
        if known.any():
            codes, curve = self._trained(network, data)
            lengths = np.linalg.norm(codes, axis=1, keepdims=True)
            places = np.divide(codes, lengths, out=places, where=lengths > 0)
        return Codes(places, np.zeros(len(known), np.float32), known, _PULL, curve)

    def layers(self) -> tuple[Layer, ...]:
        """Return the layers of the network.

        Raises:
            NotFittedError: It has not learned yet.
            MissingExtraError: torch is not installed.
        """
        n_songs = max(len(self._array("cluster")), 1)

        from zetdard.models.deep import rows_network
        from zetdard.models.deep.describing import layers_of
        from zetdard.models.deep.sparse import Sparse

        config: RowAutoencoderConfig = self.config
        network = rows_network.RowAutoencoder(
            n_songs, config.widths, config.size, variational=config.variational
        )
        return layers_of(network, Sparse(csr_array((1, n_songs), dtype=np.float32)))

    def _trained(self, network: Csr, data: TrainingData) -> tuple[Floats, Floats]:
        """Return codes, shape (items, size), and the curve."""
        from zetdard.models.deep import rows_lesson, rows_network
        from zetdard.models.deep.devices import seeded
        from zetdard.models.deep.training import Plan, train

        config: RowAutoencoderConfig = self.config
        with seeded(data.seed):
            autoencoder = rows_network.RowAutoencoder(
                network.shape[0], config.widths, config.size, variational=config.variational
            )
        lesson = rows_lesson.RowLesson(
            autoencoder,
            network,
            _HELD_OUT,
            rows_lesson.RowSettings(config.beta, config.dropout, config.batch, config.columns),
            seed=data.seed,
        )
        trained = train(
            lesson,
            Plan(config.epochs, config.learning_rate, config.weight_decay, config.patience, seed=data.seed),
            data.workshop,
            name=self.name,
            identity=identity_of(config, network, data.seed),
        )
        return rows_lesson.codes_of(autoencoder, network), trained.curve
