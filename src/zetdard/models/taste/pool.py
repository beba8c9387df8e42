"""The pool: the clusters of songs nearest to a listener's own, which supply the songs that are scored.

Songs are clustered by who holds them, where that is known: it tells far better than features what else a listener holds
(``docs/taste.md``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.data.clusters import KMeans, nearest, squared_distances
from zetdard.data.features import FeatureBlock
from zetdard.data.types import Floats, Rows

_MOST_CLUSTERS = 256
_NOWHERE = 1e-12


def usual_clusters(n_songs: int) -> int:
    """Return how many clusters a catalogue is cut into: √songs, at most 256."""
    return min(int(np.ceil(np.sqrt(n_songs))), _MOST_CLUSTERS)


@dataclass(frozen=True, slots=True, eq=False)
class Clusters(KMeans):
    """Songs in clusters."""

    @classmethod
    def cut(
        cls, points: Floats, n_clusters: int, *, network: FeatureBlock | None, rows: Rows, seed: int
    ) -> Clusters:
        """Cut songs into clusters: by the network of listeners where it knows most of them, else by their features.

        In the network only the direction of a song's place counts, not how far out it lies. A song that nobody holds joins
        the cluster whose songs' mean features are nearest to its own. Where the network has fewer different places than
        clusters are wanted, as of a single listener, it tells nothing.

        Args:
            points: Features of the songs, shape (songs, columns).
            n_clusters: How many.
            network: As ``features.network.describe_network`` makes it: coordinates, and one column more.
            rows: Which rows of it are the songs, shape (songs,).
            seed: Of the first centres.
        """
        held = np.zeros(len(rows), np.bool_) if network is None else network.known[rows]
        if network is None or not held.any() or 2 * held.sum() < len(rows):
            return cls.learn(points, n_clusters, seed=seed)
        places = network.values[rows[held], :-1]
        lengths = np.linalg.norm(places, axis=1, keepdims=True)
        found = KMeans.learn(places / np.maximum(lengths, _NOWHERE), n_clusters, seed=seed)
        if len(found.centres) < n_clusters:
            return cls.learn(points, n_clusters, seed=seed)
        of = np.empty(len(rows), np.int32)
        of[held] = found.of
        filled = np.unique(found.of)
        heard = points[held]
        means = np.array([heard[found.of == cluster].mean(axis=0) for cluster in filled], np.float32)
        of[~held] = filled[nearest(points[~held], means)]
        return cls(of, found.centres)

    def of_listener(self, own: Rows, share: float) -> NDArray[np.bool_]:
        """Return the songs of the clusters nearest to a listener's songs: shape (songs,).

        Clusters come in the order of how many of the listener's songs they hold. Of equals, as of all that hold none, those
        come first whose centres are near to the other clusters that hold some: by the sum over these of
        songs held / squared distance. They are taken until they hold ``share`` of the songs.

        Args:
            own: The listener's songs, as positions among those that were cut; n ≥ 1.
            share: 0 … 1.
        """
        votes = np.bincount(self.of[own], minlength=len(self.centres))
        filled = np.flatnonzero(votes)
        centres = self.centres.astype(np.float64)
        distances = np.maximum(squared_distances(centres[filled], centres), _NOWHERE)  # (filled, clusters)
        distances[np.arange(len(filled)), filled] = np.inf
        nearness = votes[filled] @ (1 / distances)
        order = np.lexsort((-nearness, -votes))
        sizes = np.bincount(self.of, minlength=len(self.centres))[order]
        needed = np.cumsum(sizes) - sizes < share * len(self.of)
        return np.asarray(np.isin(self.of, order[needed]), dtype=np.bool_)
