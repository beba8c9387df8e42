"""Recommends by codes of songs: codes → clusters → the songs nearest to the listener's through the clusters (thesis 3.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.sparse import csr_array

from zetdard.data.interactions import Histories, ones_like
from zetdard.data.types import Csr, Floats, Rows
from zetdard.models.base import (
    Config,
    Contributions,
    TrainingData,
    check_histories,
    checked_state,
    learned_array,
)
from zetdard.models.taste.pool import Clusters, usual_clusters

NEAR = 0.01
"""ε: what is added to squared distances, so that songs of the same place have a logarithm."""


class CodesConfig(Config):
    """Settings of every recommender by codes."""

    clusters: int | None = Field(default=None, ge=1)
    """Into how many clusters the codes are cut; ``None`` = √songs, at most 256."""
    reach: int = Field(default=1, ge=1)
    """How many clusters are looked into for each song: its own, as in the thesis, and those nearest to it."""
    nearest: int = Field(default=50, ge=1)
    """How many nearest songs of each of the listener's songs count."""
    sharpness: float = Field(default=0.25, gt=0)
    """How much more the nearer ones count."""


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Where songs lie.

    Attributes:
        places: Float32, shape (items, size).
        masses: Float32, shape (items,): how strongly each draws others to it.
        known: Bool, shape (items,): whether anything was learned of the item.
        pull: λ: how much distance counts.
        curve: How they were learned; see ``deep.training.CURVE``.
    """

    places: Floats
    masses: Floats
    known: NDArray[np.bool_]
    pull: float
    curve: Floats


class SongCodes:
    """Songs near to a listener's by their codes; a listener with the songs H gets the scores below.

        score(b) = Σ_{a ∈ H, b ∈ N(a)} exp(s · (m(b) − λ log(‖x(a) − x(b)‖² + ε)))

    with x the places, m the masses, s the sharpness, N(a) the ``nearest`` songs with the largest such term, of those in a's
    cluster and in the clusters whose centres are nearest to its centre. Items without a code score 0.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    personal: ClassVar[bool] = True
    config_class: ClassVar[type[CodesConfig]] = CodesConfig
    learned: ClassVar[Mapping[str, str]] = {
        "places": "float32 (items, size): the codes",
        "masses": "float32 (items,): how strongly each item draws others to it; 0 where the model has no masses",
        "pull": "float32 (1,): λ, how much distance counts",
        "cluster": "int32 (items,): number of each item's cluster; −1 where nothing was learned of the item",
        "centres": "float32 (clusters, size): mean of each cluster",
        "curve": "float32 (epochs, 2): loss in training and on the validation part (NaN without one) after each epoch",
    }

    def __init__(self, config: CodesConfig | None = None) -> None:
        self._config: Any = config or self.config_class()
        self._state: Mapping[str, NDArray[Any]] | None = None
        # It follows from the state and is made when first needed.
        self._near: Csr = None

    @property
    def config(self) -> Any:
        """The settings it was made with."""
        return self._config

    def encode(self, data: TrainingData) -> Codes:
        """Learn the codes of songs."""
        raise NotImplementedError

    def fit(self, data: TrainingData) -> Self:
        """Learn codes, and cut them into clusters."""
        codes = self.encode(data)
        rows = np.flatnonzero(codes.known)
        places = codes.places[rows]
        found = Clusters.learn(places, self._config.clusters or usual_clusters(len(rows)), seed=data.seed)
        cluster = np.full(len(codes.known), -1, np.int32)
        cluster[rows] = found.of
        return self.restore(
            {
                "places": codes.places,
                "masses": codes.masses,
                "pull": np.array([codes.pull], np.float32),
                "cluster": cluster,
                "centres": found.centres,
                "curve": codes.curve,
            }
        )

    def score(self, histories: Histories) -> Floats:
        """Return the scores: shape (listeners, items)."""
        check_histories(histories, len(self._array("cluster")))
        return np.asarray((ones_like(histories.matrix) @ self.near()).toarray(), dtype=np.float32)

    def contributions(self, history: Histories, item: int) -> Contributions:
        """Return how near the item is to each of the single listener's songs."""
        held = history.matrix.indices
        return Contributions.ordered(held, self.near()[held][:, [item]].toarray()[:, 0].astype(np.float64))

    def near(self) -> Csr:
        """Return each song's nearest songs through the clusters: CSR, shape (items, items), float32."""
        if self._near is None:
            self._near = nearest_through_clusters(
                self._array("places"),
                self._array("masses"),
                Clusters(self._array("cluster"), self._array("centres")),
                pull=float(self._array("pull")[0]),
                reach=self._config.reach,
                nearest=self._config.nearest,
                sharpness=self._config.sharpness,
            )
        return self._near

    def mean_codes(self, holdings: Csr) -> Floats:
        """Return codes of users or artists, in the songs' space: the mean place of their songs that have one.

        So a listener whom the model has never seen has a code at once, and the songs' codes do not depend on who else is a node
        of the network. Zeros where none of the songs has a code.

        Args:
            holdings: CSR, shape (users or artists, items): whose songs they are; values are ignored.

        Returns:
            Shape (users or artists, size).
        """
        whose = ones_like(holdings, np.float64)
        whose.data = (self._array("cluster")[whose.indices] >= 0).astype(np.float64)
        sums = np.asarray(whose @ self._array("places").astype(np.float64))
        counts = np.asarray(whose.sum(axis=1))
        return np.asarray(sums / np.maximum(counts, 1)[:, None], dtype=np.float32)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        return {name: self._array(name) for name in self.learned}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays."""
        self._state = checked_state(state, self.learned, self.name)
        self._near = None
        return self

    def _array(self, name: str) -> NDArray[Any]:
        return learned_array(self._state, self.name, name)


def identity_of(config: Config, network: Csr, seed: int) -> str:
    """Return what tells a training from any other: settings, network and seed."""
    digest = hashlib.sha256(f"{config.model_dump_json()} {network.shape} {seed}".encode())
    for array, kind in ((network.indptr, np.int64), (network.indices, np.int64), (network.data, np.float32)):
        digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return digest.hexdigest()


def nearest_through_clusters(
    places: Floats,
    masses: Floats,
    clusters: Clusters,
    *,
    pull: float,
    reach: int,
    nearest: int,
    sharpness: float,
) -> Csr:
    """Find each song's nearest songs, see ``SongCodes``, cluster by cluster: all pairs are never compared.

    Args:
        places: Shape (items, size).
        masses: Shape (items,).
        clusters: ``of`` is −1 for items that have no code.
        pull: λ.
        reach: How many clusters are looked into.
        nearest: How many songs are kept.
        sharpness: s.

    Returns:
        CSR, shape (items, items), float32; row a: what each of its nearest songs adds to a score.
    """
    of, centres = clusters.of, clusters.centres.astype(np.float64)
    members = [np.flatnonzero(of == number) for number in range(len(centres))]
    rows, columns, amounts = [], [], []
    for number, own in enumerate(members):
        apart = np.square(centres - centres[number]).sum(axis=1)
        apart[number] = -1  # its own comes first, also where others lie upon it
        looked_into = np.argsort(apart, kind="stable")[:reach]
        others = np.sort(np.concatenate([members[other] for other in looked_into.tolist()]))
        drawn = masses[others] - pull * np.log(_squared(places[own], places[others]) + NEAR)
        drawn[own[:, None] == others[None, :]] = -np.inf
        kept = _largest(drawn, min(nearest, len(others)))
        values = np.take_along_axis(drawn, kept, axis=1)
        real = np.isfinite(values)
        rows.append(np.repeat(own, real.sum(axis=1)))
        columns.append(others[kept[real]])
        amounts.append(np.exp(np.minimum(sharpness * values[real], _MOST)))
    if not rows:
        return csr_array((len(of), len(of)), dtype=np.float32)
    entries = (np.concatenate(amounts).astype(np.float32), (np.concatenate(rows), np.concatenate(columns)))
    return csr_array(entries, shape=(len(of), len(of)))


_MOST = 60.0
"""Beyond its exponential, float32 could not add up what a listener's songs contribute."""


def _largest(values: Floats, n: int) -> Rows:
    """Return the columns of the n largest values of each row, shape (rows, n); of equals the first."""
    if n < values.shape[1]:
        some = np.argpartition(-values, n - 1, axis=1)[:, :n]
        # Which of the equal ones at the edge are found depends on the rest: take the first of them.
        edge = np.take_along_axis(values, some, axis=1).min(axis=1, keepdims=True)
        above = values > edge
        wanted = n - above.sum(axis=1, keepdims=True)
        equal = values == edge
        taken = above | (equal & (np.cumsum(equal, axis=1) <= wanted))
        return np.asarray(np.nonzero(taken)[1].reshape(len(values), n), dtype=np.int32)
    return np.broadcast_to(np.arange(values.shape[1], dtype=np.int32), values.shape)


def _squared(a: Floats, b: Floats) -> NDArray[np.float64]:
    """Return squared distances: shape (len(a), len(b))."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    lengths = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1)[None, :]
    return np.asarray(np.maximum(lengths - 2 * (a @ b.T), 0))
