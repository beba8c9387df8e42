"""``song-graph``: the weights of the definition, with and without a limit of neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydantic import ValidationError

from models.conformance import ModelConformance, interactions_of, random_matrix
from zetdard.data.interactions import Histories
from zetdard.models.base import TrainingData
from zetdard.models.song_graph import SongGraph, SongGraphConfig

MATRICES = st.tuples(st.integers(1, 7), st.integers(1, 9)).flatmap(
    lambda shape: arrays.arrays(np.float32, shape, elements=st.sampled_from([0.0, 1.0]))
)


class TestSongGraph(ModelConformance):
    model_class = SongGraph
    amounts_sum_to_score = True


class TestSongGraphWithFewNeighbours(ModelConformance):
    model_class = SongGraph
    amounts_sum_to_score = True

    def make(self) -> SongGraph:
        return SongGraph(SongGraphConfig(neighbours=4))


def plain_weights(matrix: np.ndarray, neighbours: int | None = None) -> np.ndarray:
    """Return all w(a→b) = |U(a) ∩ U(b)| / |U(a)|, one pair at a time: shape (items, items)."""
    n_items = matrix.shape[1]
    holders = [set(np.flatnonzero(matrix[:, item]).tolist()) for item in range(n_items)]
    weights = np.zeros((n_items, n_items))
    for a in range(n_items):
        for b in range(n_items):
            if a != b and holders[a]:
                weights[a, b] = len(holders[a] & holders[b]) / len(holders[a])
        if neighbours is not None:
            order = sorted(range(n_items), key=lambda b: (-weights[a, b], b))
            weights[a, order[neighbours:]] = 0
    return weights


def fitted(matrix: np.ndarray, neighbours: int | None = None) -> tuple[SongGraph, Histories]:
    data = interactions_of(matrix)
    model = SongGraph(SongGraphConfig(neighbours=neighbours)).fit(TrainingData(data))
    return model, Histories.of_users(data, np.arange(data.n_users))


@settings(deadline=None, max_examples=60)
@given(MATRICES, st.sampled_from([None, 1, 2, 100]))
def test_agrees_with_the_definition(matrix: np.ndarray, neighbours: int | None) -> None:
    model, histories = fitted(matrix, neighbours)
    expected = matrix @ plain_weights(matrix, neighbours)
    np.testing.assert_allclose(model.score(histories), expected, rtol=1e-6, atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(MATRICES, st.data())
def test_a_listener_it_has_never_seen(matrix: np.ndarray, data: st.DataObject) -> None:
    n_items = matrix.shape[1]
    own = data.draw(st.lists(st.integers(0, n_items - 1), unique=True))
    model, _ = fitted(matrix)
    scores = model.score(Histories.of_items(np.array(own, np.int32), n_items))
    expected = plain_weights(matrix)[own].sum(axis=0)
    np.testing.assert_allclose(scores[0], expected, rtol=1e-6, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(MATRICES)
def test_all_edges_equal_as_many_neighbours_as_there_are(matrix: np.ndarray) -> None:
    everything, histories = fitted(matrix)
    limited, _ = fitted(matrix, max(matrix.shape[1] - 1, 1))
    np.testing.assert_allclose(everything.score(histories), limited.score(histories), rtol=1e-6, atol=1e-12)


def test_what_a_song_adds_to_itself_leaves_no_trace() -> None:
    # 1/3 is no binary fraction: three thirds less one must be nothing at all, not a speck of evidence.
    matrix = np.zeros((30, 3))
    matrix[:3, 0], matrix[:, 1] = 1, 1
    matrix[:3, 1] = 0
    model, histories = fitted(matrix)
    assert model.score(histories)[0].tolist() == [0, 0, 0]
    assert model.score(histories)[29].tolist() == [0, 0, 0]


@settings(deadline=None, max_examples=40)
@given(MATRICES)
def test_persons_named_hold_the_item_and_share_a_song(matrix: np.ndarray) -> None:
    model, histories = fitted(matrix)
    for user in range(matrix.shape[0]):
        history = Histories(histories.matrix[[user]], histories.users[[user]])
        for item in np.flatnonzero(matrix[user] == 0):
            named = model.contributions(history, int(item)).users.tolist()
            overlap = {
                other: int(matrix[other] @ matrix[user])
                for other in range(matrix.shape[0])
                if other != user and matrix[other, item] and matrix[other] @ matrix[user] > 0
            }
            assert named == sorted(overlap, key=lambda other: (-overlap[other], other))


def test_contributions_are_the_weights() -> None:
    matrix = random_matrix(seed=8)
    weights = plain_weights(matrix)
    model, histories = fitted(matrix)
    history = Histories(histories.matrix[[2]], histories.users[[2]])
    for item in range(matrix.shape[1]):
        made = model.contributions(history, item)
        np.testing.assert_allclose(made.amounts, weights[made.items, item], rtol=1e-12)
        missing = np.setdiff1d(history.matrix.indices, made.items)
        assert not weights[missing, item].any()


def test_strengths_change_nothing() -> None:
    model, histories = fitted(random_matrix())
    louder = Histories(histories.matrix * np.float32(9), histories.users)
    np.testing.assert_array_equal(model.score(louder), model.score(histories))
    counted, _ = fitted(random_matrix() * 5)
    np.testing.assert_array_equal(counted.score(histories), model.score(histories))


@pytest.mark.parametrize("neighbours", [0, -1, 2.5])
def test_settings_out_of_range_are_refused(neighbours: float) -> None:
    with pytest.raises(ValidationError):
        SongGraphConfig(neighbours=neighbours)
