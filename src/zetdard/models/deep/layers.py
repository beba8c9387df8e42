"""Layers that torch does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from zetdard.errors import MissingExtraError

try:
    import torch
except ImportError:
    raise MissingExtraError("deep", "training networks") from None

Pooling: TypeAlias = Literal["l1", "average", "max"]


class L1Pool1d(torch.nn.Module):
    """Σ|x| over windows that do not overlap: (…, time) → (…, time // size); what is left over at the end is dropped.

    ``torch.nn.LPPool1d`` with p = 1 is another thing: it sums x with its sign, so that a wave sums to nothing.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sums."""
        mean: torch.Tensor = torch.nn.functional.avg_pool1d(x.abs(), self.size)
        return mean * self.size

    def extra_repr(self) -> str:
        """Say the size, as torch's own layers do."""
        return f"kernel_size={self.size}"


def pool1d(kind: Pooling, size: int) -> torch.nn.Module:
    """Return a pooling layer over windows of ``size`` that do not overlap."""
    makers: dict[Pooling, Callable[[int], torch.nn.Module]] = {
        "l1": L1Pool1d,
        "average": torch.nn.AvgPool1d,
        "max": torch.nn.MaxPool1d,
    }
    return makers[kind](size)


class LogCompress(torch.nn.Module):
    """x ↦ log(g x + ε) / 2 for x ≥ 0: loudness is heard by its ratios.

    Args:
        gain: g: it brings x to about 1.
        least: ε: what is softer cannot be told apart.
    """

    def __init__(self, gain: float = 1.0, least: float = 1e-4) -> None:
        super().__init__()
        self.gain, self.least = gain, least

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logarithms."""
        return torch.log(self.gain * x + self.least) / 2

    def extra_repr(self) -> str:
        """Say g and ε, as torch's own layers do."""
        return f"gain={self.gain:g}, least={self.least:g}"


class MeanAndSpread(torch.nn.Module):
    """What is there on the whole, and how much it changes: (batch, channels, …) → (batch, 2 · channels)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return mean and standard deviation over all that follows the channels."""
        flat = x.flatten(2)  # (batch, channels, …) -> (batch, channels, places)
        # Not torch.std: its slope at 0 is infinite.
        spread = (flat.var(dim=2, correction=0) + 1e-5).sqrt()
        return torch.cat([flat.mean(dim=2), spread], dim=1)


class Reshape(torch.nn.Module):
    """(batch, channels, …) → (batch, *shape, …)."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the same numbers in another shape."""
        return x.reshape(len(x), *self.shape, *x.shape[2:])

    def extra_repr(self) -> str:
        """Say the shape, as torch's own layers do."""
        return ", ".join(map(str, self.shape))
