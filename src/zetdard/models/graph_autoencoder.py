"""``graph-autoencoder``: codes of songs from the directed song network, by a variational graph autoencoder (thesis 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.sparse import csr_array

from zetdard.data.layers import Layer
from zetdard.data.types import Csr, Floats, Rows
from zetdard.models.base import TrainingData
from zetdard.models.deep.graph_edges import hold_out, song_network
from zetdard.models.deep.graph_parts import graph_parts
from zetdard.models.song_codes import NEAR, Codes, CodesConfig, SongCodes, identity_of

_HELD_OUT = 0.05
"""Share of the joined pairs of songs that say when to stop."""


class GraphAutoencoderConfig(CodesConfig):
    """Settings of ``graph-autoencoder``."""

    neighbours: int = Field(default=20, ge=1)
    """How many strongest edges of each song make the network."""
    variational: bool = True
    """Whether codes are drawn from a distribution in training; else a plain graph autoencoder."""
    hidden: int = Field(default=128, ge=1)
    """Width of the first layer."""
    size: int = Field(default=64, ge=1)
    """Length of a code, besides the mass."""
    pull: float = Field(default=2.0, gt=0)
    """λ of the decoder: how much distance counts against mass."""
    beta: float = Field(default=1e-3, ge=0)
    """Weight of the divergence of a variational one."""
    epochs: int = Field(default=150, ge=1)
    """At most so many. The thesis's 270 bring nothing more here."""
    patience: int = Field(default=20, ge=1)
    """Epochs without a lower loss on held-out edges after which it stops."""
    learning_rate: float = Field(default=2e-2, gt=0)
    """Of the first epoch."""
    batch: int = Field(default=8192, ge=1)
    """Songs whose edges make a step; fewer where an epoch would have fewer than four."""
    negatives: int = Field(default=128, ge=1)
    """Songs drawn in each step that stand for those without an edge."""
    whole: int = Field(default=50_000, ge=8)
    """Up to so many songs are encoded at once; more, in groups of that many."""


class GraphAutoencoder(SongCodes):
    """The network is ``deep.graph_network.GraphEncoder``, the decoder its ``gravity``; see ``SongCodes`` for the rest.

    The codes are learned from the song network w(a→b) = |U(a) ∩ U(b)| / |U(a)| of each song's strongest edges, a part of which
    is held out and says when to stop; the encoder then sees all edges. A song without any edge has no code.

    T. Kipf and M. Welling, "Variational graph auto-encoders" (2016); G. Salha et al., "Gravity-inspired graph autoencoders for
    directed link prediction" (CIKM 2019); beyond ``whole`` songs W.-L. Chiang et al., "Cluster-GCN" (KDD 2019).
    """

    name: ClassVar[str] = "graph-autoencoder"
    summary: ClassVar[str] = "nearest songs by codes that a graph autoencoder gives to the song network"
    config_class: ClassVar[type[GraphAutoencoderConfig]] = GraphAutoencoderConfig
    learned: ClassVar[Mapping[str, str]] = SongCodes.learned

    def encode(self, data: TrainingData) -> Codes:
        """Train the autoencoder.

        Raises:
            MissingExtraError: torch is not installed.
        """
        config: GraphAutoencoderConfig = self.config
        network = song_network(data.interactions, config.neighbours, threads=data.threads)
        known = (np.diff(network.indptr) > 0) | (np.bincount(network.indices, minlength=network.shape[0]) > 0)
        if not known.any():
            nothing = np.zeros((len(known), config.size + 1), np.float32)
            codes, curve = nothing, np.empty((0, 2), np.float32)
        else:
            codes, curve = self._trained(network, data)
        return Codes(
            np.ascontiguousarray(codes[:, :-1]), np.ascontiguousarray(codes[:, -1]), known, config.pull, curve
        )

    def edges(self, sources: Rows, targets: Rows) -> NDArray[np.float64]:
        """Return how surely an edge leads from each source to its target, 0 … 1: the decoder.

        Args:
            sources: Rows of songs, shape (n,).
            targets: Rows of songs, shape (n,).
        """
        places, masses = (self._array(name).astype(np.float64) for name in ("places", "masses"))
        squared = np.square(places[sources] - places[targets]).sum(axis=1)
        odds = masses[targets] - float(self._array("pull")[0]) * np.log(squared + NEAR)
        return np.asarray(1 / (1 + np.exp(-odds)))

    def layers(self) -> tuple[Layer, ...]:
        """Return the layers of the encoder.

        Raises:
            NotFittedError: It has not learned yet.
            MissingExtraError: torch is not installed.
        """
        n_songs = len(self._array("cluster"))

        from zetdard.models.deep.describing import layers_of
        from zetdard.models.deep.devices import torch_module
        from zetdard.models.deep.graph_edges import averaging
        from zetdard.models.deep.graph_network import GraphEncoder
        from zetdard.models.deep.sparse import Sparse

        config: GraphAutoencoderConfig = self.config
        encoder = GraphEncoder(max(n_songs, 1), config.hidden, config.size, variational=config.variational)
        alone = Sparse(averaging(csr_array((1, 1), dtype=np.float32)))
        return layers_of(encoder, torch_module().zeros(1, dtype=torch_module().int64), alone)

    def _trained(self, network: Csr, data: TrainingData) -> tuple[Floats, Floats]:
        """Return codes, shape (items, size + 1), and the curve."""
        from zetdard.models.deep.devices import seeded
        from zetdard.models.deep.graph_lesson import EdgeLesson, EdgeSettings, codes_of
        from zetdard.models.deep.graph_network import GraphEncoder
        from zetdard.models.deep.training import Plan, train

        config: GraphAutoencoderConfig = self.config
        n_songs = network.shape[0]
        edges = hold_out(network, _HELD_OUT, np.random.default_rng(data.seed))
        if not edges.known.nnz:
            edges = hold_out(network, 0.0, np.random.default_rng(data.seed))
        parts = graph_parts(edges.known, config.whole, seed=data.seed) if n_songs > config.whole else None
        with seeded(data.seed):
            encoder = GraphEncoder(n_songs, config.hidden, config.size, variational=config.variational)
        lesson = EdgeLesson(
            encoder,
            edges,
            parts,
            config.whole,
            EdgeSettings(config.pull, config.beta, config.batch, config.negatives),
            seed=data.seed,
        )
        trained = train(
            lesson,
            Plan(config.epochs, config.learning_rate, 0.0, config.patience, seed=data.seed),
            data.workshop,
            name=self.name,
            identity=identity_of(config, network, data.seed),
        )
        return codes_of(encoder, network), trained.curve
