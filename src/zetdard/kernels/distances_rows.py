"""Compiled loops of :mod:`zetdard.kernels.distances`; import that module instead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zetdard.kernels.cache import compiled

Doubles = NDArray[np.float64]


_POINTS = "Array(float64, 2, 'C', readonly=True)"
"""Takes points that may be written to as well."""


@compiled(f"void({_POINTS}, {_POINTS}, float64[:, ::1])")
def add_absolute(a: Doubles, turned: Doubles, totals: Doubles) -> None:
    """Add Σ_k |a[i, k] − turned[k, j]| to ``totals[i, j]``, the terms of each sum in the order of their columns.

    The innermost loop runs over ``j``: sums of neighbours are independent, so that the processor adds several at once without
    any sum being taken in another order.
    """
    for i in range(a.shape[0]):
        total = totals[i]
        for k in range(a.shape[1]):
            value, others = a[i, k], turned[k]
            for j in range(turned.shape[1]):
                total[j] += abs(value - others[j])
