"""Frames of sound and what is measured in each: one transform serves all.

Samples x (mono, float32, 22,050 a second) are cut into frames of N = 2048 every H = 512, the first centred on sample 0,
zeros around the sound: T = 1 + n // H frames. X = |FFT(hann · frame)| has bins k = 0 … N/2 at f_k = k · rate / N. All
values are librosa's (its names in brackets), to the tolerances in ``tests/features/audio/test_librosa.py``; decibels have
the fixed floor 10⁻¹⁰ (``top_db=None``), because a floor below the loudest moment of a piece is not known before its end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from zetdard.features.audio import filterbanks
from zetdard.features.audio.channels import Samples

RATE = 22_050
N_FFT = 2048
HOP = 512
N_MELS = 128
N_MFCC = 20
N_CONTRAST = 7
FLOOR = 1e-10
"""Least power that a decibel is taken of: 140 dB below a full-scale sine, and below the noise of 16 bits."""

SHAPE = ("centroid", "bandwidth", "rolloff", "flatness", "zero crossings", "RMS")

_FRAMES_AT_ONCE = 48
"""A few hundred kilobytes a step: the intermediate arrays stay in the processor's cache."""
_PARTS = N_FFT // HOP
_ROLLOFF = 0.85
_LOWEST_BAND_HZ = 200.0
_QUANTILE = 0.02


class Frames(NamedTuple):
    """What was measured in T frames, in their order.

    Attributes:
        log_mel: (T, 128) power of mel bands, dB. [power_to_db(melspectrogram, top_db=None)]
        mfcc: (T, 20) cosine transform of ``log_mel``. [mfcc]
        chroma: (T, 12) power by pitch class, C first, the largest is 1; 0 in silence. [chroma_stft, tuning=0]
        contrast: (T, 7) peaks over valleys in octave bands, 10 · log₁₀ of amplitudes. [spectral_contrast]
        shape: (T, 6) the columns of ``SHAPE``: Hz, Hz, Hz, 0–1, 0–1, full scale. [spectral_centroid,
            spectral_bandwidth, spectral_rolloff, spectral_flatness, zero_crossing_rate, rms]
    """

    log_mel: Samples
    mfcc: Samples
    chroma: Samples
    contrast: Samples
    shape: Samples


class FrameStream:
    """Measures the frames of one piece of sound that comes in blocks."""

    def __init__(self) -> None:
        # Zeros before the sound; ``_signs`` marks the samples before which the sign changes.
        self._held: Samples = np.zeros(N_FFT // 2, np.float32)
        self._signs: NDArray[np.bool_] = np.zeros(N_FFT // 2, np.bool_)
        self._last_sign: bool | None = None

    def push(self, block: Samples) -> list[Frames]:
        """Take in samples, shape (n,), and measure the frames that are whole."""
        if not len(block):
            return []
        negative = block < -FLOOR  # librosa's threshold: what is nearly 0 counts as positive
        changes = np.empty(len(block), np.bool_)
        changes[0] = self._last_sign is not None and self._last_sign != negative[0]
        np.not_equal(negative[1:], negative[:-1], out=changes[1:])
        self._last_sign = bool(negative[-1])
        return self._measure(block, changes)

    def finish(self) -> list[Frames]:
        """Measure the frames at the end, which reach over it."""
        after = N_FFT // 2
        return self._measure(np.zeros(after, np.float32), np.zeros(after, np.bool_))

    def _measure(self, block: Samples, changes: NDArray[np.bool_]) -> list[Frames]:
        held = np.concatenate((self._held, block))
        signs = np.concatenate((self._signs, changes))
        n_frames = max(0, 1 + (len(held) - N_FFT) // HOP)
        found = []
        for first in range(0, n_frames, _FRAMES_AT_ONCE):
            begin, count = first * HOP, min(_FRAMES_AT_ONCE, n_frames - first)
            end = begin + (count - 1) * HOP + N_FFT
            found.append(_frames(held[begin:end], signs[begin:end]))
        self._held, self._signs = held[n_frames * HOP :], signs[n_frames * HOP :]
        return found


def _frames(samples: Samples, signs: NDArray[np.bool_]) -> Frames:
    """Measure all frames of a stretch: (T − 1) · H + N samples."""
    framed = np.lib.stride_tricks.sliding_window_view(samples, N_FFT)[::HOP]  # (T, N)
    # Transformed in float64: rounding in float32 would fill the valleys 140 dB below the loudest bin.
    spectrum = scipy.fft.rfft(framed * _WINDOW, axis=1).astype(np.complex64)
    power: Samples = np.square(spectrum.real)
    power += np.square(spectrum.imag)  # (T, bins)
    magnitude: Samples = np.sqrt(power)
    log_mel = decibels(power @ _MEL)
    pitch_classes = power @ _CHROMA
    largest = pitch_classes.max(axis=1, keepdims=True)
    largest[largest < np.finfo(np.float32).tiny] = 1
    return Frames(
        log_mel,
        log_mel @ _COSINES,
        pitch_classes / largest,
        _contrast(magnitude),
        np.column_stack(
            (
                *_centre_and_width(magnitude),
                _rolloff(magnitude),
                _flatness(power),
                _crossings(signs),
                np.sqrt(_by_frame(np.square(samples, dtype=np.float32)) / N_FFT),
            )
        ).astype(np.float32),
    )


def decibels(power: Samples) -> Samples:
    """Return 10 · log₁₀ max(power, 10⁻¹⁰)."""
    out: Samples = np.log10(np.maximum(power, np.float32(FLOOR)))
    out *= np.float32(10)
    return out


def _by_frame(values: Samples) -> NDArray[np.float64]:
    """Sum the values of each frame, by adding up its four hops."""
    hops = values.reshape(-1, HOP).sum(axis=1, dtype=np.float64)
    out: NDArray[np.float64] = np.lib.stride_tricks.sliding_window_view(hops, _PARTS).sum(axis=1)
    return out


def _crossings(signs: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of samples before which the sign changes; the first of a frame has none before it."""
    hops = np.count_nonzero(signs.reshape(-1, HOP), axis=1)
    counts = np.lib.stride_tricks.sliding_window_view(hops, _PARTS).sum(axis=1)
    out: NDArray[np.float64] = (counts - signs[: len(counts) * HOP : HOP]) / N_FFT
    return out


def _centre_and_width(magnitude: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean Σ f p and standard deviation √(Σ p (f − mean)²) of frequency under p = X / Σ X, in Hz."""
    sums = magnitude.astype(np.float64) @ _POWERS_OF_FREQUENCY  # (T, 3): Σ X, Σ f X, Σ f² X
    total = sums[:, 0]
    total[total < np.finfo(np.float32).tiny] = np.inf
    centre = sums[:, 1] / total
    return centre, np.sqrt(np.maximum(0.0, sums[:, 2] / total - centre**2))


def _rolloff(magnitude: Samples) -> NDArray[np.float64]:
    """Lowest f_k with Σ_{j ≤ k} X_j ≥ 0.85 Σ X, in Hz."""
    sums = np.cumsum(magnitude, axis=1)
    bins = np.count_nonzero(sums < np.float32(_ROLLOFF) * sums[:, -1:], axis=1)
    out: NDArray[np.float64] = bins * (RATE / N_FFT)
    return out


def _flatness(power: Samples) -> Samples:
    """Geometric over arithmetic mean of power: 1 for white noise, near 0 for a tone."""
    bounded = np.maximum(power, np.float32(FLOOR))
    out: Samples = np.exp(np.log(bounded).mean(axis=1)) / bounded.mean(axis=1)
    return out


def _contrast(magnitude: Samples) -> Samples:
    """Mean of the loudest over mean of the faintest 2% of the bins of each octave band, 10 · log₁₀.

    Reference: D. Jiang et al., *Music type classification by spectral contrast feature*, ICME 2002.
    """
    peaks = np.empty((len(magnitude), N_CONTRAST), np.float32)
    valleys = np.empty_like(peaks)
    for number, (first, last, few) in enumerate(_BANDS):
        band = magnitude[:, first:last]
        if few == 1:
            band.max(axis=1, out=peaks[:, number])
            band.min(axis=1, out=valleys[:, number])
        else:
            width = last - first
            ordered = np.partition(band, (few - 1, width - few), axis=1)
            ordered[:, width - few :].mean(axis=1, out=peaks[:, number])
            ordered[:, :few].mean(axis=1, out=valleys[:, number])
    out: Samples = decibels(peaks) - decibels(valleys)
    return out


def _bands() -> tuple[tuple[int, int, int], ...]:
    """Bins [first, last) of each band, and how many of them count as its peak and as its valley.

    A band begins one bin below its lowest frequency and ends one below its highest, which the next one takes; the first
    begins at 0 Hz, and the last ends with the spectrum.
    """
    edges = [0.0, *(_LOWEST_BAND_HZ * 2.0**octave for octave in range(N_CONTRAST))]
    bins = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
    bands = []
    for number in range(N_CONTRAST):
        inside = np.flatnonzero((bins >= edges[number]) & (bins <= edges[number + 1]))
        first = int(inside[0]) - (number > 0)
        final = number == N_CONTRAST - 1
        last = len(bins) if final else int(inside[-1]) + 1
        few = max(1, int(np.rint(_QUANTILE * (last - first))))
        bands.append((first, last if final else last - 1, few))
    return tuple(bands)


_WINDOW = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
_MEL = filterbanks.mel(RATE, N_FFT, N_MELS)
_COSINES = filterbanks.cosines(N_MELS, N_MFCC)
_CHROMA = filterbanks.chroma(RATE, N_FFT)
_POWERS_OF_FREQUENCY = np.vander(np.arange(N_FFT // 2 + 1) * RATE / N_FFT, 3, increasing=True)
_BANDS = _bands()
