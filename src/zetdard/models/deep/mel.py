"""Log-mel spectrograms as networks hear them.

Power of Hann windows in triangles, equally spaced on the scale m = 2595 log₁₀(1 + f / 700) (O'Shaughnessy, "Speech
communication", 1987), each of height 1; decibels.
"""

from __future__ import annotations

import numpy as np

from zetdard.data.types import Floats
from zetdard.errors import MissingExtraError

try:
    import torch
except ImportError:
    raise MissingExtraError("deep", "networks that hear spectrograms") from None

_FLOOR = 1e-10
"""Power below which nothing is heard, −100 dB; a sine of full scale has a quarter, −6 dB."""


def mel_bands(rate: int, window: int, bands: int) -> Floats:
    """Return the triangles: shape (bands, window // 2 + 1), height 1 in the middle, 0 at the middles of both neighbours.

    Args:
        rate: Samples a second.
        window: Length of the transform.
        bands: Between 0 Hz and half of ``rate``.
    """
    middles = band_middles(rate, bands)
    bins = np.linspace(0, rate / 2, window // 2 + 1)
    rising = (bins - middles[:-2, None]) / np.diff(middles)[:-1, None]
    falling = (middles[2:, None] - bins) / np.diff(middles)[1:, None]
    return np.asarray(np.maximum(0, np.minimum(rising, falling)), dtype=np.float32)


def band_middles(rate: int, bands: int) -> np.ndarray:
    """Return the middles of the bands in Hz, with the edges 0 and ``rate`` / 2 around them: shape (bands + 2,), float64."""
    mels = np.linspace(0, 2595 * np.log10(1 + rate / 2 / 700), bands + 2)
    return np.asarray(700 * (10 ** (mels / 2595) - 1), dtype=np.float64)


def mid_and_side(sound: torch.Tensor) -> torch.Tensor:
    """Return half the sum and half the difference of both channels: shape (…, 2, samples), as given."""
    left, right = sound[..., :1, :], sound[..., 1:, :]
    return torch.cat([(left + right) / 2, (left - right) / 2], dim=-2)


class LogMel(torch.nn.Module):
    """Waveforms → spectrograms: (…, samples) → (…, bands, frames): 0 at −40 dB, and 20 dB are 1.

    Args:
        rate: Samples a second.
        bands: Number of bands.
        window: Samples of a window.
        hop: Samples from one window to the next.
    """

    def __init__(self, rate: int, bands: int = 64, window: int = 1024, hop: int = 512) -> None:
        super().__init__()
        self.window, self.hop = window, hop
        self.triangles: torch.Tensor
        self.shape: torch.Tensor
        # Not learned, and not kept with what is.
        self.register_buffer("triangles", torch.from_numpy(mel_bands(rate, window, bands)), persistent=False)
        self.register_buffer("shape", torch.hann_window(window), persistent=False)

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        """Return the spectrograms."""
        flat = sound.reshape(-1, sound.shape[-1])
        spectrum = torch.stft(flat, self.window, self.hop, window=self.shape, return_complex=True)
        power = spectrum.abs().square() / self.shape.sum() ** 2  # (sounds, bins, frames)
        decibels = 10 * torch.log10(self.triangles @ power + _FLOOR)
        return (decibels / 20 + 2).reshape(*sound.shape[:-1], *decibels.shape[-2:])
