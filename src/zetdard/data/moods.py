"""SongMoods: how songs feel, as numbers that a person gave of some and that were heard in others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.data.features import FeatureBlock
from zetdard.data.types import Rows
from zetdard.errors import InputError

HIGH, LOW = "+", "−"
"""What stands before the name of a mood of which a song has more, or less, than most songs."""


@dataclass(frozen=True, slots=True, eq=False)
class SongMoods:
    """The moods of songs.

    Attributes:
        block: A column for each mood, in the units in which it was given; rows that are not present are not known.
        given: Shape (songs,): whose moods a person gave. Those of other songs that are present were heard.
    """

    block: FeatureBlock
    given: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.given.shape != (len(self.block.vocabulary),) or self.given.dtype != np.bool_:
            raise InputError("moods need to say of each song whether they were given")
        if (self.given & ~self.block.known).any():
            raise InputError("moods that were given must be present")

    @property
    def heard(self) -> NDArray[np.bool_]:
        """Whose moods were heard and not given: shape (songs,)."""
        return self.block.known & ~self.given

    def leads(self, songs: Rows) -> NDArray[np.float64]:
        """Return by how much the mean of some songs leads over what was given: shape (moods,).

        In standard deviations of the moods given, from their mean. What is heard lies nearer to that mean the less a mood
        can be heard, so that it stands out only where the sound says something. 0 where none of the songs is known, fewer
        than two were given, or a mood is the same in all of them.
        """
        known = songs[self.block.known[songs]]
        own = self.block.values[self.given]
        if not len(known) or len(own) < 2:
            return np.zeros(len(self.block.columns))
        mean, spread = mean_and_spread(own)
        distance = self.block.values[known].mean(axis=0, dtype=np.float64) - mean
        return np.where(spread > 0, distance / np.where(spread > 0, spread, 1.0), 0.0)


def mean_and_spread(values: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean and the standard deviation of each column, in float64: two of shape (columns,).

    The standard deviation is 0 where numbers differ by the rounding of float32 alone, a millionth of the largest or less.

    Args:
        values: Shape (rows, columns), with one row or more.
    """
    exact = values.astype(np.float64)
    spread = exact.std(axis=0)
    return exact.mean(axis=0), np.where(spread > 1e-6 * np.abs(exact).max(axis=0), spread, 0.0)
