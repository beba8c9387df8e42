"""What a song feels like, by its descriptors: a ridge regression, with as much shrinking as fits each mood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.data.features import FeatureBlock
from zetdard.data.moods import mean_and_spread
from zetdard.data.taste import TasteSongs
from zetdard.data.types import Floats, Rows
from zetdard.errors import NoDataError

LEAST_LEARNED = 8
"""Songs; of fewer, leaving one out tells nothing about how much to shrink."""

_BLOCKS = ("descriptors", "musicnn")
_PENALTIES = np.logspace(-1, 4, 11)


@dataclass(frozen=True, slots=True, eq=False)
class RidgeHeard:
    """What was learned.

    Attributes:
        block: The moods of all songs that have the features.
        curve: Shape (0, 2): there are no epochs.
    """

    block: FeatureBlock
    curve: Floats


@dataclass(frozen=True, slots=True)
class RidgeMoods:
    """Learns moods from named numbers about the sound, and from the embedding where it is there."""

    name: str = "ridge"
    refits: bool = True
    """It takes no time to learn again from the songs set apart too."""

    @property
    def identity(self) -> str:
        """What the result depends on, besides songs and moods."""
        return repr((_BLOCKS, _PENALTIES.tolist()))

    def learn(self, songs: TasteSongs, moods: FeatureBlock, *, apart: Rows, seed: int) -> RidgeHeard:
        """Learn from the songs whose moods are present, and hear those of all.

        Args:
            songs: With descriptors, and with MusiCNN's embedding if there is one.
            moods: Of the same songs.
            apart: Songs that are not learned from.
            seed: Nothing is random here.

        Raises:
            NoDataError: Too few songs have the features.
        """
        del seed
        names = [name for name in songs.available(_BLOCKS) if songs.blocks[name].known.any()]
        if not names:
            raise NoDataError("nothing is known of the sound: zetdard featurize audio")
        known = np.all([songs.blocks[name].known for name in names], axis=0)
        values = np.hstack([songs.blocks[name].values for name in names]).astype(np.float64)
        told = np.setdiff1d(np.flatnonzero(known & moods.known), apart)
        if len(told) < LEAST_LEARNED:
            raise NoDataError(
                f"of {len(told)} songs both sound and moods are known, and {LEAST_LEARNED} are needed"
            )
        mean, spread = mean_and_spread(values[told])
        standard = (values - mean) / np.where(spread > 0, spread, np.inf)
        centre = moods.values[told].mean(axis=0, dtype=np.float64)
        weights = ridge(standard[told], moods.values[told] - centre)
        found = np.where(known[:, None], standard @ weights + centre, 0).astype(np.float32)
        block = FeatureBlock(moods.vocabulary, found, moods.columns, {"learned by": self.name}, known)
        return RidgeHeard(block, np.zeros((0, 2), np.float32))


def ridge(inputs: NDArray[np.float64], outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights, shape (columns, outputs), with the penalty for each output that predicts a song left out best.

    Minimises ‖y − Xw‖² + α‖w‖². The error of a row that is left out is (y − ŷ) / (1 − h), h its leverage: Golub, Heath and
    Wahba, "Generalized cross-validation as a method for choosing a good ridge parameter", Technometrics 21 (1979).

    Args:
        inputs: X, shape (rows, columns); each column has mean 0.
        outputs: y, shape (rows, outputs); likewise.
    """
    left, sizes, right = np.linalg.svd(inputs, full_matrices=False)
    projected = left.T @ outputs
    errors, weights = [], []
    for penalty in _PENALTIES:
        kept = sizes**2 / (sizes**2 + penalty)
        # The mean was taken from the same rows, which is a leverage of 1 / rows more.
        leverage = np.square(left) @ kept + 1 / len(inputs)
        missed = (outputs - left @ (kept[:, None] * projected)) / np.maximum(1 - leverage, 1e-9)[:, None]
        errors.append(np.square(missed).mean(axis=0))
        weights.append(right.T @ ((sizes / (sizes**2 + penalty))[:, None] * projected))
    best = np.argmin(errors, axis=0)
    return np.stack([weights[at][:, output] for output, at in enumerate(best.tolist())], axis=1)
