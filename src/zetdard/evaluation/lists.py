"""From scores to lists to metrics: the one way in which lists are made for measuring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from time import perf_counter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from zetdard.data.ranking import Ranking, rank
from zetdard.data.types import Csr, Floats, Rows
from zetdard.errors import InputError
from zetdard.measure.metrics import MetricTable, judge, metric_table
from zetdard.measure.splits import HeldOut
from zetdard.progress import Progress, silent

ScoreRows: TypeAlias = Callable[[slice], Floats]
"""Positions of evaluated users → their scores, shape (users of the slice, columns)."""
Arrange: TypeAlias = Callable[[Ranking], Iterator[tuple[int, float]]]
"""A product's re-ranking: a ranking → (column, score) in the order shown."""

_SCORES_AT_ONCE = 2**26
"""Largest number of scores held at once (256 MiB)."""


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """What came out of scoring.

    Attributes:
        ranked: Shape (evaluated users, largest k): columns, best first, −1 where the candidates ran out.
        table: The metrics.
        score_seconds: Time to score; masking and ranking not counted.
    """

    ranked: Rows
    table: MetricTable
    score_seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class ListMaker:
    """How lists are made and judged.

    A list holds candidates only, without what is masked; score descending, then column ascending. Users without
    any evidence get the list of the most held columns, whatever the model.

    Attributes:
        held_out: The evaluated users and what is relevant for them.
        masked: CSR, shape (evaluated users, columns): what is never offered to each.
        candidates: Shape (columns,): what may be ranked.
        holders: Shape (columns,): how many users hold each; the fallback's score, and what novelty is measured
            by.
        n_holding_users: How many users hold anything.
        no_evidence: Shape (evaluated users,): who gets the fallback.
        ks: Cut-offs, ascending.
        batch_size: Largest number of users scored at once.
    """

    held_out: HeldOut
    masked: Csr
    candidates: NDArray[np.bool_]
    holders: NDArray[np.int64]
    n_holding_users: int
    no_evidence: NDArray[np.bool_]
    ks: tuple[int, ...]
    batch_size: int = 256

    def __post_init__(self) -> None:
        check_sizes(self.ks, self.batch_size)

    def make(
        self, name: str, score: ScoreRows, *, arrange: Arrange | None = None, progress: Progress = silent
    ) -> Lists:
        """Score, rank and judge.

        Args:
            name: What scores, for messages.
            score: Gives the scores of a batch of evaluated users.
            arrange: Re-rank each list as the product does; only items with a positive score are shown then.
            progress: Told after each batch of users.

        Raises:
            InputError: Scores are not finite or have a wrong shape.
        """
        n_users, n_columns = self.masked.shape
        ranked = np.empty((n_users, self.ks[-1]), np.int32)
        columns = np.flatnonzero(self.candidates).astype(np.int32)
        batch = max(1, min(self.batch_size, _SCORES_AT_ONCE // max(n_columns, 1)))
        seconds = 0.0
        for first in range(0, n_users, batch):
            rows = slice(first, min(first + batch, n_users))
            begun = perf_counter()
            scores = score(rows)
            seconds += perf_counter() - begun
            if scores.shape != (rows.stop - first, n_columns) or not np.isfinite(scores).all():
                raise InputError(f"the model {name} returned scores that are not finite or of a wrong shape")
            scores = np.where(self.no_evidence[rows, None], self.holders.astype(np.float32), scores)
            masked = self.masked[rows].tocoo()
            allowed = np.ones(scores.shape, bool)
            allowed[masked.row, masked.col] = False
            if arrange is None:
                places = top_places(scores[:, columns], allowed[:, columns], self.ks[-1])
                # One column more, so that place −1 (no candidate left) becomes column −1.
                ranked[rows] = np.append(columns, np.int32(-1))[places]
            else:
                allowed &= self.candidates & (scores > 0)
                ranked[rows] = self._arranged(scores, allowed, arrange)
            progress(f"{name}: scoring", rows.stop, n_users)
        return Lists(ranked, self._table(ranked), seconds)

    def _arranged(self, scores: Floats, allowed: NDArray[np.bool_], arrange: Arrange) -> Rows:
        lists = np.full((len(scores), self.ks[-1]), -1, np.int32)
        for row, (values, eligible) in enumerate(zip(scores, allowed, strict=True)):
            shown = [column for column, _ in islice(arrange(rank(values, eligible)), self.ks[-1])]
            lists[row, : len(shown)] = shown
        return lists

    def _table(self, ranked: Rows) -> MetricTable:
        return metric_table(
            self.held_out.users,
            ranked,
            judge(ranked, self.held_out.matrix, self.held_out.n_relevant),
            self.ks,
            holders=self.holders,
            n_holding_users=self.n_holding_users,
            candidates=self.candidates,
        )


def check_sizes(ks: tuple[int, ...], batch_size: int) -> None:
    """Refuse cut-offs that are not positive and ascending, and batches of nobody."""
    if not ks or ks[0] < 1 or any(a >= b for a, b in pairwise(ks)):
        raise InputError(f"the cut-offs must be positive and ascending, not {ks}")
    if batch_size < 1:
        raise InputError(f"a batch needs at least one user, not {batch_size}")


def top_places(scores: Floats, eligible: NDArray[np.bool_], n: int) -> Rows:
    """Order the eligible columns of each row by score descending, then column ascending.

    The rule of :func:`zetdard.data.ranking.rank`, for many rows at once.

    Args:
        scores: Shape (rows, columns), finite.
        eligible: Shape (rows, columns).
        n: How many to keep.

    Returns:
        Columns, shape (rows, n); −1 where a row has fewer eligible columns.
    """
    n_rows, n_columns = scores.shape
    result = np.full((n_rows, n), -1, np.int32)
    depth = min(n, n_columns)
    if depth == 0 or n_rows == 0:
        return result
    values = np.where(eligible, scores, np.float32(-np.inf))
    edge = np.partition(values, n_columns - depth, axis=1)[:, n_columns - depth, None]
    above, at_edge = values > edge, values == edge
    # Of the columns at the edge, each row takes the first ones until it has `depth`.
    missing = depth - above.sum(axis=1)
    row, column = np.nonzero(at_edge)
    counts = at_edge.sum(axis=1)
    place_in_row = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    chosen = place_in_row < missing[row]
    above[row[chosen], column[chosen]] = True
    # Now each row has exactly `depth` columns, ascending.
    columns = np.nonzero(above)[1].reshape(n_rows, depth)
    kept = np.take_along_axis(values, columns, axis=1)
    order = np.argsort(-kept, axis=1, kind="stable")
    columns, kept = np.take_along_axis(columns, order, axis=1), np.take_along_axis(kept, order, axis=1)
    result[:, :depth] = np.where(np.isneginf(kept), -1, columns)
    return result
