"""The row autoencoder: dense layers that narrow from a row of the song network to a code, and widen again (thesis 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from zetdard.errors import MissingExtraError
from zetdard.models.deep.sparse import Sparse, SparseLinear

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError:
    raise MissingExtraError("deep", "training networks") from None


class RowAutoencoder(nn.Module):
    """Row of n numbers → widths → code → widths, turned round → n log-odds; tanh between the layers.

    Args:
        n_songs: n.
        widths: Of the layers between the row and the code, falling.
        size: Length of the code.
        variational: Whether the code is drawn from a normal distribution in training (Kingma and Welling, "Auto-encoding
            variational Bayes", 2014).
    """

    def __init__(self, n_songs: int, widths: Sequence[int], size: int, *, variational: bool) -> None:
        super().__init__()
        self.enter = SparseLinear(n_songs, widths[0])
        self.narrow = nn.Sequential(nn.Tanh(), *_stack(widths))
        self.mean = nn.Linear(widths[-1], size)
        self.spread = nn.Linear(widths[-1], size) if variational else None
        self.widen = nn.Sequential(*_stack((size, *reversed(widths))))
        self.leave = nn.Linear(widths[0], n_songs)

    def encode(self, rows: Sparse) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return mean and log σ of the codes, each (rows, size); the latter is ``None`` for a plain autoencoder."""
        inner = self.narrow(self.enter(rows))
        return self.mean(inner), None if self.spread is None else self.spread(inner)

    def decode(self, codes: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
        """Return the log-odds of some columns: shape (rows, columns)."""
        inner = self.widen(codes)  # (rows, first width)
        return functional.linear(inner, self.leave.weight[columns], self.leave.bias[columns])

    def forward(self, rows: Sparse) -> torch.Tensor:
        """Return the log-odds of all columns: shape (rows, songs)."""
        codes, _ = self.encode(rows)
        output: torch.Tensor = self.leave(self.widen(codes))
        return output


def _stack(widths: Sequence[int]) -> list[nn.Module]:
    return [layer for a, b in pairwise(widths) for layer in (nn.Linear(a, b), nn.Tanh())]
