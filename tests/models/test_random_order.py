"""``random``: another order for each listener and each seed."""

from __future__ import annotations

import numpy as np

from models.conformance import ModelConformance, interactions_of, random_matrix
from zetdard.data.interactions import Histories
from zetdard.models.base import TrainingData
from zetdard.models.random_order import RandomOrder


class TestRandomOrder(ModelConformance):
    model_class = RandomOrder
    unheld_items_score_zero = False


def test_scores_are_positive_and_depend_on_seed_and_listener() -> None:
    data = interactions_of(random_matrix())
    histories = Histories.of_users(data, np.array([0, 1]))
    first = RandomOrder().fit(TrainingData(data, seed=1)).score(histories)
    other = RandomOrder().fit(TrainingData(data, seed=2)).score(histories)
    assert (first > 0).all()
    assert (first <= 1).all()
    assert (first[0] != first[1]).any()
    assert (first != other).any()


def test_scores_are_uniform() -> None:
    data = interactions_of(np.ones((1, 20_000)))
    scores = RandomOrder().fit(TrainingData(data)).score(Histories.of_users(data, np.array([0])))
    # Kolmogorov–Smirnov distance to the uniform law; 1.95 / √n is passed once in a thousand seeds.
    gap = np.abs(np.sort(scores[0]) - np.arange(1, 20_001) / 20_000).max()
    assert gap < 1.95 / np.sqrt(20_000)
