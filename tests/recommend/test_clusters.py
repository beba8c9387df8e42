"""Styles and tastes in clusters: as many as there are, stable where they are clear, named after their own."""

from __future__ import annotations

import numpy as np
import pytest

from zetdard.errors import NoDataError
from zetdard.measure.partitions import adjusted_rand
from zetdard.recommend.clusters import Clustering, typical

CORNERS = np.eye(4, 6, dtype=np.float32)


def around(
    spread: float, sizes: tuple[int, ...] = (30, 20, 25, 10), seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return points around corners, of length 1, and the corner of each."""
    of = np.repeat(np.arange(len(sizes)), sizes)
    points = CORNERS[of] + np.random.default_rng(seed).normal(scale=spread, size=(len(of), 6))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32), of


def test_clear_clusters_are_found_counted_and_stable() -> None:
    points, of = around(0.05)
    found = Clustering.learn(points, seed=3)
    assert len(found) == 4
    assert adjusted_rand(found.of, of) == 1
    assert found.stability == pytest.approx(1)
    assert [len(found.members(cluster)) for cluster in range(4)] == [30, 25, 20, 10]
    np.testing.assert_allclose(found.centres[0], points[of == 0].mean(axis=0), atol=1e-6)


def test_what_has_no_clusters_is_not_stable() -> None:
    clear, blurred = (Clustering.learn(around(spread)[0], seed=1) for spread in (0.05, 5.0))
    assert blurred.stability < 0.6 < clear.stability
    assert blurred.silhouette < clear.silhouette


def test_the_same_points_and_seed_give_the_same_clusters() -> None:
    points, _ = around(0.6)
    first, second = (Clustering.learn(points, seed=7) for _ in range(2))
    np.testing.assert_array_equal(first.of, second.of)
    assert (first.stability, first.silhouette) == (second.stability, second.silhouette)


def test_no_more_than_asked_for() -> None:
    assert len(Clustering.learn(around(0.05)[0], most=3)) <= 3


def test_three_points_are_enough_and_two_are_not() -> None:
    found = Clustering.learn(CORNERS[[0, 0, 1, 2]])
    assert len(found) == 2
    assert 0 <= found.stability <= 1
    for few in (CORNERS[:0], CORNERS[:1], CORNERS[[0, 1, 1]]):
        with pytest.raises(NoDataError):
            Clustering.learn(few)


def test_typical_artists_are_near_and_collected() -> None:
    points, of = around(0.05, (20, 15))
    found = Clustering.learn(points, most=2)
    names = [f"artist {row}" for row in range(35)]
    belongs = np.arange(2)[:, None] == found.of
    nearest = [np.argsort(-(points @ centre), kind="stable")[:10] for centre in found.centres]
    collected = np.zeros((2, 35))
    collected[0, nearest[0][[7, 2]]] = 5, 9
    far = np.setdiff1d(found.members(0), nearest[0])[0]
    collected[0, far] = 99  # famous, and no longer typical
    chosen = typical(found, points, collected, belongs, names)
    assert chosen[0] == [names[nearest[0][2]], names[nearest[0][7]]]
    assert chosen[1] == [names[row] for row in nearest[1][:2]]
    assert set(of[[names.index(name) for name in chosen[1]]]) == {of[found.members(1)[0]]}


def test_no_name_stands_for_two_clusters() -> None:
    points, _ = around(0.05, (20, 15))
    found = Clustering.learn(points, most=2)
    everybody, nobody = np.ones((2, 3), bool), np.zeros((2, 3), bool)
    styles = CORNERS[[0, 1, 1]]
    assert typical(found, styles, np.ones((2, 3)), everybody, ["A", "B", "B"], 3) == [["A", "B"], []]
    assert typical(found, styles, np.ones((2, 3)), everybody, ["", "B", "C"], 1) == [["B"], ["C"]]
    assert typical(found, styles, np.ones((2, 3)), nobody, ["A", "B", "C"]) == [[], []]


def test_clusters_at_one_place_do_not_use_up_the_names() -> None:
    # All clusters have the same ten nearest artists: the later ones find their names farther out.
    found = Clustering(np.arange(7, dtype=np.int32), np.ones((7, 2), np.float32), 0.0, 0.0)
    angles = np.pi / 4 + np.arange(40) / 100
    styles = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    names = [f"artist {row}" for row in range(40)]
    chosen = typical(found, styles, np.ones((7, 40)), np.ones((7, 40), bool), names)
    assert chosen == [names[2 * cluster : 2 * cluster + 2] for cluster in range(7)]
