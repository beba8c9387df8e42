"""How alike two listeners are, from what both hold. Five named similarities, one implementation.

Each is computed only against users who share at least one item with the listener; everybody else has 0.

With S(u) what u holds, d(u) = |S(u)| and n(i) how many users hold i:

=============  ======================================================================================
thesis         |S(u) ∩ S(v)| · min(d(u), d(v)) / max(d(u), d(v))    (thesis 3.1: shared songs, and how
               close the numbers of neighbours are; threshold 1)
overlap        |S(u) ∩ S(v)|
cosine         |S(u) ∩ S(v)| / √(d(u) · d(v))
jaccard        |S(u) ∩ S(v)| / |S(u) ∪ S(v)|
adamic-adar    Σ_{i ∈ S(u) ∩ S(v)} 1 / ln n(i), with n(i) ≥ 2 (Adamic & Adar 2003, eq. 1): what few
               people share says more
=============  ======================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.sparse import csr_array, diags_array

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

Similarity = Literal["adamic-adar", "cosine", "jaccard", "overlap", "thesis"]
SIMILARITIES: tuple[Similarity, ...] = get_args(Similarity)

_THRESHOLDS: Mapping[Similarity, float] = {"thesis": 1.0}


class UserSimilarityConfig(Config):
    """Settings of a user similarity."""

    similarity: Similarity = "adamic-adar"
    threshold: float | None = Field(default=None, ge=0)
    """Users below it count as not similar; ``None`` = the similarity's own: 1 for ``thesis``, else 0."""


class UserSimilarity:
    """People with a like taste: scores users for each listener."""

    name: ClassVar[str] = "user-similarity"
    summary: ClassVar[str] = "people who share songs with you"
    personal: ClassVar[bool] = True
    config_class: ClassVar[type[UserSimilarityConfig]] = UserSimilarityConfig
    learned: ClassVar[Mapping[str, str]] = {
        "n_items": "(1,): number of items",
        "indptr": "(users + 1,): where each user's items begin",
        "indices": "(entries,): the items that each user holds",
    }

    def __init__(self, config: UserSimilarityConfig | None = None) -> None:
        self.config = config or UserSimilarityConfig()
        self._state: Mapping[str, NDArray[Any]] | None = None
        # Both follow from the state and are made when first needed.
        self._held: Csr = None
        self._rare: NDArray[np.float64] | None = None

    def fit(self, data: TrainingData) -> Self:
        """Note who holds what."""
        held = data.interactions.matrix
        return self.restore(
            {
                "n_items": np.array([held.shape[1]], np.int64),
                "indptr": held.indptr.astype(np.int64),
                "indices": held.indices.astype(np.int32),
            }
        )

    def score(self, histories: Histories) -> Floats:
        """Return the similarity of each listener to each user: shape (listeners, users)."""
        return np.asarray(self.similarities(histories).toarray(), dtype=np.float32)

    def similarities(self, histories: Histories) -> Csr:
        """Return the similarities as CSR, shape (listeners, users); a listener is not similar to themselves."""
        others = self._matrix()
        check_histories(histories, others.shape[1])
        held = ones_like(histories.matrix, np.float64)
        if self.config.similarity == "adamic-adar":
            held = held @ diags_array(self._rarity(), shape=(others.shape[1], others.shape[1]))
        # (listeners × items) @ (items × users): only users who share an item get an entry.
        shared = (held @ others.T).tocoo()
        values = self._combine(
            shared.data, np.diff(histories.matrix.indptr)[shared.row], np.diff(others.indptr)[shared.col]
        )
        threshold = self._threshold()
        kept = (values > 0) & (values >= threshold) & (shared.col != histories.users[shared.row])
        similar = csr_array((values[kept], (shared.row[kept], shared.col[kept])), shape=shared.shape)
        similar.sort_indices()
        return similar

    def contributions(self, history: Histories, item: int) -> Contributions:
        """Return how much each shared item adds to the likeness of user ``item``."""
        theirs = self._matrix()[[item]].indices
        shared = np.intersect1d(history.matrix.indices, theirs)
        rare = self.config.similarity == "adamic-adar"
        amounts = self._rarity()[shared] if rare else np.ones(len(shared))
        return Contributions.ordered(shared, amounts)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        return {name: self._array(name) for name in self.learned}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays."""
        self._state = checked_state(state, self.learned, self.name)
        self._held = self._rare = None
        return self

    def _array(self, name: str) -> NDArray[Any]:
        return learned_array(self._state, self.name, name)

    def _matrix(self) -> Csr:
        """Return who holds what: CSR, shape (users, items), binary."""
        indptr, indices = self._array("indptr"), self._array("indices")
        if self._held is None:
            shape = (len(indptr) - 1, int(self._array("n_items")[0]))
            self._held = csr_array((np.ones(len(indices)), indices, indptr), shape=shape)
        return self._held

    def _rarity(self) -> NDArray[np.float64]:
        """Return 1 / ln n(i) for each item; an item of fewer than two holders counts like one of two."""
        if self._rare is None:
            holders = np.bincount(self._array("indices"), minlength=int(self._array("n_items")[0]))
            self._rare = np.asarray(1 / np.log(np.maximum(holders, 2)))
        return self._rare

    def _threshold(self) -> float:
        given = self.config.threshold
        return _THRESHOLDS.get(self.config.similarity, 0.0) if given is None else given

    def _combine(
        self, shared: NDArray[np.float64], mine: NDArray[np.int64], theirs: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Apply the formula: all arguments have shape (pairs,)."""
        match self.config.similarity:
            case "thesis":
                return np.asarray(shared * np.minimum(mine, theirs) / np.maximum(mine, theirs))
            case "cosine":
                return np.asarray(shared / np.sqrt(mine * theirs))
            case "jaccard":
                return shared / (mine + theirs - shared)
            case "overlap" | "adamic-adar":
                return shared
