"""``user-similarity``: each formula against a plain reference, and whom it is computed for."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models.conformance import interactions_of, random_matrix, state_bytes
from models.test_song_graph import MATRICES
from zetdard.data.interactions import Histories
from zetdard.errors import ArtifactError, InputError, NotFittedError
from zetdard.models.base import TrainingData
from zetdard.models.user_similarity import (
    SIMILARITIES,
    Similarity,
    UserSimilarity,
    UserSimilarityConfig,
)

NAMES = st.sampled_from(SIMILARITIES)


def plain_similarity(name: Similarity, mine: set[int], theirs: set[int], holders: list[int]) -> float:
    """Return the likeness of two sets of items by the formulas of the module."""
    shared = mine & theirs
    if not shared:
        return 0.0
    match name:
        case "overlap":
            return len(shared)
        case "jaccard":
            return len(shared) / len(mine | theirs)
        case "cosine":
            return len(shared) / sqrt(len(mine) * len(theirs))
        case "adamic-adar":
            return sum(1 / log(max(holders[item], 2)) for item in shared)
        case "thesis":
            sizes = sorted([len(mine), len(theirs)])
            likeness = len(shared) * sizes[0] / sizes[1]
            return likeness if likeness >= 1 else 0.0


def fitted(matrix: np.ndarray, name: Similarity, threshold: float | None = None) -> UserSimilarity:
    config = UserSimilarityConfig(similarity=name, threshold=threshold)
    return UserSimilarity(config).fit(TrainingData(interactions_of(matrix)))


def held(matrix: np.ndarray) -> list[set[int]]:
    return [set(np.flatnonzero(row).tolist()) for row in matrix]


@settings(deadline=None, max_examples=100)
@given(MATRICES, NAMES)
def test_agrees_with_the_formula(matrix: np.ndarray, name: Similarity) -> None:
    sets, holders = held(matrix), matrix.sum(axis=0).astype(int).tolist()
    scores = fitted(matrix, name).score(Histories.of_users(interactions_of(matrix), np.arange(len(matrix))))
    expected = [
        [0.0 if u == v else plain_similarity(name, sets[u], sets[v], holders) for v in range(len(matrix))]
        for u in range(len(matrix))
    ]
    np.testing.assert_allclose(scores, np.array(expected), rtol=1e-6)


@settings(deadline=None, max_examples=60)
@given(MATRICES, NAMES, st.data())
def test_a_listener_without_an_account_is_compared_with_everybody(
    matrix: np.ndarray, name: Similarity, data: st.DataObject
) -> None:
    own = data.draw(st.sets(st.integers(0, matrix.shape[1] - 1)))
    question = Histories.of_items(np.array(sorted(own), np.int32), matrix.shape[1])
    holders = matrix.sum(axis=0).astype(int).tolist()
    expected = [plain_similarity(name, own, theirs, holders) for theirs in held(matrix)]
    np.testing.assert_allclose(fitted(matrix, name).score(question)[0], expected, rtol=1e-6)


@settings(deadline=None, max_examples=60)
@given(MATRICES, NAMES, st.sampled_from([0.0, 0.5, 1.0, 2.0]))
def test_only_others_who_share_something_above_the_threshold(
    matrix: np.ndarray, name: Similarity, threshold: float
) -> None:
    questions = Histories.of_users(interactions_of(matrix), np.arange(len(matrix)))
    similar = fitted(matrix, name, threshold).similarities(questions).tocoo()
    assert (similar.data >= threshold).all()
    assert (similar.data > 0).all()
    assert (similar.row != similar.col).all()
    shared = matrix @ matrix.T
    assert (shared[similar.row, similar.col] > 0).all()
    everyone = fitted(matrix, name, 0).similarities(questions).toarray()
    np.testing.assert_array_equal(np.where(everyone >= threshold, everyone, 0), similar.toarray())


def test_the_thesis_has_a_threshold_of_its_own() -> None:
    # The first user shares 1 of 1 with one who holds 2: 1 · 1/2 is below 1; and 1 · 1/1 is not.
    matrix = np.array([[1, 0], [1, 1], [1, 0]])
    questions = Histories.of_users(interactions_of(matrix), np.array([0]))
    assert fitted(matrix, "thesis").score(questions)[0].tolist() == [0, 0, 1]
    assert fitted(matrix, "thesis", 0).score(questions)[0].tolist() == [0, 0.5, 1]


def test_an_item_of_one_holder_counts_like_one_of_two() -> None:
    model = fitted(np.array([[1, 0], [0, 1]]), "adamic-adar")
    scores = model.score(Histories.of_items(np.array([0]), 2))
    np.testing.assert_allclose(scores[0], [1 / log(2), 0], rtol=1e-6)


@pytest.mark.parametrize("name", SIMILARITIES)
def test_contributions_are_what_both_hold(name: Similarity) -> None:
    matrix = random_matrix()
    data = interactions_of(matrix)
    model = fitted(matrix, name)
    holders = matrix.sum(axis=0)
    for other in range(1, len(matrix)):
        made = model.contributions(Histories.of_users(data, np.array([0])), other)
        assert set(made.items.tolist()) == set(np.flatnonzero(matrix[0] * matrix[other]).tolist())
        expected = 1 / np.log(np.maximum(holders[made.items], 2)) if name == "adamic-adar" else 1
        np.testing.assert_allclose(made.amounts, np.broadcast_to(expected, made.amounts.shape))
        assert made.users.tolist() == []


@pytest.mark.parametrize("name", SIMILARITIES)
def test_keeps_the_rules_of_every_model(name: Similarity) -> None:
    matrix = random_matrix()
    data = interactions_of(matrix)
    questions = Histories.of_users(data, np.arange(len(matrix)))
    model = fitted(matrix, name)
    scores = model.score(questions)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    restored = UserSimilarity(model.config).restore(model.state())
    assert restored.score(questions).tobytes() == scores.tobytes()
    again = UserSimilarity(model.config).fit(TrainingData(interactions_of(random_matrix(seed=1, items=15))))
    assert state_bytes(again.fit(TrainingData(data))) == state_bytes(model)
    for user in range(len(matrix)):
        alone = model.score(Histories.of_users(data, np.array([user])))
        assert alone[0].tobytes() == scores[user].tobytes()
    assert not model.score(Histories.of_items(np.empty(0, np.int32), matrix.shape[1])).any()


@pytest.mark.parametrize("shape", [(1, 1), (0, 5), (4, 0), (1, 5), (5, 1)])
@pytest.mark.parametrize("name", SIMILARITIES)
def test_small_worlds(name: Similarity, shape: tuple[int, int]) -> None:
    data = interactions_of(np.ones(shape))
    scores = fitted(np.ones(shape), name).score(Histories.of_users(data, np.arange(shape[0])))
    assert scores.shape == (shape[0], shape[0])
    assert not scores.diagonal().any()


def test_what_is_refused() -> None:
    with pytest.raises(ValidationError):
        UserSimilarityConfig(similarity="likeness")
    with pytest.raises(ValidationError):
        UserSimilarityConfig(threshold=-1)
    with pytest.raises(ValidationError):
        UserSimilarityConfig(neighbours=3)
    with pytest.raises(NotFittedError):
        UserSimilarity().score(Histories.of_items(np.array([0]), 1))
    with pytest.raises(ArtifactError):
        UserSimilarity().restore({})
    with pytest.raises(InputError):
        fitted(random_matrix(), "overlap").score(Histories.of_items(np.array([0]), 3))
