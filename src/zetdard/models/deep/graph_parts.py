"""Cuts a network into parts with few edges between them, for networks too large to be encoded at once. Needs no torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from zetdard.data.types import Csr
from zetdard.models.deep.graph_edges import averaging
from zetdard.models.taste.pool import Clusters

_COLUMNS = 16
_PARTS_IN_A_GROUP = 8
"""So many are encoded together: each epoch other ones, so that every edge is among them at some time."""


def graph_parts(network: Csr, most: int, *, seed: int) -> list[NDArray[np.int64]]:
    """Cut the songs into parts: k-means on the leading singular vectors of Â.

    W.-L. Chiang et al., "Cluster-GCN" (KDD 2019): several parts, drawn anew in each epoch, are one batch. They cut with METIS.

    Args:
        network: CSR, shape (items, items).
        most: How many songs a batch holds; no part has more than an eighth of it, if it is 8 at least.
        seed: Of the beginning of both.

    Returns:
        Rows of each part, rising; together all songs, each once.
    """
    n, largest = network.shape[0], max(1, most // _PARTS_IN_A_GROUP)
    columns = min(_COLUMNS, n - 1)
    if columns < 1:
        return [np.arange(n)] if n else []
    begin = np.random.default_rng(seed).standard_normal(n)
    left, sizes, _ = svds(averaging(network).astype(np.float64), k=columns, v0=begin)
    # The order and the signs in which svds gives vectors change no distance.
    of = Clusters.learn((left * sizes).astype(np.float32), -(-n // largest), seed=seed).of
    parts = [np.flatnonzero(of == number) for number in range(int(of.max()) + 1)]
    return [part[start : start + largest] for part in parts for start in range(0, len(part), largest)]
