"""The space of "sounds alike": descriptors and the embedding of sound, in which near songs sound alike by cosine.

Each of both blocks is made comparable by the library itself, with no numbers of other music:

1. A column less its mean, by its standard deviation. From few songs a deviation is hardly known, so its square is drawn
   towards what the block's columns have in proportion to their size, with the weight of ``prior_songs`` songs.
2. Columns that say the same are weighed down: with the covariance ``C = V Λ Vᵀ`` of those numbers, by ``V Λ^(−p/2) Vᵀ``,
   p = ``decorrelation`` (0 leaves all as it is, 1 whitens), with Λ drawn towards its mean likewise.
3. To take the songs' own mean from few songs pushes them apart: the products of n songs sum to −L/(n − 1) on average, L
   their mean square. One more column, the same √(L/(n − 1)) for all songs, makes that 0. It vanishes in large libraries.
4. A song's row is made of length 1.

Both rows beside each other, multiplied by √(1 − share) and √share, have length 1 again, and the cosine of two songs is
the mean of both cosines by ``embedding_share``. What changes when a recording is only made louder is left out.

References: J. Schäfer, K. Strimmer, A shrinkage approach to large-scale covariance matrix estimation, 2005 (variances
drawn to what columns have in common); A. Kessy, A. Lewin, K. Strimmer, Optimal whitening and decorrelation, 2018.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zetdard.data.features import FeatureBlock
from zetdard.data.types import Floats
from zetdard.errors import InputError, NoDataError
from zetdard.features.audio.descriptors import GAIN_DEPENDENT

Doubles: TypeAlias = NDArray[np.float64]

SOUND_SPACE_VERSION = "1"
"""Changes when the same features give another space."""

COMMON = "common to all songs"
"""Name of the column that makes up for the mean of few songs."""


@dataclass(frozen=True, slots=True)
class SoundSpaceConfig:
    """How the space is made.

    Attributes:
        embedding_share: Weight of the embedding's cosine, from 0 to 1; the rest is that of the descriptors.
        decorrelation: The exponent p, from 0 to 1.
        prior_songs: How many songs the assumptions about spread are worth.

    Raises:
        InputError: A number is out of its range.
    """

    embedding_share: float = 0.5
    decorrelation: float = 0.5
    prior_songs: float = 5.0

    def __post_init__(self) -> None:
        if not (0 <= self.embedding_share <= 1 and 0 <= self.decorrelation <= 1):
            raise InputError("the share of the embedding and the decorrelation lie between 0 and 1")
        if not 0 < self.prior_songs < np.inf:
            raise InputError("the assumptions about spread must be worth more than 0 songs")


@dataclass(frozen=True, slots=True, eq=False)
class BlockMap:
    """From the columns of one block to rows of length 1, by what a library is like.

    Attributes:
        mean: Shape (columns,).
        scale: Positive, shape (columns,).
        matrix: Decorrelates, symmetric, shape (columns, columns).
        common: The column that all songs share.
    """

    mean: Doubles
    scale: Doubles
    matrix: Doubles
    common: float

    def project(self, values: ArrayLike) -> Floats:
        """Return songs of the library, or others, as rows of length 1, shape (songs, columns + 1).

        Args:
            values: Shape (songs, columns).

        Raises:
            InputError: The shape is another, or a number is not finite.
        """
        points = _points(values)
        if points.shape[1] != len(self.mean):
            raise InputError(f"a map of {len(self.mean)} columns got songs with {points.shape[1]}")
        turned = ((points - self.mean) / self.scale) @ self.matrix
        rows = np.hstack((turned, np.full((len(turned), 1), self.common)))
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        # Only a song at the very mean of a library without spread has no direction; it gets the common one.
        rows[length[:, 0] == 0, -1] = 1.0
        unit: Floats = (rows / np.where(length == 0, 1.0, length)).astype(np.float32)
        return unit


def learn(values: ArrayLike, config: SoundSpaceConfig | None = None) -> BlockMap:
    """Return the map of a block by the songs of a library.

    Args:
        values: Their numbers, shape (songs, columns).
        config: How the space is made.

    Raises:
        NoDataError: There is no song.
        InputError: The shape is another, or a number is not finite.
    """
    config = config or SoundSpaceConfig()
    points = _points(values)
    n, d = points.shape
    if not n:
        raise NoDataError("no song has been heard")
    mean = points.mean(axis=0)
    scale = _scale(points, config.prior_songs)
    z = (points - mean) / scale
    matrix = np.eye(d)
    if config.decorrelation and z.any():
        # The divisor n: of what the library's songs do vary.
        spread, axes = np.linalg.eigh(z.T @ z / n)
        spread = np.maximum(spread, 0)
        spread = (n * spread + config.prior_songs * spread.mean()) / (n + config.prior_songs)
        matrix = (axes * spread ** (-config.decorrelation / 2)) @ axes.T
    square = float(np.square(z @ matrix).sum(axis=1).mean())
    return BlockMap(mean, scale, matrix, float(np.sqrt(square / (n - 1))) if n > 1 else 1.0)


def sound_space(
    descriptors: FeatureBlock | None,
    embedding: FeatureBlock | None,
    config: SoundSpaceConfig | None = None,
) -> FeatureBlock:
    """Return the space in which near songs sound alike; the cosine of two rows is their product.

    Args:
        descriptors: Named descriptors of songs; the gain-dependent ones are left out.
        embedding: The embedding of the same songs.
        config: How the space is made.

    Returns:
        A block over the same vocabulary. Present are the songs that are measured in each block that is given (and holds
        any measured song at all), so that all cosines mean the same; their rows have length 1, all others are zero.

    Raises:
        NoDataError: No song is measured in what is given.
        InputError: The blocks are of different songs.
    """
    config = config or SoundSpaceConfig()
    given = {"descriptors": descriptors, "embedding": embedding}
    blocks = {name: block for name, block in given.items() if block is not None and block.known.any()}
    if not blocks:
        raise NoDataError("no song has been heard: there is no space of sound")
    first = next(iter(blocks.values()))
    if any(block.vocabulary != first.vocabulary for block in blocks.values()):
        raise InputError("descriptors and embedding must be of the same songs, in the same order")
    present = np.logical_and.reduce([block.known for block in blocks.values()])
    if not present.any():
        raise NoDataError("no song has both descriptors and an embedding")
    shares = {"descriptors": 1 - config.embedding_share, "embedding": config.embedding_share}
    if len(blocks) == 1:
        shares = dict.fromkeys(blocks, 1.0)
    parts, columns = [], []
    provenance = {
        "extractor": "sound space",
        "version": SOUND_SPACE_VERSION,
        "settings": f"embedding_share={config.embedding_share:g} decorrelation={config.decorrelation:g} "
        f"prior_songs={config.prior_songs:g}",
    }
    for name, block in blocks.items():
        kept = [at for at, column in enumerate(block.columns) if column not in GAIN_DEPENDENT]
        numbers = block.values[present][:, kept]
        parts.append(np.float32(np.sqrt(shares[name])) * learn(numbers, config).project(numbers))
        columns += [*(block.columns[at] for at in kept), f"{name}: {COMMON}"]
        provenance |= {f"{name} {key}": value for key, value in block.provenance.items()}
    values = np.zeros((len(first.vocabulary), len(columns)), np.float32)
    values[present] = np.hstack(parts)
    return FeatureBlock(first.vocabulary, values, tuple(columns), provenance, present)


def _scale(points: Doubles, prior_songs: float) -> Doubles:
    """Return the spread of each column, drawn towards the usual share of its size; 1 where a column is 0 throughout."""
    n = len(points)
    variance, size = points.var(axis=0), np.square(points).mean(axis=0)
    used = size > 0
    usual = float(np.median(variance[used] / size[used])) if used.any() else 0.0
    # Without any spread to go by, the size itself stands in: it only has to be positive.
    prior = size * (usual or 1.0)
    shrunk = ((n - 1) * variance + prior_songs * prior) / (n - 1 + prior_songs)
    return np.where(used, np.sqrt(np.where(used, shrunk, 1.0)), 1.0)


def _points(values: ArrayLike) -> Doubles:
    points = np.asarray(values, dtype=np.float64)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise InputError("features must be finite numbers of shape (songs, columns)")
    return points
