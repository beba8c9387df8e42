"""Scored items in order, with one rule for ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.data.types import Floats, Rows
from zetdard.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Items, best first.

    Attributes:
        items: Rows, shape (n,), score descending, then row ascending.
        scores: Shape (n,), float32.
    """

    items: Rows
    scores: Floats

    def __len__(self) -> int:
        return len(self.items)

    def head(self, n: int) -> Ranking:
        """Return the first ``n``."""
        return Ranking(self.items[:n], self.scores[:n])


def rank(scores: Floats, eligible: NDArray[np.bool_] | None = None, n: int | None = None) -> Ranking:
    """Order the eligible items by score descending, then row ascending.

    Args:
        scores: Shape (items,); finite where eligible.
        eligible: Shape (items,); ``None`` = all.
        n: How many to keep; ``None`` = all.

    Raises:
        InputError: An eligible score is NaN.
    """
    items = np.arange(len(scores)) if eligible is None else np.flatnonzero(eligible)
    values = scores[items]
    if np.isnan(values).any():
        raise InputError("a score is not a number")
    if n is not None and n < len(items):
        if n <= 0:
            items, values = items[:0], values[:0]
        else:
            # Everything at or above the n-th best value, so that ties at the edge are settled by row.
            edge = np.partition(values, len(values) - n)[len(values) - n]
            kept = values >= edge
            items, values = items[kept], values[kept]
    order = np.argsort(-values, kind="stable")[:n]
    return Ranking(items[order].astype(np.int32), values[order].astype(np.float32))
