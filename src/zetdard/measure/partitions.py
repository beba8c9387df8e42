"""How well two ways of sorting the same things into clusters agree, and how well clusters lie apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zetdard.data.types import Floats
from zetdard.errors import InputError

Labels = NDArray[np.integer]
"""The cluster of each thing, counted from 0: shape (things,)."""


def adjusted_rand(a: Labels, b: Labels) -> float:
    """Adjusted Rand index: 1 where both sort alike, 0 on average where they agree by chance; it may be below 0.

    With n_ij things in cluster i of ``a`` and j of ``b``, row sums a_i, column sums b_j and C(m) = m (m − 1) / 2::

        (Σ C(n_ij) − E) / ((Σ C(a_i) + Σ C(b_j)) / 2 − E),  E = Σ C(a_i) · Σ C(b_j) / C(n)

    Where both have one cluster only, or every thing its own, it is 1.

    Hubert and Arabie, "Comparing partitions", Journal of Classification 2 (1985), equation 5.

    Raises:
        InputError: They are about different numbers of things.
    """
    if a.shape != b.shape or a.ndim != 1:
        raise InputError("two ways of sorting are compared on the same things")
    _, rows = np.unique(a, return_inverse=True)
    _, columns = np.unique(b, return_inverse=True)
    width = int(columns.max(initial=0)) + 1
    _, both = np.unique(rows * width + columns, return_counts=True)
    of_both, of_a, of_b = (_pairs(counts) for counts in (both, np.bincount(rows), np.bincount(columns)))
    all_pairs = _pairs(np.array([len(a)]))
    expected = of_a * of_b / all_pairs if all_pairs else 0.0
    most = (of_a + of_b) / 2
    return 1.0 if most == expected else (of_both - expected) / (most - expected)


def _pairs(counts: NDArray[np.integer]) -> float:
    numbers = counts.astype(np.float64)
    return float((numbers * (numbers - 1) / 2).sum())


def silhouette(points: Floats, of: Labels) -> float:
    """Mean silhouette width, −1 … 1: how much nearer things are to their own cluster than to the next one.

    For each thing (b − a) / max(a, b), where a is its mean Euclidean distance to the others of its cluster and b the
    least of the mean distances to another cluster; 0 where it is alone in its cluster.

    Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", Journal of
    Computational and Applied Mathematics 20 (1987).

    Args:
        points: Shape (things, columns).
        of: Shape (things,).

    Raises:
        InputError: There are fewer than two clusters, or shapes differ.
    """
    _, labels, sizes = np.unique(of, return_inverse=True, return_counts=True)
    if len(labels) != len(points) or len(sizes) < 2:
        raise InputError("a silhouette needs two clusters of the same things")
    values = points.astype(np.float64)
    squares = np.square(values).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * values @ values.T, 0))
    np.fill_diagonal(distances, 0)
    sums = distances @ np.eye(len(sizes))[labels]  # (things, clusters)
    things = np.arange(len(values))
    alone = sizes[labels] == 1
    own = sums[things, labels] / np.maximum(sizes[labels] - 1, 1)
    means = sums / sizes
    means[things, labels] = np.inf
    other = means.min(axis=1)
    widths = np.where(alone, 0.0, (other - own) / np.maximum(np.maximum(own, other), 1e-300))
    return float(widths.mean())
