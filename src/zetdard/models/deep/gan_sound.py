"""Sound as the generator sees it, and back: log-mel spectrograms, and a phase for them.

One channel of 16 kHz; windows of 1024 samples (Hann), 256 apart; power in 64 bands of triangles on the mel scale
m = 2595 log₁₀(1 + f / 700), from 0 to 8 kHz; decibels, from −80 to 60, where the power of the loudest bin of a full-scale sine is 48.

Back: power of the bins from the bands by non-negative least squares (multiplicative updates: Lee and Seung,
"Algorithms for non-negative matrix factorization", NIPS 2000, with one factor fixed), then Griffin and Lim, "Signal estimation from modified
short-time Fourier transform", IEEE Transactions on Acoustics, Speech and Signal Processing 32 (1984), in the fast form of
Perraudin, Balazs, Søndergaard, "A fast Griffin–Lim algorithm", WASPAA 2013.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.signal

from zetdard.data.types import Floats
from zetdard.errors import InputError, MissingExtraError

try:
    import torch
except ImportError:
    raise MissingExtraError("deep", "generating sound") from None

from zetdard.models.deep.devices import seeded
from zetdard.models.deep.mel import mel_bands

RATE = 16_000
"""Samples a second."""
BANDS = 64
WINDOW, HOP = 1024, 256
FRAMES_A_SECOND = RATE / HOP
LOWEST, HIGHEST = -80.0, 60.0
"""Decibels: what is softer or louder is taken for these."""

_INVERSION_STEPS = 40
_PHASE_STEPS = 32
_MOMENTUM = 0.99
"""Perraudin's α."""
_PEAK = 0.99
"""Largest sample of what is louder than full scale, after it is turned down."""


def log_mel(sound: Floats) -> Floats:
    """Return the spectrogram of sounds: shape (…, 64, 1 + samples // 256), decibels.

    Args:
        sound: Shape (…, samples), at 16 kHz, full scale ±1; at least 513 samples.

    Raises:
        InputError: It is shorter.
    """
    if sound.shape[-1] <= WINDOW // 2:
        raise InputError(f"a spectrogram needs more than {WINDOW // 2} samples, not {sound.shape[-1]}")
    with torch.no_grad():
        flat = torch.from_numpy(np.ascontiguousarray(sound, np.float32)).reshape(-1, sound.shape[-1])
        power = _stft(flat).abs().square()  # (sounds, 513, frames)
        decibels = 10 * torch.log10(torch.clamp(_bank() @ power, min=1e-12))
    found: Floats = decibels.clamp(LOWEST, HIGHEST).numpy().reshape(*sound.shape[:-1], BANDS, -1)
    return found


def at_rate(sound: Floats, rate: int) -> Floats:
    """Return sounds of another rate at 16 kHz, in the Fourier domain: shape (…, samples)."""
    if rate == RATE:
        return sound
    wanted = round(sound.shape[-1] * RATE / rate)
    found: Floats = scipy.signal.resample(sound, wanted, axis=-1).astype(np.float32)
    return found


def sound_of(spectrogram: Floats, *, seed: int) -> Floats:
    """Return a sound that has a spectrogram: shape (256 · (frames − 1),), within ±1.

    Args:
        spectrogram: Shape (64, frames), decibels.
        seed: Of the phase with which the search begins.
    """
    with torch.no_grad(), seeded(seed):
        magnitude = _bins(10 ** (torch.from_numpy(spectrogram.astype(np.float32)) / 10)).sqrt()
        turned = torch.polar(torch.ones_like(magnitude), 2 * torch.pi * torch.rand(magnitude.shape))
        before = torch.zeros_like(turned)
        for _ in range(_PHASE_STEPS):
            found = _stft(_istft(magnitude * turned))
            ahead = found + _MOMENTUM * (found - before)
            turned, before = torch.polar(torch.ones_like(magnitude), ahead.angle()), found
        samples: Floats = _istft(magnitude * turned).numpy()
    loudest = float(np.abs(samples).max(initial=0))
    return samples if loudest <= 1 else samples * np.float32(_PEAK / loudest)


def _bins(bands: torch.Tensor) -> torch.Tensor:
    """Return power of bins, (513, frames), not negative, whose bands are nearly these, (64, frames)."""
    bank = _bank()
    found = bank.T @ bands
    gram = bank.T @ bank
    wanted = found.clone()
    for _ in range(_INVERSION_STEPS):
        found = found * wanted / torch.clamp(gram @ found, min=1e-20)
    return found


def _stft(sound: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = torch.stft(sound, WINDOW, HOP, window=_window(), return_complex=True)
    return found


def _istft(spectrum: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = torch.istft(spectrum, WINDOW, HOP, window=_window())
    return found


@lru_cache(maxsize=1)
def _window() -> torch.Tensor:
    return torch.hann_window(WINDOW)


@lru_cache(maxsize=1)
def _bank() -> torch.Tensor:
    return torch.from_numpy(mel_bands(RATE, WINDOW, BANDS))
