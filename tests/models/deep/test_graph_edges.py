"""The song network as a matrix, what is held out of it, and its parts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from models.conformance import interactions_of, random_matrix
from zetdard.models.deep.graph_edges import averaging, hold_out, song_network
from zetdard.models.deep.graph_parts import graph_parts


def test_weights_are_shares_of_the_holders() -> None:
    held = random_matrix()
    both = held.T @ held
    expected = np.divide(both, held.sum(axis=0)[:, None], out=np.zeros_like(both), where=both > 0)
    np.fill_diagonal(expected, 0)
    network = song_network(interactions_of(held), held.shape[1])
    np.testing.assert_allclose(network.toarray(), expected, rtol=1e-6)


def test_averaging_rows_sum_to_one() -> None:
    dense = np.array([[0, 0.5, 0.25], [1, 0, 0], [0, 0, 0]], np.float32)
    looped = dense + np.eye(3)
    expected = looped / looped.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(averaging(csr_array(dense)).toarray(), expected, rtol=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_both_edges_of_a_pair_are_held_out_together(share: float) -> None:
    network = song_network(interactions_of(random_matrix()), 5)
    parts = hold_out(network, share, np.random.default_rng(0))
    out = np.zeros(network.shape, bool)
    out[parts.sources, parts.targets] = True
    known = parts.known.toarray() > 0
    assert not (known & (out | out.T)).any()
    np.testing.assert_array_equal(known | out, network.toarray() > 0)
    pairs = np.triu((network.toarray() > 0) | (network.toarray().T > 0)).sum()
    assert np.triu(out | out.T).sum() == round(share * pairs)


def test_parts_hold_every_song_once_and_few_edges_lead_between_them() -> None:
    # Eight communities of ten songs, without any edge between them.
    network = csr_array(np.kron(np.eye(8), np.ones((10, 10)) - np.eye(10)).astype(np.float32))
    parts = graph_parts(network, 80, seed=0)
    assert max(map(len, parts)) <= 10
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(80))
    part_of = np.empty(80, int)
    for number, part in enumerate(parts):
        part_of[part] = number
    edges = network.tocoo()
    assert (part_of[edges.row] == part_of[edges.col]).mean() > 0.7


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_parts_of_small_networks(n: int) -> None:
    parts = graph_parts(csr_array((n, n), dtype=np.float32), 8, seed=0)
    assert sorted(song for part in parts for song in part.tolist()) == list(range(n))
