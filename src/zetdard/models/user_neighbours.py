"""``user-neighbours``: the songs of similar users, by how many of them hold each (thesis 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.sparse import csr_array

from zetdard.data.interactions import Histories, ones_like
from zetdard.data.types import Csr, Floats
from zetdard.models.base import Config, Contributions, TrainingData
from zetdard.models.user_similarity import Similarity, UserSimilarity, UserSimilarityConfig


class UserNeighboursConfig(Config):
    """Settings of ``user-neighbours``."""

    similarity: Similarity = "thesis"
    threshold: float | None = Field(default=None, ge=0)
    """Users below it are not neighbours; ``None`` = the similarity's own."""
    neighbours: int | None = Field(default=20, ge=1)
    """How many most similar users are asked; ``None`` = all above the threshold, as the thesis has it."""


class UserNeighbours:
    """Counting among similar users (thesis S9).

    score(b) = |{v ∈ N(u) : b ∈ S(v)}| + tie, where N(u) are the neighbours and 0 ≤ tie < 1/2 is half the share of
    the neighbours' similarity that the holders of b have. So the count decides, and likeness settles equal counts.
    """

    name: ClassVar[str] = "user-neighbours"
    summary: ClassVar[str] = "the songs of similar listeners, counted (the thesis's first recommender)"
    personal: ClassVar[bool] = True
    config_class: ClassVar[type[UserNeighboursConfig]] = UserNeighboursConfig
    learned: ClassVar[Mapping[str, str]] = UserSimilarity.learned

    def __init__(self, config: UserNeighboursConfig | None = None) -> None:
        self.config = config or UserNeighboursConfig()
        self._users = UserSimilarity(
            UserSimilarityConfig(similarity=self.config.similarity, threshold=self.config.threshold)
        )

    def fit(self, data: TrainingData) -> Self:
        """Note who holds what."""
        self._users.fit(data)
        return self

    def score(self, histories: Histories) -> Floats:
        """Return count + tie for every item: shape (listeners, items)."""
        similar = self._neighbours(histories)
        held = self._users._matrix()
        counts = ones_like(similar, np.float64) @ held
        # Below 1/2, so that not even rounding to float32 lifts it to a count.
        total = 2 * (1 + np.asarray(similar.sum(axis=1)).ravel())
        mass = csr_array(
            (similar.data / np.repeat(total, np.diff(similar.indptr)), similar.indices, similar.indptr),
            shape=similar.shape,
        )
        return np.asarray((counts + mass @ held).toarray(), dtype=np.float32)

    def contributions(self, history: Histories, item: int) -> Contributions:
        """Return each own item's part in the count, and the neighbours who hold ``item``, most similar first.

        Each neighbour who holds the item counts 1, in equal parts for the items shared with the listener.
        """
        similar = self._neighbours(history)
        held = self._users._matrix()
        holders = held[:, [item]].tocoo().row
        kept = np.isin(similar.indices, holders)
        users, values = similar.indices[kept], similar.data[kept]
        users = users[np.lexsort((users, -values))]
        own = history.matrix.indices
        shared = held[users][:, own]
        sizes = np.asarray(shared.sum(axis=1)).ravel()
        amounts = np.asarray((shared / np.maximum(sizes, 1)[:, None]).sum(axis=0)).ravel()
        return Contributions.ordered(own, amounts, users)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        return self._users.state()

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays."""
        self._users.restore(state)
        return self

    def _neighbours(self, histories: Histories) -> Csr:
        """Return the similarities of the neighbours only: CSR, shape (listeners, users)."""
        similar = self._users.similarities(histories)
        limit = self.config.neighbours
        if limit is None:
            return similar
        kept = np.zeros(similar.nnz, bool)
        for row in range(similar.shape[0]):
            start, stop = similar.indptr[row], similar.indptr[row + 1]
            # Most similar first, then the smaller user row; the indices are ascending already.
            order = np.argsort(-similar.data[start:stop], kind="stable")[:limit]
            kept[start + order] = True
        before = np.concatenate(([0], np.cumsum(kept)))
        return csr_array(
            (similar.data[kept], similar.indices[kept], before[similar.indptr]), shape=similar.shape
        )
