"""Songs as points on a map: two dimensions in which neighbours of many dimensions stay neighbours."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zetdard.data.types import Floats
from zetdard.errors import InputError, MissingExtraError

Doubles: TypeAlias = NDArray[np.float64]

_COMPONENTS = 50
_PERPLEXITY = 30.0
_FEW = 12
"""Up to so many points the two main directions are the clearer picture."""
_MOST_DRAWN = 5_000
"""How many points t-SNE places itself: some ten seconds. The others go beside those that they are most like."""
_NEIGHBOURS = 5
_BLOCK = 2_048


def lay_out(points: ArrayLike, *, seed: int = 0) -> Floats:
    """Place points in two dimensions so that those that lie near each other still do.

    The points are turned to their main directions (at most 50), and those placed by t-SNE, Barnes and Hut's way, from a
    start along the first two. Of more than 5,000 points a sample is placed like that, and each other one at the mean of
    its 5 nearest of the sample, weighted by ``1 / distance²``. Equal points lie at the same place. The same points and
    seed give the same places on the same machine.

    References: L. van der Maaten, G. Hinton, Visualizing data using t-SNE, 2008; L. van der Maaten, Accelerating t-SNE
    using tree-based algorithms, 2014; D. Kobak, P. Berens, The art of using t-SNE for single-cell transcriptomics, 2019
    (the start).

    Args:
        points: Finite, shape (n, dimensions); n may be 0.
        seed: Chooses the sample.

    Returns:
        Shape (n, 2), float32: the mean is 0, the largest coordinate 1 (all 0 where all points are the same). Distances
        between far groups mean little.

    Raises:
        InputError: The points have another shape, or one is not finite.
        MissingExtraError: scikit-learn is not installed.
    """
    values = np.asarray(points, dtype=np.float64)
    if values.ndim != 2 or not values.shape[1]:
        raise InputError(f"points have the shape (n, dimensions), not {values.shape}")
    if not np.isfinite(values).all():
        raise InputError("a point has a coordinate that is not a finite number")
    if not len(values):
        return np.zeros((0, 2), np.float32)
    different, which = np.unique(values, axis=0, return_inverse=True)
    places = _places(_main_directions(different), seed)[which.reshape(-1)]
    places -= places.mean(axis=0)
    reach = np.abs(places).max()
    return np.asarray(places / reach if reach > 0 else places, np.float32)


def _places(points: Doubles, seed: int) -> Doubles:
    if len(points) <= _FEW:
        return points[:, :2].copy()
    if len(points) <= _MOST_DRAWN:
        return _tsne(points, seed)
    drawn = np.sort(np.random.default_rng(seed).choice(len(points), _MOST_DRAWN, replace=False))
    places = np.empty((len(points), 2))
    places[drawn] = _tsne(points[drawn], seed)
    others = np.setdiff1d(np.arange(len(points)), drawn)
    for first in range(0, len(others), _BLOCK):
        rows = others[first : first + _BLOCK]
        places[rows] = _beside(points[rows], points[drawn], places[drawn])
    return places


def _beside(points: Doubles, sample: Doubles, places: Doubles) -> Doubles:
    """Return the mean place of the nearest of the sample, weighted by 1 / distance²."""
    squares = np.square(points).sum(axis=1)[:, None] + np.square(sample).sum(axis=1) - 2 * points @ sample.T
    nearest = np.argpartition(squares, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    apart = np.take_along_axis(squares, nearest, axis=1)
    weights = 1 / np.maximum(apart, 1e-9 * max(float(np.abs(squares).max()), 1e-300))
    weights /= weights.sum(axis=1, keepdims=True)
    mean: Doubles = np.einsum("nk,nkd->nd", weights, places[nearest])
    return mean


def _main_directions(points: Doubles) -> Doubles:
    """Return the coordinates along the main directions, shape (n, 2 to 50); each direction's largest part is positive."""
    centred = points - points.mean(axis=0)
    largest = np.abs(centred).max()
    if largest > 0:
        centred = centred / largest
    _, directions = np.linalg.eigh(centred.T @ centred)
    kept = directions[:, ::-1][:, :_COMPONENTS]
    strongest = kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])]
    turned: Doubles = centred @ (kept * np.sign(strongest))
    if turned.shape[1] == 1:
        turned = np.column_stack((turned, np.zeros(len(turned))))
    return turned


def _tsne(points: Doubles, seed: int) -> Doubles:
    library, limits = _libraries()
    start = points[:, :2] * (1e-4 / max(float(points[:, 0].std()), 1e-12))
    placing = library(
        n_components=2,
        perplexity=min(_PERPLEXITY, (len(points) - 1) / 3),
        init=start.astype(np.float32),
        learning_rate="auto",
        method="barnes_hut",
        random_state=seed,
        n_jobs=1,
    )
    with ExitStack() as stack:
        # Several threads add in an order of their own: sums, and in the end places, would differ from run to run.
        stack.enter_context(limits(limits=1))
        places: Doubles = placing.fit_transform(points.astype(np.float32)).astype(np.float64)
    return places


def _libraries() -> tuple[Any, Any]:
    try:
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise MissingExtraError("pictures", "a map of songs") from error
    return TSNE, threadpool_limits
