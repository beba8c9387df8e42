"""``popular``: the number of holders, whoever asks."""

from __future__ import annotations

import numpy as np

from models.conformance import ModelConformance, interactions_of, random_matrix
from zetdard.data.interactions import Histories
from zetdard.models.base import TrainingData
from zetdard.models.popular import Popular


class TestPopular(ModelConformance):
    model_class = Popular


def test_score_is_the_number_of_holders_not_of_plays() -> None:
    data = interactions_of(random_matrix() * 7)
    model = Popular().fit(TrainingData(data))
    scores = model.score(Histories.of_items(np.array([2]), data.n_items))
    np.testing.assert_array_equal(scores[0], (random_matrix() > 0).sum(axis=0))
