"""Clips: excerpts of songs in two channels, on disk, of which only what is looked at is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.data.types import Floats, Rows
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError

Samples16 = NDArray[np.int16]

FULL_SCALE = 32_768.0
"""The whole number that stands for a sample of 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Clips:
    """Excerpts of the songs of a vocabulary: for each, as many of the same length at the same places.

    Attributes:
        vocabulary: Labels of the songs.
        rate: Samples a second.
        count: Excerpts of a song.
        frames: Samples of an excerpt in each channel.
        present: Rows of the songs that have excerpts, rising.
        open: Row → samples, shape (count, 2, frames), int16, mapped into memory.
        identity: Tells these excerpts from others without reading them: what was learned from them is kept under it.
    """

    vocabulary: Vocabulary
    rate: int
    count: int
    frames: int
    present: Rows
    open: Callable[[int], Samples16]
    identity: str = ""

    def of(self, row: int) -> Samples16:
        """Return a song's excerpts: shape (count, 2, frames).

        Raises:
            InputError: The song has none, or they are not of the stated shape.
        """
        if row not in self.present:
            raise InputError(f"song {self.vocabulary.label(row)!r} has no clips")
        clips = self.open(row)
        if clips.shape != (self.count, 2, self.frames) or clips.dtype != np.int16:
            raise InputError(f"the clips of song {self.vocabulary.label(row)!r} have shape {clips.shape}")
        return clips

    def batch(self, rows: Rows, numbers: Rows) -> Floats:
        """Return one excerpt of each song as numbers from −1 to 1: shape (songs, 2, frames).

        Args:
            rows: Songs, shape (songs,).
            numbers: Which excerpt of each, shape (songs,).
        """
        batch = np.empty((len(rows), 2, self.frames), np.float32)
        for place, (row, number) in enumerate(zip(rows.tolist(), numbers.tolist(), strict=True)):
            batch[place] = self.of(row)[number]
        batch /= FULL_SCALE
        return batch
