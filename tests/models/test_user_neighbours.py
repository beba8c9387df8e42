"""``user-neighbours``: the count decides, likeness settles equal counts; with no limit it is the thesis's union."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.conformance import ModelConformance, interactions_of, random_matrix
from models.test_song_graph import MATRICES
from models.test_user_similarity import held, plain_similarity
from zetdard.data.interactions import Histories
from zetdard.models.base import TrainingData
from zetdard.models.user_neighbours import UserNeighbours, UserNeighboursConfig
from zetdard.models.user_similarity import SIMILARITIES, Similarity

NAMES = st.sampled_from(SIMILARITIES)


class TestUserNeighbours(ModelConformance):
    model_class = UserNeighbours


class TestUserNeighboursOfTheThesis(ModelConformance):
    model_class = UserNeighbours

    def make(self) -> UserNeighbours:
        return UserNeighbours(UserNeighboursConfig(neighbours=None))


class TestThreeNeighboursByCosine(ModelConformance):
    model_class = UserNeighbours

    def make(self) -> UserNeighbours:
        return UserNeighbours(UserNeighboursConfig(similarity="cosine", neighbours=3))


def plain_neighbours(matrix: np.ndarray, user: int, name: Similarity, limit: int | None) -> dict[int, float]:
    """Return the neighbours of a user and their likeness."""
    sets, holders = held(matrix), matrix.sum(axis=0).astype(int).tolist()
    found = {
        other: likeness
        for other in range(len(matrix))
        # Rounded, so that what is equal by the formula is equal here.
        if other != user
        and (likeness := round(plain_similarity(name, sets[user], sets[other], holders), 10)) > 0
    }
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:limit])


def fitted(matrix: np.ndarray, name: Similarity, limit: int | None) -> tuple[UserNeighbours, Histories]:
    data = interactions_of(matrix)
    model = UserNeighbours(UserNeighboursConfig(similarity=name, neighbours=limit)).fit(TrainingData(data))
    return model, Histories.of_users(data, np.arange(data.n_users))


# Sums of logarithms may differ in the last bit by their order, and so may the neighbours at the limit.
@settings(deadline=None, max_examples=60)
@given(MATRICES, st.sampled_from(["thesis", "overlap", "cosine", "jaccard"]), st.sampled_from([None, 1, 2]))
def test_the_count_decides_and_the_tie_is_small(
    matrix: np.ndarray, name: Similarity, limit: int | None
) -> None:
    model, histories = fitted(matrix, name, limit)
    scores = model.score(histories)
    for user in range(len(matrix)):
        near = plain_neighbours(matrix, user, name, limit)
        counts = matrix[list(near)].sum(axis=0)
        np.testing.assert_array_equal(np.floor(scores[user]), counts)
        total = 2 * (1 + sum(near.values()))
        mass = sum((likeness * matrix[other] for other, likeness in near.items()), np.zeros(matrix.shape[1]))
        np.testing.assert_allclose(scores[user] - counts, mass / total, atol=1e-5)


@settings(deadline=None, max_examples=60)
@given(MATRICES, NAMES)
def test_without_a_limit_it_is_the_union_of_all_similar_users(matrix: np.ndarray, name: Similarity) -> None:
    model, histories = fitted(matrix, name, None)
    scores = model.score(histories)
    for user in range(len(matrix)):
        union = matrix[list(plain_neighbours(matrix, user, name, None))].any(axis=0)
        np.testing.assert_array_equal(scores[user] > 0, union)


def test_many_very_similar_neighbours_do_not_round_a_tie_up_to_a_count() -> None:
    matrix = np.ones((4000, 41))
    matrix[2000:, 40] = 0
    model, histories = fitted(matrix, "overlap", None)
    score = model.score(Histories(histories.matrix[[0]], histories.users[[0]]))[0]
    assert np.floor(score).tolist() == [3999] * 40 + [1999]


@settings(deadline=None, max_examples=40)
@given(MATRICES, NAMES, st.sampled_from([None, 2]))
def test_contributions_share_out_the_count(matrix: np.ndarray, name: Similarity, limit: int | None) -> None:
    model, histories = fitted(matrix, name, limit)
    scores = model.score(histories)
    for user in range(len(matrix)):
        history = Histories(histories.matrix[[user]], histories.users[[user]])
        for item in range(matrix.shape[1]):
            made = model.contributions(history, item)
            np.testing.assert_allclose(made.amounts.sum(), np.floor(scores[user, item]), rtol=1e-9)
            assert len(made.users) == np.floor(scores[user, item])
            assert (matrix[made.users, item] == 1).all()
            assert (matrix[user, made.items] == 1).all()


def test_neighbours_are_named_most_similar_first() -> None:
    matrix = np.array([[1, 1, 1, 0], [1, 0, 0, 1], [1, 1, 0, 1], [1, 1, 1, 1], [0, 0, 1, 1]])
    model, histories = fitted(matrix, "overlap", None)
    made = model.contributions(Histories(histories.matrix[[0]], histories.users[[0]]), 3)
    assert made.users.tolist() == [3, 2, 1, 4]
    # Of four counts: item 0 has 1/3 + 1/2 + 1, item 1 has 1/3 + 1/2, item 2 has 1/3 + 1.
    assert made.items.tolist() == [0, 2, 1]
    np.testing.assert_allclose(made.amounts, [11 / 6, 4 / 3, 5 / 6])


@pytest.mark.parametrize("limit", [1, 5, None])
def test_a_stranger_and_an_account_that_adds_nothing_get_the_same(limit: int | None) -> None:
    matrix = random_matrix()
    model, histories = fitted(matrix, "thesis", limit)
    lonely = 7
    own = np.array([0, 3, 5], np.int32)
    known = model.score(Histories.of_items(own, matrix.shape[1], user=lonely))
    unknown = model.score(Histories.of_items(own, matrix.shape[1]))
    assert known.tobytes() == unknown.tobytes()
    assert histories.matrix[[lonely]].nnz == 0
