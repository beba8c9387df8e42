"""MSD musicnn, written from its papers in plain numpy: the reference for every faster form.

A log-mel patch of three seconds goes through

1. *front-end*: filters over frequency (38 and 67 of the 96 bands, seven frames: timbre) and over time (128, 64 and 32
   frames, one band: rhythm), each followed by the maximum over all bands, so that what is heard at another pitch
   gives the same answer;
2. *middle*: three layers of 64 filters over seven frames, the second and third added to what they were given; the
   front-end and all three are joined;
3. *back-end*: maximum and mean over time, 200 units (the embedding), 50 tags.

Batch normalisation comes after the ReLU everywhere.

References: J. Pons, O. Nieto, M. Prockup, E. Schmidt, A. Ehmann, X. Serra, End-to-end learning for music audio tagging
at scale, ISMIR 2018; J. Pons, X. Serra, musicnn: pre-trained convolutional neural networks for music audio tagging,
ISMIR late-breaking demo 2019.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from zetdard.data.types import Floats
from zetdard.features.audio.musicnn.weights import MIDDLE, TEMPORAL, TIMBRAL, Weights

Doubles = NDArray[np.float64]

EPSILON = 1e-3
"""What batch normalisation adds to the variance (TensorFlow's default)."""


class Network(Protocol):
    """What turns patches into embeddings and tags."""

    def __call__(self, patches: Floats) -> tuple[Floats, Floats]:
        """Run the network.

        Args:
            patches: Log-mel patches, shape (n, 187, 96).

        Returns:
            The penultimate layer, shape (n, 200), and the tags' probabilities, shape (n, 50).
        """
        ...


class PlainNetwork:
    """The network in numpy and float64: slow, and easy to compare with the paper.

    Args:
        weights: The learned numbers.
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def __call__(self, patches: Floats) -> tuple[Floats, Floats]:
        """Run the network; see :class:`Network`."""
        answers = [self._patch(patch.astype(np.float64)) for patch in patches]
        hidden = np.array([answer[0] for answer in answers], dtype=np.float32).reshape(len(patches), -1)
        tags = np.array([answer[1] for answer in answers], dtype=np.float32).reshape(len(patches), -1)
        return hidden, tags

    def _patch(self, patch: Doubles) -> tuple[Doubles, Doubles]:
        x = self._normalise("input", patch[..., np.newaxis])[..., 0]  # (frames, bands)
        timbral = [self._timbral(layer, x) for layer in TIMBRAL]
        temporal = [self._temporal(layer, x) for layer in TEMPORAL]
        front = np.concatenate(timbral + temporal, axis=1)  # (frames, 561)
        joined, heard = [front], front
        for number, layer in enumerate(MIDDLE):
            answer = self._middle(layer, heard)  # (frames, 64)
            heard = answer + heard if number else answer
            joined.append(heard)
        features = np.concatenate(joined, axis=1)  # (frames, 753)
        # Maximum and mean of one feature stand side by side: (753, 2) -> (1506,)
        pooled = np.stack([features.max(axis=0), features.mean(axis=0)], axis=1).reshape(-1)
        hidden = self._dense("hidden", self._normalise("pooled", pooled))
        hidden = self._normalise("hidden", np.maximum(hidden, 0))
        return hidden, 1 / (1 + np.exp(-self._dense("tags", hidden)))

    def _timbral(self, layer: str, x: Doubles) -> Doubles:
        """(frames, bands) -> (frames, filters)."""
        n_frames, n_bands = TIMBRAL[layer]
        padded = np.pad(x, [(n_frames // 2, n_frames // 2), (0, 0)])
        windows = sliding_window_view(padded, (n_frames, n_bands))  # (frames, places, n_frames, n_bands)
        answer: Doubles = self._activate(layer, np.tensordot(windows, self._kernel(layer), axes=2)).max(
            axis=1
        )
        return answer

    def _temporal(self, layer: str, x: Doubles) -> Doubles:
        """(frames, bands) -> (frames, filters)."""
        n_frames = TEMPORAL[layer]
        # An even filter has no middle: TensorFlow puts the odd zero at the end.
        padded = np.pad(x, [((n_frames - 1) // 2, n_frames // 2), (0, 0)])
        windows = sliding_window_view(padded, n_frames, axis=0)  # (frames, bands, n_frames)
        answer: Doubles = self._activate(layer, np.tensordot(windows, self._kernel(layer), axes=1)).max(
            axis=1
        )
        return answer

    def _middle(self, layer: str, x: Doubles) -> Doubles:
        """(frames, channels) -> (frames, 64)."""
        n_frames = self._kernel(layer).shape[0]
        padded = np.pad(x, [(n_frames // 2, n_frames // 2), (0, 0)])
        windows = sliding_window_view(padded, n_frames, axis=0).swapaxes(1, 2)  # (frames, n_frames, channels)
        return self._activate(layer, np.tensordot(windows, self._kernel(layer), axes=2))

    def _activate(self, layer: str, filtered: Doubles) -> Doubles:
        return self._normalise(layer, np.maximum(filtered + self._weights[f"{layer}.bias"], 0))

    def _normalise(self, layer: str, x: Doubles) -> Doubles:
        scale, shift = normalisation(self._weights, layer)
        return x * scale + shift

    def _dense(self, layer: str, x: Doubles) -> Doubles:
        answer: Doubles = x @ self._kernel(layer) + self._weights[f"{layer}.bias"]
        return answer

    def _kernel(self, layer: str) -> Doubles:
        return self._weights[f"{layer}.kernel"].astype(np.float64)


def normalisation(weights: Weights, layer: str) -> tuple[Doubles, Doubles]:
    """Return batch normalisation as ``x · scale + shift``, each of shape (channels,).

    ``scale = γ / √(variance + ε)``, ``shift = β − mean · scale``.
    """
    gamma, beta, mean, variance = (
        weights[f"{layer}.{part}"].astype(np.float64) for part in ("gamma", "beta", "mean", "variance")
    )
    scale = gamma / np.sqrt(variance + EPSILON)
    return scale, beta - mean * scale
