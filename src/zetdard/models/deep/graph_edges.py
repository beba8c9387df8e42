"""The directed song network as a matrix, and which of its edges are held out. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from zetdard.data.interactions import Interactions
from zetdard.data.types import Csr


def song_network(interactions: Interactions, neighbours: int, *, threads: int | None = None) -> Csr:
    """Return w(a→b) = |U(a) ∩ U(b)| / |U(a)|, U(x) the users who hold x (thesis 3.1).

    Args:
        interactions: Who holds what.
        neighbours: How many strongest edges of each song are kept.
        threads: Threads of the kernel.

    Returns:
        CSR, shape (items, items), float32, row a: the edges that leave a, columns ascending.
    """
    from zetdard.kernels.cooccurrence import top_k_neighbours, weights

    top = top_k_neighbours(interactions.binary(), neighbours, threads=threads)
    values = weights(top, interactions.item_degrees())
    network = csr_array((values, top.indices, top.indptr), shape=(interactions.n_items,) * 2)
    network.sort_indices()
    return network


def averaging(network: Csr) -> Csr:
    """Return D⁻¹ (A + I), which gives each song the weighted mean of itself and of the songs its edges lead to.

    G. Salha et al., "Gravity-inspired graph autoencoders for directed link prediction" (CIKM 2019), section 3.2: in a directed
    network the rows are divided by what leaves a node.

    Args:
        network: CSR, shape (items, items), without loops; every weight positive.

    Returns:
        CSR, shape (items, items), float32; each row sums to 1.
    """
    n = network.shape[0]
    looped = (
        network + csr_array((np.ones(n, np.float32), (np.arange(n), np.arange(n))), shape=(n, n))
    ).tocsr()
    looped.sort_indices()
    looped.data /= (
        np.repeat(np.add.reduceat(looped.data, looped.indptr[:-1]), np.diff(looped.indptr)) if n else 1
    )
    return looped.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutEdges:
    """A network without some of its edges.

    Attributes:
        known: CSR, shape (items, items): the edges that may be learned from.
        sources: Shape (n,), int64: where the held-out edges begin.
        targets: Shape (n,), int64: where they end.
    """

    known: Csr
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]


def hold_out(network: Csr, share: float, random: np.random.Generator) -> HeldOutEdges:
    """Hold out a share of the joined pairs of songs: the edges of a pair go together, since one tells of the other.

    Args:
        network: CSR, shape (items, items).
        share: 0 … 1, of the pairs.
        random: Draws them.
    """
    edges = network.tocoo()
    sources, targets = edges.row.astype(np.int64), edges.col.astype(np.int64)
    pairs = np.minimum(sources, targets) * network.shape[0] + np.maximum(sources, targets)
    different, pair_of = np.unique(pairs, return_inverse=True)
    out = np.zeros(len(different), np.bool_)
    out[random.permutation(len(different))[: round(share * len(different))]] = True
    held = out[pair_of]
    known = coo_array((edges.data[~held], (sources[~held], targets[~held])), shape=network.shape).tocsr()
    return HeldOutEdges(known, sources[held], targets[held])
