"""Nearest songs through clusters, against a comparison of all pairs; codes of users and artists."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from zetdard.models.song_codes import NEAR, SongCodes, nearest_through_clusters
from zetdard.models.taste.pool import Clusters

RANDOM = np.random.default_rng(7)
PLACES = RANDOM.standard_normal((40, 3)).astype(np.float32)
MASSES = RANDOM.standard_normal(40).astype(np.float32)
UNKNOWN = 5


def clusters(n: int) -> Clusters:
    rows = np.delete(np.arange(40), UNKNOWN)
    found = Clusters.learn(PLACES[rows], n, seed=0)
    of = np.full(40, -1, np.int32)
    of[rows] = found.of
    return Clusters(of, found.centres)


def near(found: Clusters, *, reach: int, nearest: int) -> np.ndarray:
    return nearest_through_clusters(
        PLACES, MASSES, found, pull=2.0, reach=reach, nearest=nearest, sharpness=0.5
    ).toarray()


def all_pairs(nearest: int, allowed: np.ndarray) -> np.ndarray:
    squared = np.square(PLACES[:, None].astype(np.float64) - PLACES[None]).sum(axis=2)
    terms = np.exp(0.5 * (MASSES[None] - 2 * np.log(squared + NEAR)))
    terms[~allowed] = 0
    for row in terms:
        row[np.argsort(-row, kind="stable")[nearest:]] = 0
    return terms


@pytest.mark.parametrize("nearest", [1, 7, 100])
def test_with_all_clusters_in_reach_it_compares_all_pairs(nearest: int) -> None:
    allowed = ~np.eye(40, dtype=bool)
    allowed[UNKNOWN] = allowed[:, UNKNOWN] = False
    found = near(clusters(6), reach=6, nearest=nearest)
    np.testing.assert_allclose(found, all_pairs(nearest, allowed), rtol=1e-5)


def test_with_one_in_reach_it_stays_in_the_cluster() -> None:
    found = clusters(6)
    allowed = (found.of[:, None] == found.of[None]) & ~np.eye(40, dtype=bool) & (found.of >= 0)[None]
    np.testing.assert_allclose(near(found, reach=1, nearest=4), all_pairs(4, allowed), rtol=1e-5)


def test_equals_are_taken_in_the_order_of_their_rows() -> None:
    same = Clusters(np.zeros(6, np.int32), np.zeros((1, 2), np.float32))
    found = nearest_through_clusters(
        np.zeros((6, 2), np.float32),
        np.zeros(6, np.float32),
        same,
        pull=1.0,
        reach=1,
        nearest=2,
        sharpness=1.0,
    )
    assert [found[[row]].indices.tolist() for row in range(6)] == [
        [1, 2],
        [0, 2],
        [0, 1],
        [0, 1],
        [0, 1],
        [0, 1],
    ]


class Given(SongCodes):
    name = "given"
    summary = "codes that are given"


def test_users_and_artists_lie_in_the_middle_of_their_songs() -> None:
    found = clusters(4)
    model = Given().restore(
        {
            "places": PLACES,
            "masses": MASSES,
            "pull": np.ones(1, np.float32),
            "cluster": found.of,
            "centres": found.centres,
            "curve": np.empty((0, 2), np.float32),
        }
    )
    holdings = np.zeros((3, 40), np.float32)
    holdings[0, [1, 9]] = 1, 4  # how often does not count
    holdings[1, [2, UNKNOWN]] = 1
    codes = model.mean_codes(csr_array(holdings))
    np.testing.assert_allclose(codes, [(PLACES[1] + PLACES[9]) / 2, PLACES[2], np.zeros(3)], rtol=1e-6)
