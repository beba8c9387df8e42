"""Constant sparse matrices in networks."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

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
        product: torch.Tensor = _Product.apply(self, dense)  # type: ignore[no-untyped-call]
        return product


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


def _tensor(matrix: Csr) -> torch.Tensor:
    # 32 bits: products with 64-bit indices take twice as long.
    begins, columns = (torch.from_numpy(part.astype(np.int32)) for part in (matrix.indptr, matrix.indices))
    values = torch.from_numpy(matrix.data.astype(np.float32))
    with warnings.catch_warnings():
        # Tests compare these products with dense ones.
        warnings.filterwarnings("ignore", message=".*CSR tensor support is in beta.*")
        tensor = torch.sparse_csr_tensor(begins, columns, values, size=matrix.shape, check_invariants=True)
    return tensor.to(device())
