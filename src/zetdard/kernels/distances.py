"""Distances between many points and few: what a kernel machine spends its time on when it scores a catalogue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zetdard.errors import InputError


def manhattan(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Σ_k |a[i, k] − b[j, k]|: shapes (n, d), (m, d) → (n, m).

    The same numbers as ``scipy.spatial.distance.cdist(a, b, "cityblock")``, bit for bit.

    Raises:
        InputError: The points are not of one space.
    """
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise InputError(f"points of one space have as many columns each, not {a.shape} and {b.shape}")
    from zetdard.kernels.distances_rows import add_absolute

    totals = np.zeros((len(a), len(b)))
    rows, turned = np.ascontiguousarray(a, np.float64), np.ascontiguousarray(b.T, np.float64)
    add_absolute(rows, turned, totals)
    return totals
