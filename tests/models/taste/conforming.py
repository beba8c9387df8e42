"""The conformance kit for recommenders that learn from features, and small worlds of songs."""

from __future__ import annotations

import numpy as np

from models.conformance import UNHELD_ITEM, ModelConformance, interactions_of
from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary
from zetdard.models.base import TrainingData

UNHEARD_ITEM = UNHELD_ITEM + 1
"""No feature of it is known, where there are so many items."""


def block_of(values: np.ndarray, present: np.ndarray | None = None, *, kind: str = "item") -> FeatureBlock:
    """Wrap numbers, shape (songs, columns), with invented labels."""
    labels = Vocabulary((f"i{row}" for row in range(len(values))), kind=kind)
    filled = values if present is None else np.where(present[:, None], values, 0)
    columns = tuple(f"column {at}" for at in range(values.shape[1]))
    return FeatureBlock(labels, filled.astype(np.float32), columns, present=present)


def features_of(n_items: int, seed: int = 5) -> dict[str, FeatureBlock]:
    """Draw two blocks; one item has neither."""
    random = np.random.default_rng(seed)
    heard = np.arange(n_items) != UNHEARD_ITEM
    return {
        "musicnn": block_of(random.normal(size=(n_items, 6)), heard),
        "lyrics": block_of(random.normal(size=(n_items, 3)), heard & (random.random(n_items) < 0.7)),
    }


def blobs(
    n: int, share: float = 0.5, distance: float = 2.0, seed: int = 0, nuisance: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw songs around two centres: points of shape (n, 2 + nuisance), and which are liked."""
    random = np.random.default_rng(seed)
    liked = np.arange(n) < round(share * n)
    points = random.normal(size=(n, 2 + nuisance))
    points[:, :2] += np.where(liked, distance, -distance)[:, None] / 2
    return points, liked


class TasteConformance(ModelConformance):
    """Every model must do this, and these things besides."""

    unheld_items_score_zero = False

    def data(self, matrix: np.ndarray, seed: int = 0) -> TrainingData:
        return TrainingData(interactions_of(matrix), item_features=features_of(matrix.shape[1]), seed=seed)
