"""Songs on one's own data: held-out songs of each listener."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from zetdard.data.dataset import Dataset
from zetdard.data.interactions import Interactions
from zetdard.data.regions import region_block
from zetdard.errors import NoDataError
from zetdard.evaluation.contest import ModelFactory, compete
from zetdard.evaluation.experiment import Experiment
from zetdard.evaluation.stored_parts import SHARE, Contest, Split, split_facts
from zetdard.measure.splits import HeldOut, random_holdout, temporal_holdout
from zetdard.models.base import TrainingData
from zetdard.progress import Progress
from zetdard.recommend.rerank import SongArranger


def songs_contest(
    dataset: Dataset,
    models: Mapping[str, ModelFactory],
    controls: Mapping[str, ModelFactory],
    ks: tuple[int, ...],
    split: Split,
    seed: int,
    progress: Progress,
) -> Contest:
    """Measure how well held-out songs are found, as ranked and as shown."""
    if len(dataset.holdings) == 0:
        raise NoDataError(
            "no songs are stored that anybody holds; artists can be measured where they are played"
        )
    train, test, how = _divided(dataset.holdings, split, seed)
    known = {"region": region_block(dataset.users.vocabulary, dataset.regions)} if dataset.regions else {}
    experiment = Experiment(
        TrainingData(train, user_features=known, seed=seed), HeldOut.of(test), train.item_degrees() > 0, ks
    )
    runs, notes = compete(experiment, models, controls, progress=progress)
    arranger = SongArranger(dataset, artist_cap=2, one_version=True)
    for name, make in models.items():
        model = make()
        if model.personal:
            shown = experiment.run(f"{name}, as shown", model, arrange=arranger.arrange, progress=progress)
            place = [run.name for run in runs].index(name) + 1
            runs.insert(place, replace(shown, variant_of=name))
    facts = split_facts(train, test, experiment.candidates, "songs")
    protocol = {
        "split": how,
        "candidates": "songs that somebody holds in train",
        "masked": "the user's songs in train",
        "users_without_train_items": "the most held songs",
        "reranking": "none, but for 'as shown': at most 2 songs of an artist, one version of a song",
        "controls": notes,
    }
    return runs, protocol, facts


def _divided(holdings: Interactions, split: Split, seed: int) -> tuple[Interactions, Interactions, str]:
    if split == "time" or (split == "auto" and _times_say_something(holdings)):
        train, test = temporal_holdout(holdings, SHARE)
        how = f"by time: the latest {SHARE:.0%} of each user's songs are held out"
    else:
        train, test = random_holdout(holdings, SHARE, seed=seed)
        how = f"at random: {SHARE:.0%} of each user's songs are held out (seed {seed})"
    if len(test) == 0:
        raise NoDataError("nobody holds two songs: nothing can be held out")
    return train, test, how


def _times_say_something(holdings: Interactions) -> bool:
    """Whether most users' songs carry known times, and most of those are no ties.

    A list that was imported whole has one time for all of its songs: its order by time is no order of listening.
    """
    if holdings.times is None:
        return False
    users = np.repeat(np.arange(holdings.n_users), holdings.user_degrees())
    known = holdings.times > 0
    moments = np.unique(np.column_stack([users[known], holdings.times[known]]), axis=0)
    return bool(known.mean() > 0.9 and len(moments) > 0.5 * len(holdings))
