"""Collaborative filtering inside clusters of sound (thesis 3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zetdard.data.clusters import first_centres, nearest
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories
from zetdard.data.types import Floats, Rows
from zetdard.errors import NoDataError
from zetdard.models.base import Config, TrainingData, check_histories, checked_state, learned_array

_ROUNDS = 100


class ClusterCFConfig(Config):
    """Settings of ``cluster-cf``."""

    clusters: int | None = Field(default=None, ge=1)
    """Into how many clusters the songs are split; ``None`` = √(songs / 2), the common rule of thumb."""


class ClusterCF:
    """The thesis's clustered collaborative filtering, step by step (section 3.6).

    1. The pool (the songs whose sound is known) is split into k clusters by k-means on their audio features, standardised.
    2. For each of the listener's songs that is in the pool, in the order of its row: of its cluster, the song most alike
       (cosine) that is neither held nor recommended yet is recommended; the next best where the best is taken.
    3. Until the listener's songs are exhausted.

    The thesis gives no scores; here the songs recommended first have the higher ones: with n recommended, n, n − 1, … 1.

    References: the thesis, 3.6; k-means++ (D. Arthur, S. Vassilvitskii, 2007) chooses where the clusters begin.
    """

    name: ClassVar[str] = "cluster-cf"
    summary: ClassVar[str] = (
        "for each of your songs the one most alike in its cluster of sound (the thesis's 3.6)"
    )
    personal: ClassVar[bool] = True
    features: ClassVar[tuple[str, ...]] = ("descriptors",)
    config_class: ClassVar[type[ClusterCFConfig]] = ClusterCFConfig
    learned: ClassVar[Mapping[str, str]] = {
        "points": "(items, columns): standardised features of length 1; zero where the sound is not known",
        "cluster": "(items,): number of each item's cluster; −1 where the sound is not known",
    }

    def __init__(self, config: ClusterCFConfig | None = None) -> None:
        self._config = config or ClusterCFConfig()
        self._state: dict[str, NDArray[Any]] | None = None

    @property
    def config(self) -> ClusterCFConfig:
        """The settings it was made with."""
        return self._config

    def fit(self, data: TrainingData) -> Self:
        """Split the pool into clusters.

        Raises:
            NoDataError: The sound of no song is known.
        """
        block = data.item_features.get("descriptors")
        pool = _pool(block)
        if data.interactions.n_items == 0:
            self._state = {"points": np.zeros((0, 0), np.float32), "cluster": np.zeros(0, np.int32)}
            return self
        if block is None or not len(pool):
            raise NoDataError("the sound of no song is known: run zetdard featurize audio")
        values = block.values[pool].astype(np.float64)
        scale = values.std(axis=0)
        z = (values - values.mean(axis=0)) / np.where(scale > 0, scale, 1)
        k = self._config.clusters or max(1, round((len(pool) / 2) ** 0.5))
        n_items = len(block.vocabulary)
        cluster = np.full(n_items, -1, np.int32)
        cluster[pool] = k_means(z, min(k, len(pool)), data.seed)
        points = np.zeros((n_items, z.shape[1]), np.float32)
        lengths = np.linalg.norm(z, axis=1, keepdims=True)
        points[pool] = np.divide(z, lengths, out=np.zeros_like(z), where=lengths > 0)
        self._state = {"points": points, "cluster": cluster}
        return self

    def score(self, histories: Histories) -> Floats:
        """Recommend by the steps above; see ``Model.score``."""
        points: Floats = learned_array(self._state, self.name, "points")
        cluster: Rows = learned_array(self._state, self.name, "cluster")
        check_histories(histories, len(cluster))
        scores = np.zeros((len(histories), len(cluster)), np.float32)
        for row in range(len(histories)):
            held = histories.matrix.indices[histories.matrix.indptr[row] : histories.matrix.indptr[row + 1]]
            found = recommend(points, cluster, np.sort(held))
            scores[row, found] = np.arange(len(found), 0, -1)
        return scores

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        learned_array(self._state, self.name, "cluster")
        return dict(self._state or {})

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays."""
        self._state = checked_state(state, self.learned, self.name)
        return self


def recommend(points: Floats, cluster: Rows, held: Rows) -> Rows:
    """Carry out steps 2 and 3 for one listener: return the songs in the order in which they are recommended.

    Args:
        points: Shape (items, columns), rows of length 1.
        cluster: Shape (items,); −1 = not in the pool.
        held: The listener's songs, rising.
    """
    free = cluster >= 0
    free[held] = False
    found: list[int] = []
    for song in held[cluster[held] >= 0].tolist():
        members = np.flatnonzero(free & (cluster == cluster[song]))
        if len(members):
            # In float64, so that equal rows are equal wherever they lie; the first row of equals comes first.
            alike = points[members].astype(np.float64) @ points[song].astype(np.float64)
            best = int(members[np.argmax(alike)])
            free[best] = False
            found.append(best)
    return np.array(found, np.int32)


def k_means(points: NDArray[np.float64], k: int, seed: int) -> Rows:
    """Return each point's cluster: Lloyd's algorithm from a k-means++ beginning, the same for the same seed.

    A cluster that loses all its points takes the one that lies farthest from its centre.

    Args:
        points: Shape (points, columns).
        k: Number of clusters, at most the number of points.
        seed: Chooses the beginning.
    """
    first = first_centres(points, k, np.random.default_rng(seed))
    # Where points are equal, there are fewer first places than clusters: the others lie upon them.
    places = first[np.arange(k) % len(first)]
    own = np.full(len(points), -1, np.int32)
    for _ in range(_ROUNDS):
        new = nearest(points, places)
        lost = np.setdiff1d(np.arange(k), new)
        if len(lost):
            distance = np.square(points - places[new]).sum(axis=1)
            for number in lost:
                shared = np.bincount(new, minlength=k)[new] > 1
                new[int(np.argmax(np.where(shared, distance, -1.0)))] = number
        if np.array_equal(new, own):
            break
        own = new
        for number in range(k):
            places[number] = points[own == number].mean(axis=0)
    return own


def _pool(block: FeatureBlock | None) -> NDArray[np.int64]:
    if block is None:
        return np.empty(0, np.int64)
    return np.flatnonzero(block.known)
