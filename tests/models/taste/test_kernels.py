"""Kernels: each as its formula says, valid where it must be, and sums of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zetdard.errors import InputError
from zetdard.models.taste.kernels import (
    KERNELS,
    FittedKernel,
    Kernel,
    KernelName,
    gaussian,
    laplacian,
    linear,
    polynomial,
    sigmoid,
    squared_distances,
)

POINTS = np.random.default_rng(3).normal(size=(25, 6))
OTHERS = np.random.default_rng(4).normal(size=(7, 6)) * 2

FORMULAS = {
    "linear": lambda x, y: sum(a * b for a, b in zip(x, y, strict=True)),
    "polynomial": lambda x, y: (0.3 * sum(a * b for a, b in zip(x, y, strict=True)) + 2) ** 4,
    "gaussian": lambda x, y: math.exp(-0.3 * sum((a - b) ** 2 for a, b in zip(x, y, strict=True))),
    "laplacian": lambda x, y: math.exp(-0.3 * sum(abs(a - b) for a, b in zip(x, y, strict=True))),
    "sigmoid": lambda x, y: math.tanh(0.3 * sum(a * b for a, b in zip(x, y, strict=True)) - 1),
}
FAST = {
    "linear": linear,
    "polynomial": lambda a, b: polynomial(a, b, 0.3, 2, 4),
    "gaussian": lambda a, b: gaussian(a, b, 0.3),
    "laplacian": lambda a, b: laplacian(a, b, 0.3),
    "sigmoid": lambda a, b: sigmoid(a, b, 0.3, -1),
}


@pytest.mark.parametrize("kind", KERNELS)
def test_agrees_with_its_formula(kind: KernelName) -> None:
    expected = [[FORMULAS[kind](x, y) for y in POINTS.tolist()] for x in OTHERS.tolist()]
    np.testing.assert_allclose(FAST[kind](OTHERS, POINTS), expected, rtol=1e-10, atol=1e-12)


def least_eigenvalue(gram: np.ndarray) -> float:
    np.testing.assert_allclose(gram, gram.T, rtol=0, atol=0)
    return float(np.linalg.eigvalsh(gram).min())


WEIGHTS = st.lists(st.tuples(st.sampled_from(KERNELS), st.floats(0.01, 10)), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60)
@given(WEIGHTS, st.integers(0, 1000), st.floats(-2, 2), st.floats(0.1, 5))
def test_a_sum_of_kernels_is_a_kernel(
    weights: list[tuple[KernelName, float]], seed: int, shift: float, width: float
) -> None:
    points = np.random.default_rng(seed).normal(size=(20, 4))
    kernels = [
        Kernel(kind, weight=weight, width=width, shift=shift if kind == "sigmoid" else abs(shift))
        for kind, weight in weights
    ]
    gram = FittedKernel.fit(kernels, points).gram
    assert least_eigenvalue(gram) >= -1e-9 * np.abs(gram).max()


def test_sigmoid_is_no_kernel_before_it_is_made_one() -> None:
    kernel = Kernel("sigmoid", width=3, shift=-1)
    raw = kernel.gram(POINTS, POINTS, kernel.gamma(POINTS))
    assert least_eigenvalue((raw + raw.T) / 2) < -1


@pytest.mark.parametrize("kind", KERNELS)
def test_a_new_song_is_treated_like_a_training_song(kind: KernelName) -> None:
    # A point that is a training point has that point's row of the matrix, also where the matrix was mended.
    fitted = FittedKernel.fit([Kernel(kind, shift=0.5), Kernel("gaussian", weight=0.5)], POINTS)
    duals = np.random.default_rng(0).normal(size=len(POINTS))
    duals[::3] = 0
    np.testing.assert_allclose(
        fitted.weighted(POINTS[:4], duals), fitted.gram[:4] @ duals, rtol=1e-9, atol=1e-9
    )


def test_weights_are_those_of_kernels_of_one_size() -> None:
    both = FittedKernel.fit([Kernel("linear", weight=2), Kernel("laplacian", weight=3)], POINTS).gram
    one = FittedKernel.fit([Kernel("linear")], POINTS).gram
    other = FittedKernel.fit([Kernel("laplacian")], POINTS).gram
    np.testing.assert_allclose(both, 2 * one + 3 * other, rtol=1e-12)
    assert np.trace(one) == pytest.approx(len(POINTS))
    unused = FittedKernel.fit([Kernel("linear"), Kernel("gaussian", weight=0)], POINTS).gram
    np.testing.assert_array_equal(unused, one)


def test_widths_follow_the_median_distance() -> None:
    line = np.array([[0.0], [1.0], [3.0]])  # distances 1, 2, 3
    assert Kernel("gaussian").gamma(line) == pytest.approx(1 / 4)
    assert Kernel("laplacian", width=3).gamma(line) == pytest.approx(3 / 2)
    assert Kernel("linear").gamma(line) == pytest.approx(3 / 10)
    for kind in KERNELS:
        assert Kernel(kind).gamma(np.zeros((3, 2))) == Kernel(kind).gamma(np.zeros((0, 2))) == 1


def test_units_of_the_space_do_not_matter() -> None:
    for kind in KERNELS:
        near, far = (FittedKernel.fit([Kernel(kind)], POINTS * size).gram for size in (1, 1000))
        np.testing.assert_allclose(near, far, rtol=1e-6, atol=1e-9)


def test_distances_far_from_the_origin_keep_their_digits() -> None:
    far = POINTS + 1e6
    expected = ((POINTS[:, None] - POINTS[None]) ** 2).sum(axis=2)
    np.testing.assert_allclose(squared_distances(far, far), expected, atol=1e-6)


@pytest.mark.parametrize(
    "settings_",
    [
        {"kind": "cubic"},
        {"kind": "linear", "weight": -1},
        {"kind": "linear", "weight": np.nan},
        {"kind": "gaussian", "width": 0},
        {"kind": "polynomial", "shift": -1},
        {"kind": "polynomial", "degree": 0},
    ],
)
def test_what_would_be_no_kernel_is_refused(settings_: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Kernel(**settings_)


@pytest.mark.parametrize("kernels", [[], [Kernel("linear", weight=0)]])
def test_a_sum_of_nothing_is_refused(kernels: list[Kernel]) -> None:
    with pytest.raises(InputError):
        FittedKernel.fit(kernels, POINTS)
