"""Six numbers that tell how a recording was mastered and nothing else of it.

What a model of taste finds beyond them is music; what it finds with them alone may be the sound of an album.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zetdard.errors import InputError
from zetdard.features.audio.channels import Samples
from zetdard.features.audio.moments import Reals
from zetdard.features.audio.refusal import AudioError

MASTERING_COLUMNS = ("RMS (dB)", "crest (dB)", "width", "peak (dB)", "fade (dB)", "dynamics (dB)")
MASTERING_VERSION = "1"

_FADE_SECONDS = 5
_DEEPEST = 60.0
_FAINTEST = 1e-12
_FAINTEST_PEAK = 1e-6


class Mastering(NamedTuple):
    """What was measured, of the mid channel m = (left + right) / 2 and the side channel s = (left − right) / 2.

    Attributes:
        rms: Level, 10 log₁₀ ⟨m²⟩: dB of full scale.
        crest: Peak above the level: dB.
        width: Share of the side channel in the energy, ⟨s²⟩ / (⟨m²⟩ + ⟨s²⟩): 0 … 1.
        peak: Largest sample, 20 log₁₀ max |m|: dB of full scale.
        fade: Level of the last 5 s over that of the whole: dB, not below −60.
        dynamics: Standard deviation of the levels of whole seconds, each not below 60 dB under the whole: dB; 0 for
            less than a second.
    """

    rms: float
    crest: float
    width: float
    peak: float
    fade: float
    dynamics: float


class MasteringStream:
    """Measures the blocks of one recording; keeps its last five seconds and 8 bytes for each second.

    Args:
        rate: Samples a second.
    """

    def __init__(self, rate: int) -> None:
        if rate <= 0:
            raise InputError("a sampling rate must be positive")
        self._rate = rate
        self._n = 0
        self._mid_energy = self._side_energy = self._peak = 0.0
        self._second: Reals = np.zeros(0)  # the beginning of one that is not whole yet
        self._seconds: list[Reals] = []
        self._tail: Reals = np.zeros(0)

    def push(self, block: Samples) -> None:
        """Take in samples, shape (n, 2): left and right."""
        if block.ndim != 2 or block.shape[1] != 2:
            raise InputError(f"mastering is told from blocks of shape (n, 2), not {block.shape}")
        if not len(block):
            return
        left, right = block.T.astype(np.float64)
        mid, side = (left + right) / 2, (left - right) / 2
        self._n += len(mid)
        self._mid_energy += float(mid @ mid)
        self._side_energy += float(side @ side)
        self._peak = max(self._peak, float(np.abs(mid).max()))
        self._tail = np.concatenate((self._tail, mid))[-_FADE_SECONDS * self._rate :]
        power = np.concatenate((self._second, mid**2))
        whole = len(power) // self._rate * self._rate
        self._second = power[whole:]
        self._seconds.append(power[:whole].reshape(-1, self._rate).mean(axis=1))

    def finish(self) -> Mastering:
        """Return what was measured.

        Raises:
            AudioError: Nothing was pushed.
        """
        if not self._n:
            raise AudioError("no-samples")
        mid, side = self._mid_energy / self._n + _FAINTEST, self._side_energy / self._n
        rms = 10 * float(np.log10(mid))
        peak = 20 * float(np.log10(self._peak + _FAINTEST_PEAK))
        fade = 10 * float(np.log10(np.mean(self._tail**2) + _FAINTEST)) - rms
        seconds = np.concatenate(self._seconds)
        levels = np.maximum(10 * np.log10(seconds + _FAINTEST), rms - _DEEPEST)
        dynamics = float(levels.std()) if len(levels) else 0.0
        return Mastering(rms, peak - rms, side / (mid + side), peak, max(fade, -_DEEPEST), dynamics)
