"""Measuring on one's own data: songs, artists and friends, each against held-out truth and beside controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zetdard.data.dataset import Dataset
from zetdard.evaluation.contest import ModelFactory, check_names
from zetdard.evaluation.result import Measured, measured
from zetdard.evaluation.stored_artists import artists_contest
from zetdard.evaluation.stored_friends import friends_contest
from zetdard.evaluation.stored_parts import Split
from zetdard.evaluation.stored_songs import songs_contest
from zetdard.measure.intervals import RESAMPLES
from zetdard.progress import Progress, silent
from zetdard.recommend.query import Kind

_COMMON: Mapping[str, Any] = {
    "fit": "train only",
    "average": "over users with held-out truth",
    "ndcg": "log2 discount, ideal list cut at k",
    "ties": "by id",
    "cold": False,
}


def evaluate(
    dataset: Dataset,
    kind: Kind,
    models: Mapping[str, ModelFactory],
    *,
    controls: Mapping[str, ModelFactory],
    ks: Sequence[int] = (10, 20),
    split: Split = "auto",
    seed: int = 0,
    resamples: int = RESAMPLES,
    progress: Progress = silent,
) -> Measured:
    """Measure models on what is stored.

    Songs: of each listener's songs, a share is held out; models are fitted on the rest and rank all other songs.
    Each personal model stands there twice: as it ranks, and as the product shows it (artist cap, one version).

    Artists: of each listener's artists, a share is held out with all their songs by these artists.

    Friends: whom a listener follows is the truth; all other users are ranked from taste alone. No follow is seen
    by a model.

    Args:
        dataset: What is stored.
        kind: What is recommended.
        models: Name → how to make a model.
        controls: Likewise for models that always stand beside them: ``popular`` and ``random``.
        ks: Cut-offs.
        split: How histories of songs are divided. Artists are always drawn at random.
        seed: Seed of splits, fits and resamples.
        resamples: Bootstrap resamples of an interval.
        progress: Told what is going on.

    Raises:
        NoDataError: There is nothing to measure with.
    """
    check_names(models, controls)
    cutoffs = tuple(sorted(set(ks)))
    contest = {Kind.SONGS: songs_contest, Kind.ARTISTS: artists_contest, Kind.FRIENDS: friends_contest}[kind]
    runs, protocol, facts = contest(dataset, models, controls, cutoffs, split, seed, progress)
    return measured(
        runs,
        set(models),
        protocol={**_COMMON, **protocol},
        dataset={"name": f"stored {kind.value}", "users": len(dataset.users)} | facts,
        ks=cutoffs,
        resamples=resamples,
        seed=seed,
    )
