"""Key and mode, from how often each pitch class sounds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PITCH_CLASSES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")

# Probe-tone ratings of the twelve classes above the tonic: C. Krumhansl, E. Kessler, *Tracing the dynamic changes in
# perceived tonal organization in a spatial representation of musical keys*, Psychological Review 89, 1982.
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


class Tonality(NamedTuple):
    """What was found.

    Attributes:
        tonic: 0 for C to 11 for B.
        major: Whether the best key is a major one, else minor.
        mode: Fit of the best major key minus fit of the best minor key, −2 to 2 (in music within ±0.5).
        confidence: Fit of the best key times how uneven the pitch classes are, 0–1.
        fifths: The tonic on the circle of fifths as (cos, sin), C at (1, 0), G at 30°: keys that share most notes are near.
    """

    tonic: int
    major: bool
    mode: float
    confidence: float
    fifths: tuple[float, float]

    @property
    def name(self) -> str:
        """The key in words: ``A minor``."""
        return f"{PITCH_CLASSES[self.tonic]} {'major' if self.major else 'minor'}"


def tonality(chroma: NDArray[np.floating]) -> Tonality:
    """Find the key whose profile fits best: Pearson's correlation of 12 classes with 24 rotated profiles.

    Args:
        chroma: (12,) mean of each pitch class, C first.

    Returns:
        The key; where all classes are equally strong (silence), C major with confidence 0 at (0, 0) among the fifths.
    """
    values = np.asarray(chroma, np.float64)
    if np.ptp(values) <= 1e-12:
        return Tonality(0, True, 0.0, 0.0, (0.0, 0.0))
    fits = np.array([[_correlation(values, np.roll(p, k)) for k in range(12)] for p in (_MAJOR, _MINOR)])
    mode, tonic = divmod(int(np.argmax(fits)), 12)
    uneven = 1.0 - values.min() / values.max()
    angle = 2.0 * np.pi * (7 * tonic % 12) / 12.0  # a fifth is seven semitones
    return Tonality(
        tonic,
        mode == 0,
        float(fits[0].max() - fits[1].max()),
        float(np.clip(fits.max() * uneven, 0.0, 1.0)),
        (float(np.cos(angle)), float(np.sin(angle))),
    )


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))
