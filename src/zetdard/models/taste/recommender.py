"""A recommender out of a classifier: songs like those that a listener holds, unlike those that they do not.

A listener's songs are positives; negatives are drawn from the songs that they do not hold. A song that was drawn would be
pushed down by having been drawn, so songs are dealt into folds by their row, and those of a fold are scored by a classifier
whose negatives all lie in the other folds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
import scipy.special
from numpy.typing import NDArray
from pydantic import Field, field_validator

from zetdard.data.interactions import Histories
from zetdard.data.taste import TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import InputError
from zetdard.models.base import Config, TrainingData, check_histories, checked_state, learned_array
from zetdard.models.taste.classifiers import Classifier, calibrated
from zetdard.models.taste.learning import BLOCKS, one_thread
from zetdard.models.taste.pool import Clusters, usual_clusters
from zetdard.models.taste.scaling import Scale

_LEAST_NEGATIVES = 20
_SONGS_AT_ONCE = 4096
_FARTHEST = 15.0
"""Log-odds beyond which float32 cannot tell chances below 1 apart; never reached after calibration in practice."""


class TasteConfig(Config):
    """Settings of every recommender that learns a listener's taste from features."""

    blocks: tuple[str, ...] = Field(BLOCKS, min_length=1, description="blocks of features, of those known")
    decorrelation: float = Field(0.5, ge=0, le=1, description="0 leaves columns as they are, 1 whitens them")
    negatives: Literal["uniform", "popularity"] = Field(
        "uniform", description="how songs that are not held are drawn; popularity = by how many hold them"
    )
    negatives_per_positive: float = Field(3.0, gt=0, description="how many are drawn; at least 20 in all")
    most_negatives: int = Field(1000, ge=20, description="how many are drawn at most")
    folds: int = Field(3, ge=2, description="folds of the songs; none is scored where it was a negative")
    pool: float = Field(
        1.0, gt=0, le=1, description="share of the songs to score: the nearest clusters; 1 = all"
    )
    clusters: int | None = Field(
        None, ge=1, description="how many clusters the pool is made of; none = √songs"
    )
    strict: bool = Field(False, description="recommend only what is predicted to be liked")

    @field_validator("blocks")
    @classmethod
    def _are_blocks(cls, blocks: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in blocks if name not in BLOCKS]
        if unknown:
            raise ValueError(f"there are no features {unknown[0]!r}; there are: {', '.join(BLOCKS)}")
        return blocks


class TasteModel:
    """Score of a song = chance that the listener likes it, were half of all songs liked; 0 outside the pool.

    Songs without features score 0, and so do all songs for a listener none of whose songs has features. With
    ``strict``, songs with a chance of one half or less score 0 as well. What is drawn depends on the seed and on the
    history alone: the same history gets the same scores, in whatever batch.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    personal: ClassVar[bool] = True
    features: ClassVar[tuple[str, ...]] = BLOCKS
    config_class: ClassVar[type[TasteConfig]] = TasteConfig
    learned: ClassVar[Mapping[str, str]] = {
        "points": "float32 (items, columns): features, made comparable; see ``Scale``",
        "known": "bool (items,): whether any feature of the item is known",
        "holders": "int64 (items,): how many users hold each item",
        "cluster": "int32 (known items,): cluster of each known item; empty where all items are scored",
        "centres": "float32 (clusters, coordinates): mean of each cluster, in the network or among the points",
        "seed": "int64 (1,): seed of what is drawn",
    }

    def __init__(self, config: TasteConfig | None = None) -> None:
        self.config = config or self.config_class()
        self._state: Mapping[str, NDArray[Any]] | None = None

    def classifier(self) -> Classifier:
        """Return what tells liked songs from others."""
        raise NotImplementedError

    def fit(self, data: TrainingData) -> Self:
        """Learn how features become points, and the clusters.

        Raises:
            NoDataError: None of the blocks of features is known.
            InputError: The features are about other items.
        """
        songs = TasteSongs(data.item_features, data.clips)
        # A model of clips knows how many songs there are from the clips; one of nothing knows from the interactions.
        if len(songs) != data.interactions.n_items:
            raise InputError(f"features of {len(songs)} items for {data.interactions.n_items}")
        learned = self.represent(songs, data)
        points, known = learned["points"], learned["known"]
        cluster, centres = np.empty(0, np.int32), np.empty((0, points.shape[-1]), np.float32)
        if self.config.pool < 1:
            n_clusters = self.config.clusters or usual_clusters(int(known.sum()))
            network = songs.blocks["network"] if "network" in songs.available(self.config.blocks) else None
            clusters = Clusters.cut(
                self.places(points)[known],
                n_clusters,
                network=network,
                rows=np.flatnonzero(known).astype(np.int32),
                seed=data.seed,
            )
            cluster, centres = clusters.of, clusters.centres
        return self.restore(
            {
                **learned,
                "holders": data.interactions.item_degrees(),
                "cluster": cluster,
                "centres": centres,
                "seed": np.array([data.seed], np.int64),
            }
        )

    def represent(self, songs: TasteSongs, data: TrainingData) -> dict[str, NDArray[Any]]:
        """Return the learned arrays that say what songs are: ``points``, ``known``, and whatever else is declared."""
        names = songs.available(self.config.blocks) or self.config.blocks
        values, known = songs.matrix(names), songs.known(names)
        scale = Scale.learn(values[known], songs.spans(names), decorrelation=self.config.decorrelation)
        return {"points": scale.points(values), "known": known}

    def places(self, points: NDArray[Any], fold: int = 0) -> Floats:
        """Return where songs lie when those of a fold are scored: shape (items, columns), the same for all folds."""
        return points

    def score(self, histories: Histories) -> Floats:
        """Return the chances: shape (listeners, items)."""
        known = self._array("known")
        check_histories(histories, len(known))
        scores = np.zeros((len(histories), len(known)), np.float32)
        matrix = histories.matrix
        with one_thread():
            for listener in range(len(histories)):
                held = np.unique(matrix.indices[matrix.indptr[listener] : matrix.indptr[listener + 1]])
                positives = held[known[held]].astype(np.int32)
                if len(positives):
                    self._score_one(held.astype(np.int32), positives, scores[listener])
        return scores

    def _score_one(self, held: Rows, positives: Rows, scores: Floats) -> None:
        """Write one listener's chances into ``scores``, shape (items,)."""
        # A key of its own for every history, so that scores do not depend on who else is asked about.
        key = [int(self._array("seed")[0]) % 2**63, len(held), *held.tolist()]
        random = np.random.default_rng(key)
        negatives = self._negatives(held, len(positives), random)
        seeds = random.integers(2**31, size=self.config.folds).tolist()
        candidates = self._candidates(positives)
        fold_of_candidates, fold_of_negatives = self.fold_of(candidates), self.fold_of(negatives)
        for fold in range(self.config.folds):
            points = self.places(self._array("points"), fold)
            asked = candidates[fold_of_candidates == fold]
            against = negatives[fold_of_negatives != fold]
            training = np.concatenate([positives, against])
            liked = np.arange(len(training)) < len(positives)
            taste = calibrated(
                self.classifier(), points[training].astype(np.float64), liked, seed=seeds[fold]
            )
            for start in range(0, len(asked), _SONGS_AT_ONCE):
                rows = asked[start : start + _SONGS_AT_ONCE]
                scores[rows] = self._chance(taste(points[rows].astype(np.float64)))

    def _chance(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        chances = np.asarray(scipy.special.expit(np.clip(log_odds, -_FARTHEST, _FARTHEST)))
        return np.where(log_odds > 0, chances, 0.0) if self.config.strict else chances

    def _negatives(self, held: Rows, n_positives: int, random: np.random.Generator) -> Rows:
        """Draw known songs that are not held, each at most once: rows, ascending."""
        return self.drawn(self._array("known"), self._array("holders"), held, n_positives, random)

    def drawn(
        self,
        known: NDArray[np.bool_],
        holders: NDArray[np.int64],
        held: Rows,
        n_positives: int,
        random: np.random.Generator,
    ) -> Rows:
        """Draw known songs that are not held, each at most once: rows, ascending."""
        free = known.copy()
        free[held] = False
        rows = np.flatnonzero(free)
        wanted = max(_LEAST_NEGATIVES, round(self.config.negatives_per_positive * n_positives))
        wanted = min(wanted, self.config.most_negatives, len(rows))
        # The largest of log w + Gumbel noise are a draw without replacement in proportion to w (Efraimidis and
        # Spirakis 2006). A song that nobody holds is drawn where nothing else is left.
        order = random.gumbel(size=len(rows))
        if self.config.negatives == "popularity":
            order += np.log(np.maximum(holders[rows], 1e-9))
        drawn = np.argpartition(-order, wanted - 1)[:wanted] if wanted else np.empty(0, np.int64)
        return np.sort(rows[drawn]).astype(np.int32)

    def _candidates(self, positives: Rows) -> Rows:
        """Return the rows that are scored, ascending."""
        known = np.flatnonzero(self._array("known")).astype(np.int32)
        if self.config.pool == 1:
            return known
        clusters = Clusters(self._array("cluster"), self._array("centres"))
        own = np.searchsorted(known, positives).astype(np.int32)
        return known[clusters.of_listener(own, self.config.pool)]

    def fold_of(self, rows: Rows) -> NDArray[np.int64]:
        """Deal songs into folds: neighbouring rows, often of one artist, do not go in turn."""
        mixed = (rows.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        return ((mixed >> np.uint64(33)) % np.uint64(self.config.folds)).astype(np.int64)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        return {name: self._array(name) for name in self.learned}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays."""
        self._state = checked_state(state, self.learned, self.name)
        return self

    def _array(self, name: str) -> NDArray[Any]:
        return learned_array(self._state, self.name, name)
