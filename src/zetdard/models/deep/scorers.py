"""What networks have learned of tastes: one network, one for each listener, several for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.data.types import Floats, Rows
from zetdard.models.base import TasteScorer


@dataclass(frozen=True, slots=True, eq=False)
class SharedScorer:
    """What one network has learned.

    Attributes:
        codes: Shape (songs, width): of all songs; 0 where a song could not be looked at.
        known: Shape (songs,): which songs could.
        directions: Shape (listeners, width).
        offsets: Shape (listeners,).
        curve: See ``training.CURVE``.
        weights: The encoder's numbers; see ``weights.WEIGHTS``.
    """

    codes: Floats
    known: NDArray[np.bool_]
    directions: Floats
    offsets: Floats
    curve: Floats
    weights: Floats

    def score(self, listener: int, rows: Rows) -> Floats:
        """Return log-odds, shape (len(rows),); 0 for a song that could not be looked at."""
        # By sums of products and not by a matrix product, whose last digits depend on how many songs are asked about.
        found = (self.codes[rows] * self.directions[listener]).sum(axis=1) + self.offsets[listener]
        return np.where(self.known[rows], found, 0).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class SeparateScorer:
    """Learned for each listener alone.

    Attributes:
        scorers: Of each listener, who is the only one that it knows.
    """

    scorers: tuple[TasteScorer, ...]

    def score(self, listener: int, rows: Rows) -> Floats:
        """Return log-odds, shape (len(rows),)."""
        return self.scorers[listener].score(0, rows)


@dataclass(frozen=True, slots=True, eq=False)
class SeveralScorer:
    """The mean of several networks that differ by their seed.

    Attributes:
        scorers: Of each network.
    """

    scorers: tuple[SharedScorer, ...]

    def score(self, listener: int, rows: Rows) -> Floats:
        """Return log-odds, shape (len(rows),)."""
        scores = [one.score(listener, rows) for one in self.scorers]
        return np.asarray(np.mean(scores, axis=0), dtype=np.float32)

    @property
    def codes(self) -> Floats:
        """Codes of all songs by every network, beside each other: shape (songs, networks · width)."""
        return np.hstack([one.codes for one in self.scorers])
