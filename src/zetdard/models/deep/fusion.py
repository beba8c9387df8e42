"""One code from several blocks of features, any of which a song may lack: by concatenation, or by gated attention.

Every block b has a layer of its own, h_b = ReLU(W_b x_b). With p_b = 1 where the song has the block and 0 where not:

* ``"concatenation"``: h = all p_b h_b beside each other, the thesis's "simple operation".
* ``"gated"``: h = √B Σ_b g_b h_b, g the softmax over the blocks that are there of a linear function of all p_b h_b (after Arevalo
  et al., "Gated multimodal units for information fusion", 2017): how much each block counts depends on the song.

Then the code: ReLU(W LayerNorm(h)). In training each block of a song is left out with a chance of its own (Neverova et al.,
"ModDrop: adaptive multi-modal gesture recognition", 2016), so that no block is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

try:
    import torch
    from torch import nn
except ImportError:
    from zetdard.errors import MissingExtraError

    raise MissingExtraError("deep", "training networks") from None

Fusing = Literal["gated", "concatenation"]


class FusionEncoder(nn.Module):
    """Blocks of features → codes.

    Args:
        columns: How many columns each block has.
        hidden: Length of each h_b.
        width: Length of a code.
        fusing: How blocks become one.
        dropout: Share of the numbers that is left out before each layer in training.
        block_dropout: Chance that a block of a song is left out in training; one always stays.
    """

    def __init__(
        self,
        columns: Sequence[int],
        *,
        hidden: int,
        width: int,
        fusing: Fusing,
        dropout: float,
        block_dropout: float,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([nn.Linear(count, hidden) for count in columns])
        self.gates = nn.Linear(hidden * len(columns), len(columns)) if fusing == "gated" else None
        fused = hidden if fusing == "gated" else hidden * len(columns)
        self.normal = nn.LayerNorm(fused)
        self.code = nn.Linear(fused, width)
        self.dropout = nn.Dropout(dropout)
        self.block_dropout = block_dropout

    def forward(self, present: torch.Tensor, *points: torch.Tensor) -> torch.Tensor:
        """Return codes, shape (songs, width).

        Args:
            present: Shape (songs, blocks): 1 where a song has the block, 0 where not; between where songs are mixed.
            points: Of each block, shape (songs, its columns).
        """
        if self.training and self.block_dropout > 0:
            present = self._thinned(present)
        hidden = torch.stack(
            [torch.relu(layer(self.dropout(x))) for layer, x in zip(self.blocks, points, strict=True)], dim=1
        )  # (songs, blocks, hidden)
        beside = (hidden * present[:, :, None]).flatten(1)  # (songs, blocks · hidden)
        fused = beside if self.gates is None else self._gated(hidden, beside, present)
        codes: torch.Tensor = self.dropout(torch.relu(self.code(self.dropout(self.normal(fused)))))
        return codes

    def _gated(self, hidden: torch.Tensor, beside: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        assert self.gates is not None
        gates = torch.softmax(self.gates(beside), dim=1) * present
        gates = gates / gates.sum(dim=1, keepdim=True).clamp_min(1e-6)
        fused = (hidden * gates[:, :, None]).sum(dim=1)  # (songs, blocks, hidden) -> (songs, hidden)
        scaled: torch.Tensor = fused * hidden.shape[1] ** 0.5
        return scaled

    def _thinned(self, present: torch.Tensor) -> torch.Tensor:
        kept = (torch.rand_like(present) >= self.block_dropout).to(present.dtype)
        thinned = present * kept
        return torch.where(thinned.sum(dim=1, keepdim=True) > 0, thinned, present)
