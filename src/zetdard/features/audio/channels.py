"""From the channels and the rate of a file to those that are asked for."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from zetdard.errors import InputError, MissingExtraError

Samples = NDArray[np.float32]
Channels = Literal[1, 2]


def mixed(block: Samples, channels: Channels) -> Samples:
    """Return a block with one or two channels.

    One channel is the mean of all. Of two channels, the left is channel 0 and the right channel 1; every further
    channel (centre, surround; formats order them differently) goes to both sides at half its amplitude, and the sum of
    the weights is 1, so that nothing clips and the mean of both sides is the mean of all channels.

    Args:
        block: Shape (frames, channels of the file).
        channels: 1 or 2.

    Returns:
        Shape (frames,) or (frames, 2); a view where nothing had to be computed.
    """
    n = block.shape[1]
    if channels == 1:
        if n == 1:
            return block[:, 0]
        if n == 2:
            out: Samples = (block[:, 0] + block[:, 1]) * np.float32(0.5)
            return out
        mean: Samples = block.mean(axis=1, dtype=np.float32)
        return mean
    if n == 1:
        return np.repeat(block, 2, axis=1)
    if n == 2:
        return block
    weights = np.full((n, 2), 0.5, np.float32)
    weights[0], weights[1] = (1, 0), (0, 1)
    sides: Samples = block @ (weights / weights[:, 0].sum())
    return sides


class Resampler:
    """A change of rate that takes blocks and remembers what lies between them (soxr, quality HQ).

    Args:
        rate: Samples a second that come in.
        wanted: Samples a second that go out.
        channels: 1 for blocks of shape (frames,), 2 for (frames, 2).
    """

    def __init__(self, rate: int, wanted: int, channels: Channels) -> None:
        if rate <= 0 or wanted <= 0:
            raise InputError("a sampling rate must be positive")
        self._channels = channels
        self._soxr: Any = None
        if rate != wanted:
            try:
                import soxr
            except ImportError as error:
                raise MissingExtraError("audio", "changing the rate of a recording") from error
            self._soxr = soxr.ResampleStream(rate, wanted, channels, dtype="float32", quality="HQ")

    def push(self, block: Samples, *, last: bool = False) -> Samples:
        """Return what is ready of the new rate; with ``last`` all the rest."""
        if self._soxr is None:
            return np.array(block, np.float32, order="C")
        out: Samples = self._soxr.resample_chunk(np.ascontiguousarray(block), last=last)
        return out

    def finish(self) -> Samples:
        """Return the rest."""
        shape = (0,) if self._channels == 1 else (0, 2)
        return self.push(np.zeros(shape, np.float32), last=True)
