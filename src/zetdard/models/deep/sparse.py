"""Constant sparse matrices in networks."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zetdard.data.types import Csr
from zetdard.errors import MissingExtraError
from zetdard.models.deep.devices import device

try:
    import torch
    from torch import nn
except ImportError:
    raise MissingExtraError("deep", "training networks") from None


class Sparse:
    """A constant sparse matrix and its transpose, on the device where networks are trained.

    Args:
        matrix: CSR, shape (rows, columns).
    """

    def __init__(self, matrix: Csr) -> None:
        self.shape: tuple[int, int] = matrix.shape
        self.plain = _tensor(matrix)
        self.transposed = _tensor(matrix.T.tocsr())

    def __matmul__(self, dense: torch.Tensor) -> torch.Tensor:
        """Return the product with a dense matrix, (columns, width) -> (rows, width); it can be differentiated."""
        product: torch.Tensor = _Product.apply(self, dense)  # type: ignore[no-untyped-call]  # torch does not say its type
        return product


class Edges:
    """Edges from some places to others, along which distances are taken.

    torch's own derivative adds up one gathered row an edge; two sparse products give the same in a fifth of the time.

    Args:
        sources: Where the edges of each row begin, shape (rows,), rising, each once.
        leaving: CSR, shape (rows, places): the edges that leave each; values are ignored.
    """

    def __init__(self, sources: NDArray[np.int64], leaving: Csr) -> None:
        numbered = csr_array((np.arange(leaving.nnz), leaving.indices, leaving.indptr), shape=leaving.shape)
        turned = numbered.T.tocsr()
        self.sources, self.targets = _moved(sources), _moved(leaving.indices.astype(np.int64))
        self.begins = _moved(np.repeat(sources, np.diff(leaving.indptr)))
        self._plain = leaving.indptr, leaving.indices, leaving.shape
        self._turned = turned.indptr, turned.indices, turned.shape
        self._order = _moved(turned.data.astype(np.int64))

    def squared(self, places: torch.Tensor) -> torch.Tensor:
        """Return the squared distance along each edge: shape (edges,).

        Args:
            places: Shape (places, size).
        """
        squared: torch.Tensor = _Squared.apply(self, places)  # type: ignore[no-untyped-call]  # torch does not say its type
        return squared

    def weighted(self, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the matrix (rows, places) with these values at its edges, and its transpose."""
        plain, turned = self._plain, self._turned
        return _csr(plain[0], plain[1], values, plain[2]), _csr(
            turned[0], turned[1], values[self._order], turned[2]
        )


class SparseLinear(nn.Module):
    """``nn.Linear`` for sparse rows: x W + b, W of shape (inputs, outputs)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.inputs, self.outputs = inputs, outputs
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, rows: Sparse) -> torch.Tensor:
        """Return (rows, outputs)."""
        return rows @ self.weight + self.bias

    def extra_repr(self) -> str:
        """Say what it takes and gives, as ``nn.Linear`` does."""
        return f"in_features={self.inputs}, out_features={self.outputs}"


class _Product(torch.autograd.Function):
    """torch's own derivative of a sparse product takes many times as long as a second product, by the transpose."""

    @staticmethod
    def forward(ctx: Any, matrix: Sparse, dense: torch.Tensor) -> torch.Tensor:
        ctx.matrix = matrix
        return matrix.plain @ dense

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[None, torch.Tensor]:
        return None, ctx.matrix.transposed @ gradient.contiguous()


class _Squared(torch.autograd.Function):
    """d_e = ‖x_a − x_b‖² of the edges e = (a, b); with g = ∂L/∂d: ∂L/∂x_a = 2 Σ_b g (x_a − x_b), and likewise for b."""

    @staticmethod
    def forward(ctx: Any, edges: Edges, places: torch.Tensor) -> torch.Tensor:
        ctx.edges = edges
        ctx.save_for_backward(places)
        return (places[edges.begins] - places[edges.targets]).square().sum(dim=1)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[None, torch.Tensor]:
        edges, (places,) = ctx.edges, ctx.saved_tensors
        plain, turned = edges.weighted(gradient.contiguous())
        own, one = places[edges.sources], gradient.new_ones(())
        of_targets = (turned @ one.expand(len(own), 1).contiguous()) * places - turned @ own
        of_sources = (plain @ one.expand(len(places), 1).contiguous()) * own - plain @ places
        of_targets[edges.sources] += of_sources
        return None, 2 * of_targets


def _tensor(matrix: Csr) -> torch.Tensor:
    return _csr(matrix.indptr, matrix.indices, _moved(matrix.data.astype(np.float32)), matrix.shape)


def _csr(
    begins: NDArray[Any], columns: NDArray[Any], values: torch.Tensor, shape: tuple[int, int]
) -> torch.Tensor:
    # 32 bits: products with 64-bit indices take twice as long.
    numbers = _moved(begins.astype(np.int32)), _moved(columns.astype(np.int32))
    with warnings.catch_warnings():
        # Tests compare these products with dense ones.
        warnings.filterwarnings("ignore", message=".*CSR tensor support is in beta.*")
        return torch.sparse_csr_tensor(*numbers, values, size=shape, check_invariants=False)


def _moved(array: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(array).to(device())
