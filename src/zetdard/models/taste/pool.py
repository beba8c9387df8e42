"""The pool: the clusters of songs nearest to a listener's own, which supply the songs that are scored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.data.clusters import KMeans, squared_distances
from zetdard.data.types import Floats

_MOST_CLUSTERS = 256


def usual_clusters(n_songs: int) -> int:
    """Return how many clusters a catalogue is cut into: √songs, at most 256."""
    return min(int(np.ceil(np.sqrt(n_songs))), _MOST_CLUSTERS)


@dataclass(frozen=True, slots=True, eq=False)
class Clusters(KMeans):
    """Songs in clusters."""

    def pool(self, own: Floats, share: float) -> NDArray[np.bool_]:
        """Return the songs of the clusters nearest to a listener's songs: shape (songs,).

        A song of the listener speaks for cluster c with 1 / (1 + (d²_c − d²_min) / h), d_c its distance to the centre and
        h the mean over the listener's songs of d²_min. The clusters with the largest sums are taken until they hold
        ``share`` of the songs.

        Args:
            own: Points of the listener's songs, shape (n, columns), n ≥ 1.
            share: 0 … 1.
        """
        distances = squared_distances(own.astype(np.float64), self.centres.astype(np.float64))
        least = distances.min(axis=1, keepdims=True)
        votes = (1 / (1 + (distances - least) / max(float(least.mean()), 1e-9))).sum(axis=0)
        order = np.lexsort((np.arange(len(votes)), -votes))
        sizes = np.bincount(self.of, minlength=len(self.centres))[order]
        needed = np.cumsum(sizes) - sizes < share * len(self.of)
        return np.asarray(np.isin(self.of, order[needed]), dtype=np.bool_)
