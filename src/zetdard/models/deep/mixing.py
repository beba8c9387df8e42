"""mixup: songs between songs (Zhang, Cissé, Dauphin, Lopez-Paz, "mixup: beyond empirical risk minimization", ICLR 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zetdard.models.deep.devices import device, torch_module

if TYPE_CHECKING:
    import numpy as np

    from zetdard.models.deep.shared import Examples


@dataclass(frozen=True, slots=True)
class Mixup:
    """Mixes each song of a batch with another of it: x = λ a + (1 − λ) b, and the weights of their labels likewise.

    Attributes:
        alpha: λ ~ Beta(alpha, alpha), one for a batch; 1 = any mixture is as likely as any other.
    """

    alpha: float = 1.0

    def __call__(self, examples: Examples, random: np.random.Generator) -> Examples:
        """Return the mixed batch; every tensor of the inputs is mixed."""
        share = float(random.beta(self.alpha, self.alpha))
        order = torch_module().from_numpy(random.permutation(len(examples.likes))).to(device())

        def mixed(values: torch.Tensor) -> torch.Tensor:
            return share * values + (1 - share) * values[order]

        return type(examples)(
            tuple(mixed(values) for values in examples.inputs), mixed(examples.likes), mixed(examples.others)
        )


if TYPE_CHECKING:
    import torch
