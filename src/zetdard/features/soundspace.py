"""The space of sound: a place for every song, at which songs that sound alike are near.

Each block of features is standardised over the library (columns that a mere change of loudness moves are left out), turned
to its principal axes and half whitened, ``y = (λ + ε)^(−¼) Vᵀ z``: many of the numbers say the same thing, which would
otherwise count many times; wholly whitened, noise would count as much as what matters. Each block is then made unit length,
and the blocks are joined with equal weights. λ are the eigenvalues of the covariance of ``z``, ``ε`` = 5/n of their mean, so
that a library of few songs, whose covariance is hardly known, is whitened less.

How the weights and the power were chosen, and what they do: docs/benchmarks.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zetdard.data.features import FeatureBlock
from zetdard.features.audio.descriptors import GAIN_DEPENDENT

SOUND_SPACE_VERSION = "1"
"""Changes when the same features give another space."""

POWER = 0.5
"""How far the blocks are whitened: 0 not at all, 1 wholly."""
_SHRINK_SONGS = 5.0


def sound_space(descriptors: FeatureBlock | None, embedding: FeatureBlock | None) -> FeatureBlock | None:
    """Return the space of sound of a library.

    A song of which only one block is known lies in that block's part of the space.

    Args:
        descriptors: Named numbers; columns of ``GAIN_DEPENDENT`` are left out.
        embedding: What a network hears; of the same songs.

    Returns:
        Rows of length 1, or zero and not present; ``None`` where no song is present in either block.
    """
    blocks = [block for block in (descriptors, embedding) if block is not None and _present(block).any()]
    if not blocks:
        return None
    parts = [_half_whitened(block) for block in blocks]
    joined = np.concatenate(parts, axis=1)
    lengths = np.linalg.norm(joined, axis=1, keepdims=True)
    present = lengths[:, 0] > 0
    values = np.divide(joined, lengths, out=np.zeros_like(joined), where=lengths > 0).astype(np.float32)
    columns = tuple(f"sound {axis}" for axis in range(values.shape[1]))
    made_of = " + ".join(block.provenance.get("extractor", "features") for block in blocks)
    provenance = {"extractor": "sound space", "version": SOUND_SPACE_VERSION, "of": made_of}
    return FeatureBlock(blocks[0].vocabulary, values, columns, provenance, present)


def _half_whitened(block: FeatureBlock) -> NDArray[np.float64]:
    """Return a block's part of the space: shape (songs, axes), rows of length 1 or zero."""
    kept = [column for column, name in enumerate(block.columns) if name not in GAIN_DEPENDENT]
    present = _present(block)
    known = block.values[present][:, kept].astype(np.float64)
    scale = known.std(axis=0)
    z = (known - known.mean(axis=0)) / np.where(scale > 0, scale, 1)
    strengths, axes = np.linalg.eigh(z.T @ z / len(z))
    shrunk = np.maximum(strengths, 0) + _SHRINK_SONGS / len(z) * strengths.mean()
    if not shrunk.any():  # one song, or several that are the same: there is nothing to tell apart
        shrunk = np.ones_like(shrunk)
    told = z @ (axes * shrunk ** (-POWER / 2))
    lengths = np.linalg.norm(told, axis=1, keepdims=True)
    places = np.zeros((len(block.vocabulary), len(kept)))
    places[present] = np.divide(told, lengths, out=np.zeros_like(told), where=lengths > 1e-9)
    return places


def _present(block: FeatureBlock) -> NDArray[np.bool_]:
    return np.ones(len(block.vocabulary), bool) if block.present is None else block.present
