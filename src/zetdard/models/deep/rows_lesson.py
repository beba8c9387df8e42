"""What the row autoencoder learns: to give back the rows of the song network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from zetdard.data.types import Csr, Floats
from zetdard.errors import MissingExtraError
from zetdard.models.deep.devices import device
from zetdard.models.deep.graph_network import divergence, drawn
from zetdard.models.deep.rows_network import RowAutoencoder
from zetdard.models.deep.sparse import Sparse

try:
    import torch
except ImportError:
    raise MissingExtraError("deep", "training networks") from None

_ROWS_AT_ONCE = 4096
_FEWEST_STEPS = 16
"""Of an epoch: a small network would learn too little in each."""


@dataclass(frozen=True, slots=True)
class RowSettings:
    """How rows are learned.

    Attributes:
        beta: Weight of the divergence.
        dropout: Share of a row's entries that are left out in training.
        batch: Rows of a step, at most.
        columns: How many columns a step looks at, besides those where its rows have entries: memory is bounded by them.
    """

    beta: float
    dropout: float
    batch: int
    columns: int


class RowLesson:
    """To give back what went in.

    The loss is −Σ_b w(a→b) / Σ w(a→·) · log softmax(log-odds)(b), the mean over rows, plus β KL: a multinomial likelihood, as in
    Liang et al., "Variational autoencoders for collaborative filtering" (WWW 2018). The softmax of a step goes over the columns
    where one of its rows has an entry, and some drawn at random. Rows that are held out say when to stop.

    Args:
        network: The autoencoder.
        rows: CSR, shape (items, items): the song network.
        share: Of the rows that have entries, held out.
        settings: How they are learned.
        seed: Of what is held out.
    """

    def __init__(
        self, network: RowAutoencoder, rows: Csr, share: float, settings: RowSettings, *, seed: int
    ) -> None:
        self.network = network
        self._rows, self._settings = rows, settings
        order = np.random.default_rng(seed).permutation(np.flatnonzero(np.diff(rows.indptr)))
        held_out = round(share * len(order))
        self._judged, self._learned = np.sort(order[:held_out]), order[held_out:]
        self._seed = seed

    def losses(self, random: np.random.Generator) -> Iterator[torch.Tensor]:
        """Yield the loss of each step."""
        order = random.permutation(self._learned)
        batch = min(self._settings.batch, -(-len(order) // _FEWEST_STEPS))
        for start in range(0, len(order), batch or 1):
            wanted = self._rows[np.sort(order[start : start + batch])]
            given = wanted.copy()
            given.data *= (random.random(given.nnz) >= self._settings.dropout) / (1 - self._settings.dropout)
            mean, spread = self.network.encode(Sparse(given))
            likelihood = self._likelihood(drawn(mean, spread), wanted, random)
            yield self._settings.beta * divergence(mean, spread) - likelihood

    def validation(self) -> float | None:
        """Return the loss of the held-out rows, without divergence and without dropout."""
        if not len(self._judged):
            return None
        random, total = np.random.default_rng(self._seed), 0.0
        for start in range(0, len(self._judged), self._settings.batch):
            wanted = self._rows[self._judged[start : start + self._settings.batch]]
            codes, _ = self.network.encode(Sparse(wanted))
            total -= float(self._likelihood(codes, wanted, random)) * wanted.shape[0]
        return total / len(self._judged)

    def _likelihood(self, codes: torch.Tensor, wanted: Csr, random: np.random.Generator) -> torch.Tensor:
        n = self._rows.shape[0]
        others = random.choice(n, min(self._settings.columns, n), replace=False)
        columns = np.union1d(wanted.indices, others).astype(np.int64)
        odds = self.network.decode(codes, _tensor(columns)).log_softmax(dim=1)  # (rows, columns)
        shares = _tensor(wanted[:, columns].toarray())
        return (odds * (shares / shares.sum(dim=1, keepdim=True))).sum(dim=1).mean()


def codes_of(network: RowAutoencoder, rows: Csr) -> Floats:
    """Return the mean codes of rows, shape (rows, size), float32, as a trained network gives them."""
    found = []
    with torch.no_grad():
        for start in range(0, rows.shape[0], _ROWS_AT_ONCE):
            mean, _ = network.encode(Sparse(csr_array(rows[start : start + _ROWS_AT_ONCE])))
            found.append(mean.cpu().numpy())
    return np.concatenate(found).astype(np.float32)


def _tensor(array: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(array).to(device())
