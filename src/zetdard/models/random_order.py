"""``random``: a control for experiments, which no model worth its name may fail to beat."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from zetdard.data.interactions import Histories
from zetdard.data.types import Floats
from zetdard.models.base import Config, TrainingData, check_histories, checked_state, learned_array


class RandomOrderConfig(Config):
    """There is nothing to set; the seed is that of the training data."""


class RandomOrder:
    """Uniform scores in (0, 1], drawn from a stream that the seed and the listener's items choose.

    The same listener gets the same list each time, alone or in a batch; two listeners who hold the same items
    get the same list. It is a control of experiments and not offered to users.
    """

    name: ClassVar[str] = "random"
    summary: ClassVar[str] = "a random order for each listener (a control)"
    personal: ClassVar[bool] = True
    config_class: ClassVar[type[RandomOrderConfig]] = RandomOrderConfig
    learned: ClassVar[Mapping[str, str]] = {
        "seed": "int64 (1,): seed of all streams",
        "n_items": "int64 (1,): number of items",
    }

    def __init__(self, config: RandomOrderConfig | None = None) -> None:
        self._config = config or RandomOrderConfig()
        self._state: dict[str, NDArray[Any]] | None = None

    @property
    def config(self) -> RandomOrderConfig:
        """The settings it was made with."""
        return self._config

    def fit(self, data: TrainingData) -> Self:
        """Keep the seed and the number of items."""
        self._state = {
            "seed": np.array([data.seed], np.int64),
            "n_items": np.array([data.interactions.n_items], np.int64),
        }
        return self

    def score(self, histories: Histories) -> Floats:
        """Draw a score for each item and listener: shape (listeners, items); zeros without history."""
        n_items = int(learned_array(self._state, self.name, "n_items")[0])
        key = int(learned_array(self._state, self.name, "seed")[0]).to_bytes(8, "little", signed=True)
        check_histories(histories, n_items)
        scores = np.zeros((len(histories), n_items), np.float32)
        matrix = histories.matrix
        for row, (start, stop) in enumerate(zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)):
            if start == stop:
                continue
            held = np.ascontiguousarray(matrix.indices[start:stop], dtype="<i8")
            stream = int.from_bytes(blake2b(held.tobytes(), key=key, digest_size=16).digest(), "little")
            # random() lies in [0, 1): turned round, no score is 0, which would say "no evidence".
            scores[row] = 1 - np.random.default_rng(stream).random(n_items, dtype=np.float32)
        return scores

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        return {name: learned_array(self._state, self.name, name) for name in self.learned}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays and return itself."""
        self._state = checked_state(state, self.learned, self.name)
        return self
