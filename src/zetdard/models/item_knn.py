"""``item-knn``: items that are held by the same users as the items you hold.

Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001; the asymmetric cosine is
that of Aiolli, "Efficient top-N recommendation for very large scale binary rated datasets", RecSys 2013, with a
shrinkage term that holds back items which few users share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.sparse import csr_array

from zetdard.data.interactions import Histories
from zetdard.data.types import Csr, Floats
from zetdard.errors import InputError, NotFittedError
from zetdard.models.base import (
    Config,
    Contributions,
    TrainingData,
    check_histories,
    checked_state,
    learned_array,
)

_ENTRIES_AT_ONCE = 2**24
"""Upper bound of the weights computed at once (200 MiB), unless one item alone has more."""
_LISTENERS_AT_ONCE = 256
_GRID = 2.0**40
"""Weights are whole multiples of 1 / _GRID."""


class ItemKNNConfig(Config):
    """Settings of ``item-knn``."""

    shrink: float = Field(5.0, ge=0, description="added to the denominator: doubt about items held by few")
    alpha: float = Field(
        0.4, ge=0, le=1, description="exponent of the held item's degree; 0.5 is the symmetric cosine"
    )
    neighbours: int | None = Field(
        None, ge=1, description="how many nearest items a held item speaks for; none = all"
    )


class ItemKNN:
    """Score of j = Σ over the items i that the listener holds of w(i→j).

    w(i→j) = |U(i) ∩ U(j)| / (n_i^α · n_j^(1−α) + shrink), w(i→i) = 0, where U(i) are the users who hold i and
    n_i = |U(i)|. With ``neighbours`` = K, a held item i passes its weight only to the K items of largest
    w(i→j), equal weights by lower row. Strengths of interactions are not used.

    All weights together would be a matrix of items × items. What is learned is only who holds what; the rows of
    the weights that a batch of listeners needs are computed when it asks, each once.
    """

    name: ClassVar[str] = "item-knn"
    summary: ClassVar[str] = "items held together with yours (cosine neighbours)"
    personal: ClassVar[bool] = True
    config_class: ClassVar[type[ItemKNNConfig]] = ItemKNNConfig
    learned: ClassVar[Mapping[str, str]] = {
        "indptr": "int64 (items + 1,): where each item's stretch of `holders` begins",
        "holders": "int32 (interactions,): rows of the users who hold each item, ascending",
        "n_users": "int64 (1,): number of users",
    }

    def __init__(self, config: ItemKNNConfig | None = None) -> None:
        self._config = config or ItemKNNConfig()
        self._forget()

    def _forget(self) -> None:
        self._state: dict[str, NDArray[Any]] | None = None
        # Both follow from the state: CSR, binary, float64, shape (items, users) and (users, items).
        self._users_of: Csr = None
        self._items_of: Csr = None

    @property
    def config(self) -> ItemKNNConfig:
        """The settings it was made with."""
        return self._config

    def fit(self, data: TrainingData) -> Self:
        """Keep who holds each item."""
        users_of = data.interactions.binary().T.tocsr()
        return self.restore(
            {
                "indptr": users_of.indptr.astype(np.int64),
                "holders": users_of.indices.astype(np.int32),
                "n_users": np.array([data.interactions.n_users], np.int64),
            }
        )

    def score(self, histories: Histories) -> Floats:
        """Sum the weights of what each listener holds: shape (listeners, items); zeros without history."""
        self._check(histories)
        held = _binary(histories.matrix)
        needed = np.unique(held.indices)
        # Columns of `held` become positions in `needed`.
        held = csr_array(
            (held.data, np.searchsorted(needed, held.indices), held.indptr),
            shape=(len(held.indptr) - 1, len(needed)),
        )
        total = np.zeros((len(histories), histories.matrix.shape[1]))
        for first, last in self._blocks(needed):
            weights = self._weights(needed[first:last])  # (last - first, items)
            here = held[:, first:last]
            for start in range(0, len(histories), _LISTENERS_AT_ONCE):
                rows = slice(start, start + _LISTENERS_AT_ONCE)
                total[rows] += (here[rows] @ weights).toarray()
        return total.astype(np.float32)

    def contributions(self, history: Histories, item: int) -> Contributions:
        """Say how much each of the listener's items adds to the score of ``item``; the amounts sum to it."""
        self._check(history)
        n_items = history.matrix.shape[1]
        if len(history) != 1 or not 0 <= item < n_items:
            raise InputError(f"contributions need one listener and an item row below {n_items}")
        held = np.unique(_binary(history.matrix).indices)
        if self._config.neighbours is not None:
            return Contributions.ordered(held, self._weights(held)[:, [item]].toarray().ravel())
        # One column of the weights, without the rows around it.
        holds_item = np.zeros(self._users_of.shape[1])
        holds_item[self._users_of[[item]].indices] = 1
        common = self._users_of[held] @ holds_item
        common[held == item] = 0
        return Contributions.ordered(held, self._weight(common, held, np.array([item])))

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        return {name: learned_array(self._state, self.name, name) for name in self.learned}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays and return itself."""
        self._forget()
        state = checked_state(state, self.learned, self.name)
        indptr, holders = state["indptr"], state["holders"]
        shape = (len(indptr) - 1, int(state["n_users"][0]))
        self._users_of = csr_array((np.ones(len(holders)), holders, indptr), shape=shape)
        self._items_of = self._users_of.T.tocsr()
        self._state = state
        return self

    def _check(self, histories: Histories) -> None:
        if self._state is None:
            raise NotFittedError(f"the model {self.name} has not been fitted")
        check_histories(histories, self._users_of.shape[0])

    def _blocks(self, items: NDArray[np.int32]) -> Iterator[tuple[int, int]]:
        """Cut ``items`` into stretches whose weights fit into memory together."""
        # An item's row of weights has no more entries than its holders hold items.
        degrees = np.diff(self._items_of.indptr).astype(np.float64)
        entries = np.minimum(self._users_of[items] @ degrees, self._users_of.shape[0])
        first = 0
        while first < len(items):
            fitting = int(np.searchsorted(np.cumsum(entries[first:]), _ENTRIES_AT_ONCE, side="right"))
            last = first + max(fitting, 1)
            yield first, last
            first = last

    def _weights(self, items: NDArray[np.int32]) -> Csr:
        """Return w(i→j) for each i in ``items``: CSR, shape (len(items), all items), float64."""
        weights = self._users_of[items] @ self._items_of
        place = np.repeat(np.arange(len(items)), np.diff(weights.indptr))
        common = np.where(weights.indices == items[place], 0.0, weights.data)
        weights.data = self._weight(common, items[place], weights.indices)
        return weights if self._config.neighbours is None else _largest(weights, self._config.neighbours)

    def _weight(
        self, common: NDArray[np.float64], of: NDArray[np.int32], to: NDArray[np.integer[Any]]
    ) -> NDArray[np.float64]:
        """Turn numbers of common users into weights: w(of→to), same shape as ``common``."""
        degrees = np.diff(self._users_of.indptr).astype(np.float64)
        config = self._config
        # Powers once an item, not once a pair. An item nobody holds has no common user, and 1 avoids 0 / 0.
        left = np.maximum(degrees, 1) ** config.alpha
        right = np.maximum(degrees, 1) ** (1 - config.alpha)
        weights = common / (left[of] * right[to] + config.shrink)
        # Weights are at most 1. On a grid of 2⁻⁴⁰, sums of up to 2¹³ of them are exact in 53 bits, whatever the
        # order: a listener's scores do not depend on the batch, on the blocks or on the numbering of items.
        rounded: NDArray[np.float64] = np.rint(weights * _GRID) / _GRID
        return rounded


def _binary(matrix: Csr) -> Csr:
    """Return which items each listener holds: CSR, same shape, float64, ones only."""
    held = csr_array(
        ((matrix.data > 0).astype(np.float64), matrix.indices, matrix.indptr), shape=matrix.shape
    )
    # A copy: eliminate_zeros works in place, and the arrays belong to the caller.
    held = held.copy()
    held.eliminate_zeros()
    return held


def _largest(weights: Csr, count: int) -> Csr:
    """Keep the ``count`` largest entries of each row, equal entries by lower column."""
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    order = np.lexsort((weights.indices, -weights.data, rows))
    # Sorted by row first, so that place p of the order lies in the same row's stretch as storage place p.
    order = order[np.arange(len(order)) - weights.indptr[rows] < count]
    return csr_array((weights.data[order], (rows[order], weights.indices[order])), shape=weights.shape)
