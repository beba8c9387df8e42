"""Classifiers of songs: support vector machine, logistic regression, random forest, nearest neighbours.

Each gives both classes the same weight, however few songs are liked, and says beside its decisions what it would have
decided about each training song without having been trained on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zetdard.models.taste.calibration import Sigmoid, inner_folds
from zetdard.models.taste.kernels import FittedKernel, Kernel, squared_distances
from zetdard.models.taste.learning import sklearn_module

Doubles: TypeAlias = NDArray[np.float64]
Liked: TypeAlias = NDArray[np.bool_]

_FOLDS = 4
"""Folds of the training songs from which log-odds are learned."""


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A classifier that has learned.

    Attributes:
        decide: Points, shape (n, d) → decision values, shape (n,).
        left_out: Shape (training songs,): the decision about each without it; ``None`` where a class has one song.
    """

    decide: Callable[[Doubles], Doubles]
    left_out: Doubles | None


class Classifier(Protocol):
    """Something that tells liked songs from others by their points; both occur."""

    def train(self, points: Doubles, liked: Liked, *, seed: int) -> Trained:
        """Learn from points of shape (n, d) and labels of shape (n,)."""
        ...


@dataclass(frozen=True, slots=True)
class SvmClassifier:
    """Support vector machine (Cortes and Vapnik, "Support-vector networks", Machine Learning 20, 1995).

    Attributes:
        kernels: They are added.
        c: Price of a song on the wrong side of the margin, where all songs have about length 1 in the kernel's space.
    """

    kernels: tuple[Kernel, ...] = (Kernel("laplacian"),)
    c: float = 3.0

    def train(self, points: Doubles, liked: Liked, *, seed: int) -> Trained:
        """Learn; ``seed`` deals the songs into folds."""
        kernel = FittedKernel.fit(self.kernels, points)
        everything = np.arange(len(points))
        duals, offset = self._solve(kernel.gram, liked, everything)

        def fold(rows: NDArray[np.int64], others: NDArray[np.int64]) -> Doubles:
            duals, offset = self._solve(kernel.gram, liked, rows)
            return np.asarray(kernel.gram[others] @ duals + offset, dtype=np.float64)

        return Trained(lambda at: kernel.weighted(at, duals) + offset, _left_out(liked, seed, fold))

    def _solve(self, gram: Doubles, liked: Liked, rows: NDArray[np.int64]) -> tuple[Doubles, float]:
        """Return the dual weight of each training song, 0 for those not in ``rows``, and the offset."""
        machine: Any = sklearn_module("svm").SVC(C=self.c, kernel="precomputed", class_weight="balanced")
        machine.fit(gram[np.ix_(rows, rows)], liked[rows].astype(np.int8))
        duals = np.zeros(len(liked))
        duals[rows[machine.support_]] = machine.dual_coef_[0]
        return duals, float(machine.intercept_[0])


@dataclass(frozen=True, slots=True)
class LogisticClassifier:
    """Logistic regression with a squared penalty (Hastie et al., "The Elements of Statistical Learning", 4.4).

    Attributes:
        strength: What a weight is worth: the a-priori variance of the log-odds of a song of length 1.
    """

    strength: float = 4.0

    def train(self, points: Doubles, liked: Liked, *, seed: int) -> Trained:
        """Learn; ``seed`` deals the songs into folds."""
        model = self._fit(points, liked)

        def fold(rows: NDArray[np.int64], others: NDArray[np.int64]) -> Doubles:
            return np.asarray(self._fit(points[rows], liked[rows]).decision_function(points[others]))

        return Trained(lambda at: np.asarray(model.decision_function(at)), _left_out(liked, seed, fold))

    def _fit(self, points: Doubles, liked: Liked) -> Any:
        model: Any = sklearn_module("linear_model").LogisticRegression(
            C=self.strength, class_weight="balanced", max_iter=2000, tol=1e-5
        )
        return model.fit(points, liked)


@dataclass(frozen=True, slots=True)
class ForestClassifier:
    """Random forest (Breiman, "Random forests", Machine Learning 45, 2001); log-odds of the share of its trees' votes.

    The decision about a training song without it is that of the trees that have not drawn it.

    Attributes:
        trees: How many.
        least_leaf: Fewest songs in a leaf.
    """

    trees: int = 200
    least_leaf: int = 2

    def train(self, points: Doubles, liked: Liked, *, seed: int) -> Trained:
        """Learn; ``seed`` grows the trees."""
        forest: Any = (
            sklearn_module("ensemble")
            .RandomForestClassifier(
                self.trees,
                min_samples_leaf=self.least_leaf,
                class_weight="balanced_subsample",
                bootstrap=True,
                random_state=seed % 2**32,
                n_jobs=1,
            )
            .fit(points, liked)
        )
        most = np.log(2 * self.trees + 1)

        def decide(at: Doubles) -> Doubles:
            return _logit(np.asarray(forest.predict_proba(at))[:, 1], most)

        if min(int(liked.sum()), int((~liked).sum())) < 2:
            return Trained(decide, None)
        votes, drawn = np.zeros(len(points)), np.zeros(len(points))
        indices = np.arange(len(points))
        for tree, own in zip(forest.estimators_, forest.estimators_samples_, strict=True):
            outside = np.setdiff1d(indices, own)
            # A tree whose draw held one class only has one column.
            classes = tree.predict_proba(points[outside]) if len(outside) else np.zeros((0, 2))
            votes[outside] += classes[:, 1]
            drawn[outside] += 1
        return Trained(decide, _logit(np.where(drawn > 0, votes / np.maximum(drawn, 1), 0.5), most))


@dataclass(frozen=True, slots=True)
class KnnClassifier:
    """Nearest neighbours, nearer ones counting more (Dudani, "The distance-weighted k-nearest-neighbor rule", 1976).

    With weights w_i = exp(−d_i² / d_k²) of the k nearest and the share π of the liked among all training songs:
    p = (Σ w_i liked_i + π) / (Σ w_i + 1), decision = logit(p) − logit(π).

    Attributes:
        neighbours: k.
    """

    neighbours: int = 15

    def train(self, points: Doubles, liked: Liked, *, seed: int) -> Trained:
        """Learn, that is, keep the songs."""
        del seed  # nothing is random

        def decide(at: Doubles) -> Doubles:
            return self._decide(squared_distances(at, points), liked)

        if min(int(liked.sum()), int((~liked).sum())) < 2:
            return Trained(decide, None)
        distances = squared_distances(points, points)
        np.fill_diagonal(distances, np.inf)
        return Trained(decide, self._decide(distances, liked))

    def _decide(self, distances: Doubles, liked: Liked) -> Doubles:
        k = min(self.neighbours, int(np.isfinite(distances).sum(axis=1).min(initial=len(liked))))
        nearest = np.argsort(distances, axis=1, kind="stable")[:, :k]
        near = np.take_along_axis(distances, nearest, axis=1)
        weights = np.exp(-near / np.maximum(near[:, -1:], 1e-12))
        share = float(liked.mean())
        chance = ((weights * liked[nearest]).sum(axis=1) + share) / (weights.sum(axis=1) + 1)
        return np.asarray(np.log(chance / (1 - chance)) - np.log(share / (1 - share)), dtype=np.float64)


def _left_out(
    liked: Liked, seed: int, fold: Callable[[NDArray[np.int64], NDArray[np.int64]], Doubles]
) -> Doubles | None:
    """Return the decision about each training song by a classifier trained on the other folds."""
    dealt = inner_folds(liked, _FOLDS, seed)
    if dealt is None:
        return None
    decisions = np.empty(len(liked))
    for number in range(int(dealt.max()) + 1):
        others = np.flatnonzero(dealt == number)
        decisions[others] = fold(np.flatnonzero(dealt != number), others)
    return decisions


def _logit(share: Doubles, most: float) -> Doubles:
    # Where all trees agree, log-odds would be infinite.
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(share) - np.log1p(-share), -most, most), dtype=np.float64)


def calibrated(
    classifier: Classifier, points: Doubles, liked: Liked, *, seed: int
) -> Callable[[Doubles], Doubles]:
    """Train a classifier; return what gives log-odds for points: (n, d) → (n,).

    The log-odds are learned from decisions about training songs that were left out. Where only one class occurs,
    there is nothing to tell apart, and all log-odds are 0.
    """
    if liked.all() or not liked.any():
        return lambda at: np.zeros(len(at))
    trained = classifier.train(points, liked, seed=seed)
    sigmoid = Sigmoid() if trained.left_out is None else Sigmoid.fit(trained.left_out, liked)
    return lambda at: sigmoid.log_odds(trained.decide(at))
