"""A network's numbers as one array, for models that keep their network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zetdard.data.types import Floats
from zetdard.errors import ArtifactError
from zetdard.models.deep.devices import torch_module

if TYPE_CHECKING:
    import torch

WEIGHTS = "float32 (n,): all numbers of the network, layer by layer"
"""What models declare of it."""


def weights_of(network: torch.nn.Module) -> Floats:
    """Return parameters and running statistics, shape (n,), float32, in the order of ``state_dict``."""
    parts = [value.detach().cpu().numpy().ravel() for value in network.state_dict().values()]
    return np.concatenate([np.empty(0, np.float32), *parts]).astype(np.float32)


def with_weights(network: torch.nn.Module, weights: Floats) -> torch.nn.Module:
    """Give a network of the same layers the numbers that ``weights_of`` returned; return it in evaluation mode.

    Raises:
        ArtifactError: They are as many as another network has.
    """
    torch = torch_module()
    state, at = network.state_dict(), 0
    needed = sum(value.numel() for value in state.values())
    if weights.shape != (needed,):
        raise ArtifactError(f"a network of {needed} numbers got weights of shape {weights.shape}")
    for name, value in state.items():
        part = np.array(weights[at : at + value.numel()])
        state[name] = torch.from_numpy(part).reshape(value.shape).to(value.dtype)
        at += value.numel()
    network.load_state_dict(state)
    return network.eval()
