"""What MSD musicnn hears: log-mel patches of three seconds, made from a stream of samples.

Sound of 16 kHz, one channel; windows of 512 samples (Hann), 256 apart, centred, with the sound mirrored at both ends;
96 mel bands from 0 to 8 kHz (Slaney's scale, each filter of area 1); ``log10(10000 · power + 1)``.

The logarithm is taken in float32: in float16, as the network's authors have it, a loud sound times 10000 is infinite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.fft
import scipy.sparse
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from zetdard.data.types import Floats
from zetdard.errors import InputError
from zetdard.features.audio.musicnn.weights import N_FRAMES, N_MELS

RATE = 16_000
"""Samples a second."""
WINDOW, HOP = 512, 256
"""Samples of a window, and from one to the next."""
PATCH_SECONDS = N_FRAMES * HOP / RATE

_PIECE = N_FRAMES * HOP
"""Samples that are worked on at once: what is in use then fits into a processor's cache."""
_LOUDEST = 1e10
"""No sample may be larger, in either direction; its square must be a finite float32 with room to spare."""


def patches(blocks: Iterable[Floats], *, hop_frames: int = N_FRAMES, batch: int = 8) -> Iterator[Floats]:
    """Yield batches of patches; memory does not grow with the length of the sound.

    What is left at the end and fills no patch is not heard. A sound that is shorter than one patch is repeated until
    it fills one, as when the network was trained.

    Args:
        blocks: Consecutive blocks of samples at 16 kHz, shape (samples,) each.
        hop_frames: From the beginning of one patch to the next, in frames of 16 ms.
        batch: The most patches at once.

    Yields:
        Shape (at most ``batch``, 187, 96).

    Raises:
        InputError: A block is no row of finite samples, or there is no sample at all.
    """
    if hop_frames < 1 or batch < 1:
        raise InputError("patches and their distance must be at least 1")
    waiting = np.zeros((0, N_MELS), dtype=np.float32)
    n_patches = to_pass = 0
    for frames in log_mel_frames(blocks):
        skipped = min(to_pass, len(frames))
        to_pass -= skipped
        waiting = np.concatenate([waiting, frames[skipped:]])
        while len(waiting) >= N_FRAMES + (batch - 1) * hop_frames:
            yield _cut(waiting, hop_frames, batch)
            n_patches += batch
            to_pass = max(0, batch * hop_frames - len(waiting))
            waiting = waiting[batch * hop_frames :]
    left = (len(waiting) - N_FRAMES) // hop_frames + 1 if len(waiting) >= N_FRAMES else 0
    if left:
        yield _cut(waiting, hop_frames, left)
    elif not n_patches:
        if not len(waiting):
            raise InputError("there is no sound to hear")
        yield np.resize(waiting, (1, N_FRAMES, N_MELS))


def _cut(frames: Floats, hop_frames: int, count: int) -> Floats:
    return np.stack([frames[start : start + N_FRAMES] for start in range(0, count * hop_frames, hop_frames)])


def log_mel_frames(blocks: Iterable[Floats]) -> Iterator[Floats]:
    """Yield the frames of the log-mel spectrogram, shape (frames, 96) each; together ``1 + samples // 256``.

    Raises:
        InputError: A block is no row of finite samples.
    """
    margin = WINDOW // 2
    before_end = np.zeros(0, dtype=np.float32)  # the last samples, to be mirrored
    held = np.zeros(0, dtype=np.float32)
    begun = False
    for block in _pieces(blocks):
        before_end = np.concatenate([before_end, block])[-(margin + 1) :]
        held = np.concatenate([held, block])
        if not begun and len(held) > margin:
            begun = True
            held = np.concatenate([held[margin:0:-1], held])
        if begun and len(held) >= WINDOW:
            frames = log_mel(held)
            held = held[len(frames) * HOP :]
            yield frames
    if not begun and len(held):
        # Too short to be mirrored once; numpy mirrors as often as needed.
        yield log_mel(np.pad(held, margin, mode="reflect"))
    elif begun:
        ended = np.concatenate([held, before_end[-2::-1]])
        if len(ended) >= WINDOW:
            yield log_mel(ended)


def _pieces(blocks: Iterable[Floats]) -> Iterator[Floats]:
    for block in blocks:
        samples = np.asarray(block)
        if samples.ndim != 1 or samples.dtype.kind != "f":
            raise InputError(
                f"a block of sound must be a row of floating-point samples, not {samples.dtype} of shape {samples.shape}"
            )
        for start in range(0, len(samples), _PIECE):
            piece = samples[start : start + _PIECE]
            # Written so that it is false for what is not a number.
            if not bool((np.abs(piece) <= _LOUDEST).all()):
                raise InputError(f"sound must be finite, and no sample beyond ±{_LOUDEST:g}")
            yield piece.astype(np.float32)


def log_mel(samples: Floats) -> Floats:
    """Return ``log10(10000 · mel power + 1)`` of the full windows in ``samples``, shape (frames, 96)."""
    window, bank = _window(), _sparse_bank()
    framed = sliding_window_view(samples, WINDOW)[::HOP] * window  # (frames, 512)
    spectrum = scipy.fft.rfft(framed, axis=1)  # complex64, (frames, 257)
    power = spectrum.real**2 + spectrum.imag**2
    # Sparse: a bin belongs to two bands at most, and a dense product would set the threads of BLAS spinning.
    mel: Floats = power @ bank
    np.multiply(mel, np.float32(10_000), out=mel)
    np.add(mel, np.float32(1), out=mel)
    return np.log10(mel, out=mel)


@lru_cache(maxsize=1)
def _window() -> Floats:
    phase = 2 * np.pi * np.arange(WINDOW) / WINDOW  # periodic
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)


@lru_cache(maxsize=1)
def _sparse_bank() -> Any:
    return scipy.sparse.csr_array(mel_filters().T.astype(np.float32))


def mel_filters() -> NDArray[np.float64]:
    """Return the triangular filters, shape (96 bands, 257 bins).

    Slaney's scale is linear below 1000 Hz (200/3 Hz a step) and logarithmic above (27 steps for a factor of 6.4). A
    filter rises from its lower neighbour's centre to its own and falls to the upper neighbour's; its height is
    2 / (width in Hz), so that each has the same area.

    Reference: M. Slaney, Auditory Toolbox, 1998; the same numbers as ``librosa.filters.mel``.
    """
    step, bend, log_step = 200 / 3, 1000.0, np.log(6.4) / 27
    top = bend / step + np.log(RATE / 2 / bend) / log_step  # 8 kHz in mel
    mels = np.linspace(0, top, N_MELS + 2)
    above = bend * np.exp(log_step * (mels - bend / step))
    centres = np.where(mels < bend / step, mels * step, above)  # Hz, with both ends
    bins = np.linspace(0, RATE / 2, WINDOW // 2 + 1)
    rising = (bins - centres[:-2, np.newaxis]) / np.diff(centres)[:-1, np.newaxis]
    falling = (centres[2:, np.newaxis] - bins) / np.diff(centres)[1:, np.newaxis]
    heights = 2 / (centres[2:] - centres[:-2])
    return np.maximum(0, np.minimum(rising, falling)) * heights[:, np.newaxis]
