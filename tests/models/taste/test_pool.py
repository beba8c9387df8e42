"""The pool: clusters, and which of them are nearest to a listener's songs."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.data.features import FeatureBlock
from zetdard.data.vocabulary import Vocabulary
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
    own = np.array([3], np.int32)  # at 0
    for share, values in [(0.01, {0}), (0.25, {0}), (0.26, {0, 1}), (0.75, {0, 1, 5}), (1.0, {0, 1, 5, 20})]:
        assert set(points[clusters.of_listener(own, share)].ravel().tolist()) == values


def test_every_taste_of_a_listener_has_its_cluster() -> None:
    points = np.repeat(np.array([[0.0], [10.0], [20.0], [30.0]], np.float32), 10, axis=0)
    clusters = Clusters.learn(points, 4, seed=0)
    # The mean of the songs would be nearest to the two clusters that the listener does not like.
    own = np.array([0, 39], np.int32)  # at 0 and 30
    assert set(points[clusters.of_listener(own, 0.5)].ravel().tolist()) == {0, 30}


def network(places: np.ndarray, held: np.ndarray) -> FeatureBlock:
    """Return places in a network, with the number of holders behind them, as ``describe_network`` does."""
    values = np.column_stack([places, held]).astype(np.float32)
    columns = tuple(f"c{n}" for n in range(values.shape[1]))
    return FeatureBlock(
        Vocabulary((f"s{n}" for n in range(len(places))), kind="song"), values, columns, {}, held
    )


def test_who_holds_songs_says_more_than_how_they_sound() -> None:
    sounds, sound = heaps(120, 4)
    random = np.random.default_rng(3)
    circle = random.integers(3, size=120)
    # In a direction of its circle, at any length: popular songs lie farther out.
    places = np.eye(3)[circle] * random.uniform(0.1, 9, size=(120, 1))
    everybody = np.ones(120, bool)
    rows = np.arange(120, dtype=np.int32)
    cut = Clusters.cut(sounds, 3, network=network(places, everybody), rows=rows, seed=0)
    assert len(set(zip(circle.tolist(), cut.of.tolist(), strict=True))) == 3
    own = np.flatnonzero(circle == 1)[:2].astype(np.int32)
    np.testing.assert_array_equal(cut.of_listener(own, 0.1), circle == 1)
    # A song that nobody holds goes where songs sound like it.
    held = rows % 10 > 0
    matched = np.eye(4)[sound]
    cut = Clusters.cut(sounds, 4, network=network(matched * held[:, None], held), rows=rows, seed=0)
    assert len(set(zip(sound.tolist(), cut.of.tolist(), strict=True))) == 4


@pytest.mark.parametrize("known", ["nothing", "few songs", "one place"])
def test_a_network_that_tells_nothing_is_not_asked(known: str) -> None:
    sounds, _ = heaps(60, 3)
    rows = np.arange(60, dtype=np.int32)
    places = np.eye(3)[rows % 3]
    if known == "one place":
        places = np.ones((60, 3))
    block = None if known == "nothing" else network(places, rows < (20 if known == "few songs" else 60))
    cut = Clusters.cut(sounds, 3, network=block, rows=rows, seed=0)
    assert cut.of.tobytes() == Clusters.learn(sounds, 3, seed=0).of.tobytes()


@pytest.mark.parametrize(
    ("own", "order"),
    [
        ((35, 36, 2), (20, 0, 1, 5)),  # two songs at 20, one at 0; of the rest, 1 is near to 0
        ((35, 36, 22, 2), (20, 5, 0, 1)),  # 5 is nearer to 20 than 0 is
        ((35, 22, 2), (5, 0, 20, 1)),  # one song each: the one nearest to the two others comes first
    ],
)
def test_clusters_that_hold_most_come_first_and_of_equals_the_nearest(
    own: tuple[int, ...], order: tuple[int, ...]
) -> None:
    points = np.repeat(np.array([[0.0], [1.0], [5.0], [20.0]], np.float32), 10, axis=0)
    clusters = Clusters.learn(points, 4, seed=0)
    for number in range(1, 5):
        pool = clusters.of_listener(np.array(own, np.int32), number / 4)
        assert set(points[pool].ravel().tolist()) == set(order[:number])


def test_usual_clusters() -> None:
    assert [usual_clusters(n) for n in (0, 1, 10, 100, 10**6)] == [0, 1, 4, 10, 256]
