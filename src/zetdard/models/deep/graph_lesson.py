"""What the graph autoencoder learns: to tell the edges of the song network from pairs without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zetdard.data.types import Csr, Floats
from zetdard.errors import MissingExtraError
from zetdard.models.deep.devices import device
from zetdard.models.deep.graph_edges import HeldOutEdges, averaging
from zetdard.models.deep.graph_network import GraphEncoder, divergence, drawn, gravity, squared_distances
from zetdard.models.deep.sparse import Edges, Sparse

try:
    import torch
    from torch.nn.functional import softplus
except ImportError:
    raise MissingExtraError("deep", "training networks") from None


_FEWEST_STEPS = 4
"""Of an epoch: a small network would learn too little in each."""


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """How edges are learned.

    Attributes:
        pull: λ of ``gravity``.
        beta: Weight of the divergence.
        batch: Songs whose edges make a step, at most.
        negatives: Songs drawn in each step, to which most of these have no edge.
    """

    pull: float
    beta: float
    batch: int
    negatives: int


class EdgeLesson:
    """To tell edges a→b from pairs a, c without an edge.

    The loss of a step is the mean over each kind, the edges weighted by w(a→b), of

        −log σ(log-odds(a→b)),   −log(1 − σ(log-odds(a→c))),

    added, so that both count the same (as Kipf and Welling weigh them), plus β KL. The pairs are those of the step's songs with
    a few songs drawn for all of them: one matrix product gives many.

    Args:
        network: The encoder.
        edges: The network of songs.
        parts: Songs that are encoded together, in groups drawn anew for each epoch; ``None`` = all at once.
        most: How many songs a group holds.
        settings: How edges are learned.
        seed: Of the pairs that validation looks at.
    """

    def __init__(
        self,
        network: GraphEncoder,
        edges: HeldOutEdges,
        parts: Sequence[NDArray[np.int64]] | None,
        most: int,
        settings: EdgeSettings,
        *,
        seed: int,
    ) -> None:
        self.network = network
        self._known, self._settings = edges.known, settings
        self._parts, self._most = parts, most
        n = edges.known.shape[0]
        self._all = _Group.of(edges.known, np.arange(n))
        apart = np.random.default_rng(seed).integers(max(n, 1), size=len(edges.sources))
        self._judged = tuple(_tensor(rows) for rows in (edges.sources, edges.targets, apart))

    def losses(self, random: np.random.Generator) -> Iterator[torch.Tensor]:
        """Yield the loss of each step."""
        for group in self._groups(random):
            order = random.permutation(group.leaving)
            batch = min(self._settings.batch, -(-len(order) // _FEWEST_STEPS))
            for start in range(0, len(order), batch or 1):
                yield self._loss(group, np.sort(order[start : start + batch]), random)

    def validation(self) -> float | None:
        """Return the loss of the held-out edges and of as many pairs drawn at random, none weighted."""
        sources, targets, apart = self._judged
        if not len(sources):
            return None
        codes, _ = self.network(self._all.songs, self._all.average)
        pull = self._settings.pull
        places, masses = codes[:, :-1], codes[:, -1]
        near, far = ((places[sources] - places[rows]).square().sum(dim=1) for rows in (targets, apart))
        edges = softplus(-gravity(near, masses[targets], pull)).mean()
        return float(edges + softplus(gravity(far, masses[apart], pull)).mean())

    def _loss(self, group: _Group, sources: NDArray[np.int64], random: np.random.Generator) -> torch.Tensor:
        settings = self._settings
        leaving = group.known[sources]
        others = np.sort(
            random.choice(group.leaving, min(settings.negatives, len(group.leaving)), replace=False)
        )
        joined = leaving[:, others].toarray() > 0
        joined |= sources[:, None] == others[None, :]
        mean, spread = self.network(group.songs, group.average)
        codes = drawn(mean, spread)
        places, masses = codes[:, :-1].contiguous(), codes[:, -1]
        along, drawn_rows, weights = Edges(sources, leaving), _tensor(others), _tensor(leaving.data)
        edges = softplus(-gravity(along.squared(places), masses[along.targets], settings.pull))
        far = squared_distances(places[along.sources], places[drawn_rows])
        pairs = softplus(gravity(far, masses[drawn_rows], settings.pull))
        apart = pairs.masked_fill(_tensor(joined), 0).sum() / max(1, int((~joined).sum()))
        return (edges * weights).sum() / weights.sum() + apart + settings.beta * divergence(mean, spread)

    def _groups(self, random: np.random.Generator) -> Iterator[_Group]:
        if self._parts is None:
            yield self._all
            return
        gathered: list[NDArray[np.int64]] = []
        for number in random.permutation(len(self._parts)).tolist():
            part = self._parts[number]
            if gathered and sum(map(len, gathered)) + len(part) > self._most:
                yield _Group.of(self._known, np.sort(np.concatenate(gathered)))
                gathered = []
            gathered.append(part)
        if gathered:
            yield _Group.of(self._known, np.sort(np.concatenate(gathered)))


def codes_of(network: GraphEncoder, edges: Csr) -> Floats:
    """Return μ of all songs, shape (items, size + 1), float32, as a trained encoder gives it.

    Args:
        network: In evaluation mode, on the device where it was trained.
        edges: CSR, shape (items, items): all edges, held out or not.
    """
    group = _Group.of(edges, np.arange(edges.shape[0]))
    with torch.no_grad():
        mean, _ = network(group.songs, group.average)
    return np.asarray(mean.cpu().numpy(), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Some songs and the edges among them.

    Attributes:
        songs: Their rows, shape (n,).
        known: CSR, shape (n, n).
        average: Â, shape (n, n).
        leaving: Which of them have edges, shape (at most n,).
    """

    songs: torch.Tensor
    known: Csr
    average: Sparse
    leaving: NDArray[np.int64]

    @classmethod
    def of(cls, known: Csr, songs: NDArray[np.int64]) -> _Group:
        among = known if len(songs) == known.shape[0] else known[songs][:, songs]
        leaving = np.flatnonzero(np.diff(among.indptr)).astype(np.int64)
        return cls(_tensor(songs), among, Sparse(averaging(among)), leaving)


def _tensor(array: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(array).to(device())
