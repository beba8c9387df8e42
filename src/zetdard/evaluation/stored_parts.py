"""What measuring songs, artists and friends on one's own data has in common."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zetdard.data.interactions import Histories, Interactions
from zetdard.data.types import Floats
from zetdard.errors import InputError
from zetdard.evaluation.experiment import Run
from zetdard.evaluation.lists import ListMaker, ScoreRows
from zetdard.measure.splits import HeldOut
from zetdard.models.base import Model
from zetdard.progress import Progress

Split: TypeAlias = Literal["auto", "time", "random"]
"""``auto`` divides by time where times say something, and at random elsewhere."""
Contest: TypeAlias = tuple[list[Run], dict[str, Any], dict[str, Any]]
"""Runs in the order shown; protocol; facts about the data."""

SHARE = 0.2
"""Share of each history that is held out."""


def scores_of(
    model: Model, interactions: Interactions, held_out: HeldOut, donors: NDArray[np.int64] | None = None
) -> ScoreRows:
    """Return how a model scores for the evaluated users, or for others (``donors``) in their place."""
    order = np.arange(len(held_out)) if donors is None else donors

    def score(rows: slice) -> Floats:
        return model.score(Histories.of_users(interactions, held_out.rows[order[rows]]))

    return score


def run_lists(
    maker: ListMaker,
    name: str,
    score: ScoreRows,
    fit_seconds: float,
    progress: Progress,
    *,
    control: bool = False,
) -> Run:
    """Make and measure the lists of one model."""
    lists = maker.make(name, score, progress=progress)
    return Run(name, control, lists.ranked, lists.table, fit_seconds, lists.score_seconds)


def refuse_time(split: Split, what: str) -> None:
    """Refuse a split by time where there is none."""
    if split == "time":
        raise InputError(f"only songs can be divided by time, not {what}")


def split_facts(
    train: Interactions, test: Interactions, candidates: NDArray[np.bool_], what: str
) -> dict[str, Any]:
    """Return the sizes of a split, as the report shows them."""
    users = np.flatnonzero(test.user_degrees())
    return {
        "items": train.n_items,
        "kind": what,
        "train_pairs": len(train),
        "test_pairs": len(test),
        "test_users": len(users),
        "test_users_without_train_items": int(np.count_nonzero(train.user_degrees()[users] == 0)),
        "candidates": int(np.count_nonzero(candidates)),
        "test_items_not_in_train": int(np.count_nonzero((test.item_degrees() > 0) & ~candidates)),
    }
