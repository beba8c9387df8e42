"""A song's place in the network: same listeners, same place."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.data.interactions import Interactions
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError
from zetdard.features.network import describe_network


def held(matrix: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> Interactions:
    users, songs = np.nonzero(matrix)
    return Interactions.from_pairs(
        Vocabulary([f"u{row:04d}" for row in range(matrix.shape[0])], kind="user"),
        Vocabulary([f"s{row:04d}" for row in range(matrix.shape[1])], kind="song"),
        users.astype(np.int32),
        songs.astype(np.int32),
    )


def two_circles(users: int, songs: int, seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """The first half of the users holds some of the first half of the songs; and one song in common."""
    rng = np.random.default_rng(seed)
    matrix = np.zeros((users, songs), np.int64)
    matrix[: users // 2, : songs // 2] = rng.random((users // 2, songs // 2)) < 0.5
    matrix[users // 2 :, songs // 2 :] = rng.random((users - users // 2, songs - songs // 2)) < 0.5
    matrix[:, 0] = 1
    return matrix


@pytest.mark.parametrize(("users", "songs"), [(40, 60), (300, 500)])
def test_two_circles_of_listeners_lie_apart(users: int, songs: int) -> None:
    block = describe_network(held(two_circles(users, songs)), size=8)
    first = block.values[:, 0]
    sides = np.sign(first[1:])
    half = songs // 2
    assert (sides[: half - 1] == sides[0]).all()
    assert (sides[half - 1 :] == -sides[0]).all()


@pytest.mark.parametrize(("users", "songs"), [(40, 60), (300, 500)])
def test_songs_with_the_same_listeners_have_the_same_place(users: int, songs: int) -> None:
    matrix = two_circles(users, songs)
    matrix[:, 3] = matrix[:, 7]
    values = describe_network(held(matrix), size=8).values
    np.testing.assert_allclose(values[3], values[7], atol=1e-5)
    assert np.array_equal(values, describe_network(held(matrix), size=8).values)


def test_the_dense_and_the_sparse_way_agree() -> None:
    matrix = two_circles(210, 260)
    sparse = describe_network(held(matrix), size=4).values
    normal = matrix / np.sqrt(matrix.sum(1, keepdims=True) * np.maximum(matrix.sum(0, keepdims=True), 1))
    _, strengths, vectors = np.linalg.svd(normal, full_matrices=False)
    for axis in range(3):
        expected = vectors[axis + 1] * strengths[axis + 1]
        expected *= np.sign(expected[np.abs(expected).argmax()])
        np.testing.assert_allclose(sparse[:, axis], expected, atol=1e-5)


def test_small_and_empty_networks() -> None:
    block = describe_network(held(np.array([[1, 1, 0]])), size=3)
    assert block.values.shape == (3, 4)
    assert block.present is not None
    assert block.present.tolist() == [True, True, False]
    np.testing.assert_allclose(block.values[:, -1], np.log([2, 2, 1]), atol=1e-6)
    nobody = describe_network(held(np.zeros((2, 3), np.int64)), size=3)
    assert not nobody.values.any()
    with pytest.raises(InputError):
        describe_network(held(np.array([[1]])), size=0)
