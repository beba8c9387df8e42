"""Who likes what, as weights in a loss."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zetdard.data.taste import Labelled
from zetdard.data.types import Csr, Floats, Rows


@dataclass(frozen=True, slots=True, eq=False)
class LabelWeights:
    """The weight of each label: both classes of a listener weigh the same together, and a listener as many as their labels.

    With n labels of a listener, n₊ of them likes: n / (2 n₊) for a like and n / (2 n₋) for another. The log-odds that are
    learned so are 0 where a song is as likely to come from the liked as from the others, however few are liked. A
    listener with labels of one class has nothing to tell apart, and no weight.

    Attributes:
        likes: CSR, shape (songs, listeners): the weight of "likes it".
        others: CSR, of the same shape: the weight of "does not".
    """

    likes: Csr
    others: Csr

    @classmethod
    def of_listeners(cls, n_songs: int, listeners: Sequence[Labelled]) -> LabelWeights:
        """Weigh listeners' labels."""
        none = np.empty(0, np.int32)
        rows = np.concatenate([none, *(one.rows for one in listeners)])
        columns = np.repeat(np.arange(len(listeners)), [len(one.rows) for one in listeners])
        liked = np.concatenate([np.empty(0, np.bool_), *(one.liked for one in listeners)])
        return cls.of_pairs((n_songs, len(listeners)), rows, columns.astype(np.int32), liked)

    @classmethod
    def of_pairs(
        cls, shape: tuple[int, int], songs: Rows, listeners: Rows, liked: NDArray[np.bool_]
    ) -> LabelWeights:
        """Weigh labelled pairs.

        Args:
            shape: Numbers of songs and listeners.
            songs: Shape (pairs,).
            listeners: Shape (pairs,); no pair twice.
            liked: Shape (pairs,).
        """
        sizes = [np.bincount(listeners[which], minlength=shape[1]) for which in (liked, ~liked)]
        both = np.minimum(*sizes) > 0
        matrices = []
        for which, size in zip((liked, ~liked), sizes, strict=True):
            weight = np.where(both, (sizes[0] + sizes[1]) / (2.0 * np.maximum(size, 1)), 0)
            places = (songs[which], listeners[which])
            matrix = csr_array((weight[listeners[which]].astype(np.float32), places), shape=shape)
            matrix.eliminate_zeros()
            matrices.append(matrix)
        return cls(matrices[0], matrices[1])

    @property
    def n_listeners(self) -> int:
        """Number of listeners."""
        return int(self.likes.shape[1])

    def songs(self) -> Rows:
        """Return the songs with a label, ascending."""
        counts = np.diff(self.likes.indptr) + np.diff(self.others.indptr)
        return np.flatnonzero(counts).astype(np.int32)

    def dense(self, rows: Rows) -> tuple[Floats, Floats]:
        """Return the weights of songs: two arrays of shape (len(rows), listeners)."""
        return self.likes[rows].toarray(), self.others[rows].toarray()

    def liked_mass(self) -> Floats:
        """Return the weight of all likes of each song: shape (songs,)."""
        return np.asarray(self.likes.sum(axis=1), dtype=np.float32).reshape(-1)

    def digest(self) -> str:
        """Return the identity of the labels."""
        digest = hashlib.sha256(repr(self.likes.shape).encode())
        for matrix in (self.likes, self.others):
            for array in (matrix.indptr, matrix.indices, matrix.data):
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:32]
