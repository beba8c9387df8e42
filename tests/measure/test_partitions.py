"""Clusters compared: against scikit-learn, and where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_score

from zetdard.errors import InputError
from zetdard.measure.partitions import adjusted_rand, silhouette


@pytest.mark.parametrize("seed", range(20))
def test_the_adjusted_rand_index_is_that_of_scikit_learn(seed: int) -> None:
    a, b = np.random.default_rng(seed).integers(0, 1 + seed % 5, size=(2, 1 + 2 * seed))
    assert adjusted_rand(a, b) == pytest.approx(adjusted_rand_score(a, b), abs=1e-12)


def test_names_of_clusters_do_not_count() -> None:
    a = np.array([0, 0, 1, 1, 2])
    assert adjusted_rand(a, np.array([7, 7, 3, 3, 1])) == 1
    assert adjusted_rand(a, np.array([0, 1, 0, 1, 0])) < 0


@pytest.mark.parametrize("seed", range(5))
def test_the_silhouette_is_that_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    points = random.normal(size=(40, 3)).astype(np.float32)
    of = random.integers(0, 4, size=40)
    of[0] = 9  # alone
    assert silhouette(points, of) == pytest.approx(silhouette_score(points.astype(float), of), abs=1e-6)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError):
        adjusted_rand(np.zeros(2, int), np.zeros(3, int))
    for of in (np.zeros(3, int), np.array([0, 1])):
        with pytest.raises(InputError):
            silhouette(np.zeros((3, 2), np.float32), of)
