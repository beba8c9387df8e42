"""Friends on one's own data: whom a listener follows, found from taste alone."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

import numpy as np
from scipy.sparse import csr_array

from zetdard.data.dataset import Dataset
from zetdard.data.interactions import Interactions, ones_like
from zetdard.data.types import Floats
from zetdard.errors import NoDataError
from zetdard.evaluation.contest import SHUFFLED, ModelFactory, shuffled_note
from zetdard.evaluation.experiment import deranged
from zetdard.evaluation.lists import ListMaker
from zetdard.evaluation.stored_parts import (
    Contest,
    Split,
    refuse_time,
    run_lists,
    scores_of,
)
from zetdard.measure.splits import HeldOut
from zetdard.models.base import TrainingData
from zetdard.progress import Progress


def friends_contest(
    dataset: Dataset,
    models: Mapping[str, ModelFactory],
    controls: Mapping[str, ModelFactory],
    ks: tuple[int, ...],
    split: Split,
    seed: int,
    progress: Progress,
) -> Contest:
    """Measure how well the people whom a listener follows are found from taste."""
    refuse_time(split, "friends")
    taste, word = _taste(dataset)
    if len(taste) == 0 or dataset.follows.nnz == 0:
        raise NoDataError(
            "friends are measured by who follows whom and what they hold; one of both is not stored"
        )
    n_users = len(dataset.users)
    truth = Interactions(dataset.users.vocabulary, dataset.users.vocabulary, ones_like(dataset.follows))
    held_out = HeldOut.of(truth)
    itself = csr_array(
        (np.ones(len(held_out), np.float32), (np.arange(len(held_out)), held_out.rows)),
        shape=(len(held_out), n_users),
    )
    maker = ListMaker(
        held_out=held_out,
        masked=itself,
        candidates=np.ones(n_users, bool),
        holders=taste.user_degrees(),
        # Novelty of a person: how small a share of all that is held they hold.
        n_holding_users=int(np.count_nonzero(taste.item_degrees())),
        no_evidence=taste.user_degrees()[held_out.rows] == 0,
        ks=ks,
    )
    data = TrainingData(taste, seed=seed)
    donors = deranged(~maker.no_evidence, seed)
    runs, last = [], []
    for place, (name, make) in enumerate(models.items()):
        begun = perf_counter()
        model = make().fit(data)
        seconds = perf_counter() - begun
        runs.append(run_lists(maker, name, scores_of(model, taste, held_out), seconds, progress))
        if place == 0 and donors is not None:
            scores = scores_of(model, taste, held_out, donors)
            last.append(run_lists(maker, SHUFFLED, scores, 0.0, progress, control=True))
    degrees = taste.user_degrees().astype(np.float32)

    def by_degree(rows: slice) -> Floats:
        return np.tile(degrees, (rows.stop - rows.start, 1))

    runs.append(run_lists(maker, "popular", by_degree, 0.0, progress, control=True))
    rng = np.random.default_rng((seed, 3))

    def chance(rows: slice) -> Floats:
        return rng.random((rows.stop - rows.start, n_users), np.float32)

    runs.append(run_lists(maker, "random", chance, 0.0, progress, control=True))
    protocol = {
        "taste": word,
        "split": "whom each user follows is the truth; no follow is seen by a model",
        "candidates": "all other users",
        "masked": "the user",
        "users_without_train_items": "the users who hold most",
        "reranking": "none",
        "controls": {
            "popular": "users who hold most first: no personal taste, a line to beat",
            "random": "a random order: a line to beat",
            **{run.name: shuffled_note(next(iter(models))) for run in last},
        },
    }
    facts = {
        "items": taste.n_items,
        "train_pairs": len(taste),
        "test_pairs": int(held_out.n_relevant.sum()),
        "test_users": len(held_out),
        "test_users_without_train_items": int(np.count_nonzero(maker.no_evidence)),
        "candidates": n_users,
        "test_items_not_in_train": 0,
    }
    return runs + last, protocol, facts


def _taste(dataset: Dataset) -> tuple[Interactions, str]:
    """Return what people are compared by: songs or plays, whichever more of those who follow somebody have."""
    following = np.diff(dataset.follows.indptr) > 0
    known = {
        name: int(np.count_nonzero(taste.user_degrees()[following]))
        for name, taste in (("songs", dataset.holdings), ("plays", dataset.plays))
    }
    if known["songs"] == 0 == known["plays"]:
        raise NoDataError("nobody who follows somebody holds or plays anything: there is no taste to compare")
    by_songs = known["songs"] >= known["plays"]
    return (dataset.holdings, "songs held") if by_songs else (dataset.plays, "artists played")
