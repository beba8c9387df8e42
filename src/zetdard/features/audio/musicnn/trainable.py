"""MSD musicnn as a torch module: the same network, for whoever wants to go on learning from its weights.

It needs the ``[deep]`` extra. For hearing alone, the lean graph of ``embedding`` is many times faster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zetdard.data.types import Floats
from zetdard.errors import MissingExtraError
from zetdard.features.audio.musicnn.network import EPSILON
from zetdard.features.audio.musicnn.weights import MIDDLE, N_FRAMES, N_MELS, TEMPORAL, TIMBRAL, Weights

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError:
    raise MissingExtraError("deep", "learning from the weights of musicnn") from None

if TYPE_CHECKING:
    from torch import Tensor


class TrainableNetwork(nn.Module):
    """The network with batch normalisation after the ReLU, as published.

    A fresh instance is in training mode, as torch modules are: call ``eval()`` to hear what the published network hears.

    Args:
        weights: The learned numbers to begin with; they are copied.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.input = _normalisation(weights, "input", dimensions=2)
        self.front = nn.ModuleDict()
        for layer, (n_frames, _) in TIMBRAL.items():
            self.front[_key(layer)] = _Filters(weights, layer, before=n_frames // 2, after=n_frames // 2)
        for layer, n_frames in TEMPORAL.items():
            # An even filter has no middle: TensorFlow puts the odd zero at the end.
            self.front[_key(layer)] = _Filters(
                weights, layer, before=(n_frames - 1) // 2, after=n_frames // 2
            )
        self.middle = nn.ModuleList(_Filters(weights, layer, before=3, after=3) for layer in MIDDLE)
        self.pooled = _normalisation(weights, "pooled", dimensions=1)
        self.hidden = _dense(weights, "hidden")
        self.hidden_normalisation = _normalisation(weights, "hidden", dimensions=1)
        self.tags = _dense(weights, "tags")

    def forward(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Run the network.

        Args:
            patches: Log-mel patches, shape (n, 187, 96).

        Returns:
            The penultimate layer, shape (n, 200), and the tags' logits, shape (n, 50): ``sigmoid`` makes probabilities.
        """
        x = self.input(patches.reshape(-1, 1, N_FRAMES, N_MELS))
        # The maximum over bands: what is heard at another pitch gives the same answer. (n, filters, frames)
        heard = torch.cat([layer(x).amax(dim=3) for layer in self.front.values()], dim=1)
        joined = [heard]
        for number, layer in enumerate(self.middle):
            answer = layer(heard.unsqueeze(3)).squeeze(3)
            heard = answer + heard if number else answer
            joined.append(heard)
        features = torch.cat(joined, dim=1)  # (n, 753, frames)
        # Maximum and mean of one feature stand side by side: (n, 753, 2) -> (n, 1506)
        pooled = torch.stack([features.amax(dim=2), features.mean(dim=2)], dim=2).flatten(1)
        hidden = self.hidden_normalisation(functional.relu(self.hidden(self.pooled(pooled))))
        return hidden, self.tags(hidden)


class _Filters(nn.Module):
    """Filters over frames and bands, ReLU, batch normalisation: (n, channels, frames, bands) → (n, filters, frames, …)."""

    def __init__(self, weights: Weights, layer: str, *, before: int, after: int) -> None:
        super().__init__()
        kernel = weights[f"{layer}.kernel"]
        # Stored as (frames, bands, filters), (frames, filters) of one band, or (frames, channels, filters) in the middle.
        if layer in MIDDLE:
            filters = kernel.transpose(2, 1, 0)[..., np.newaxis]
        else:
            filters = kernel.reshape(len(kernel), -1, kernel.shape[-1]).transpose(2, 0, 1)[:, np.newaxis]
        self.filters = nn.Parameter(_tensor(filters))
        self.bias = nn.Parameter(_tensor(weights[f"{layer}.bias"]))
        self.normalisation = _normalisation(weights, layer, dimensions=2)
        self._padding = (0, 0, before, after)

    def forward(self, x: Tensor) -> Tensor:
        padded = functional.pad(x, self._padding)
        answer: Tensor = self.normalisation(
            functional.relu(functional.conv2d(padded, self.filters, self.bias))
        )
        return answer


def _normalisation(weights: Weights, layer: str, *, dimensions: int) -> nn.BatchNorm1d | nn.BatchNorm2d:
    kind = nn.BatchNorm2d if dimensions == 2 else nn.BatchNorm1d
    norm = kind(weights[f"{layer}.gamma"].size, eps=EPSILON)
    parts = {"weight": "gamma", "bias": "beta", "running_mean": "mean", "running_var": "variance"}
    norm.load_state_dict(
        {
            **{name: _tensor(weights[f"{layer}.{part}"]).reshape(-1) for name, part in parts.items()},
            "num_batches_tracked": torch.tensor(0),
        }
    )
    return norm


def _dense(weights: Weights, layer: str) -> nn.Linear:
    kernel = weights[f"{layer}.kernel"]
    dense = nn.Linear(*kernel.shape)
    dense.load_state_dict({"weight": _tensor(kernel.T), "bias": _tensor(weights[f"{layer}.bias"])})
    return dense


def _tensor(array: Floats) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=np.float32, order="C"))


def _key(layer: str) -> str:
    return layer.replace(".", "_")  # torch keeps the point for itself
