"""A listener's interest as a point in the space of the words that songs use (龚志 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from zetdard.data.interactions import Histories
from zetdard.data.types import Floats
from zetdard.errors import InputError, NoDataError
from zetdard.models.base import (
    Config,
    Contributions,
    TrainingData,
    check_histories,
    checked_state,
    learned_array,
)

_SONGS_AT_ONCE = 8_192


class InterestVSMConfig(Config):
    """Settings of ``interest-vsm``: there are none."""


class InterestVSM:
    """The vector-space interest model: a listener is the mean of their songs' places, by the words of the lyrics.

    A song's place p is its TF-IDF, reduced (``zetdard.features.lyrics.interest``), of unit length. A listener with the
    songs H, each as often as its strength says, lies at ``u = Σ w p / ‖Σ w p‖``, and

        score(b) = max(0, u · p_b)

    A song without words scores 0, and so does everything for a listener none of whose songs has words.

    Reference: 龚志 (2019), user-based filtering with a vector-space interest model of lyrics, as the thesis cites it (1.2).
    """

    name: ClassVar[str] = "interest-vsm"
    summary: ClassVar[str] = "songs that say what yours say: words of lyrics in one space (after Gong Zhi)"
    personal: ClassVar[bool] = True
    features: ClassVar[tuple[str, ...]] = ("words",)
    config_class: ClassVar[type[InterestVSMConfig]] = InterestVSMConfig
    learned: ClassVar[Mapping[str, str]] = {
        "places": "(items, axes), float32: place of each item, of unit length; zero without words",
    }

    def __init__(self, config: InterestVSMConfig | None = None) -> None:
        self.config = config or InterestVSMConfig()
        self._state: dict[str, NDArray[Any]] | None = None

    def fit(self, data: TrainingData) -> Self:
        """Take the places of the songs.

        Raises:
            NoDataError: The words of no song are known.
            InputError: The features are about other items.
        """
        n_items = data.interactions.n_items
        block = data.item_features.get("words")
        if n_items == 0:
            self._state = {"places": np.zeros((0, 0), np.float32)}
            return self
        if block is None or not block.values.any():
            raise NoDataError("the words of no song are known: run zetdard featurize lyrics")
        if len(block.vocabulary) != n_items:
            raise InputError(f"features of {len(block.vocabulary)} items for {n_items}")
        columns = [at for at, name in enumerate(block.columns) if name.startswith("words ")]
        values = block.values[:, columns] if columns else block.values
        lengths = np.linalg.norm(values, axis=1, keepdims=True)
        places = np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 1e-9)
        self._state = {"places": places.astype(np.float32)}
        return self

    def score(self, histories: Histories) -> Floats:
        """Score by nearness to the listener's place; see ``Model.score``."""
        places: Floats = learned_array(self._state, self.name, "places")
        check_histories(histories, len(places))
        listeners = self._listeners(histories, places)
        scores = np.zeros((len(histories), len(places)), np.float32)
        for row, listener in enumerate(listeners):
            # One listener at a time and in float64: a batch gives the numbers that each alone gives.
            for start in range(0, len(places), _SONGS_AT_ONCE):
                block = places[start : start + _SONGS_AT_ONCE].astype(np.float64)
                scores[row, start : start + _SONGS_AT_ONCE] = np.maximum((block * listener).sum(axis=1), 0)
        return scores

    def contributions(self, history: Histories, item: int) -> Contributions:
        """Say which own songs pull the listener towards an item: ``w p · p_b`` of each, where it is positive."""
        places: Floats = learned_array(self._state, self.name, "places")
        check_histories(history, len(places))
        own = history.matrix.indices
        pulls = (places[own].astype(np.float64) * places[item]).sum(axis=1) * history.matrix.data
        length = np.linalg.norm((places[own].astype(np.float64) * history.matrix.data[:, None]).sum(axis=0))
        return Contributions.ordered(own, pulls / length if length > 0 else np.zeros(len(own)))

    def _listeners(self, histories: Histories, places: Floats) -> NDArray[np.float64]:
        found = np.zeros((len(histories), places.shape[1]))
        matrix = histories.matrix
        for row in range(len(histories)):
            span = slice(matrix.indptr[row], matrix.indptr[row + 1])
            held = places[matrix.indices[span]].astype(np.float64)
            mean = (held * matrix.data[span].astype(np.float64)[:, None]).sum(axis=0)
            length = np.linalg.norm(mean)
            found[row] = mean / length if length > 0 else 0
        return found

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        learned_array(self._state, self.name, "places")
        return dict(self._state or {})

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays."""
        self._state = checked_state(state, self.learned, self.name)
        return self
