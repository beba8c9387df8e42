"""``popular``: the same list for everybody, the most held items first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from zetdard.data.interactions import Histories
from zetdard.data.types import Floats
from zetdard.models.base import Config, TrainingData, check_histories, checked_state, learned_array


class PopularConfig(Config):
    """There is nothing to set."""


class Popular:
    """Score of an item = number of users who hold it, whoever asks."""

    name: ClassVar[str] = "popular"
    summary: ClassVar[str] = "the items that most users hold; the same for everybody"
    personal: ClassVar[bool] = False
    config_class: ClassVar[type[PopularConfig]] = PopularConfig
    learned: ClassVar[Mapping[str, str]] = {"holders": "int64 (items,): how many users hold each item"}

    def __init__(self, config: PopularConfig | None = None) -> None:
        self._config = config or PopularConfig()
        self._state: dict[str, NDArray[Any]] | None = None

    @property
    def config(self) -> PopularConfig:
        """The settings it was made with."""
        return self._config

    def fit(self, data: TrainingData) -> Self:
        """Count the holders of each item."""
        self._state = {"holders": data.interactions.item_degrees()}
        return self

    def score(self, histories: Histories) -> Floats:
        """Return the numbers of holders, a row for each listener: shape (listeners, items)."""
        holders = learned_array(self._state, self.name, "holders")
        check_histories(histories, len(holders))
        return np.tile(holders.astype(np.float32), (len(histories), 1))

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        return {name: learned_array(self._state, self.name, name) for name in self.learned}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays and return itself."""
        self._state = checked_state(state, self.learned, self.name)
        return self
