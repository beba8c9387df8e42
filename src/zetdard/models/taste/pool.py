"""The pool: the clusters of songs nearest to a listener's own, which supply the songs that are scored.

k-means by Lloyd's rounds ("Least squares quantization in PCM", 1982) from the seeds of Arthur and Vassilvitskii
("k-means++: the advantages of careful seeding", SODA 2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zetdard.data.types import Floats, Rows

Points = TypeVar("Points", Floats, NDArray[np.float64])

_ROWS_AT_ONCE = 4096
_ROUNDS = 12
_MOST_CLUSTERS = 256


def usual_clusters(n_songs: int) -> int:
    """Return how many clusters a catalogue is cut into: √songs, at most 256."""
    return min(int(np.ceil(np.sqrt(n_songs))), _MOST_CLUSTERS)


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Songs in clusters.

    Attributes:
        of: Shape (songs,), int32: each song's cluster.
        centres: Shape (clusters, columns), float32: the mean of each cluster's songs.
    """

    of: Rows
    centres: Floats

    @classmethod
    def learn(cls, points: Floats, n_clusters: int, *, seed: int) -> Clusters:
        """Cut points into clusters by k-means; fewer, where there are fewer different points.

        Args:
            points: Shape (songs, columns).
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
            # A cluster that has lost its songs stays where it is.
            centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres).astype(
                np.float32
            )
            after = nearest(points, centres)
            if (after == of).all():
                break
            of = after
        return cls(of, centres)

    def pool(self, own: Floats, share: float) -> NDArray[np.bool_]:
        """Return the songs of the clusters nearest to a listener's songs: shape (songs,).

        A song of the listener speaks for cluster c with 1 / (1 + (d²_c − d²_min) / h), d_c its distance to the centre and
        h the mean over the listener's songs of d²_min. The clusters with the largest sums are taken until they hold
        ``share`` of the songs.

        Args:
            own: Points of the listener's songs, shape (n, columns), n ≥ 1.
            share: 0 … 1.
        """
        distances = _squared(own.astype(np.float64), self.centres.astype(np.float64))
        least = distances.min(axis=1, keepdims=True)
        votes = (1 / (1 + (distances - least) / max(float(least.mean()), 1e-9))).sum(axis=0)
        order = np.lexsort((np.arange(len(votes)), -votes))
        sizes = np.bincount(self.of, minlength=len(self.centres))[order]
        needed = np.cumsum(sizes) - sizes < share * len(self.of)
        return np.asarray(np.isin(self.of, order[needed]), dtype=np.bool_)


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
    least = _squared(points, points[chosen])[:, 0].astype(np.float64)
    while len(chosen) < n_clusters and least.sum() > 1e-9 * len(points):
        chosen.append(int(random.choice(len(points), p=least / least.sum())))
        least = np.minimum(least, _squared(points, points[chosen[-1:]])[:, 0])
        least[chosen] = 0
    return points[chosen]


def nearest(points: Points, centres: Points) -> Rows:
    """Return for each point the number of the nearest centre: shape (points,); of equals the first."""
    of = np.zeros(len(points), np.int32)
    for start in range(0, len(points), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        of[part] = _squared(points[part], centres).argmin(axis=1)
    return of


def _squared(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    lengths = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1)[None, :]
    return np.asarray(np.maximum(lengths - 2 * (a @ b.T), 0))
