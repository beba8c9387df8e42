"""Whether what was generated is only copied: how near it comes to what was learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zetdard.data.types import Floats
from zetdard.errors import InputError, MissingExtraError

try:
    import torch
    from torch.nn.functional import conv1d
except ImportError:
    raise MissingExtraError("deep", "generating sound") from None

FRAMES = 64
"""Frames that are compared: a second."""

_RARE = 0.05
_WARNED = 0.25
_MOST = 24
"""So many stretches are compared, of what was generated and of the clips."""
_CLIPS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near stretches of a generated spectrogram come to the clips that were learned from.

    A distance is 1 − the correlation of two stretches of a second, each less its mean in every band, at the best of all
    shifts: 0 = the same but for loudness and colour, 1 = nothing in common.

    Attributes:
        clip: The nearest clip.
        nearest: Its distance.
        median: Median distance of a generated stretch to the nearest clip.
        among_clips: Median distance of a stretch of a clip to the nearest clip of another song; NaN of a single song.
        rare: Nearer than this are only 5% of these; NaN of a single song.
        copied: Share of generated stretches that are nearer than that.
    """

    clip: int
    nearest: float
    median: float
    among_clips: float
    rare: float
    copied: float

    @property
    def only_copies(self) -> bool:
        """Whether more than a quarter of what was generated lies that near: of music of its own, 5% would."""
        return self.copied > _WARNED


def nearness(made: Floats, clips: Floats, songs: NDArray[np.int64]) -> Nearness:
    """Compare a generated spectrogram with the clips, and the clips with those of other songs.

    Args:
        made: Shape (bands, frames), at least a second.
        clips: Shape (clips, bands, frames), at least a second.
        songs: Shape (clips,): the song of each clip.

    Raises:
        InputError: There is no clip, or one is shorter than a second.
    """
    if not len(clips) or min(made.shape[-1], clips.shape[-1]) < FRAMES:
        raise InputError("copies are looked for in a second at least, among one clip at least")
    starts = np.linspace(0, made.shape[-1] - FRAMES, min(_MOST, made.shape[-1] // FRAMES)).astype(int)
    stretches = np.stack([made[:, start : start + FRAMES] for start in starts])
    to_clips = _distances(stretches, clips)
    nearest = to_clips.min(axis=1)
    middle = (clips.shape[-1] - FRAMES) // 2
    chosen = np.unique(np.linspace(0, len(clips) - 1, min(4 * _MOST, len(clips))).astype(int))
    among = _distances(clips[chosen, :, middle : middle + FRAMES], clips)
    among[songs[chosen][:, None] == songs] = np.inf
    others = among.min(axis=1)
    others = others[np.isfinite(others)]
    rare = float(np.quantile(others, _RARE)) if len(others) else float("nan")
    return Nearness(
        clip=int(to_clips[nearest.argmin()].argmin()),
        nearest=float(nearest.min()),
        median=float(np.median(nearest)),
        among_clips=float(np.median(others)) if len(others) else float("nan"),
        rare=rare,
        copied=float((nearest < rare).mean()),
    )


def _distances(stretches: Floats, clips: Floats) -> Floats:
    """Return the distance of each stretch, (n, bands, 64), to each clip at its best shift: shape (n, clips)."""
    patterns = torch.from_numpy(stretches.astype(np.float32))
    patterns = patterns - patterns.mean(dim=2, keepdim=True)
    patterns = patterns / patterns.norm(dim=(1, 2), keepdim=True).clamp_min(1e-6)
    ones = torch.ones(1, stretches.shape[1], FRAMES)
    found = []
    with torch.no_grad():
        for start in range(0, len(clips), _CLIPS_AT_ONCE):
            part = torch.from_numpy(clips[start : start + _CLIPS_AT_ONCE].astype(np.float32))
            part = part - part.mean(dim=2, keepdim=True)
            # A pattern sums to 0 in each band: the mean of the stretch of the clip does not count in the product.
            product = conv1d(part, patterns)  # (clips, n, shifts)
            sums = conv1d(part, torch.ones(part.shape[1], 1, FRAMES), groups=part.shape[1])
            squares = conv1d(part.square(), ones)  # (clips, 1, shifts)
            energy = squares - sums.square().sum(dim=1, keepdim=True) / FRAMES
            found.append((product / energy.clamp_min(1e-6).sqrt()).amax(dim=2))
    distances: Floats = 1 - torch.cat(found).T.numpy()
    return distances
