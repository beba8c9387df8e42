"""The sound of mp4 files (m4a), read by PyAV, an optional part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np

from zetdard.errors import MissingExtraError
from zetdard.features.audio.channels import Samples
from zetdard.features.audio.refusal import AudioError


class Mp4Track:
    """The first sound track of an open file.

    Args:
        container: PyAV's container.
        library: PyAV itself.
    """

    def __init__(self, container: Any, library: Any) -> None:
        if not container.streams.audio:
            raise AudioError("not-audio", "an mp4 file without a sound track")
        self._container = container
        self._library = library
        self._stream = container.streams.audio[0]
        self.rate = int(self._stream.rate)
        self.channels = int(self._stream.channels)
        self.codec = str(self._stream.codec_context.name)
        duration = self._stream.duration
        self.seconds = float(duration * self._stream.time_base) if duration else None

    def blocks(self, frames: int) -> Iterator[Samples]:
        """Yield arrays of shape (about ``frames``, channels)."""
        gathered: list[Samples] = []
        held = 0
        try:
            planes = self._library.AudioResampler(format="fltp")
            for coded in self._container.decode(self._stream):
                for frame in planes.resample(coded):
                    gathered.append(frame.to_ndarray().T)  # (channels, frames) -> (frames, channels)
                    held += len(gathered[-1])
                if held >= frames:
                    yield np.concatenate(gathered)
                    gathered, held = [], 0
        except self._library.FFmpegError as error:
            raise AudioError("damaged", f"the decoder gives up: {error}") from error
        if held:
            yield np.concatenate(gathered)


@contextmanager
def track(file: BinaryIO) -> Iterator[Mp4Track]:
    """Open the sound track of an mp4 file.

    Raises:
        AudioError: The file is damaged or holds no sound.
        MissingExtraError: PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtraError("m4a", "reading m4a files") from error
    file.seek(0)
    try:
        container = av.open(file, metadata_errors="ignore")
    except av.FFmpegError as error:
        raise AudioError("damaged", f"the decoder gives up: {error}") from error
    with container:
        yield Mp4Track(container, av)
