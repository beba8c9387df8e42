"""The descriptor vector: what a recording sounds like in 141 named numbers, measured in one pass.

docs/audio.md lists names, units and formulas. Memory does not grow with length, but for 4 bytes a frame of onset envelope
and 8 bytes for each tenth of a second of loudness (about 1 MB an hour).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zetdard.errors import InputError
from zetdard.features.audio import decoding
from zetdard.features.audio.channels import Samples, mixed
from zetdard.features.audio.loudness import LoudnessStream
from zetdard.features.audio.moments import Moments
from zetdard.features.audio.refusal import AudioError
from zetdard.features.audio.rhythm import OnsetStream, Rhythm, rhythm
from zetdard.features.audio.sampling import Sampling
from zetdard.features.audio.spectra import N_CONTRAST, N_MFCC, RATE, SHAPE, Frames, FrameStream
from zetdard.features.audio.tonality import PITCH_CLASSES, Tonality, tonality

DESCRIPTOR_VERSION = "1"
"""Changes whenever a number of the vector would."""

_LEAST_SECONDS = 1.0
_UNITS = {"centroid": " (Hz)", "bandwidth": " (Hz)", "rolloff": " (Hz)", "RMS": " (full scale)"}
_FRAME_NAMES = {
    "mfcc": [(f"MFCC {number}", " (dB)") for number in range(N_MFCC)],
    "deltas": [(f"MFCC {number} delta", " (dB/frame)") for number in range(N_MFCC)],
    "chroma": [(f"chroma {name}", "") for name in PITCH_CLASSES],
    "contrast": [(f"contrast {number}", " (dB/2)") for number in range(N_CONTRAST)],
    "shape": [(name, _UNITS.get(name, "")) for name in SHAPE],
}
"""What has a mean and a standard deviation over the frames: (name, unit) of each column."""

WHOLE_NAMES = (
    "loudness (LUFS)",
    "loudness range (LU)",
    "crest (dB)",
    "stereo width",
    "onset rate (1/s)",
    "tempo (BPM)",
    "tempo confidence",
    "key cos",
    "key sin",
    "mode",
    "key confidence",
)
"""What the recording has one of."""

DESCRIPTOR_NAMES = (
    *(
        f"{name} {statistic}{unit}"
        for columns in _FRAME_NAMES.values()
        for statistic in ("mean", "sd")
        for name, unit in columns
    ),
    *WHOLE_NAMES,
)
"""Name of each number of the vector, with its unit where it has one."""

GAIN_DEPENDENT = frozenset(
    {"MFCC 0 mean (dB)", "RMS mean (full scale)", "RMS sd (full scale)", "loudness (LUFS)"}
)
"""What changes when a recording is only made louder; nothing else of the vector does."""


@dataclass(frozen=True, slots=True)
class DescriptorConfig:
    """How a recording is described.

    Attributes:
        sampling: Which parts are heard; excerpts are of a second or more.
    """

    sampling: Sampling = field(default_factory=Sampling)

    def __post_init__(self) -> None:
        if self.sampling.seconds < _LEAST_SECONDS:
            raise InputError(f"an excerpt must last {_LEAST_SECONDS:g} s or longer to be described")


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """What a recording sounds like.

    Attributes:
        vector: (141,) float32, finite; ``DESCRIPTOR_NAMES`` says what each number is.
        names: Those names.
        seconds: How much sound was heard.
        rhythm: Onset rate and tempo.
        tonality: Key and mode.
    """

    vector: NDArray[np.float32]
    names: tuple[str, ...]
    seconds: float
    rhythm: Rhythm
    tonality: Tonality

    def __getitem__(self, name: str) -> float:
        """Return the number of a name."""
        return float(self.vector[self.names.index(name)])


def describe(source: Path | str | Iterable[Samples], config: DescriptorConfig | None = None) -> Description:
    """Describe a recording.

    Args:
        source: A sound file; or blocks of samples at 22,050 a second, shape (n,) or (n, 2), all of which are heard.
        config: Which parts of a file are heard; the whole of it if left out. Excerpts of a file whose header does not
            state its length would need a second decoding: such a file is heard whole.

    Raises:
        AudioError: The file is refused, or holds less than a second of sound.
        MissingExtraError: Its decoder is not installed.
        InputError: Blocks have another shape.
    """
    describer = Describer()
    if isinstance(source, (str, Path)):
        for excerpt in _excerpts(source, (config or DescriptorConfig()).sampling):
            describer.cut()
            for block in excerpt:
                describer.push(block)
    else:
        for block in source:
            describer.push(block)
    return describer.finish()


def _excerpts(path: Path | str, sampling: Sampling) -> Iterator[Iterator[Samples]]:
    seconds = None if sampling.whole else decoding.probe(path).seconds
    if seconds is None:
        yield decoding.stream(path, RATE, 2)
        return
    for begin, end in sampling.spans(round(seconds * RATE), RATE):
        yield decoding.stream(path, RATE, 2, start=begin / RATE, seconds=(end - begin) / RATE)


class Describer:
    """Takes a recording in blocks and describes it in the end.

    For a caller who decodes once for several listeners (``decoding.fan_out``); :func:`describe` is simpler.
    """

    def __init__(self) -> None:
        self._moments = {name: Moments() for name in _FRAME_NAMES}
        self._loudness = LoudnessStream(RATE)
        self._envelopes: list[Samples] = []
        self._n_samples = 0
        self._peak = 0.0
        self._mid = self._side = 0.0
        self._begin()

    def push(self, block: Samples) -> None:
        """Take in samples at 22,050 a second, shape (n,) or (n, 2)."""
        if block.ndim != 2:
            block = block[:, None]
        if block.ndim != 2 or block.shape[1] not in (1, 2):
            raise InputError(f"a block of sound has shape (n,) or (n, 2), not {block.shape}")
        if not len(block):
            return
        stereo, mono = mixed(block, 2), mixed(block, 1)
        side = (stereo[:, 0] - stereo[:, 1]) * np.float32(0.5)
        self._mid += float(np.einsum("t,t->", mono, mono, dtype=np.float64))
        self._side += float(np.einsum("t,t->", side, side, dtype=np.float64))
        self._peak = max(self._peak, float(mono.max()), -float(mono.min()))
        self._n_samples += len(mono)
        self._loudness.push(stereo)
        self._take(self._frames.push(mono))

    def cut(self) -> None:
        """Say that what follows does not continue what came before: another excerpt begins."""
        self._end()
        self._loudness.cut()
        self._begin()

    def finish(self) -> Description:
        """Return the description of all that was pushed; the describer is of no further use.

        Raises:
            AudioError: It is less than a second.
        """
        self._end()
        seconds = self._n_samples / RATE
        if seconds < _LEAST_SECONDS:
            raise AudioError("too-short", f"{seconds:.3f} s of sound; {_LEAST_SECONDS:g} s can be described")
        beats, loudness = rhythm(self._envelopes, seconds), self._loudness.finish()
        key = tonality(self._moments["chroma"].mean)
        numbers: list[float] = []
        for moments in self._moments.values():
            numbers += [*moments.mean, *moments.sd]
        numbers += [*loudness, self._crest(), self._width(), *beats, *key.fifths, key.mode, key.confidence]
        return Description(np.array(numbers, np.float32), DESCRIPTOR_NAMES, seconds, beats, key)

    def _begin(self) -> None:
        self._frames, self._onsets, self._deltas = FrameStream(), OnsetStream(), _Deltas()
        self._piece_starts_at = self._n_samples

    def _end(self) -> None:
        if self._n_samples > self._piece_starts_at:
            self._take(self._frames.finish())
            self._moments["deltas"].add(self._deltas.finish())
            self._envelopes.append(self._onsets.envelope())

    def _take(self, found: list[Frames]) -> None:
        for frames in found:
            self._onsets.push(frames.log_mel)
            self._moments["mfcc"].add(frames.mfcc)
            self._moments["deltas"].add(self._deltas.push(frames.mfcc))
            self._moments["chroma"].add(frames.chroma)
            self._moments["contrast"].add(frames.contrast)
            self._moments["shape"].add(frames.shape)

    def _crest(self) -> float:
        """Return peak over RMS of the mono mix, dB; 0 in silence."""
        if not self._mid:
            return 0.0
        return float(20.0 * np.log10(self._peak / np.sqrt(self._mid / self._n_samples)))

    def _width(self) -> float:
        """Return the share of the difference of both channels in the energy: 0 mono, ½ unrelated, 1 opposite."""
        energy = self._mid + self._side
        return self._side / energy if energy else 0.0


class _Deltas:
    """Slope of the line through 9 frames, Σ k x[t + k] / 60 for k = −4 … 4; at the ends that of the outermost 9."""

    def __init__(self) -> None:
        self._held: Samples | None = None
        self._newest: Samples | None = None

    def push(self, rows: Samples) -> Samples:
        """Take in frames and return the slopes that are ready, shape (n, columns)."""
        held = rows if self._held is None else np.concatenate((self._held, rows))
        self._held = held[-8:]
        if len(held) < 9:
            return rows[:0]
        slopes = np.zeros((len(held) - 8, rows.shape[1]), np.float32)
        for k in range(1, 5):
            slopes += np.float32(k / 60) * (held[4 + k : len(held) - 4 + k] - held[4 - k : len(held) - 4 - k])
        first = np.repeat(slopes[:1], 4, axis=0) if self._newest is None else slopes[:0]
        self._newest = slopes[-1:]
        return np.concatenate((first, slopes))

    def finish(self) -> Samples:
        """Return the slopes of the last four frames."""
        if self._newest is None:
            return np.zeros((0, N_MFCC), np.float32)
        return np.repeat(self._newest, 4, axis=0)
