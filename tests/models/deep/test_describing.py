"""What is said of a network is what it is."""

from __future__ import annotations

import torch
from torch import nn

from zetdard.models.deep.describing import layers_of


class Forked(nn.Module):
    """Two branches, one layer that is used twice, one that is never used."""

    def __init__(self) -> None:
        super().__init__()
        self.spare = nn.Linear(1, 1)
        self.wave = nn.Sequential(nn.Conv1d(2, 4, 3, stride=2), nn.ReLU())
        self.shared = nn.Linear(4, 4)
        self.end = nn.LSTM(4, 5, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # (batch, channel, time) -> (batch, time, channel)
        after = self.wave(x).transpose(1, 2)
        return self.end(self.shared(self.shared(after)))[0]


def test_layers_in_the_order_of_use_with_shapes_and_parameters() -> None:
    network = Forked()
    layers = layers_of(network, torch.zeros(1, 2, 11))
    assert [layer.name for layer in layers] == ["wave.0", "wave.1", "shared", "end"]
    assert [layer.kind for layer in layers] == ["Conv1d", "ReLU", "Linear", "LSTM"]
    assert [layer.shape for layer in layers] == [(4, 5), (4, 5), (5, 4), (5, 5)]
    assert [layer.parameters for layer in layers] == [4 * 2 * 3 + 4, 0, 20, 4 * 5 * (4 + 5) + 2 * 4 * 5]
    assert layers[0].settings == "2, 4, kernel_size=(3,), stride=(2,)"


def test_nothing_is_left_behind() -> None:
    network = Forked()
    layers_of(network, torch.zeros(1, 2, 11))
    assert all(not module._forward_hooks for module in network.modules())
