"""Splits: laws that hold for each of them, and the rule of each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from zetdard.data.interactions import Interactions
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError, NoDataError
from zetdard.measure.splits import (
    HeldOut,
    edge_holdout,
    random_holdout,
    temporal_holdout,
    validation_fold,
)


def interactions_of(matrix: np.ndarray, times: np.ndarray | None = None) -> Interactions:
    users = Vocabulary((f"u{row}" for row in range(matrix.shape[0])), kind="user")
    items = Vocabulary((f"i{row}" for row in range(matrix.shape[1])), kind="item")
    sparse = csr_array(matrix.astype(np.float32))
    return Interactions(users, items, sparse, None if times is None else times[matrix > 0].astype(np.int64))


def friends_of(matrix: np.ndarray) -> Interactions:
    people = Vocabulary((f"u{row}" for row in range(len(matrix))), kind="user")
    return Interactions(people, people, csr_array(matrix.astype(np.float32)))


def dense(interactions: Interactions) -> np.ndarray:
    return interactions.matrix.toarray()


@st.composite
def matrices(draw: st.DrawFn) -> np.ndarray:
    shape = draw(st.integers(1, 8)), draw(st.integers(1, 12))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    return (rng.random(shape) < draw(st.floats(0, 1))) * rng.integers(1, 9, shape)


shares = st.floats(0.01, 0.99)
PER_USER: list[Callable[[Interactions, float], tuple[Interactions, Interactions]]] = [
    lambda data, share: random_holdout(data, share, seed=5),
    lambda data, share: validation_fold(data, share, seed=5),
    lambda data, share: temporal_holdout(data, share),
]


@settings(deadline=None)
@given(matrices(), shares, st.sampled_from(PER_USER))
def test_laws_of_splits_by_user(matrix: np.ndarray, share: float, split) -> None:
    if not matrix.any():
        matrix[0, 0] = 1
    times = np.random.default_rng(1).integers(1, 50, matrix.shape)
    whole = interactions_of(matrix, times)
    train, test = split(whole, share)
    for side in (train, test):
        assert side.users is whole.users
        assert side.items is whole.items
    np.testing.assert_array_equal(dense(train) + dense(test), dense(whole))
    assert not ((dense(train) > 0) & (dense(test) > 0)).any()
    for user, n in enumerate(whole.user_degrees()):
        wanted = 0 if n < 2 else min(max(int(np.floor(n * share + 0.5)), 1), n - 1)
        assert test.user_degrees()[user] == wanted
    again = split(whole, share)
    np.testing.assert_array_equal(dense(again[1]), dense(test))
    # Times travel along.
    assert train.times is not None
    np.testing.assert_array_equal(train.times, times[dense(train) > 0])


def test_random_holdout_depends_on_its_seed_and_takes_all_places_alike() -> None:
    whole = interactions_of(np.ones((3000, 5)))
    _, test = random_holdout(whole, 0.2, seed=0)
    _, other = random_holdout(whole, 0.2, seed=1)
    assert (dense(test) != dense(other)).any()
    # Each item is held out by a binomial number of users: mean 600, σ = √(3000 · 0.2 · 0.8) ≈ 22.
    assert (np.abs(test.item_degrees() - 600) < 5 * 22).all()


def test_validation_fold_draws_apart_from_the_holdout() -> None:
    whole = interactions_of(np.ones((50, 10)))
    _, outer = random_holdout(whole, 0.3, seed=0)
    _, inner = validation_fold(whole, 0.3, seed=0)
    assert (dense(outer) != dense(inner)).any()


@settings(deadline=None)
@given(matrices(), shares)
def test_temporal_test_items_are_no_earlier_than_train_items(matrix: np.ndarray, share: float) -> None:
    matrix[0, 0] = 1
    times = np.random.default_rng(2).integers(1, 6, matrix.shape)
    train, test = temporal_holdout(interactions_of(matrix, times), share)
    for user in range(len(matrix)):
        kept, asked = times[user][dense(train)[user] > 0], times[user][dense(test)[user] > 0]
        if len(asked):
            assert asked.min() >= kept.max()


def test_temporal_items_of_unknown_time_stay_in_train() -> None:
    times = np.array([[0, 0, 0, 9], [4, 0, 8, 6], [0, 0, 0, 0]])
    _, test = temporal_holdout(interactions_of(np.ones((3, 4)), times), 0.5)
    assert dense(test).tolist() == [[0, 0, 0, 1], [0, 0, 1, 1], [0, 0, 0, 0]]


def test_temporal_needs_times() -> None:
    with pytest.raises(NoDataError):
        temporal_holdout(interactions_of(np.ones((2, 2))))
    with pytest.raises(NoDataError):
        temporal_holdout(interactions_of(np.ones((2, 2)), np.zeros((2, 2))))


@settings(deadline=None)
@given(st.integers(2, 9), st.integers(0, 2**32 - 1), shares, st.booleans())
def test_laws_of_edge_holdout(n: int, seed: int, share: float, mutual: bool) -> None:
    matrix = np.random.default_rng(seed).random((n, n)) < 0.5
    np.fill_diagonal(matrix, False)
    matrix = matrix | matrix.T if mutual else matrix
    whole = friends_of(matrix)
    train, test = edge_holdout(whole, share, seed=3)
    np.testing.assert_array_equal(dense(train) + dense(test), dense(whole))
    joined = (dense(train) + dense(train).T) > 0
    assert not (joined & (dense(test) > 0)).any(), "the way back gives the edge away"
    pairs = int(np.triu(matrix | matrix.T).sum())
    held_out = int(np.triu((dense(test) + dense(test).T) > 0).sum())
    assert held_out == (0 if pairs < 2 else min(max(int(np.floor(pairs * share + 0.5)), 1), pairs - 1))


def test_edges_must_join_different_people_of_one_vocabulary() -> None:
    with pytest.raises(InputError, match="vocabulary"):
        edge_holdout(interactions_of(np.ones((2, 2))))
    with pytest.raises(InputError, match="itself"):
        edge_holdout(friends_of(np.eye(2)))


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_shares_outside_are_refused(share: float) -> None:
    with pytest.raises(InputError):
        random_holdout(interactions_of(np.ones((2, 2))), share)


def test_nothing_to_split() -> None:
    for shape in ((0, 0), (0, 3), (3, 0), (2, 2)):
        train, test = random_holdout(interactions_of(np.zeros(shape)))
        assert len(train) == len(test) == 0


def test_held_out_leaves_out_users_without_test_items() -> None:
    held = HeldOut.of(interactions_of(np.array([[2, 0, 5], [0, 0, 0], [0, 1, 0]])))
    assert held.users == ("u0", "u2")
    assert held.rows.tolist() == [0, 2]
    assert held.matrix.toarray().tolist() == [[1, 0, 1], [0, 1, 0]]
    assert held.n_relevant.tolist() == [2, 1]
    assert len(held) == 2
