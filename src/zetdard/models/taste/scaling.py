"""From features to points whose distances mean something: standardised, decorrelated, every block with equal weight.

For each block of d columns, from the songs that may be learned from and have it:

1. A column less its mean, by its standard deviation (a column without spread becomes 0), and at most ``LIMIT`` of them.
2. Columns that say the same are weighed down. With the covariance V Λ Vᵀ of those numbers and Λ' = (n Λ + m λ̄) / (n + m),
   drawn towards its mean λ̄ with the weight of m = d / 2 songs: x ↦ x V Λ'^(−p/2) Vᵀ, p = ``decorrelation``.
3. All columns by one number, so that the mean of |x|² over the songs is 1 in every block.

A song without the block is at the mean, 0. Where that happens among the songs, one more column tells it: the standardised
0 or 1, with the weight of one column in d.

Kessy, Lewin, Strimmer, "Optimal whitening and decorrelation", The American Statistician 72 (2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from zetdard.data.taste import Span
from zetdard.data.types import Floats

Doubles: TypeAlias = NDArray[np.float64]

LIMIT = 6.0
"""Standard deviations beyond which a number says no more."""
_PRIOR_SONGS_A_COLUMN = 0.5
_SONGS_AT_ONCE = 4096
_MOST_SONGS = 20_000
"""From more songs, every n-th is learned from."""


@dataclass(frozen=True, slots=True, eq=False)
class _BlockScale:
    span: Span
    mean: Doubles
    deviation: Doubles
    rotation: Doubles | None
    factor: float
    known_mean: float
    known_factor: float

    def write(self, values: Floats, points: Floats) -> None:
        """Write the block's columns of the points; those of songs without it are left at 0."""
        span = self.span
        columns = values[:, span.start : span.stop]
        present = ~np.isnan(columns).any(axis=1)
        standard = _standardised(columns[present], self.mean, self.deviation)
        if self.rotation is not None:
            standard = standard @ self.rotation
        points[present, span.start : span.stop] = standard * self.factor
        if span.known is not None:
            points[:, span.known] = (values[:, span.known] - self.known_mean) * self.known_factor


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """How features become points; learned from some rows, used on any."""

    blocks: tuple[_BlockScale, ...]

    @classmethod
    def learn(cls, values: Floats, spans: Sequence[Span], *, decorrelation: float = 0.5) -> Scale:
        """Learn from the rows of ``values``; no label is seen.

        Args:
            values: Shape (songs, columns), NaN where a song lacks a block.
            spans: Where each block lies.
            decorrelation: 0 leaves the columns as correlated as they are, 1 whitens them.
        """
        values = values[:: max(1, -(-len(values) // _MOST_SONGS))]
        return cls(tuple(_learn_block(values, span, decorrelation) for span in spans))

    def points(self, values: Floats) -> Floats:
        """Return the points: shape of ``values``, float32, finite."""
        points = np.zeros(values.shape, np.float32)
        for start in range(0, len(values), _SONGS_AT_ONCE):
            part = slice(start, start + _SONGS_AT_ONCE)
            for block in self.blocks:
                block.write(values[part], points[part])
        return points


def _learn_block(values: Floats, span: Span, decorrelation: float) -> _BlockScale:
    columns = values[:, span.start : span.stop]
    width = columns.shape[1]
    present = ~np.isnan(columns).any(axis=1)
    measured = columns[present].astype(np.float64)
    mean, deviation = np.zeros(width), np.zeros(width)
    rotation, factor = None, 1.0
    if len(measured):
        mean, deviation = measured.mean(axis=0), measured.std(axis=0)
        # What is left of a constant by rounding is no spread.
        deviation[deviation <= 1e-6 * np.abs(mean)] = 0
        standard = _standardised(measured, mean, deviation)
        if decorrelation > 0 and standard.any():
            rotation = _decorrelating(standard, decorrelation)
            standard = standard @ rotation
        size = float(np.square(standard).sum(axis=1).mean())
        factor = 1 / np.sqrt(size) if size > 0 else 0.0
    known_mean, known_factor = 0.0, 0.0
    if span.known is not None and len(values):
        known = values[:, span.known].astype(np.float64)
        known_mean, spread = float(known.mean()), float(known.std())
        known_factor = 1 / (spread * np.sqrt(max(width, 1))) if spread > 0 else 0.0
    return _BlockScale(span, mean, deviation, rotation, factor, known_mean, known_factor)


def _standardised(columns: NDArray[np.floating], mean: Doubles, deviation: Doubles) -> Doubles:
    used = deviation > 0
    standard = np.where(used, (columns - mean) / np.where(used, deviation, 1.0), 0.0)
    return np.clip(standard, -LIMIT, LIMIT)


def _decorrelating(standard: Doubles, power: float) -> Doubles:
    n, width = standard.shape
    values, vectors = np.linalg.eigh(standard.T @ standard / n)
    prior = _PRIOR_SONGS_A_COLUMN * width
    shrunk = (n * np.maximum(values, 0) + prior * values.mean()) / (n + prior)
    return np.asarray((vectors * shrunk ** (-power / 2)) @ vectors.T, dtype=np.float64)
