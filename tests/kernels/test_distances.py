"""The distance kernel against its plain reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from zetdard.errors import InputError
from zetdard.kernels.distances import manhattan

SIZES = st.integers(0, 40)


@settings(deadline=None, max_examples=60)  # the first call may compile the kernel
@given(SIZES, SIZES, st.integers(1, 40), st.integers(0, 1000), st.sampled_from([1e-8, 1.0, 1e12]))
def test_agrees_with_scipy_bit_for_bit(n: int, m: int, d: int, seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(n, d)) * scale, random.normal(size=(m, d))
    np.testing.assert_array_equal(manhattan(a, b), cdist(a, b, "cityblock"))


def test_takes_points_however_they_lie_in_memory() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(6, 20)), random.normal(size=(9, 20))
    expected = manhattan(a[:, ::2].copy(), b[:, ::2].copy())
    np.testing.assert_array_equal(manhattan(a[:, ::2], b[:, ::2]), expected)
    np.testing.assert_array_equal(manhattan(np.asfortranarray(a[:, ::2]), b[:, ::2]), expected)


def test_takes_points_that_may_not_be_written_to() -> None:
    points = np.random.default_rng(0).normal(size=(6, 4))
    expected = manhattan(points, points)
    points.flags.writeable = False
    np.testing.assert_array_equal(manhattan(points, points), expected)
    column = points[:, :1]  # turned, it lies in memory as it did: it is not copied
    np.testing.assert_array_equal(manhattan(column, column), abs(column - column.T))


def test_points_without_columns_lie_at_one_place() -> None:
    np.testing.assert_array_equal(manhattan(np.empty((2, 0)), np.empty((3, 0))), np.zeros((2, 3)))


@pytest.mark.parametrize(("a", "b"), [((2, 3), (2, 4)), ((2, 3), (3,)), ((3,), (2, 3))])
def test_refuses_points_of_different_spaces(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    with pytest.raises(InputError):
        manhattan(np.zeros(a), np.zeros(b))
