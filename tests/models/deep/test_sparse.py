"""Sparse products and distances along edges, forwards and backwards, are what dense arithmetic gives."""

from __future__ import annotations

import numpy as np
import torch
from scipy.sparse import csr_array

from zetdard.models.deep.sparse import Edges, Sparse, SparseLinear

RANDOM = np.random.default_rng(4)
DENSE = (RANDOM.random((7, 5)) * (RANDOM.random((7, 5)) < 0.4)).astype(np.float32)
DENSE[2] = 0  # a row without entries
PLACES = RANDOM.standard_normal((5, 3)).astype(np.float32)


def gradients(plain: torch.Tensor, fast: torch.Tensor, plain_in: torch.Tensor, fast_in: torch.Tensor) -> None:
    torch.testing.assert_close(fast, plain)
    weights = torch.from_numpy(RANDOM.standard_normal(tuple(plain.shape)).astype(np.float32))
    (plain * weights).sum().backward()
    (fast * weights).sum().backward()
    torch.testing.assert_close(fast_in.grad, plain_in.grad)


def leaves() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor(PLACES, requires_grad=True), torch.tensor(PLACES, requires_grad=True)


def test_product() -> None:
    plain, fast = leaves()
    gradients(torch.tensor(DENSE) @ plain, Sparse(csr_array(DENSE)) @ fast, plain, fast)


def test_a_linear_layer_of_sparse_rows() -> None:
    layer = SparseLinear(5, 4)
    expected = torch.tensor(DENSE) @ layer.weight + layer.bias
    torch.testing.assert_close(layer(Sparse(csr_array(DENSE))), expected)


def test_squared_distances_along_edges() -> None:
    # Songs 0, 2 and 4 with their edges; 2 has none; edges may lead to songs that are sources too.
    leaving = csr_array(np.array([[0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 0, 0, 1, 0]], np.float32))
    begins, ends = [0, 0, 0, 4, 4], [1, 2, 4, 0, 3]
    plain, fast = leaves()
    edges = Edges(np.array([0, 2, 4]), leaving)
    gradients((plain[begins] - plain[ends]).square().sum(dim=1), edges.squared(fast), plain, fast)
