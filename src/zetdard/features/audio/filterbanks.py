"""The fixed matrices that turn spectra into mel bands, cepstra and pitch classes.

They are the ones of librosa 0.11 (equal to 1e-6 by test), written from their definitions, because loading librosa costs
a second and more in every worker.
"""

from __future__ import annotations

import numpy as np

from zetdard.features.audio.channels import Samples

_BREAK_HZ, _BREAK_MEL = 1000.0, 15.0
_MEL_OF_HZ = 3.0 / 200.0
_LOG_STEP = np.log(6.4) / 27.0


def mel(rate: int, n_fft: int, n_bands: int) -> Samples:
    """Triangular bands, equally spaced on Slaney's mel scale and of equal area.

    The scale is linear up to 1 kHz (15 mel) and logarithmic above, 27 steps for a factor of 6.4. The triangle between
    the edges f₀ < f₁ < f₂ has its peak at f₁ and height 2 / (f₂ − f₀).

    Args:
        rate: Samples a second.
        n_fft: Length of the transform.
        n_bands: Number of bands between 0 Hz and rate / 2.

    Returns:
        Shape (n_fft // 2 + 1, n_bands), 1/Hz.

    Reference: M. Slaney, *Auditory Toolbox*, Interval Research TR 1998-010.
    """
    highest = float(mel_of(np.array([rate / 2.0]))[0])
    edges = _hz_of(np.linspace(0.0, highest, n_bands + 2))
    frequencies = np.linspace(0.0, rate / 2.0, n_fft // 2 + 1)
    rising = (frequencies[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - frequencies[:, None]) / np.diff(edges)[1:]
    bands = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))
    return np.ascontiguousarray(bands, np.float32)


def cosines(n_bands: int, n_coefficients: int) -> Samples:
    """The first rows of the orthonormal discrete cosine transform of type II, as a matrix to multiply by.

    Args:
        n_bands: Length of what is transformed.
        n_coefficients: How many coefficients are kept.

    Returns:
        Shape (n_bands, n_coefficients): √(2/n) · cos(π k (2 b + 1) / 2n), and √(1/n) for k = 0.
    """
    bands, orders = np.arange(n_bands)[:, None], np.arange(n_coefficients)
    matrix = np.sqrt(2.0 / n_bands) * np.cos(np.pi * orders * (2 * bands + 1) / (2 * n_bands))
    matrix[:, 0] = np.sqrt(1.0 / n_bands)
    return np.ascontiguousarray(matrix, np.float32)


def chroma(rate: int, n_fft: int) -> Samples:
    """Pitch classes C to B of a power spectrum, tuned to A = 440 Hz.

    Each bin is spread over the classes by a Gaussian of its distance in semitones (width: half of the bin's own width,
    at least half a semitone), normalised to length 1, and weighted by a Gaussian of two octaves around octave 5 (octave 0
    begins at A0 = 27.5 Hz).

    Returns:
        Shape (n_fft // 2 + 1, 12).

    Reference: D. Ellis, *Chroma feature analysis and synthesis*, 2007.
    """
    frequencies = np.arange(1, n_fft) * rate / n_fft
    pitches = 12.0 * np.log2(frequencies / 27.5)  # semitones above A0
    # 0 Hz has no pitch: one and a half octaves below the first bin stands for it.
    pitches = np.concatenate(([pitches[0] - 18.0], pitches))
    widths = np.concatenate((np.maximum(np.diff(pitches), 1.0), [1.0]))
    distances = np.remainder(pitches[:, None] - np.arange(12) + 6.0, 12.0) - 6.0
    weights = np.exp(-0.5 * (2.0 * distances / widths[:, None]) ** 2)
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    weights *= np.exp(-0.5 * ((pitches[:, None] / 12.0 - 5.0) / 2.0) ** 2)
    from_c = np.roll(weights, -3, axis=1)  # class 0 is C, not A
    return np.ascontiguousarray(from_c[: n_fft // 2 + 1], np.float32)


def mel_of(hz: np.ndarray) -> np.ndarray:
    """Return frequencies on the scale of mels (Slaney's: straight up to 1 kHz, logarithmic above): the shape of ``hz``."""
    above = _BREAK_MEL + np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.where(hz < _BREAK_HZ, hz * _MEL_OF_HZ, above)


def _hz_of(mels: np.ndarray) -> np.ndarray:
    above = _BREAK_HZ * np.exp(_LOG_STEP * (np.maximum(mels, _BREAK_MEL) - _BREAK_MEL))
    return np.where(mels < _BREAK_MEL, mels / _MEL_OF_HZ, above)
