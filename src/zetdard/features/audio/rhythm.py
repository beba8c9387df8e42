"""Onsets and tempo, from how much louder the mel bands get between frames.

The onset envelope e has one value a frame: the mean over bands of max(0, rise in dB since the frame before), shifted so
that a value stands where the sound begins (librosa's ``onset_strength``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from zetdard.features.audio.channels import Samples
from zetdard.features.audio.moments import Reals
from zetdard.features.audio.spectra import HOP, N_FFT, RATE

FRAMES_A_SECOND = RATE / HOP

_SHIFT = 1 + N_FFT // (2 * HOP)
_LAGS = int(8.0 * FRAMES_A_SECOND)
"""Length of a window of autocorrelation: 8 s."""
_WINDOWS_AT_ONCE = 256
_CLIPPED_SHARE = 0.005
_LEAST_HEIGHT = 5.0
"""dB; noise rises by 1 dB at random, and must not be blown up to onsets where nothing else rises."""
_FASTEST_BPM = 320.0
_USUAL_BPM = 120.0

# Peak picking: a peak is no lower than the frame before and 0.07 above the mean of the frames [n − 4, n + 5), about
# 0.1 s to both sides; the frame after a peak is none.
_MEAN_BEFORE, _MEAN_AFTER, _ABOVE_MEAN = 4, 5, 0.07


class Rhythm(NamedTuple):
    """What was found.

    Attributes:
        onset_rate: Onsets a second.
        tempo: Beats a minute; without any onsets the most usual tempo, with confidence 0.
        confidence: How regular the envelope is at the distance of a beat, 0–1.
    """

    onset_rate: float
    tempo: float
    confidence: float


class OnsetStream:
    """Gathers the onset envelope of one piece: four bytes a frame, 620 kB an hour."""

    def __init__(self) -> None:
        self._last: Samples | None = None
        self._rises: list[Samples] = []
        self._n = 0

    def push(self, log_mel: Samples) -> None:
        """Take in mel bands in dB, shape (frames, bands)."""
        rows = log_mel if self._last is None else np.concatenate((self._last, log_mel))
        self._last = log_mel[-1:].copy()
        self._n += len(log_mel)
        self._rises.append(np.maximum(0, np.diff(rows, axis=0)).mean(axis=1))

    def envelope(self) -> Samples:
        """Return the envelope, shape (frames,)."""
        shifted = np.concatenate([np.zeros(_SHIFT, np.float32), *self._rises])
        return shifted[: self._n]


def rhythm(envelopes: Sequence[Samples], seconds: float) -> Rhythm:
    """Find onsets and tempo.

    Args:
        envelopes: Onset envelopes of the pieces of one recording, each of shape (frames,).
        seconds: Duration of all pieces.

    Returns:
        Onset rate and tempo as librosa finds them in one piece with this envelope, :func:`clipped`; the tempo is then
        sharpened (see :func:`tempo`).
    """
    envelopes = clipped(envelopes)
    onsets = sum(len(found) for found in onset_frames(envelopes))
    bpm, period = tempo(envelopes)
    return Rhythm(onsets / seconds, bpm, _regularity(envelopes, period))


def clipped(envelopes: Sequence[Samples]) -> list[Samples]:
    """Lower the highest 0.5% of the values to the least of them.

    The first sound after digital silence rises by more than 100 dB; without this it would be the measure of all others,
    and they would count for nothing.
    """
    ceiling = np.float32(np.quantile(np.concatenate(envelopes), 1 - _CLIPPED_SHARE))
    return [np.minimum(envelope, ceiling) for envelope in envelopes]


def onset_frames(envelopes: Sequence[Samples]) -> list[NDArray[np.int64]]:
    """Return the frames of onsets in each piece: peaks of the envelopes that :func:`scaled` gives.

    Reference: librosa's ``onset_detect``; S. Böck et al., *Evaluating the online capabilities of onset detection methods*,
    ISMIR 2012.
    """
    return [_peaks(envelope) for envelope in scaled(envelopes)]


def scaled(envelopes: Sequence[Samples]) -> list[Samples]:
    """Shift and stretch the envelopes together to 0–1; a height below 5 dB stays below 1."""
    lowest = min(envelope.min() for envelope in envelopes)
    height = max(*(envelope.max() - lowest for envelope in envelopes), np.float32(_LEAST_HEIGHT))
    return [(envelope - lowest) / height for envelope in envelopes]


def tempo(envelopes: Sequence[Samples]) -> tuple[float, float]:
    """Find the tempo and the period of a beat.

    A(l) is the mean over frames of the autocorrelation of e · hann(8 s), divided by its value at lag 0. The lag with the
    greatest log(1 + 10⁶ A(l)) − ½ (log₂ (BPM(l) / 120))², BPM(l) < 320, is librosa's answer (``feature.tempo``). Lags
    are whole frames, 5 BPM apart at 120: the period is sharpened to the p within 0.6 frames that has the greatest mean of
    A(k p) / A_hann(k p) over the multiples k p up to 4 s.

    Returns:
        (beats a minute, period in frames).
    """
    mean = _mean_autocorrelation(envelopes)
    lags = np.arange(1, _LAGS)
    bpm = 60.0 * FRAMES_A_SECOND / lags
    score = np.log1p(1e6 * mean[1:]) - 0.5 * np.log2(bpm / _USUAL_BPM) ** 2
    best = int(lags[np.argmax(np.where(bpm < _FASTEST_BPM, score, -np.inf))])
    if mean[best] <= 0:
        return _USUAL_BPM, 60.0 * FRAMES_A_SECOND / _USUAL_BPM
    even = mean[: _LAGS // 2 + 1] / _autocorrelation_of_window()[: _LAGS // 2 + 1]
    periods = best + np.linspace(-0.6, 0.6, 121)
    multiples = np.arange(1, max(2, int(_LAGS / 2 / best) + 1))
    heights = np.interp(np.outer(periods, multiples), np.arange(len(even)), even)
    period = float(periods[np.argmax(heights.mean(axis=1))])
    return 60.0 * FRAMES_A_SECOND / period, period


def _peaks(envelope: Samples) -> NDArray[np.int64]:
    n = len(envelope)
    before = np.concatenate((envelope[:1], envelope[:-1]))
    sums = np.concatenate(([0.0], np.cumsum(envelope, dtype=np.float64)))
    begin, end = np.maximum(np.arange(n) - _MEAN_BEFORE, 0), np.minimum(np.arange(n) + _MEAN_AFTER, n)
    means = (sums[end] - sums[begin]) / (end - begin)
    candidates = np.flatnonzero((envelope >= before) & (envelope >= means + _ABOVE_MEAN))
    kept: list[int] = []
    for frame in candidates.tolist():
        if not kept or frame > kept[-1] + 1:
            kept.append(frame)
    return np.array(kept, np.int64)


def _mean_autocorrelation(envelopes: Sequence[Samples]) -> Reals:
    """Return A(l), shape (lags,).

    The transform is linear and lag 0 is the greatest, so that the mean is taken of the power spectra, each divided by its
    energy, and transformed back once.
    """
    length = scipy.fft.next_fast_len(2 * _LAGS - 1, real=True)
    total = np.zeros(length // 2 + 1)
    for envelope in envelopes:
        ramp = _LAGS // 2
        padded = np.pad(envelope, ramp, mode="linear_ramp", end_values=0)
        windows = np.lib.stride_tricks.sliding_window_view(padded, _LAGS)[: len(envelope)]
        for first in range(0, len(windows), _WINDOWS_AT_ONCE):
            windowed = windows[first : first + _WINDOWS_AT_ONCE] * _WINDOW
            spectra = scipy.fft.rfft(windowed, n=length, axis=1)
            energy = np.einsum("ij,ij->i", windowed, windowed)
            weights = np.divide(1, energy, out=np.zeros_like(energy), where=energy > 0)
            total += weights @ (np.square(spectra.real) + np.square(spectra.imag))
    frames = sum(len(envelope) for envelope in envelopes)
    out: Reals = scipy.fft.irfft(total, n=length)[:_LAGS] / frames
    return out


def _autocorrelation_of_window() -> Reals:
    correlation = np.correlate(_WINDOW.astype(np.float64), _WINDOW.astype(np.float64), mode="full")[
        _LAGS - 1 :
    ]
    out: Reals = correlation / correlation[0]
    return out


def _regularity(envelopes: Sequence[Samples], period: float) -> float:
    """Return the correlation of the envelope with itself a period later, not below 0.

    Its mean is subtracted, so that noise has 0; it is smoothed over three frames, because a beat does not fall on frames.
    """
    below, above = int(np.floor(period)), int(np.floor(period)) + 1
    share = period - below
    same = later = 0.0
    for envelope in envelopes:
        smooth = np.convolve(envelope, (0.25, 0.5, 0.25), mode="same")
        smooth -= smooth.mean()
        if len(smooth) > above:
            same += float(smooth @ smooth)
            later += (1 - share) * float(smooth[below:] @ smooth[:-below])
            later += share * float(smooth[above:] @ smooth[:-above])
    return min(1.0, max(0.0, later / same)) if same > 0 else 0.0


_WINDOW = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_LAGS) / _LAGS)).astype(np.float32)
