"""Points in clusters: k-means, for what learns from clusters and what shows them.

Lloyd's rounds ("Least squares quantization in PCM", 1982) from the seeds of Arthur and Vassilvitskii ("k-means++: the
advantages of careful seeding", SODA 2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zetdard.data.types import Floats, Rows

Points = TypeVar("Points", Floats, NDArray[np.float64])

_ROWS_AT_ONCE = 4096
_ROUNDS = 12


@dataclass(frozen=True, slots=True, eq=False)
class KMeans:
    """Points in clusters.

    Attributes:
        of: Shape (points,), int32: each point's cluster.
        centres: Shape (clusters, columns), float32: the mean of each cluster's points.
    """

    of: Rows
    centres: Floats

    @classmethod
    def learn(cls, points: Floats, n_clusters: int, *, seed: int) -> Self:
        """Cut points into clusters; fewer, where there are fewer different points.

        Args:
            points: Shape (points, columns).
            n_clusters: How many.
            seed: Of the first centres.
        """
        centres = first_centres(points, n_clusters, np.random.default_rng(seed))
        of = nearest(points, centres)
        ones, rows = np.ones(len(points), np.float32), np.arange(len(points) + 1)
        for _ in range(_ROUNDS):
            sizes = np.bincount(of, minlength=len(centres))
            membership = csr_array((ones, of, rows), shape=(len(points), len(centres)))
            sums = np.asarray(membership.T @ points)
            # A cluster that has lost its points stays where it is.
            centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres).astype(
                np.float32
            )
            after = nearest(points, centres)
            if (after == of).all():
                break
            of = after
        return cls(of, centres)


def first_centres(points: Points, n_clusters: int, random: np.random.Generator) -> Points:
    """Draw centres one by one, each point with a chance in proportion to its squared distance to those there are.

    Args:
        points: Shape (points, columns).
        n_clusters: How many; fewer are drawn where there are fewer different points.
        random: Draws them.
    """
    if not len(points):
        return points[:0]
    chosen = [int(random.integers(len(points)))]
    least = squared_distances(points, points[chosen])[:, 0].astype(np.float64)
    while len(chosen) < n_clusters and least.sum() > 1e-9 * len(points):
        chosen.append(int(random.choice(len(points), p=least / least.sum())))
        least = np.minimum(least, squared_distances(points, points[chosen[-1:]])[:, 0])
        least[chosen] = 0
    return points[chosen]


def nearest(points: Points, centres: Points) -> Rows:
    """Return for each point the number of the nearest centre: shape (points,); of equals the first."""
    of = np.zeros(len(points), np.int32)
    for start in range(0, len(points), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        of[part] = squared_distances(points[part], centres).argmin(axis=1)
    return of


def squared_distances(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return squared Euclidean distances: shape (points of a, points of b)."""
    lengths = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1)[None, :]
    return np.asarray(np.maximum(lengths - 2 * (a @ b.T), 0))
