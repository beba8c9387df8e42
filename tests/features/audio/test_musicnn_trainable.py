"""The torch form: the same answers as the plain network, and it learns."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from torch.nn import functional

from features.audio.musicnn_weights import random_weights
from zetdard.errors import MissingExtraError
from zetdard.features.audio.musicnn.embedding import OnnxNetwork
from zetdard.features.audio.musicnn.network import PlainNetwork
from zetdard.features.audio.musicnn.trainable import TrainableNetwork
from zetdard.features.audio.musicnn.weights import N_FRAMES, N_MELS


def some_patches(n: int, seed: int = 1) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.uniform(0, 4, (n, N_FRAMES, N_MELS)).astype(np.float32))


@pytest.mark.parametrize("silent_share", [0.0, 0.7])
def test_three_forms_of_the_network_agree(silent_share: float) -> None:
    weights = random_weights(4, silent_share)
    x = some_patches(2)
    with torch.no_grad():
        hidden, logits = TrainableNetwork(weights).eval()(x)
    for form in (PlainNetwork(weights), OnnxNetwork(weights)):
        expected, tags = form(x.numpy())
        np.testing.assert_allclose(hidden.numpy(), expected, atol=1e-4, rtol=0)
        np.testing.assert_allclose(torch.sigmoid(logits).numpy(), tags, atol=1e-4, rtol=0)


def test_it_learns_and_leaves_the_weights_alone_that_it_began_with() -> None:
    weights = random_weights(5)
    before = {name: array.copy() for name, array in weights.items()}
    torch.manual_seed(0)
    network = TrainableNetwork(weights).train()
    x, wanted = some_patches(4), torch.zeros(4, 50)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.05)
    losses = []
    for _ in range(4):
        loss = functional.binary_cross_entropy_with_logits(network(x)[1], wanted)
        optimiser.zero_grad()
        loss.backward()
        assert all(parameter.grad is not None for parameter in network.parameters())
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert all(np.array_equal(weights[name], array) for name, array in before.items())


def test_without_torch_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "zetdard.features.audio.musicnn.trainable")
    with pytest.raises(MissingExtraError, match=r"\[deep\]"):
        __import__("zetdard.features.audio.musicnn.trainable")
