"""A song's place in the network of listeners, as numbers: what models may join with its sound and its words."""

from __future__ import annotations

import numpy as np
from scipy.sparse import diags_array
from scipy.sparse.linalg import svds

from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Interactions
from zetdard.data.types import Csr, Floats
from zetdard.errors import InputError

NETWORK = "network"
NETWORK_VERSION = "1"
"""Changes when the same network gives other numbers."""

_DENSE_AT_MOST = 200


def describe_network(holdings: Interactions, *, size: int = 64) -> FeatureBlock:
    """Describe each song by who holds it.

    The columns are ``size`` coordinates and ``holders (ln(1 + n))``. The coordinates are the leading right singular
    vectors of ``D_u^(−½) X D_s^(−½)``, each times its singular value, with X the binary matrix users × songs and D the
    degrees: songs with the same listeners lie at the same place. The first vector says only how often a song is held and
    is left out. A song that nobody holds is not ``present``.

    Reference: I. Dhillon, Co-clustering documents and words using bipartite spectral graph partitioning, KDD 2001.

    Args:
        holdings: Users × songs.
        size: The most coordinates; a small network has fewer, and the rest of the columns is zero.

    Raises:
        InputError: ``size`` is below 1.
    """
    if size < 1:
        raise InputError(f"a network is described by 1 coordinate or more, not {size}")
    matrix = holdings.binary().astype(np.float64)
    holders = np.asarray(matrix.sum(axis=0)).ravel()
    values = np.zeros((len(holdings.items), size + 1), np.float32)
    if matrix.nnz:
        places = _coordinates(matrix, holders, size)
        values[:, : places.shape[1]] = places
    values[:, -1] = np.log1p(holders)
    columns = (*(f"network {axis}" for axis in range(size)), "holders (ln(1 + n))")
    provenance = {"extractor": NETWORK, "version": NETWORK_VERSION, "size": str(size)}
    return FeatureBlock(holdings.items, values, columns, provenance, holders > 0)


def _coordinates(matrix: Csr, holders: Floats, size: int) -> Floats:
    held = np.asarray(matrix.sum(axis=1)).ravel()
    normal: Csr = diags_array(_inverse_root(held)) @ matrix @ diags_array(_inverse_root(holders))
    least = min(normal.shape)
    if least <= max(size + 2, _DENSE_AT_MOST):
        _, strengths, vectors = np.linalg.svd(normal.toarray(), full_matrices=False)
    else:
        # A fixed start: the same network gives the same coordinates.
        _, strengths, vectors = svds(normal.tocsr(), k=size + 1, v0=np.full(least, least**-0.5))
    order = np.argsort(-strengths, kind="stable")[1 : size + 1]
    order = order[strengths[order] > 1e-9]
    places = (vectors[order] * strengths[order, None]).T  # (songs, coordinates)
    if not places.size:
        return np.zeros((len(holders), 0), np.float32)
    turn = np.sign(places[np.abs(places).argmax(axis=0), np.arange(places.shape[1])])
    turned: Floats = (places * turn).astype(np.float32)
    return turned


def _inverse_root(degrees: Floats) -> Floats:
    roots: Floats = np.divide(1, np.sqrt(degrees), out=np.zeros_like(degrees), where=degrees > 0)
    return roots
