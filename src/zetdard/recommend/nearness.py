"""Rankings by nearness, and one ranking made of several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories, Interactions
from zetdard.data.ranking import Ranking, rank
from zetdard.data.types import Floats
from zetdard.models.base import Model

RRF_K = 60
"""Takes the edge off the first ranks: rank 1 counts 61/51 of rank 10 … wherever it comes from."""

_ROWS_AT_ONCE = 8192


def cosines(space: FeatureBlock, row: int) -> Floats:
    """Return the cosine of every row with one: shape (rows,); 0 for rows that are not present.

    Computed in float64, so that equal rows get equal numbers wherever they lie, and ties are settled by row.

    Args:
        space: Its present rows have length 1.
        row: A row that is present.
    """
    asked = space.values[row].astype(np.float64)
    found = np.empty(len(space.values), np.float32)
    for start in range(0, len(found), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        found[block] = space.values[block].astype(np.float64) @ asked
    return found


def by_cosine(space: FeatureBlock, row: int, eligible: NDArray[np.bool_]) -> Ranking:
    """Rank what is eligible and present by its cosine with a row."""
    return rank(cosines(space, row), eligible & space.known)


def by_model(model: Model, row: int, eligible: NDArray[np.bool_]) -> Ranking:
    """Rank what is eligible by the score that it would have for a listener who holds only ``row``.

    What has no evidence (score 0) is left out.
    """
    scores = model.score(Histories.of_items(np.array([row], np.int32), len(eligible)))[0]
    return rank(scores, eligible & (scores > 0))


def common_holders(interactions: Interactions, row: int) -> NDArray[np.int64]:
    """Return how many users hold both an item and each of all items: shape (items,)."""
    holders = interactions.matrix[:, [row]].tocoo().row
    held = interactions.matrix[holders]
    return np.bincount(held.indices, minlength=interactions.n_items).astype(np.int64)


def fused(rankings: Sequence[tuple[Ranking, float]], n_items: int) -> Ranking:
    """Make one ranking of several: score(d) = Σ w / (60 + rank of d), over the rankings that hold d.

    Reference: G. Cormack, C. Clarke, S. Büttcher, Reciprocal rank fusion outperforms Condorcet and individual rank
    learning methods, SIGIR 2009; here with a weight for each ranking. Items with one score share the mean of their ranks:
    a ranking that tells nothing apart moves nothing.

    Args:
        rankings: Each with its weight, 0 or more.
        n_items: How many items there are.
    """
    scores = np.zeros(n_items)
    for ranking, weight in rankings:
        scores[ranking.items] += weight / (RRF_K + _mean_ranks(ranking))
    return rank(scores.astype(np.float32), scores > 0)


def _mean_ranks(ranking: Ranking) -> NDArray[np.float64]:
    """Return the rank of each item of a ranking, counted from 1; those with one score share the mean."""
    _, group, sizes = np.unique(-ranking.scores, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    means: NDArray[np.float64] = (last - (sizes - 1) / 2)[group]
    return means


def ranks(ranking: Ranking, n_items: int) -> NDArray[np.int64]:
    """Return the rank of each item, counted from 1: shape (items,); 0 where it is not ranked."""
    places = np.zeros(n_items, np.int64)
    places[ranking.items] = np.arange(1, len(ranking) + 1)
    return places
