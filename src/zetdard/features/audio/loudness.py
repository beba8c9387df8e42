"""How loud a recording is, as broadcasters measure it, and how far its parts differ.

Reference: Recommendation ITU-R BS.1770-5 (loudness), EBU Tech 3342 (loudness range).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.signal

from zetdard.errors import InputError
from zetdard.features.audio.channels import Samples
from zetdard.features.audio.moments import Reals

SILENCE = -70.0
"""LUFS; the absolute gate: what is fainter counts as silence, and silence is reported as this."""

_HOP_SECONDS = 0.1
_BLOCK_HOPS = 4  # 0.4 s, of which 75% overlap
_LONG_HOPS = 30  # 3 s
_GATE = 10.0
_RANGE_GATE = 20.0
_QUIETEST = 1e-20


class Loudness(NamedTuple):
    """What was measured.

    Attributes:
        integrated: LUFS, gated; not below ``SILENCE``.
        range: LU between the 10th and the 95th percentile of what is heard in 3 s; 0 for less sound than that.
    """

    integrated: float
    range: float


def k_weighting(rate: int) -> Reals:
    """Return the K-weighting as second-order sections, shape (2, 6): a shelf for the head, and a high-pass.

    The recommendation tabulates both at 48 kHz; these are its analogue prototypes through the bilinear transform
    (equal to the table to 1e-6), so that other rates get the same response. The shelf is f₀ = 1681.97 Hz, +4.00 dB,
    Q = 0.7072, the high-pass f₀ = 38.135 Hz, Q = 0.5003.

    Args:
        rate: Samples a second, above 4 kHz.
    """
    if rate < 4_000:
        raise InputError("the K-weighting needs at least 4,000 samples a second")
    k, q = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196
    high = 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = (
        (high + band * k / q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    )
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    high_pass = (1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0)
    return np.array([shelf, high_pass])


class LoudnessStream:
    """Measures the loudness of blocks; keeps 8 bytes for each tenth of a second.

    Args:
        rate: Samples a second.
    """

    def __init__(self, rate: int) -> None:
        self._sections = k_weighting(rate)
        self._hop = round(rate * _HOP_SECONDS)
        self._pieces: list[list[Reals]] = []
        self.cut()

    def cut(self) -> None:
        """Say that what follows does not continue what came before."""
        self._pieces.append([])
        self._state = np.zeros((2, 2, 2))  # (section, channel, memory)
        self._rest: Reals = np.zeros(0)

    def push(self, block: Samples) -> None:
        """Take in samples, shape (n, 2): left and right, each counted once. A mono recording is both."""
        weighted, self._state = scipy.signal.sosfilt(
            self._sections, block.T.astype(np.float64), axis=1, zi=self._state
        )
        power = np.concatenate((self._rest, np.einsum("ct,ct->t", weighted, weighted)))
        whole = len(power) // self._hop * self._hop
        self._rest = power[whole:]
        self._pieces[-1].append(power[:whole].reshape(-1, self._hop).mean(axis=1))

    def finish(self) -> Loudness:
        """Return the loudness of all that was pushed."""
        pieces = [np.concatenate(piece) for piece in self._pieces if piece]
        blocks = np.concatenate([_means(piece, _BLOCK_HOPS) for piece in pieces] or [np.zeros(0)])
        longer = np.concatenate([_means(piece, _LONG_HOPS) for piece in pieces] or [np.zeros(0)])
        return Loudness(_integrated(blocks), _range(longer))


def _means(power: Reals, hops: int) -> Reals:
    if len(power) < hops:
        return np.zeros(0)
    out: Reals = np.lib.stride_tricks.sliding_window_view(power, hops).mean(axis=1)
    return out


def _lufs(power: Reals | float) -> Reals:
    out: Reals = -0.691 + 10.0 * np.log10(np.maximum(power, _QUIETEST))
    return out


def _integrated(power: Reals) -> float:
    heard = power[_lufs(power) > SILENCE]
    if not len(heard):
        return SILENCE
    loud = heard[_lufs(heard) > _lufs(heard.mean()) - _GATE]
    return float(_lufs(loud.mean()))


def _range(power: Reals) -> float:
    heard = power[_lufs(power) > SILENCE]
    if not len(heard):
        return 0.0
    levels = _lufs(heard)
    low, high = np.percentile(levels[levels > _lufs(heard.mean()) - _RANGE_GATE], (10, 95))
    return float(high - low)
