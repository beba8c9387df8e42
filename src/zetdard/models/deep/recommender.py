"""A recommender out of networks: songs become codes by networks that have never seen them, listeners are told apart in codes.

Songs are dealt into folds. For each fold a network is trained on what all listeners hold, and on songs drawn from what they do
not hold, outside the fold; songs of the fold are scored in its codes. So no song is scored by a network or a classifier that
was told that somebody does not like it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zetdard.data.layers import Layer
from zetdard.data.taste import TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.models.base import TrainingData
from zetdard.models.taste.recommender import TasteConfig, TasteModel


class DeepTasteConfig(TasteConfig):
    """Settings of every recommender whose songs are the codes of a network."""

    most_listeners: int = Field(
        1000, ge=1, description="listeners that the network learns from, drawn if more"
    )
    most_likes: int = Field(100, ge=1, description="songs of each that it learns from, drawn if more")


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """What one training gives.

    Attributes:
        points: Shape (items, width): the codes of all items.
        known: Shape (items,): which items could be looked at.
        curves: Of each network, shape (epochs, 2); see ``training.CURVE``.
    """

    points: Floats
    known: NDArray[np.bool_]
    curves: tuple[Floats, ...]


class DeepTasteModel(TasteModel):
    """As ``TasteModel``, in the codes of networks."""

    config_class: ClassVar[type[DeepTasteConfig]] = DeepTasteConfig
    config: DeepTasteConfig
    learned: ClassVar[Mapping[str, str]] = {
        **TasteModel.learned,
        "points": "float32 (folds, items, width): codes of all items by the networks that have not seen the fold",
        "cluster": "int32 (known items,): cluster of each known item by its first code; empty where all are scored",
        "curve": "float32 (networks, epochs, 2): loss in training and validation; NaN after the end of a training",
        "columns": "int64 (blocks,): how many numbers each part of a network's input has",
    }

    def known(self, songs: TasteSongs) -> NDArray[np.bool_]:
        """Return which songs can be looked at, shape (songs,).

        Raises:
            NoDataError: None.
        """
        raise NotImplementedError

    def columns(self, songs: TasteSongs) -> Sequence[int]:
        """Return how many numbers each part of the input has."""
        raise NotImplementedError

    def codes(self, songs: TasteSongs, labels: Any, data: TrainingData, *, name: str, seed: int) -> Codes:
        """Train on labels (``LabelWeights``), and return the codes of all songs."""
        raise NotImplementedError

    def layers(self) -> tuple[Layer, ...]:
        """Return the layers of a network."""
        raise NotImplementedError

    def represent(self, songs: TasteSongs, data: TrainingData) -> dict[str, NDArray[Any]]:
        """Train a network for each fold."""
        known = self.known(songs)
        items, listeners, liked = self._labels(known, data)
        fold_of = self.fold_of(items)
        found = [
            self._fold_codes(songs, data, (items, listeners, liked), fold_of != fold, fold)
            for fold in range(self.config.folds)
        ]
        width = max(codes.points.shape[1] for codes in found)
        points = np.zeros((len(found), len(songs), width), np.float32)
        for fold, codes in enumerate(found):
            points[fold, :, : codes.points.shape[1]] = codes.points
        curves = [curve for codes in found for curve in codes.curves]
        return {
            "points": points,
            "known": known,
            "curve": _padded(curves),
            "columns": np.array(self.columns(songs), np.int64),
        }

    def places(self, points: NDArray[Any], fold: int = 0) -> Floats:
        """Return the codes by which a fold's songs are scored."""
        return np.asarray(points[fold])

    def _fold_codes(
        self,
        songs: TasteSongs,
        data: TrainingData,
        pairs: tuple[Rows, Rows, NDArray[np.bool_]],
        outside: NDArray[np.bool_],
        fold: int,
    ) -> Codes:
        from zetdard.models.deep.labels import LabelWeights

        items, listeners, liked = pairs[0][outside], pairs[1][outside], pairs[2][outside]
        if not liked.any() or liked.all():
            # Nobody has something to tell apart: all songs are alike.
            return Codes(np.zeros((len(songs), 1), np.float32), self.known(songs), ())
        shape = (len(songs), int(listeners.max()) + 1)
        labels = LabelWeights.of_pairs(shape, items, listeners, liked)
        return self.codes(
            songs, labels, data, name=f"{self.name}-{fold}", seed=data.seed * self.config.folds + fold
        )

    def _labels(self, known: NDArray[np.bool_], data: TrainingData) -> tuple[Rows, Rows, NDArray[np.bool_]]:
        """Return labelled pairs of items and listeners, and which are likes; of listeners with too many songs, some."""
        held, holders = data.interactions, data.interactions.item_degrees()
        random = np.random.default_rng((data.seed % 2**63, 1))
        able = np.flatnonzero(held.user_degrees() > 0)
        chosen = np.sort(random.permutation(able)[: self.config.most_listeners])
        items, listeners, liked = [np.empty(0, np.int32)], [np.empty(0, np.int32)], [np.empty(0, np.bool_)]
        for number, user in enumerate(chosen.tolist()):
            own = held.held(user)
            likes = np.sort(random.permutation(own[known[own]])[: self.config.most_likes]).astype(np.int32)
            if not len(likes):
                continue
            others = self.drawn(known, holders, own.astype(np.int32), len(likes), random)
            items += [likes, others]
            listeners.append(np.full(len(likes) + len(others), number, np.int32))
            liked.append(np.arange(len(likes) + len(others)) < len(likes))
        return np.concatenate(items), np.concatenate(listeners), np.concatenate(liked)


def _padded(curves: Sequence[Floats]) -> Floats:
    """Return curves of different lengths in one array, the shorter ones followed by NaN."""
    longest = max((len(curve) for curve in curves), default=0)
    together = np.full((len(curves), longest, 2), np.nan, np.float32)
    for row, curve in enumerate(curves):
        together[row, : len(curve)] = curve
    return together
