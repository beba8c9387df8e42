"""SpecAugment: stretches of time and bands of frequency that are not heard in training.

Park et al., "SpecAugment: a simple data augmentation method for automatic speech recognition", Interspeech 2019: its two masks,
without the time warping, which they found to matter least. Networks here take the waveform and make their own spectrogram,
so a mask is silence in the sound itself: the samples of a stretch, or the bins of a band in its Fourier transform.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zetdard.data.types import Floats
from zetdard.errors import MissingExtraError

try:
    import torch
except ImportError:
    raise MissingExtraError("deep", "training networks") from None

if TYPE_CHECKING:
    from zetdard.models.deep.shared import Examples

_BREAK = 700.0


@dataclass(frozen=True, slots=True)
class SpecAugment:
    """Masks each sound of a batch; inputs that are no sound, of shape (songs, channels, samples), stay as they are.

    Attributes:
        rate: Samples a second.
        times: Masks of time for each sound.
        time: Longest mask, as a share of the sound.
        bands: Masks of frequency for each sound.
        band: Widest mask, as a share of the mel scale up to half of ``rate``.
    """

    rate: int = 16_000
    times: int = 2
    time: float = 0.1
    bands: int = 2
    band: float = 0.15

    def __call__(self, examples: Examples, random: np.random.Generator) -> Examples:
        """Return the masked batch."""
        return replace(
            examples,
            inputs=tuple(self.masked(one, random) if one.ndim == 3 else one for one in examples.inputs),
        )

    def masked(self, sounds: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
        """Return sounds with masks of their own: shape (songs, channels, samples), as given."""
        n, samples = sounds.shape[0], sounds.shape[-1]
        places = (np.arange(samples) + 0.5) / samples
        heard = torch.from_numpy(_heard(places, n, self.times, self.time, random)).to(sounds.device)
        bins = np.linspace(0, self.rate / 2, samples // 2 + 1)
        mels = np.log1p(bins / _BREAK) / np.log1p(self.rate / 2 / _BREAK)
        passed = torch.from_numpy(_heard(mels, n, self.bands, self.band, random)).to(sounds.device)
        filtered = torch.fft.irfft(torch.fft.rfft(sounds) * passed[:, None], n=samples)
        result: torch.Tensor = filtered * heard[:, None]
        return result


def _heard(places: np.ndarray, n: int, masks: int, widest: float, random: np.random.Generator) -> Floats:
    """Return 0 where one of a row's masks lies and 1 elsewhere: shape (n, places), float32.

    Args:
        places: From 0 to 1, shape (places,).
        n: Rows.
        masks: Masks of a row.
        widest: Widest mask.
        random: Draws widths from 0 to ``widest``, and where each mask lies.
    """
    heard = np.ones((n, len(places)), np.float32)
    for _ in range(masks):
        width = random.uniform(0, widest, size=(n, 1))
        start = random.uniform(0, 1 - width)
        heard[(places >= start) & (places < start + width)] = 0
    return heard
