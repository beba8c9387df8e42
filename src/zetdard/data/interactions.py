"""Who holds what: a sparse users × items matrix with its two vocabularies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from zetdard.data.types import Csr, Floats, Rows, Times
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError


def ones_like(matrix: Csr, dtype: type[np.floating[Any]] = np.float32) -> Csr:
    """Return a CSR matrix with every stored value replaced by 1; it shares the pattern's arrays."""
    return csr_array((np.ones(matrix.nnz, dtype), matrix.indices, matrix.indptr), shape=matrix.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """What each user holds. Items are songs, or artists where a source counts only artists.

    Attributes:
        users: Vocabulary of the rows.
        items: Vocabulary of the columns.
        matrix: CSR, shape (users, items), float32, sorted unique indices, no explicit zeros. A value is the
            strength (1 for "holds", a play count where one is known); it is positive and finite.
        times: For each stored value, when it began (ms UTC; 0 = not known), or ``None`` where no source
            states times.
    """

    users: Vocabulary
    items: Vocabulary
    matrix: Csr
    times: Times | None = None

    def __post_init__(self) -> None:
        matrix = self.matrix
        if matrix.shape != (len(self.users), len(self.items)):
            raise InputError(
                f"the matrix is {matrix.shape[0]} × {matrix.shape[1]}, the vocabularies are "
                f"{len(self.users)} × {len(self.items)}"
            )
        if matrix.dtype != np.float32 or not matrix.has_canonical_format:
            raise InputError("interactions need float32 values with sorted, unique column indices")
        if not np.isfinite(matrix.data).all() or (matrix.data <= 0).any():
            raise InputError("every interaction needs a positive, finite strength")
        if self.times is not None and self.times.shape != matrix.data.shape:
            raise InputError("times must have one entry for each interaction")

    @classmethod
    def from_pairs(
        cls,
        users: Vocabulary,
        items: Vocabulary,
        user_rows: Rows,
        item_rows: Rows,
        strengths: Floats | None = None,
        times: Times | None = None,
    ) -> Interactions:
        """Build from parallel arrays, one entry a pair.

        A pair that occurs more than once keeps the sum of its strengths (without ``strengths``: 1) and its
        earliest known time.

        Args:
            users: Vocabulary of ``user_rows``.
            items: Vocabulary of ``item_rows``.
            user_rows: Shape (n,).
            item_rows: Shape (n,).
            strengths: Shape (n,), positive; ``None`` = holds or does not hold.
            times: Shape (n,), ms UTC, 0 = not known.
        """
        shape = (len(users), len(items))
        values = np.ones(len(user_rows), np.float32) if strengths is None else strengths.astype(np.float32)
        matrix = coo_array((values, (user_rows, item_rows)), shape=shape).tocsr()
        matrix.sum_duplicates()
        if strengths is None:
            matrix.data[:] = 1
        if times is None or len(times) == 0:
            return cls(users, items, matrix)
        # The earliest known time of each pair: sort by (user, item, unknown last, time), take the first.
        known = np.where(times == 0, np.iinfo(np.int64).max, times)
        order = np.lexsort((known, item_rows, user_rows))
        u, i = user_rows[order], item_rows[order]
        first = np.ones(len(order), bool)
        first[1:] = (u[1:] != u[:-1]) | (i[1:] != i[:-1])
        return cls(users, items, matrix, times[order][first].astype(np.int64))

    @property
    def n_users(self) -> int:
        """Number of rows."""
        return len(self.users)

    @property
    def n_items(self) -> int:
        """Number of columns."""
        return len(self.items)

    def __len__(self) -> int:
        return int(self.matrix.nnz)

    def held(self, user_row: int) -> Rows:
        """Return the items that a user holds: rows, ascending."""
        start, stop = self.matrix.indptr[user_row], self.matrix.indptr[user_row + 1]
        return np.asarray(self.matrix.indices[start:stop], dtype=np.int32)

    def item_degrees(self) -> NDArray[np.int64]:
        """Return how many users hold each item: shape (items,)."""
        return np.bincount(self.matrix.indices, minlength=self.n_items).astype(np.int64)

    def user_degrees(self) -> NDArray[np.int64]:
        """Return how many items each user holds: shape (users,)."""
        return np.asarray(np.diff(self.matrix.indptr), dtype=np.int64)

    def binary(self) -> Csr:
        """Return the matrix with every strength replaced by 1: CSR, shape (users, items), float32."""
        return ones_like(self.matrix)

    def keep(self, mask: NDArray[np.bool_]) -> Interactions:
        """Return only the interactions where ``mask`` (one entry each, in storage order) is true."""
        matrix = self.matrix
        kept_before = np.concatenate(([0], np.cumsum(mask)))
        kept = csr_array(
            (matrix.data[mask], matrix.indices[mask], kept_before[matrix.indptr]), shape=matrix.shape
        )
        return Interactions(self.users, self.items, kept, None if self.times is None else self.times[mask])


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """What some listeners hold, as questions to a fitted model.

    Attributes:
        matrix: CSR, shape (listeners, items), float32; the columns are the model's items.
        users: Shape (listeners,): the listener's row in the data the model was fitted on, or −1 for a
            listener it has never seen. Models that compare with other users leave this row out.
    """

    matrix: Csr
    users: Rows

    def __post_init__(self) -> None:
        if self.users.shape != (self.matrix.shape[0],):
            raise InputError("histories need one user row for each listener")

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    @classmethod
    def of_users(cls, interactions: Interactions, rows: Rows) -> Histories:
        """Return the stored histories of known users."""
        return cls(interactions.matrix[rows], np.asarray(rows, np.int32))

    @classmethod
    def of_items(cls, items: Rows, n_items: int, *, user: int = -1) -> Histories:
        """Return the history of one listener who holds ``items``."""
        columns = np.unique(items).astype(np.int32)
        matrix = csr_array(
            (np.ones(len(columns), np.float32), columns, np.array([0, len(columns)])), shape=(1, n_items)
        )
        return cls(matrix, np.array([user], np.int32))
