"""Mean and standard deviation of what comes in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zetdard.errors import NoDataError

Reals = NDArray[np.float64]


class Moments:
    """Running mean and population standard deviation of the rows of blocks.

    Reference: T. Chan, G. Golub, R. LeVeque, *Updating formulae and a pairwise algorithm for computing sample variances*,
    1979: the merging of two samples, stable for values far from 0.
    """

    def __init__(self) -> None:
        self.n = 0
        self._mean: Reals = np.zeros(0)
        self._squares: Reals = np.zeros(0)

    def add(self, rows: NDArray[Any]) -> None:
        """Take in a block of shape (rows, columns)."""
        n = len(rows)
        if not n:
            return
        # A sum in float32 would lose what a block of a few hundred rows adds.
        mean = rows.mean(axis=0, dtype=np.float64)
        squares = ((rows - mean) ** 2).sum(axis=0, dtype=np.float64)
        if not self.n:
            self.n, self._mean, self._squares = n, mean, squares
            return
        total = self.n + n
        step = mean - self._mean
        self._mean = self._mean + step * (n / total)
        self._squares = self._squares + squares + step**2 * (self.n * n / total)
        self.n = total

    @property
    def mean(self) -> Reals:
        """Shape (columns,)."""
        self._refuse_empty()
        return self._mean

    @property
    def sd(self) -> Reals:
        """Shape (columns,); of the population, divided by n."""
        self._refuse_empty()
        out: Reals = np.sqrt(self._squares / self.n)
        return out

    def _refuse_empty(self) -> None:
        if not self.n:
            raise NoDataError("no rows have been added yet")
