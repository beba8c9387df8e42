"""Kernels for the support vector machine, and sums of them.

Schölkopf and Smola, "Learning with Kernels" (2002). The gap of a kernel that is not positive semidefinite is closed as in
Chen et al., "Similarity-based classification: concepts and algorithms", JMLR 10 (2009), section 3.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from zetdard.errors import InputError
from zetdard.kernels.distances import manhattan

Doubles: TypeAlias = NDArray[np.float64]
KernelName: TypeAlias = Literal["linear", "polynomial", "gaussian", "laplacian", "sigmoid"]
KERNELS: tuple[KernelName, ...] = get_args(KernelName)


def linear(a: Doubles, b: Doubles) -> Doubles:
    """k(x, y) = x · y. Shapes (n, d), (m, d) → (n, m)."""
    return a @ b.T


def polynomial(a: Doubles, b: Doubles, gamma: float, shift: float = 1.0, degree: int = 3) -> Doubles:
    """k(x, y) = (γ x · y + shift)^degree; positive semidefinite for shift ≥ 0. Shapes (n, d), (m, d) → (n, m)."""
    return (gamma * (a @ b.T) + shift) ** degree


def gaussian(a: Doubles, b: Doubles, gamma: float) -> Doubles:
    """k(x, y) = exp(−γ Σ (x_i − y_i)²). Shapes (n, d), (m, d) → (n, m)."""
    return np.asarray(np.exp(-gamma * squared_distances(a, b)), dtype=np.float64)


def laplacian(a: Doubles, b: Doubles, gamma: float) -> Doubles:
    """k(x, y) = exp(−γ Σ |x_i − y_i|). Shapes (n, d), (m, d) → (n, m)."""
    return np.asarray(np.exp(-gamma * manhattan(a, b)), dtype=np.float64)


def sigmoid(a: Doubles, b: Doubles, gamma: float, shift: float = 0.0) -> Doubles:
    """k(x, y) = tanh(γ x · y + shift); in general not positive semidefinite. Shapes (n, d), (m, d) → (n, m)."""
    return np.asarray(np.tanh(gamma * (a @ b.T) + shift), dtype=np.float64)


def squared_distances(a: Doubles, b: Doubles) -> Doubles:
    """Return Σ (x_i − y_i)²: shapes (n, d), (m, d) → (n, m), not negative.

    By |x|² + |y|² − 2 x · y, about a common point near the data, so that little is lost by rounding.
    """
    middle = b.mean(axis=0) if len(b) else 0.0
    a, b = a - middle, b - middle
    lengths = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1)[None, :]
    return np.asarray(np.maximum(lengths - 2 * (a @ b.T), 0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kernel, and its weight in a sum.

    γ is ``width`` times what the training points suggest: 1 / median of the squared distances between two of them
    (``gaussian``), of the absolute ones (``laplacian``), or 1 / mean of |x|² (the kernels of x · y). Each kernel is
    divided by its mean over the training points with themselves, so that weights mean the same for all.

    Attributes:
        kind: Which.
        weight: Factor in a sum, not negative: a sum of valid kernels with such weights is a valid kernel.
        width: Factor of γ.
        shift: Number added in ``polynomial`` (not negative) and ``sigmoid``.
        degree: Exponent of ``polynomial``.
    """

    kind: KernelName
    weight: float = 1.0
    width: float = 1.0
    shift: float = 1.0
    degree: int = 3

    def __post_init__(self) -> None:
        if self.kind not in KERNELS:
            raise InputError(f"there is no kernel {self.kind!r}; there are: {', '.join(KERNELS)}")
        if not (np.isfinite(self.weight) and self.weight >= 0):
            raise InputError("the weight of a kernel must not be negative: the sum would be no kernel")
        if not (np.isfinite(self.width) and self.width > 0 and np.isfinite(self.shift)):
            raise InputError("the width of a kernel must be positive, and its shift a number")
        if self.kind == "polynomial" and (self.degree < 1 or self.shift < 0):
            raise InputError("a polynomial kernel needs a degree of 1 or more and a shift of 0 or more")

    def gamma(self, training: Doubles) -> float:
        """Return γ for these training points, positive; 1 × width where they are all the same."""
        upper = np.triu_indices(len(training), 1)
        if self.kind == "gaussian":
            size = float(np.median(squared_distances(training, training)[upper])) if len(upper[0]) else 0.0
        elif self.kind == "laplacian":
            size = float(np.median(manhattan(training, training)[upper])) if len(upper[0]) else 0.0
        else:
            size = float(np.square(training).sum(axis=1).mean()) if len(training) else 0.0
        return self.width / size if size > 1e-12 else self.width

    def gram(self, a: Doubles, b: Doubles, gamma: float) -> Doubles:
        """Return k(x, y) as its formula says: shape (n, m)."""
        if self.kind == "linear":
            return gamma * linear(a, b)
        if self.kind == "polynomial":
            return polynomial(a, b, gamma, self.shift, self.degree)
        if self.kind == "gaussian":
            return gaussian(a, b, gamma)
        if self.kind == "laplacian":
            return laplacian(a, b, gamma)
        return sigmoid(a, b, gamma, self.shift)


@dataclass(frozen=True, slots=True, eq=False)
class FittedKernel:
    """A sum of kernels with all that they take from the training points.

    Attributes:
        training: Shape (n, d).
        gram: Its matrix over the training points: shape (n, n), symmetric, positive semidefinite but for rounding.
    """

    training: Doubles
    gram: Doubles
    _parts: tuple[tuple[Kernel, float, float, Doubles | None], ...]
    """Kernel, γ, factor, projection onto the part of the space where it is a valid kernel."""

    @classmethod
    def fit(cls, kernels: Sequence[Kernel], training: Doubles) -> FittedKernel:
        """Take from the training points what the kernels need.

        ``sigmoid`` is made valid by leaving out the directions of negative eigenvalues: with K = V Λ Vᵀ and
        P = V₊ V₊ᵀ, K becomes K P, and a row k of a song that was not trained on becomes k P likewise.
        """
        if not kernels or not any(kernel.weight > 0 for kernel in kernels):
            raise InputError("a sum of kernels needs a kernel with a positive weight")
        total = np.zeros((len(training), len(training)))
        parts = []
        for kernel in kernels:
            if kernel.weight == 0:
                continue
            gamma = kernel.gamma(training)
            gram = kernel.gram(training, training, gamma)
            projection = None
            if kernel.kind == "sigmoid":
                values, vectors = np.linalg.eigh((gram + gram.T) / 2)
                valid = vectors[:, values > 0]
                projection = valid @ valid.T
                gram = (valid * values[values > 0]) @ valid.T
            mean = float(np.trace(gram)) / max(len(training), 1)
            factor = kernel.weight / mean if mean > 0 else 0.0
            total += factor * gram
            parts.append((kernel, gamma, factor, projection))
        return cls(training, (total + total.T) / 2, tuple(parts))

    def weighted(self, points: Doubles, duals: Doubles) -> Doubles:
        """Return Σ_j k(x, training_j) · duals_j for each point x: shape (points,)."""
        total = np.zeros(len(points))
        for kernel, gamma, factor, projection in self._parts:
            along = duals if projection is None else projection @ duals
            used = np.flatnonzero(along)
            total += factor * (kernel.gram(points, self.training[used], gamma) @ along[used])
        return total
