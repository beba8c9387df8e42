"""Places in two dimensions: near stays near, equal stays equal, and any number of points has some."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from zetdard.errors import InputError, MissingExtraError
from zetdard.features import layout
from zetdard.features.layout import lay_out


def groups(
    n: int, size: int, dimensions: int = 8, seed: int = 0
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    rng = np.random.default_rng(seed)
    centres = 6 * rng.standard_normal((n, dimensions))
    return np.repeat(centres, size, axis=0) + 0.3 * rng.standard_normal((n * size, dimensions))


def share_of_own_group(places: np.ndarray[tuple[int, int], np.dtype[np.float32]], size: int) -> float:
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    group = np.arange(len(places)) // size
    return float((group[distances.argmin(axis=1)] == group).mean())


def test_groups_stay_together() -> None:
    points = groups(6, 25)
    places = lay_out(points, seed=3)
    assert share_of_own_group(places, 25) == 1
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-5)
    assert np.abs(places).max() == pytest.approx(1)
    np.testing.assert_array_equal(places, lay_out(points, seed=3))


def test_a_sample_carries_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_MOST_DRAWN", 60)
    assert share_of_own_group(lay_out(groups(6, 40)), 40) > 0.95


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7])
def test_any_number_of_points(n: int) -> None:
    places = lay_out(np.random.default_rng(0).standard_normal((n, 5)))
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()
    if n > 1:
        assert len(np.unique(places.round(4), axis=0)) == n


def test_equal_points_lie_at_one_place() -> None:
    points = groups(3, 10)
    places = lay_out(np.concatenate([points, points[:5]]))
    np.testing.assert_array_equal(places[:5], places[-5:])
    assert not lay_out(np.ones((6, 3))).any()


def test_points_that_cannot_be_placed_and_a_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for bad in (np.zeros(3), np.zeros((3, 0)), np.full((2, 2), np.nan)):
        with pytest.raises(InputError):
            lay_out(bad)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
    with pytest.raises(MissingExtraError, match=r"\[pictures\]"):
        lay_out(groups(3, 10))
