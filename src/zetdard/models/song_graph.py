"""``song-graph``: a walk of one step over the directed song network, from the listener's songs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.sparse import csr_array

from zetdard.data.interactions import Histories, ones_like
from zetdard.data.types import Csr, Floats
from zetdard.models.base import (
    Config,
    Contributions,
    TrainingData,
    check_histories,
    checked_state,
    learned_array,
)


class SongGraphConfig(Config):
    """Settings of ``song-graph``."""

    neighbours: int | None = Field(default=None, ge=1)
    """How many strongest edges of each song are kept; ``None`` = all, without ever building them."""


class SongGraph:
    """The thesis's song network (section 3.1), used directly.

    With U(x) the users who hold x, the edge a→b has the weight w(a→b) = |U(a) ∩ U(b)| / |U(a)|. A listener
    with the songs H gets

        score(b) = Σ_{a ∈ H} w(a→b)

    which is the expected number of steps that end at b when one step is taken from each song of H to the songs
    of a random holder. No edge leads from a song to itself. With all edges it equals
    Σ_{v : b ∈ S(v)} Σ_{a ∈ H ∩ S(v), a ≠ b} 1/|U(a)| over the users v, two sparse products, so that no edge needs to
    be stored.
    """

    name: ClassVar[str] = "song-graph"
    summary: ClassVar[str] = "a walk over the song network: songs that the holders of your songs also hold"
    personal: ClassVar[bool] = True
    config_class: ClassVar[type[SongGraphConfig]] = SongGraphConfig
    learned: ClassVar[Mapping[str, str]] = {
        "shape": "(2,): number of users, number of items",
        "indptr": "(users + 1,) or, with a limit of neighbours, (items + 1,): where each row begins",
        "indices": "(entries,): held items of each user, or neighbours of each item",
        "weights": "(entries,): w(a→b) of each neighbour; empty where all edges count",
        "degrees": "(items,): |U(a)|",
    }

    def __init__(self, config: SongGraphConfig | None = None) -> None:
        self.config = config or SongGraphConfig()
        self._state: Mapping[str, NDArray[Any]] | None = None
        # Both follow from the state and are made when first needed: rows, and columns as rows.
        self._rows: Csr = None
        self._columns: Csr = None

    def fit(self, data: TrainingData) -> Self:
        """Learn the network, or note who holds what where all edges count."""
        held = data.interactions.binary()
        degrees = data.interactions.item_degrees()
        shape = np.array(held.shape, np.int64)
        if self.config.neighbours is None:
            indptr, indices, weights = held.indptr, held.indices, np.empty(0, np.float32)
        else:
            from zetdard.kernels.cooccurrence import top_k_neighbours
            from zetdard.kernels.cooccurrence import weights as edge_weights

            top = top_k_neighbours(held, self.config.neighbours, threads=data.threads)
            indptr, indices, weights = top.indptr, top.indices, edge_weights(top, degrees)
        return self.restore(
            {
                "shape": shape,
                "indptr": indptr.astype(np.int64),
                "indices": indices.astype(np.int32),
                "weights": weights,
                "degrees": degrees,
            }
        )

    def score(self, histories: Histories) -> Floats:
        """Return Σ of the edges from each listener's songs: shape (listeners, items)."""
        n_items = int(self._array("shape")[1])
        check_histories(histories, n_items)
        matrix = self._matrix()
        held = ones_like(histories.matrix)
        if self.config.neighbours is not None:
            return np.asarray((held @ matrix).toarray(), dtype=np.float32)
        # In float64, so that what remains of a song's own share is told apart from evidence.
        held.data = 1 / np.maximum(self._array("degrees"), 1)[held.indices]
        scores = ((held @ matrix.T) @ matrix).toarray()
        listeners = np.repeat(np.arange(held.shape[0]), np.diff(held.indptr))
        scores[listeners, held.indices] -= self._array("degrees")[held.indices] > 0
        # The smallest weight is 1 / users: less than half of it is rounding.
        scores[scores < 0.5 / max(matrix.shape[0], 1)] = 0
        return np.asarray(scores, dtype=np.float32)

    def contributions(self, history: Histories, item: int) -> Contributions:
        """Return w(a→item) of each song a of the single listener's history, and who holds both."""
        held = history.matrix.indices
        matrix = self._matrix()
        if self.config.neighbours is not None:
            column = self._transposed()[[item]].toarray()[0][held]
            return Contributions.ordered(held, column.astype(np.float64))
        holders = self._transposed()[[item]].indices.astype(np.int32)
        both = matrix[holders][:, held]  # (holders of the item, own songs)
        amounts = np.asarray(both.sum(axis=0)).ravel() / np.maximum(self._array("degrees"), 1)[held]
        amounts[held == item] = 0  # no edge leads from a song to itself
        overlap = np.asarray(both[:, held != item].sum(axis=1)).ravel()
        order = np.lexsort((holders, -overlap))
        named = order[(overlap[order] > 0) & (holders[order] != history.users[0])]
        return Contributions.ordered(held, amounts, holders[named])

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        return {name: self._array(name) for name in self.learned}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays."""
        self._state = checked_state(state, self.learned, self.name)
        self._rows = self._columns = None
        return self

    def _array(self, name: str) -> NDArray[Any]:
        return learned_array(self._state, self.name, name)

    def _matrix(self) -> Csr:
        """Return users × items (all edges) or items × items (strongest edges): CSR, float32."""
        if self._rows is not None:
            return self._rows
        users, items = (int(size) for size in self._array("shape"))
        limited = self.config.neighbours is not None
        indices = self._array("indices")
        values = self._array("weights") if limited else np.ones(len(indices), np.float32)
        shape = (items if limited else users, items)
        self._rows = csr_array((values, indices, self._array("indptr")), shape=shape)
        return self._rows

    def _transposed(self) -> Csr:
        """Return the same with rows and columns exchanged, where a column can be read at once."""
        if self._columns is None:
            self._columns = self._matrix().T.tocsr()
        return self._columns
