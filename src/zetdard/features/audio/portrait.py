"""What a recording looks like: its waveform, its spectrum and its pitch classes over time, in so many columns.

Column j of c stands for the time from j/c to (j + 1)/c of the recording, whatever its length. The length is known at the
end only: what is measured is kept in cells of equal length, and where there would be too many, two neighbours become one.
Memory does not grow with length.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from zetdard.errors import InputError
from zetdard.features.audio import decoding, filterbanks
from zetdard.features.audio.channels import Samples
from zetdard.features.audio.spectra import HOP, N_MELS, RATE, Frames, FrameStream, decibels

Doubles = NDArray[np.float64]

MOST_COLUMNS = 20_000
_CELLS_PER_COLUMN = 4
_SAMPLES_PER_CELL = 16
_SILENCE = 1e-9
"""Mean square below which a column has no pitch: 90 dB below full scale, the noise of 16 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """What a recording looks like in c columns of equal time.

    Attributes:
        envelope: (c, 2) least and greatest sample of the mean of all channels, full scale ±1.
        log_mel: (128, c) mean power of mel bands, 10 · log₁₀, dB; lowest band first, −100 dB in silence.
        chroma: (12, c) mean power by pitch class, C first, the largest is 1; 0 in silence.
        seconds: Duration.
        rate: Samples a second in the file; what is measured is below 11,025 Hz.
        channels: Channels in the file.
    """

    envelope: Samples
    log_mel: Samples
    chroma: Samples
    seconds: float
    rate: int
    channels: int


def portrait(path: Path | str, columns: int = 1_200) -> Portrait:
    """Look at a whole recording, in one pass.

    Power is averaged over the time of a column before its logarithm is taken; pitch classes of a frame count by the
    power of the frame.

    Args:
        path: The sound file.
        columns: Their number c, 1 to 20,000.

    Raises:
        AudioError: The file is refused.
        MissingExtraError: Its decoder is not installed.
        InputError: The number of columns is out of range.
    """
    if not 1 <= columns <= MOST_COLUMNS:
        raise InputError(f"a portrait has 1 to {MOST_COLUMNS:,} columns, not {columns}")
    info = decoding.probe(path)
    most = _CELLS_PER_COLUMN * columns
    stream, spectra, peaks = FrameStream(), _Cells(most, N_MELS + 13, np.add), _Peaks(most)
    for block in decoding.stream(path, RATE, 1):
        peaks.push(block)
        for frames in stream.push(block):
            spectra.push(_powers(frames))
    for frames in stream.finish():
        spectra.push(_powers(frames))
    n = peaks.n_samples
    lowest, highest = peaks.over(columns)
    energy = _mean_over(spectra, columns, n)  # (c, 128 + 1 + 12)
    return Portrait(
        np.column_stack((lowest, highest)).astype(np.float32),
        decibels(energy[:, :N_MELS].T.astype(np.float32)),
        _largest_is_one(energy[:, N_MELS + 1 :], energy[:, N_MELS]).T,
        n / RATE,
        info.rate,
        info.channels,
    )


def mel_band_of(hz: ArrayLike) -> Doubles:
    """Return where frequencies lie among the 128 bands of ``log_mel``: band k has its peak at k.

    Args:
        hz: Frequencies, any shape.
    """
    steps = N_MELS + 1
    highest = filterbanks.mel_of(np.array([RATE / 2.0]))[0]
    places: Doubles = filterbanks.mel_of(np.asarray(hz, np.float64)) / highest * steps - 1
    return places


def _powers(frames: Frames) -> Doubles:
    """Return (T, 128 + 1 + 12): power of mel bands, mean square, pitch classes by mean square."""
    mel = np.power(10.0, frames.log_mel.astype(np.float64) / 10.0)
    square = np.square(frames.shape[:, 5:6].astype(np.float64))
    return np.concatenate((mel, square, frames.chroma * square), axis=1)


def _largest_is_one(classes: Doubles, square: Doubles) -> Samples:
    """Divide each row of 12 by its largest; rows of silence are 0."""
    largest = classes.max(axis=1, keepdims=True)
    heard = (square > _SILENCE)[:, None] & (largest > 0)
    out: Samples = np.divide(classes, largest, out=np.zeros_like(classes), where=heard).astype(np.float32)
    return out


class _Cells:
    """Rows of numbers for stretches of time, at most so many: before there are more, two neighbours become one.

    Args:
        most: The most cells, an even number.
        size: Numbers of a row.
        join: How rows become one: ``np.add`` or ``np.maximum``.
    """

    def __init__(self, most: int, size: int, join: np.ufunc) -> None:
        self._values = np.empty((most, size))
        self._n = 0
        self._join = join
        self._rest = np.empty((0, size))
        self.width = 1
        """How many of the rows that came in are in a cell."""

    def push(self, rows: Doubles) -> None:
        """Take in rows, shape (n, size)."""
        waiting = np.concatenate((self._rest, rows))
        most, size = self._values.shape
        while count := min(len(waiting) // self.width, most - self._n):
            taken = waiting[: count * self.width].reshape(count, self.width, size)
            self._values[self._n : self._n + count] = self._join.reduce(taken, axis=1)
            self._n += count
            waiting = waiting[count * self.width :]
            if self._n == most:
                halves = self._values.reshape(most // 2, 2, size)
                self._values[: most // 2] = self._join.reduce(halves, axis=1)
                self._n = most // 2
                self.width *= 2
        self._rest = waiting

    def cells(self) -> tuple[Doubles, NDArray[np.int64]]:
        """Return the cells, and how many rows are in each: the last one may have fewer than ``width``."""
        values, counts = self._values[: self._n], np.full(self._n, self.width)
        if not len(self._rest):
            return values, counts
        last = self._join.reduce(self._rest, axis=0)
        return np.concatenate((values, last[None])), np.append(counts, len(self._rest))


class _Peaks:
    """Least and greatest sample of stretches of time."""

    def __init__(self, most: int) -> None:
        self._cells = _Cells(most, 2, np.maximum)  # (−least, greatest)
        self._rest = np.empty(0, np.float32)
        self.n_samples = 0

    def push(self, block: Samples) -> None:
        self.n_samples += len(block)
        waiting = np.concatenate((self._rest, block))
        whole = len(waiting) // _SAMPLES_PER_CELL
        rows = waiting[: whole * _SAMPLES_PER_CELL].reshape(whole, _SAMPLES_PER_CELL)
        self._cells.push(np.column_stack((-rows.min(axis=1), rows.max(axis=1))).astype(np.float64))
        self._rest = waiting[whole * _SAMPLES_PER_CELL :]

    def over(self, columns: int) -> tuple[Doubles, Doubles]:
        """Return the least and the greatest sample of each column."""
        if len(self._rest):
            self._cells.push(np.array([[-self._rest.min(), self._rest.max()]], np.float64))
            self._rest = self._rest[:0]
        values, counts = self._cells.cells()
        ends = np.minimum(np.cumsum(counts) * _SAMPLES_PER_CELL, self.n_samples)
        cell, column, _ = _meetings(np.append(0, ends), columns, self.n_samples)
        found = np.full((columns, 2), -np.inf)
        np.maximum.at(found, column, values[cell])
        return -found[:, 0], found[:, 1]


def _mean_over(spectra: _Cells, columns: int, n_samples: int) -> Doubles:
    """Return the mean of frames over each column, each frame standing for the hop around its middle."""
    values, counts = spectra.cells()
    edges = np.clip((np.append(0, np.cumsum(counts)) - 0.5) * HOP, 0, n_samples)
    edges[-1] = n_samples  # the last frame's middle may lie more than half a hop before the end
    cell, column, share = _meetings(edges, columns, n_samples)
    shares = csr_array((share, (column, cell)), shape=(columns, len(values)))
    return np.asarray(shares @ (values / counts[:, None]), np.float64)


def _meetings(
    edges: NDArray[np.floating], columns: int, length: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], Doubles]:
    """Return which cell meets which column, and for what share of the column.

    Args:
        edges: Where cells begin, and the end of the last: ascending from 0 to ``length``.
        columns: Number of columns of equal length.
        length: Where the last one ends.
    """
    borders = np.linspace(0, length, columns + 1)
    cuts = np.union1d(edges, borders)
    middles, lengths = (cuts[1:] + cuts[:-1]) / 2, np.diff(cuts)
    cell = np.searchsorted(edges, middles, side="right") - 1
    column = np.searchsorted(borders, middles, side="right") - 1
    return cell, column, lengths * (columns / length)
