"""Excerpts of a recording in two channels: what networks that hear the waveform learn from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zetdard.errors import InputError
from zetdard.features.audio.decoding import probe, stream
from zetdard.features.audio.refusal import AudioError
from zetdard.features.audio.sampling import Sampling

CLIPS_VERSION = "1"
"""Changes when the same recording gives other samples."""

_LARGEST = 32_767


@dataclass(frozen=True, slots=True)
class ClipConfig:
    """Which excerpts are kept.

    Attributes:
        rate: Samples a second.
        seconds: Length of an excerpt.
        count: Excerpts, spread evenly over the recording.
    """

    rate: int = 16_000
    seconds: float = 3.0
    count: int = 5

    def __post_init__(self) -> None:
        if not 4_000 <= self.rate <= 96_000:
            raise InputError(f"clips have 4,000 to 96,000 samples a second, not {self.rate}")
        if not 0.1 <= self.seconds <= 60 or not 1 <= self.count <= 100:
            raise InputError("there are 1 to 100 clips of 0.1 to 60 seconds")

    @property
    def frames(self) -> int:
        """Samples of an excerpt in each channel."""
        return round(self.rate * self.seconds)

    def settings(self) -> dict[str, str]:
        """Return what the samples depend on."""
        return {"rate": str(self.rate), "seconds": f"{self.seconds:g}", "count": str(self.count)}


def cut_clips(path: Path | str, config: ClipConfig | None = None) -> NDArray[np.int16]:
    """Return excerpts of a recording: shape (count, 2, frames), int16, full scale ±32,767.

    What lies beyond full scale is clipped. A recording that is shorter than an excerpt is followed by silence; one that
    is shorter than all of them together gives excerpts that overlap.

    Raises:
        AudioError: The file is refused.
        MissingExtraError: Its decoder is not installed.
    """
    config = config or ClipConfig()
    seconds = probe(path).seconds
    if seconds is None:
        seconds = sum(len(block) for block in stream(path, config.rate, 1)) / config.rate
    clips = np.zeros((config.count, 2, config.frames), np.int16)
    places = Sampling.spread(config.count, config.seconds).places
    for number, place in enumerate(places):
        start = min(max(0.0, place * seconds - config.seconds / 2), max(0.0, seconds - config.seconds))
        blocks = list(stream(path, config.rate, 2, start=start, seconds=config.seconds))
        samples = np.concatenate(blocks)[: config.frames]
        if not len(samples):
            raise AudioError("no-samples")
        scaled = np.rint(np.clip(samples, -1, 1) * _LARGEST).astype(np.int16)
        clips[number, :, : len(scaled)] = scaled.T
    return clips
