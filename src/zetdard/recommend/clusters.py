"""Artists' styles and listeners' tastes in clusters: into how many, how stable they are, and who is typical of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from zetdard.data.clusters import KMeans, nearest
from zetdard.data.types import Floats, Rows
from zetdard.errors import NoDataError
from zetdard.measure.partitions import adjusted_rand, silhouette

_STARTS = 5
"""k-means from so many seeds; the one with the least squared distances is kept."""
_RESAMPLES = 10
_MOST_JUDGED = 2_000
"""Points of which all distances are taken (32 MiB)."""
_CANDIDATES = 10


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """Points in clusters, the largest first.

    Attributes:
        of: Shape (points,): the cluster of each.
        centres: Shape (clusters, columns): means.
        silhouette: Mean silhouette width, by which the number of clusters was chosen.
        stability: Mean adjusted Rand index of two clusterings of resampled points.
    """

    of: Rows
    centres: Floats
    silhouette: float
    stability: float

    @classmethod
    def learn(cls, points: Floats, *, most: int = 8, seed: int = 0) -> Clustering:
        """Cut points into 2 … ``most`` clusters by k-means, as many as give the largest mean silhouette width.

        Stability: points are drawn with replacement, as many as there are, ten times; each draw is clustered anew into
        as many clusters, and sorts all points to its nearest centres. The bootstrap of Fang and Wang ("Selection of
        the number of clusters via the bootstrap method", Computational Statistics & Data Analysis 56, 2012), compared
        by the adjusted Rand index. Of more than 2,000 points a sample is judged for the silhouette.

        Args:
            points: Shape (points, columns).
            most: The most clusters.
            seed: Of all draws.

        Raises:
            NoDataError: Fewer than three points are different.
        """
        n_different = len(np.unique(points, axis=0))
        if n_different < 3:
            raise NoDataError("fewer than three are different: nothing to sort into clusters")
        judged = np.sort(np.random.default_rng((seed, 0)).permutation(len(points))[:_MOST_JUDGED])
        best: tuple[float, KMeans] | None = None
        for number in range(2, min(most, n_different - 1) + 1):
            found = _least_squares(points, number, seed)
            if len(np.unique(found.of[judged])) < 2:
                continue
            width = silhouette(points[judged], found.of[judged])
            if best is None or width > best[0]:
                best = width, found
        if best is None:
            raise NoDataError("nothing can be told apart: all but a few lie at one place")
        width, kept = best
        return cls(*_largest_first(kept), width, _stability(points, len(kept.centres), seed))

    def __len__(self) -> int:
        return len(self.centres)

    def members(self, cluster: int) -> NDArray[np.int64]:
        """Return the points of a cluster: positions, ascending."""
        return np.flatnonzero(self.of == cluster)


def _least_squares(points: Floats, number: int, seed: int) -> KMeans:
    found = [KMeans.learn(points, number, seed=seed * _STARTS + start) for start in range(_STARTS)]
    spreads = [float(np.square(points - one.centres[one.of]).sum()) for one in found]
    return found[int(np.argmin(spreads))]


def _largest_first(found: KMeans) -> tuple[Rows, Floats]:
    """Number clusters by size, without those that hold nothing; of equals the one whose first point comes first."""
    _, first, of, sizes = np.unique(found.of, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    return place[of], found.centres[np.unique(found.of)][order]


def _stability(points: Floats, number: int, seed: int) -> float:
    sorted_by = []
    for resample in range(_RESAMPLES):
        drawn = np.random.default_rng((seed, 1, resample)).integers(len(points), size=len(points))
        sorted_by.append(nearest(points, _least_squares(points[drawn], number, seed).centres))
    return float(np.mean([adjusted_rand(a, b) for a, b in combinations(sorted_by, 2)]))


def typical(
    clustering: Clustering,
    styles: Floats,
    collected: NDArray[np.float64],
    offered: NDArray[np.bool_],
    names: Sequence[str],
    count: int = 2,
) -> list[list[str]]:
    """Return the names of artists that are typical of each cluster; no name stands for two clusters.

    Clusters choose in their order: of the ten artists with a free name whose style lies nearest to the centre, those that
    are collected most.

    Args:
        clustering: Of artists or of listeners, in the same space as ``styles``.
        styles: Shape (artists, columns), each of length 1, or zeros where unknown.
        collected: Shape (clusters, artists): by how many who count for the cluster each artist is collected.
        offered: Shape (clusters, artists): who may stand for the cluster.
        names: Of the artists; those without a name stand for none.
        count: How many for each cluster; fewer where there are no more.
    """
    known = styles.any(axis=1) & np.array([bool(name) for name in names], np.bool_)
    taken: set[str] = set()
    chosen = []
    for cluster, centre in enumerate(clustering.centres):
        likeness = styles @ centre
        free = np.array([name not in taken for name in names], np.bool_)
        rows = np.flatnonzero(known & free & offered[cluster])
        near = rows[np.argsort(-likeness[rows], kind="stable")][:_CANDIDATES]
        by_fame = near[np.argsort(-collected[cluster, near], kind="stable")]
        own = list(dict.fromkeys(names[row] for row in by_fame))[:count]
        taken.update(own)
        chosen.append(own)
    return chosen
