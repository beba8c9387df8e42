"""The style of an artist and the taste of a listener: a distribution in a space of songs, not just its centre.

Songs are points, for example the 200 numbers of MSD musicnn. A style is the normal distribution of an artist's (or
listener's) songs with a diagonal covariance, whose spread is shrunk towards that of all songs, so that an artist with
one song has a spread too; beside it stands the mean tag profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zetdard.errors import InputError, NoDataError

Doubles: TypeAlias = NDArray[np.float64]

_LEAST_SHARE = 1e-6
"""A dimension varies at least by this share of the mean variance, so that none is divided by zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """How songs of all kinds lie: what a style is compared with.

    Attributes:
        mean: Shape (dimensions,).
        variance: Variance of each dimension over all songs, positive, shape (dimensions,).
        tags: Mean tag profile, shape (tags,); empty where there are no tags.
    """

    mean: Doubles
    variance: Doubles
    tags: Doubles


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """A normal distribution of songs with a diagonal covariance.

    Attributes:
        mean: Shape (dimensions,).
        variance: Positive, shape (dimensions,).
        tags: Mean tag profile, shape (tags,); empty where there are no tags.
        songs: How many songs it is made of, in effect: ``(Σw)² / Σw²``.
    """

    mean: Doubles
    variance: Doubles
    tags: Doubles
    songs: float


def background(songs: ArrayLike, tags: ArrayLike | None = None) -> Background:
    """Return how all songs lie.

    Args:
        songs: Shape (songs, dimensions).
        tags: Tag profiles, shape (songs, tags).

    Raises:
        NoDataError: There are fewer than two songs, or all are the same.
        InputError: A number is not finite, or shapes differ.
    """
    points, profiles = _points(songs, tags)
    if len(points) < 2:
        raise NoDataError("how songs lie can only be told from two or more")
    variance = points.var(axis=0, ddof=1)
    if not variance.any():
        raise NoDataError("all songs are the same: there is no spread to compare with")
    return Background(
        points.mean(axis=0), np.maximum(variance, _LEAST_SHARE * variance.mean()), profiles.mean(axis=0)
    )


def style(
    songs: ArrayLike,
    of_all: Background,
    *,
    tags: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    prior_songs: float = 5.0,
) -> Style:
    """Return the style of an artist's songs, or the taste that a listener's songs show.

    With weights ``w``, ``m = Σ w x / Σ w`` and ``n = (Σ w)² / Σ w²``, the variance of each dimension is ::

        (κ · σ² + n · Σ w (x − m)² / Σ w) / (κ + n − 1)

    where σ² is the background's and κ ``prior_songs``: one song gets the background's spread, many get their own.

    Args:
        songs: Shape (songs, dimensions).
        of_all: How all songs lie.
        tags: Tag profiles, shape (songs, tags).
        weights: How much each song counts, for example its plays, not negative; ``None`` = all the same.
        prior_songs: How many songs the background's spread is worth.

    Raises:
        NoDataError: There is no song, or none counts.
        InputError: A number is not finite, a weight is negative, or shapes differ.
    """
    if not 0 < prior_songs < np.inf:
        raise InputError("the background's spread must be worth more than 0 songs")
    points, profiles = _points(songs, tags)
    if points.shape[1:] != of_all.mean.shape:
        raise InputError(f"songs of {points.shape[1]} dimensions, a background of {len(of_all.mean)}")
    shares = np.ones(len(points)) if weights is None else np.asarray(weights, dtype=np.float64)
    if shares.shape != (len(points),) or not np.isfinite(shares).all() or (shares < 0).any():
        raise InputError("there must be one weight for each song, finite and not negative")
    if not shares.any():
        raise NoDataError("no song: a style is that of at least one")
    shares = shares / shares.max()  # so that no square is beyond what a number can hold
    shares /= shares.sum()
    mean = shares @ points
    n = float(1 / np.square(shares).sum())
    own = shares @ np.square(points - mean)
    variance = (prior_songs * of_all.variance + n * own) / (prior_songs + n - 1)
    return Style(mean, variance, shares @ profiles, n)


def bhattacharyya(a: Style, b: Style) -> float:
    """Return the Bhattacharyya distance of two styles: 0 for the same, symmetric, without an upper bound.

    ``D = ⅛ Σ (μₐ − μ_b)² / s + ½ Σ ln(s / (σₐ σ_b))`` with ``s = (σₐ² + σ_b²) / 2``; the overlap ``∫ √(p q)`` is
    ``exp(−D)``.

    Reference: A. Bhattacharyya, On a measure of divergence between two statistical populations, 1943.

    Raises:
        InputError: The styles lie in different spaces.
    """
    _same_space(a, b)
    middle = (a.variance + b.variance) / 2
    apart = np.square(a.mean - b.mean) / middle
    wider = np.log(middle) - (np.log(a.variance) + np.log(b.variance)) / 2
    return max(0.0, float(apart.sum() / 8 + wider.sum() / 2))


def wasserstein(a: Style, b: Style) -> float:
    """Return the 2-Wasserstein distance of two styles, in the units of the space.

    ``W² = Σ (μₐ − μ_b)² + Σ (σₐ − σ_b)²``: how far songs must be moved, at least, to make one style the other.

    Reference: D. Dowson, B. Landau, The Fréchet distance between multivariate normal distributions, 1982.

    Raises:
        InputError: The styles lie in different spaces.
    """
    _same_space(a, b)
    spread = np.square(np.sqrt(a.variance) - np.sqrt(b.variance))
    return float(np.sqrt(np.square(a.mean - b.mean).sum() + spread.sum()))


def similarity(a: Style, b: Style) -> float:
    """Return ``exp(−D / dimensions)`` of the Bhattacharyya distance ``D``: 1 for the same style, towards 0 apart.

    It is the overlap along one dimension, on geometric average; over all of 200 it would be 0 for any two artists.

    Raises:
        InputError: The styles lie in different spaces.
    """
    return float(np.exp(-bhattacharyya(a, b) / len(a.mean)))


def fit(one: Style, songs: ArrayLike) -> Doubles:
    """Return how well songs fit a style, shape (songs,): at most 0, and 0 at its centre.

    ``−½ · mean over dimensions of (x − μ)² / σ²``: the logarithm of the density, but for a constant, by dimension.

    Raises:
        InputError: A number is not finite, or the songs lie in another space.
    """
    points, _ = _points(songs, None)
    if points.shape[1:] != one.mean.shape:
        raise InputError(f"songs of {points.shape[1]} dimensions, a style of {len(one.mean)}")
    answer: Doubles = -0.5 * (np.square(points - one.mean) / one.variance).mean(axis=1)
    return answer


def outstanding_tags(
    one: Style, of_all: Background, names: Sequence[str], count: int = 5
) -> tuple[tuple[str, float], ...]:
    """Return the tags by which a style differs from all songs, the strongest first, each with its lead.

    The lead is the difference of log-odds, ``logit(p) − logit(q)``: what is common everywhere ("rock") tells little.
    Only tags that lead are given.

    Args:
        one: The style.
        of_all: How all songs lie.
        names: Name of each tag.
        count: The most tags.

    Raises:
        InputError: The numbers of tags differ.
    """
    if not len(names) == len(one.tags) == len(of_all.tags):
        raise InputError("style, background and names must have the same tags")
    leads = _logit(one.tags) - _logit(of_all.tags)
    order = np.argsort(-leads, kind="stable")[:count]
    return tuple((names[tag], float(leads[tag])) for tag in order if leads[tag] > 0)


def _logit(shares: Doubles) -> Doubles:
    bounded = np.clip(shares, 1e-6, 1 - 1e-6)
    logits: Doubles = np.log(bounded) - np.log1p(-bounded)
    return logits


def _points(songs: ArrayLike, tags: ArrayLike | None) -> tuple[Doubles, Doubles]:
    points = np.asarray(songs, dtype=np.float64)
    if points.size == 0:
        raise NoDataError("no song: a style is that of at least one")
    if points.ndim != 2 or not np.isfinite(points).all():
        raise InputError("songs must be finite numbers of shape (songs, dimensions)")
    profiles = np.zeros((len(points), 0)) if tags is None else np.asarray(tags, dtype=np.float64)
    if profiles.ndim != 2 or len(profiles) != len(points) or not np.isfinite(profiles).all():
        raise InputError("tag profiles must be finite numbers of shape (songs, tags)")
    return points, profiles


def _same_space(a: Style, b: Style) -> None:
    if a.mean.shape != b.mean.shape:
        raise InputError(f"styles of {len(a.mean)} and {len(b.mean)} dimensions cannot be compared")
