"""From a sound file to samples: block by block, so that memory does not grow with length.

wav, flac, mp3, ogg and opus are read by soundfile, mp4 (m4a) by PyAV where it is installed; rates are changed by soxr.
The content decides what a file is, not its name. A file that cannot be described is refused with an
:class:`~zetdard.features.audio.refusal.AudioError`; silence, any number of channels up to 64, rates from 4 kHz to
768 kHz and ten hours of sound are nothing special.

Reference of the formats' traps: libsndfile 1.2 believes a guessed length of mp3 files (see ``containers``).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np

from zetdard.errors import InputError, MissingExtraError
from zetdard.features.audio import containers, mp4
from zetdard.features.audio.channels import Channels, Resampler, Samples, mixed
from zetdard.features.audio.refusal import AudioError

MOST_CHANNELS = 64
RATES = (4_000, 768_000)
MOST_AMPLITUDE = 1_000.0
"""60 dB over full scale: float files do pass 1, but numbers beyond this are not samples of sound."""

_PIPE_BYTES = 1 << 16
_WITHOUT_END = 2**62
"""libsndfile states a length near 2⁶³ where it does not know one."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the header of a file says.

    Attributes:
        rate: Samples a second.
        channels: Their number.
        frames: Samples of a channel; ``None`` where only decoding can tell.
        seconds: Duration; ``None`` likewise.
        format: Container and coding, for example ``OGG VORBIS``.
    """

    rate: int
    channels: int
    frames: int | None
    seconds: float | None
    format: str


class Target(NamedTuple):
    """What somebody wants to hear: a rate in samples a second, and one channel or two."""

    rate: int
    channels: Channels


def probe(path: Path | str) -> AudioInfo:
    """Return what the header says; the sound is not decoded.

    Raises:
        AudioError: The file is not sound, or visibly less than it announces.
        MissingExtraError: Its decoder is not installed.
    """
    with ExitStack() as stack:
        return _Recording(path, stack).info


def stream(
    path: Path | str,
    rate: int,
    channels: Channels = 1,
    *,
    block_seconds: float = 1.5,
    start: float = 0.0,
    seconds: float | None = None,
) -> Iterator[Samples]:
    """Decode a file at the rate and with the channels that are asked for.

    Args:
        path: The file.
        rate: Samples a second.
        channels: 1 gives blocks of shape (frames,), 2 of shape (frames, 2); see ``channels.mixed``.
        block_seconds: About how long a block is.
        start: Where to begin, in seconds.
        seconds: How much to read at most; all if left out.

    Yields:
        Samples, float32, full scale ±1. The blocks joined are what one call of soxr makes of the whole.

    Raises:
        AudioError: The file is refused, perhaps only after some blocks.
        MissingExtraError: Its decoder is not installed.
    """
    target = Target(rate, channels)
    for (block,) in fan_out(path, [target], block_seconds=block_seconds, start=start, seconds=seconds):
        yield block


def read(path: Path | str, rate: int, channels: Channels = 1, most_seconds: float = 1_200.0) -> Samples:
    """Return the samples of a file, at most ``most_seconds`` from its beginning; see :func:`stream`."""
    return np.concatenate(list(stream(path, rate, channels, seconds=most_seconds)))


def fan_out(
    path: Path | str,
    targets: Sequence[Target],
    *,
    block_seconds: float = 1.5,
    start: float = 0.0,
    seconds: float | None = None,
) -> Iterator[tuple[Samples, ...]]:
    """Decode a file once for several listeners that want other rates or channels; see :func:`stream`.

    Yields:
        A block for each target, of the same stretch of time up to the delay of the filters.
    """
    if not (block_seconds > 0 and start >= 0 and (seconds is None or seconds > 0)):
        raise InputError("a block and a stretch of sound last longer than 0 s and start at 0 s or later")
    with ExitStack() as stack:
        recording = _Recording(path, stack)
        rate = recording.info.rate
        resamplers = [Resampler(rate, target.rate, target.channels) for target in targets]
        n_frames = 0
        for block in recording.blocks(
            max(1, round(block_seconds * rate)),
            round(start * rate),
            None if seconds is None else max(1, round(seconds * rate)),
        ):
            n_frames += len(block)
            heard = {channels: mixed(block, channels) for channels in {target.channels for target in targets}}
            for samples in heard.values():
                _check(samples)
            yield tuple(
                resampler.push(heard[target.channels])
                for resampler, target in zip(resamplers, targets, strict=True)
            )
        if not n_frames:
            raise AudioError("no-samples")
        yield tuple(resampler.finish() for resampler in resamplers)


def _check(samples: Samples) -> None:
    loudest = max(float(samples.max()), -float(samples.min()))
    if not loudest <= MOST_AMPLITUDE:  # also true of what is not a number
        raise AudioError("out-of-range" if np.isfinite(samples).all() else "not-finite")


class _Recording:
    """An open file: its header, and its samples as the decoder gives them."""

    def __init__(self, path: Path | str, stack: ExitStack) -> None:
        self._file = stack.enter_context(_opened(path))
        self._stack = stack
        self._sound: Any = None
        # Looked at before the decoder opens the file: both share the place in it.
        self._kind = containers.kind_of(self._file)
        if self._kind == containers.MP4:
            self._track = stack.enter_context(mp4.track(self._file))
            self.info = AudioInfo(
                self._track.rate,
                self._track.channels,
                None,  # what the header states still holds the encoder's padding
                self._track.seconds,
                f"MP4 {self._track.codec.upper()}",
            )
        else:
            self.info = self._open_sound()
        if self.info.channels > MOST_CHANNELS:
            raise AudioError("too-many-channels", f"{self.info.channels} channels")
        if not RATES[0] <= self.info.rate <= RATES[1]:
            raise AudioError("strange-rate", f"{self.info.rate} samples a second")
        if self.info.frames == 0:
            raise AudioError("no-samples")

    def blocks(self, frames: int, start: int, most: int | None) -> Iterator[Samples]:
        """Yield arrays of shape (at most ``frames``, channels of the file); a buffer that the next one reuses."""
        left = most
        for block in self._decoded(min(frames, max(1024, (1 << 22) // self.info.channels)), start):
            taken = block if left is None else block[:left]
            yield taken
            if left is not None:
                left -= len(taken)
                if left <= 0:
                    return

    def _decoded(self, frames: int, start: int) -> Iterator[Samples]:
        if self._sound is None:
            yield from _skipped(self._track.blocks(frames), start)
        elif self.info.frames is None:
            yield from _skipped(self._sound_blocks(frames, 0), start)
        else:
            yield from self._sound_blocks(frames, start)

    def _open_sound(self) -> AudioInfo:
        library = _soundfile()
        unstated = self._kind == containers.MPEG and containers.has_unstated_length(self._file)
        lacking = 0.0
        if self._kind == containers.RIFF:
            lacking = containers.missing_wave_bytes(self._file) / os.fstat(self._file.fileno()).st_size
        descriptor = self._stack.enter_context(_Pipe(self._file)).end if unstated else self._file.fileno()
        try:
            self._sound = self._stack.enter_context(library.SoundFile(descriptor, closefd=False))
        except library.LibsndfileError as error:
            raise self._damage(error) from error
        sound = self._sound
        known = sound.frames < _WITHOUT_END
        # libsndfile corrects the length of a WAVE file that was cut off without a word.
        _refuse_missing(round(sound.frames * lacking), sound.frames, sound.samplerate)
        return AudioInfo(
            sound.samplerate,
            sound.channels,
            sound.frames if known else None,
            sound.frames / sound.samplerate if known and sound.samplerate else None,
            sound.format if sound.subtype.startswith("MPEG") else f"{sound.format} {sound.subtype}",
        )

    def _sound_blocks(self, frames: int, start: int) -> Iterator[Samples]:
        sound, library = self._sound, _soundfile()
        buffer = np.empty((frames, self.info.channels), np.float32)
        delivered = start
        try:
            if start:
                if start >= sound.frames:
                    return
                sound.seek(start)
            while len(block := sound.read(frames, dtype="float32", always_2d=True, out=buffer)):
                delivered += len(block)
                yield block
        except library.LibsndfileError as error:
            # Where the length is unknown, the decoder also complains of a last frame that is not whole.
            if self.info.frames is not None or not delivered:
                raise AudioError("damaged", str(error)) from error
        if self.info.frames is not None:
            _refuse_missing(self.info.frames - delivered, self.info.frames, self.info.rate)

    def _damage(self, error: Exception) -> AudioError:
        if containers.is_known(self._file):
            return AudioError("damaged", f"the decoder gives up: {error}")
        return AudioError("not-audio")


def _refuse_missing(missing: int, announced: int, rate: int) -> None:
    """Refuse what lacks more than a quarter of a second and 1% of the sound."""
    if missing > max(rate / 4, announced / 100):
        raise AudioError("truncated", f"{missing / rate:.1f} s of the sound that it announces are missing")


def _skipped(blocks: Iterator[Samples], start: int) -> Iterator[Samples]:
    """Leave out the first ``start`` frames, for what cannot be wound forward."""
    for block in blocks:
        if start < len(block):
            yield block[start:]
        start = max(0, start - len(block))


def _opened(path: Path | str) -> BinaryIO:
    """Open a regular file; unbuffered, because libsndfile reads from the same descriptor."""
    try:
        about = Path(path).stat()
        if not stat.S_ISREG(about.st_mode):  # opening a named pipe would wait for ever
            raise AudioError("not-a-file")
        if not about.st_size:
            raise AudioError("empty")
        return cast("BinaryIO", Path(path).open("rb", buffering=0))
    except FileNotFoundError as error:
        raise AudioError("missing") from error
    except (OSError, ValueError) as error:
        raise AudioError("unreadable", str(error)) from error


class _Pipe:
    """A file read as if it came over a wire, so that libsndfile reads to its end instead of to a guessed length."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.end, self._entrance = os.pipe()
        self._thread = Thread(target=self._feed, daemon=True)

    def __enter__(self) -> _Pipe:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.end)  # a feeder that still writes ends with BrokenPipeError
        self._thread.join()

    def _feed(self) -> None:
        self._file.seek(0)
        with os.fdopen(self._entrance, "wb", buffering=0) as entrance:
            try:
                while data := self._file.read(_PIPE_BYTES):
                    view = memoryview(data)
                    while view:
                        view = view[entrance.write(view) or 0 :]
            except OSError:  # nobody reads any more
                return


def _soundfile() -> Any:
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: the package is there, libsndfile is not
        raise MissingExtraError("audio", "decoding audio") from error
    return soundfile
