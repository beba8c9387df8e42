"""A linear map of songs' features in which songs that are collected together lie near.

Standardised features ``z`` have the total covariance ``T``; what differs between songs that are collected together is
what a listener does not mind: ``W = Σ w (zᵢ − zⱼ)(zᵢ − zⱼ)ᵀ / 2 Σ w`` over the pairs. The map takes the directions ``a``
in which all songs differ most for each unit of that, ``T a = λ W a``, and makes that difference the unit of length,
``aᵀ W a = 1``. There are few pairs beside the numbers of ``W``, so it is drawn towards a multiple of the identity,
``W ← (1 − α) W + α (tr W / d) I``; with α = 1 and all directions the map is a rotation and changes no cosine. How far,
and how many directions, is chosen on pairs held out, and pairs that teach nothing about those change nothing.

References: R. A. Fisher, The use of multiple measurements in taxonomic problems, 1936; A. Bar-Hillel, T. Hertz,
N. Shental, D. Weinshall, Learning distance functions using equivalence relations, 2003 (relevant component analysis);
A. Hatch, S. Kajarekar, A. Stolcke, Within-class covariance normalization, 2006; O. Ledoit, M. Wolf, A well-conditioned
estimator for large-dimensional covariance matrices, 2004 (the form of the shrinkage).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from zetdard.data.types import Floats
from zetdard.errors import ArtifactError, InputError

Doubles: TypeAlias = NDArray[np.float64]
Pair: TypeAlias = tuple[int, int, float]
"""Rows of two songs that are collected together, and how much that counts (> 0)."""

PROJECTION_VERSION = "1"
"""Changes when the same features and pairs give another map."""

_BLOCK = 8_192
_FOLDS = 3
_MOST_ASKED = 500
"""Held-out pairs that are asked for in each fold."""
_MOST_CANDIDATES = 4_000
_NEAREST_RING = 25
_SURE = 3.0
"""Standard errors over the parts by which the map must find held-out partners better than the plain space does.

The best of two dozen choices is asked, and 0.05 / 24 on one side is 2.9 of them.
"""


@dataclass(frozen=True, slots=True)
class ProjectionConfig:
    """How the map is learned.

    Attributes:
        shrinkages: The α to choose from, rising.
        dimensions: The numbers of directions to choose from; more than there are means all.
        least_pairs: With fewer pairs nothing is learned.

    Raises:
        InputError: A number is out of its range.
    """

    shrinkages: tuple[float, ...] = (0.02, 0.1, 0.3, 0.6, 0.9, 1.0)
    dimensions: tuple[int, ...] = (16, 32, 64, 1_000_000)
    least_pairs: int = 50

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip(self.shrinkages, self.shrinkages[1:], strict=False))
        if not self.shrinkages or not rising or not all(0 < alpha <= 1 for alpha in self.shrinkages):
            raise InputError("shrinkages must rise and lie in (0, 1]")
        if not self.dimensions or min(self.dimensions) < 1 or self.least_pairs < 1:
            raise InputError("dimensions and pairs must be 1 or more")


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A linear map of features.

    Attributes:
        mean: Taken from each feature, shape (features,).
        scale: Divides each feature, positive, shape (features,).
        matrix: Shape (features, directions); the identity where nothing was learned.
        names: Name of each feature.
        version: Of the way it was learned.
        note: How it was learned, or why nothing was.
    """

    mean: Doubles
    scale: Doubles
    matrix: Doubles
    names: tuple[str, ...]
    version: str = PROJECTION_VERSION
    note: str = ""

    def __post_init__(self) -> None:
        n = len(self.names)
        if self.mean.shape != (n,) or self.scale.shape != (n,) or self.matrix.shape[:1] != (n,):
            raise InputError(f"the arrays of a projection do not fit its {n} names")
        if self.matrix.ndim != 2 or not all(
            np.isfinite(part).all() for part in (self.mean, self.scale, self.matrix)
        ):
            raise InputError("a projection must be made of finite numbers")
        if (self.scale <= 0).any():
            raise InputError("the scales of a projection must be positive")

    def project(self, values: ArrayLike) -> Floats:
        """Return songs in the learned space, shape (songs, directions), each of length 1.

        A song that lies exactly at the mean has no direction: its row is zero.

        Args:
            values: Shape (songs, features).

        Raises:
            InputError: The shape is another, or a number is not finite.
        """
        points = _points(values)
        if points.shape[1] != len(self.names):
            raise InputError(
                f"a projection of {len(self.names)} features got songs with {points.shape[1]} of them"
            )
        return _unit(((points - self.mean) / self.scale) @ self.matrix)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what :meth:`from_arrays` needs, for a file of arrays."""
        return {
            "mean": self.mean,
            "scale": self.scale,
            "matrix": self.matrix,
            "names": np.array(self.names, dtype=np.str_),
            "version": np.array(self.version),
            "note": np.array(self.note),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the projection of arrays that :meth:`to_arrays` gave.

        Raises:
            ArtifactError: One is missing, damaged, or of another version.
        """
        try:
            version, note = str(arrays["version"]), str(arrays["note"])
            if version != PROJECTION_VERSION:
                raise ArtifactError(f"a projection of version {version!r}; needed: {PROJECTION_VERSION!r}")
            mean, scale, matrix = (
                np.asarray(arrays[name], dtype=np.float64) for name in ("mean", "scale", "matrix")
            )
            return cls(mean, scale, matrix, tuple(map(str, arrays["names"])), version, note)
        except (KeyError, ValueError, TypeError, InputError) as error:
            raise ArtifactError(f"this is no projection: {error}") from error


def standardised(values: ArrayLike) -> Floats:
    """Return the plain space: each feature less its mean, by its standard deviation; each song of length 1.

    A feature that is the same everywhere becomes 0, and so does a song that lies at the mean.

    Args:
        values: Shape (songs, features).

    Raises:
        InputError: It has another shape, or a number is not finite.
    """
    points = _points(values)
    mean, scale = _moments(points)
    return _unit((points - mean) / scale)


def pairs_of_groups(groups: Iterable[Hashable | None]) -> list[Pair]:
    """Return the pairs of songs with the same label, such as an album or a playlist.

    Pairs are weighted so that each song counts the same, however large its group. In groups of more than 51 songs each is
    paired with the 25 before and after it, in a ring, so that pairs do not grow with the square.

    Args:
        groups: The label of each song; ``None`` = in no group.
    """
    members: dict[Hashable, list[int]] = {}
    for row, group in enumerate(groups):
        if group is not None:
            members.setdefault(group, []).append(row)
    pairs: list[Pair] = []
    for rows in members.values():
        n = len(rows)
        if n <= 2 * _NEAREST_RING + 1:
            pairs += [(a, b, 1 / (n - 1)) for at, a in enumerate(rows) for b in rows[at + 1 :]]
        else:
            weight = 1 / (2 * _NEAREST_RING)
            steps = range(1, _NEAREST_RING + 1)
            pairs += [(rows[at], rows[(at + step) % n], weight) for at in range(n) for step in steps]
    return pairs


def fit(
    values: ArrayLike, names: Sequence[str], pairs: Iterable[Pair], config: ProjectionConfig | None = None
) -> Projection:
    """Learn the map from songs that are collected together.

    α and the number of directions are those by which a held-out song's partner is found best among other songs (mean
    reciprocal rank by cosine, three folds; no song is both in a fold's pairs and in those that it learned from); of
    equals, the one nearer to the plain space. Where that is not surely better than the plain space, nothing is learned.

    Args:
        values: Features of the songs, shape (songs, features).
        names: Name of each feature.
        pairs: Who is collected with whom; the same pair given twice counts twice.
        config: What to choose from.

    Returns:
        The map; where there are too few pairs, the standardised features as they are, and a ``note`` that says so.

    Raises:
        InputError: A shape is another, a number is not finite, or a pair names no song, one song twice, or no weight.
    """
    config = config or ProjectionConfig()
    points = _points(values)
    if points.shape[1] != len(names):
        raise InputError(f"{points.shape[1]} features got {len(names)} names")
    ends, weights = _checked(pairs, len(points))
    mean, scale = _moments(points)
    z = (points - mean) / scale
    plain = np.eye(points.shape[1])
    if len(ends) < config.least_pairs:
        note = f"nothing learned: {len(ends)} pairs of songs, {config.least_pairs} needed"
        return Projection(mean, scale, plain, tuple(names), note=note)
    total = z.T @ z / len(z)
    choices = [(alpha, n) for alpha in reversed(config.shrinkages) for n in sorted(config.dimensions)[::-1]]
    part, folds = _folds(ends, len(points))
    gains = np.zeros((len(choices), len(points)))  # of the songs of each part, over the plain space
    for taught, held in folds:
        if not len(taught) or not len(held):
            continue
        questions = _Questions(ends, taught, held, weights, part)
        within = _within(z, ends[taught], weights[taught])
        plainly = questions.answer(z)
        for alpha in config.shrinkages:
            projected = z @ _directions(total, within, alpha)
            for place, (other, n) in enumerate(choices):
                if other == alpha:
                    gains[place] += questions.answer(projected[:, :n]) - plainly
    best = int(np.argmax(np.round(gains.sum(axis=1), 9)))
    gain, doubt = gains[best].sum(), np.sqrt(np.square(gains[best]).sum())
    if gain <= max(_SURE * doubt, 1e-9):
        note = f"nothing learned: {len(ends)} pairs do not tell how those held out are found"
        return Projection(mean, scale, plain, tuple(names), note=note)
    alpha, n = choices[best]
    matrix = _directions(total, _within(z, ends, weights), alpha)[:, :n]
    note = f"learned from {len(ends)} pairs: α = {alpha:g}, {matrix.shape[1]} directions"
    return Projection(mean, scale, matrix, tuple(names), note=note)


# ---- learning ----


def _within(z: Doubles, ends: NDArray[np.int64], weights: Doubles) -> Doubles:
    """Return half the weighted covariance of differences within pairs, shape (features, features)."""
    answer = np.zeros((z.shape[1], z.shape[1]))
    for begin in range(0, len(ends), _BLOCK):
        some = slice(begin, begin + _BLOCK)
        apart = z[ends[some, 0]] - z[ends[some, 1]]
        answer += (apart * weights[some, None]).T @ apart
    return np.asarray(answer / (2 * weights.sum()))


def _directions(total: Doubles, within: Doubles, alpha: float) -> Doubles:
    """Return all directions, shape (features, features), those first in which songs differ most."""
    mean = np.trace(within) / len(within)
    # Where all pairs are of equal songs there is no difference to measure by; any positive multiple will do.
    shrunk = (1 - alpha) * within + alpha * (mean or 1.0) * np.eye(len(within))
    _, vectors = scipy.linalg.eigh(total, shrunk)
    vectors = np.asarray(vectors[:, ::-1])
    # An eigenvector's sign is the library's choice: make the greatest entry positive.
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(len(vectors))])
    return np.asarray(vectors * np.where(signs == 0, 1.0, signs))


def _folds(
    ends: NDArray[np.int64], n_songs: int
) -> tuple[NDArray[np.int64], list[tuple[NDArray[np.int64], NDArray[np.int64]]]]:
    """Return the part of each song, and (pairs to learn from, pairs to ask) of each fold; no song is on both sides.

    Songs that hang together through pairs are one part and stay together, unless more than half of all do: then each is a
    part of its own, dealt out by row number, and pairs across the sides are left out.
    """
    links = sp.coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n_songs, n_songs))
    part = np.asarray(sp.csgraph.connected_components(links, directed=False)[1], dtype=np.int64)
    linked = np.unique(ends)
    parts, sizes = np.unique(part[linked], return_counts=True)
    fold_of = np.zeros(n_songs, dtype=np.int64)
    if sizes.max() * 2 > len(linked):
        part = np.arange(n_songs)
        fold_of[linked] = np.arange(len(linked)) % _FOLDS
    else:
        filled = [0] * _FOLDS
        for one in np.lexsort((parts, -sizes)):
            fold = filled.index(min(filled))
            filled[fold] += int(sizes[one])
            fold_of[part == parts[one]] = fold
    sides = fold_of[ends]  # (pairs, 2)
    return part, [
        (np.flatnonzero((sides != fold).all(axis=1)), np.flatnonzero((sides == fold).all(axis=1)))
        for fold in range(_FOLDS)
    ]


class _Questions:
    """Which song is the partner of this one? Asked of pairs held out, in both directions.

    Wrong answers are songs that were not learned from either: where features outnumber songs the map flattens those it
    learned from, so that all others stand apart from them and seem near each other, whatever their pairs are.
    """

    def __init__(
        self,
        ends: NDArray[np.int64],
        taught: NDArray[np.int64],
        held: NDArray[np.int64],
        weights: Doubles,
        part: NDArray[np.int64],
    ) -> None:
        n_songs = len(part)
        held = _spread(held, _MOST_ASKED)
        self._asked = np.concatenate((ends[held], ends[held][:, ::-1]))
        self._weights = np.tile(weights[held], 2)
        self._part = part[self._asked[:, 0]]
        self._n_songs = n_songs
        named = np.unique(self._asked)
        others = _spread(
            np.setdiff1d(np.arange(n_songs), np.concatenate((named, ends[taught].ravel()))),
            max(0, _MOST_CANDIDATES - len(named)),
        )
        self._candidates = np.union1d(named, others)
        # Other partners of a song are no wrong answers.
        both = np.concatenate((ends, ends[:, ::-1]))
        links = sp.csr_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(n_songs, n_songs))
        wrong = links[self._asked[:, 0]][:, self._candidates].toarray() == 0
        self._wrong = wrong & (self._candidates != self._asked[:, :1])

    def answer(self, points: Doubles) -> Doubles:
        """Return the weighted sum of reciprocal ranks of the songs of each part, shape (songs,)."""
        unit = _unit(points)
        near = unit[self._asked[:, 0]] @ unit[self._candidates].T
        found = np.einsum("qd,qd->q", unit[self._asked[:, 0]], unit[self._asked[:, 1]])
        ranks = 1 + ((near >= found[:, None] - 1e-6) & self._wrong).sum(axis=1)
        sums: Doubles = np.zeros(self._n_songs)
        np.add.at(sums, self._part, self._weights / ranks)
        return sums


def _spread(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return at most so many of the rows, evenly spread."""
    if len(rows) <= most:
        return rows
    return np.asarray(rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)])


# ---- numbers ----


def _points(values: ArrayLike) -> Doubles:
    points = np.asarray(values, dtype=np.float64)
    if points.ndim != 2 or not len(points) or not np.isfinite(points).all():
        raise InputError("features must be finite numbers of shape (songs, features), of one song or more")
    return points


def _moments(points: Doubles) -> tuple[Doubles, Doubles]:
    """Return mean and standard deviation of each feature; 1 where it does not vary."""
    mean, scale = points.mean(axis=0), points.std(axis=0)
    # The deviation of equal numbers is not exactly zero.
    steady = scale <= 1e-9 * np.abs(points).max(axis=0)
    return mean, np.where(steady, 1.0, scale)


def _unit(points: Doubles) -> Floats:
    length = np.linalg.norm(points, axis=1, keepdims=True)
    rows: Floats = np.where(length > 1e-9, points / np.maximum(length, 1e-9), 0.0).astype(np.float32)
    return rows


def _checked(pairs: Iterable[Pair], n_songs: int) -> tuple[NDArray[np.int64], Doubles]:
    given = np.array(list(pairs), dtype=np.float64).reshape(-1, 3)
    ends, weights = given[:, :2].astype(np.int64), given[:, 2]
    if not np.isfinite(weights).all() or (weights <= 0).any():
        raise InputError("a pair must count more than 0")
    if len(ends) and (ends.min() < 0 or ends.max() >= n_songs or (ends[:, 0] == ends[:, 1]).any()):
        raise InputError(f"a pair must name two of the {n_songs} songs")
    return ends, weights
