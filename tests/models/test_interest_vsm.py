"""interest-vsm: a listener lies among the words of their songs."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from models.conformance import ModelConformance, interactions_of
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories
from zetdard.errors import InputError, NoDataError
from zetdard.models.base import TrainingData
from zetdard.models.interest_vsm import InterestVSM


def with_words(matrix: np.ndarray, values: np.ndarray, *names: str) -> TrainingData:
    interactions = interactions_of(matrix)
    columns = names or tuple(f"words {axis}" for axis in range(values.shape[1]))
    block = FeatureBlock(interactions.items, values.astype(np.float32), columns)
    return TrainingData(interactions, item_features={"words": block})


class TestInterestVSM(ModelConformance):
    model_class: ClassVar[type[InterestVSM]] = InterestVSM
    unheld_items_score_zero = False

    def data(self, matrix: np.ndarray, seed: int = 0) -> TrainingData:
        return with_words(matrix, np.random.default_rng(5).standard_normal((matrix.shape[1], 4)))


MOON, SUN, BOTH, NOTHING, NIGHT = 0, 1, 2, 3, 4
PLACES = np.array([[1, 0], [0, 1], [1, 1], [0, 0], [-1, 0]], float)


def fitted() -> InterestVSM:
    return InterestVSM().fit(with_words(np.ones((2, 5)), PLACES))


def test_scores_by_hand() -> None:
    (scores,) = fitted().score(Histories.of_items(np.array([MOON, SUN], np.int32), 5))
    half = np.sqrt(0.5)
    np.testing.assert_allclose(scores, [half, half, 1, 0, 0], atol=1e-6)


def test_a_song_without_words_says_nothing_and_contrary_ones_cancel() -> None:
    for held in ([NOTHING], [MOON, NIGHT]):
        (scores,) = fitted().score(Histories.of_items(np.array(held, np.int32), 5))
        assert not scores.any()


def test_contributions_are_the_pulls_of_the_own_songs() -> None:
    found = fitted().contributions(Histories.of_items(np.array([MOON, SUN, NOTHING], np.int32), 5), BOTH)
    assert found.items.tolist() == [MOON, SUN]
    assert found.amounts.sum() == pytest.approx(1)  # the score


def test_only_the_columns_of_words_count() -> None:
    values = np.column_stack([PLACES, [5, -5, 5, -5, 5]])
    model = InterestVSM().fit(with_words(np.ones((2, 5)), values, "words 0", "words 1", "meaning 0"))
    np.testing.assert_array_equal(model.state()["places"], fitted().state()["places"])


def test_without_words_the_message_says_what_to_do() -> None:
    with pytest.raises(NoDataError, match="featurize lyrics"):
        InterestVSM().fit(TrainingData(interactions_of(np.ones((2, 3)))))
    with pytest.raises(NoDataError, match="featurize lyrics"):
        InterestVSM().fit(with_words(np.ones((2, 3)), np.zeros((3, 2))))
    other = with_words(np.ones((2, 4)), np.ones((4, 2)))
    with pytest.raises(InputError, match="features of 4 items for 3"):
        InterestVSM().fit(TrainingData(interactions_of(np.ones((2, 3))), item_features=other.item_features))
