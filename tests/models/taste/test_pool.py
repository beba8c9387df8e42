"""The pool: clusters, and which of them are nearest to a listener's songs."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.models.taste.pool import Clusters, usual_clusters


def heaps(n: int, centres: int, columns: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw songs around far centres: points, and the heap of each."""
    random = np.random.default_rng(seed)
    heap = np.arange(n) % centres
    places = random.normal(size=(centres, columns)) * 10
    return (places[heap] + random.normal(size=(n, columns)) * 0.5).astype(np.float32), heap


def test_finds_heaps() -> None:
    points, heap = heaps(300, 6)
    clusters = Clusters.learn(points, 6, seed=0)
    pairs = set(zip(heap.tolist(), clusters.of.tolist(), strict=True))
    assert len(pairs) == 6  # each heap is a cluster
    for number in range(6):
        np.testing.assert_allclose(
            clusters.centres[number], points[clusters.of == number].mean(axis=0), rtol=1e-4, atol=1e-4
        )


def test_every_song_is_in_the_nearest_cluster() -> None:
    points = np.random.default_rng(1).normal(size=(200, 3)).astype(np.float32)
    clusters = Clusters.learn(points, 12, seed=0)
    distances = ((points[:, None] - clusters.centres[None]) ** 2).sum(axis=2)
    assert (clusters.of == distances.argmin(axis=1)).mean() > 0.95


def test_same_seed_same_clusters() -> None:
    points, _ = heaps(100, 4)
    one, other = Clusters.learn(points, 9, seed=2), Clusters.learn(points, 9, seed=2)
    assert one.of.tobytes() == other.of.tobytes()
    assert one.centres.tobytes() == other.centres.tobytes()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_songs_than_clusters(n: int) -> None:
    points = np.arange(n * 2, dtype=np.float32).reshape(n, 2)
    clusters = Clusters.learn(points, 5, seed=0)
    assert clusters.centres.shape == (n, 2)
    assert sorted(clusters.of.tolist()) == list(range(n))


def test_songs_that_are_all_the_same_are_one_cluster() -> None:
    clusters = Clusters.learn(np.ones((7, 3), np.float32), 4, seed=0)
    assert clusters.centres.shape == (1, 3)
    assert not clusters.of.any()


def test_the_nearest_clusters_are_taken_until_there_are_enough_songs() -> None:
    points = np.repeat(np.array([[0.0], [1.0], [5.0], [20.0]], np.float32), 10, axis=0)
    clusters = Clusters.learn(points, 4, seed=0)
    own = np.array([[0.1]], np.float32)
    for share, values in [(0.01, {0}), (0.25, {0}), (0.26, {0, 1}), (0.75, {0, 1, 5}), (1.0, {0, 1, 5, 20})]:
        assert set(points[clusters.pool(own, share)].ravel().tolist()) == values


def test_every_taste_of_a_listener_has_its_cluster() -> None:
    points = np.repeat(np.array([[0.0], [10.0], [20.0], [30.0]], np.float32), 10, axis=0)
    clusters = Clusters.learn(points, 4, seed=0)
    # The mean of the songs would be nearest to the two clusters that the listener does not like.
    own = np.array([[0.5], [29.5]], np.float32)
    assert set(points[clusters.pool(own, 0.5)].ravel().tolist()) == {0, 30}


def test_usual_clusters() -> None:
    assert [usual_clusters(n) for n in (0, 1, 10, 100, 10**6)] == [0, 1, 4, 10, 256]
