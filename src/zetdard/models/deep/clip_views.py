"""Songs as excerpts of their sound: a random piece of a random clip in training, all clips when a song is scored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from zetdard.data.clips import Clips
from zetdard.data.taste import TasteSongs
from zetdard.data.types import Rows
from zetdard.errors import MissingExtraError, NoDataError

try:
    import torch
except ImportError:
    raise MissingExtraError("deep", "networks that hear") from None


@dataclass(frozen=True, eq=False)
class ClipViews:
    """Excerpts of songs.

    Attributes:
        clips: Of the songs.
        samples: Samples of each piece in training, at most the clip's; when a song is scored, it is each whole clip.
    """

    clips: Clips
    samples: int

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which songs have clips: shape (songs,)."""
        known = np.zeros(len(self.clips.vocabulary), np.bool_)
        known[self.clips.present] = True
        return known

    @property
    def count(self) -> int:
        """Clips of a song."""
        return self.clips.count

    def drawn(self, rows: Rows, random: np.random.Generator) -> tuple[torch.Tensor, ...]:
        """Return a random piece of each song, shape (songs, 2, samples), in −1 … 1."""
        numbers = random.integers(self.clips.count, size=len(rows)).astype(np.int32)
        size = min(self.samples, self.clips.frames)
        starts = random.integers(self.clips.frames - size + 1, size=len(rows))
        whole = self.clips.batch(rows, numbers)
        pieces = [clip[:, start : start + size] for clip, start in zip(whole, starts.tolist(), strict=True)]
        return (torch.from_numpy(np.stack(pieces)),)

    def fixed(self, rows: Rows, number: int) -> tuple[torch.Tensor, ...]:
        """Return one whole clip of each song, shape (songs, 2, frames)."""
        return (torch.from_numpy(self.clips.batch(rows, np.full(len(rows), number, np.int32))),)


def clip_views(songs: TasteSongs, seconds: float) -> ClipViews:
    """Return the views of songs that have clips.

    Args:
        songs: With clips.
        seconds: Of each piece in training.

    Raises:
        NoDataError: There are none.
    """
    if songs.clips is None or not len(songs.clips.present):
        raise NoDataError("there are no clips: make them with zetdard featurize audio --clips")
    return ClipViews(songs.clips, round(seconds * songs.clips.rate))
